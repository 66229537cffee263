"""A selection's conditions -> the exact tests on a record's fields, and the byte patterns that find candidate records.

`message` is the record's text behind its head, `text` the whole record; both may span lines, and a pattern matches on one of them.
`startswith` and `^` together with a condition on another field look at the record's first line: there the format's field
templates allow one fused pattern (measured: a level in front of 200 patterns costs 9 % and saves 35 times the false hits).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from backuptrace.knowledge.compiled import FieldTest
from backuptrace.knowledge.shapes import Selection, Value
from backuptrace.matcher import Pattern
from backuptrace.matcher.lineregex import LineRegex, PatternError, escaped, translate

MODIFIERS = ("contains", "startswith", "endswith", "re", "i", "all", "not")
LEAST_LITERAL = 4
"""Fewer plain characters than this hit everywhere."""
_WIDE = ("message", "text")


class SelectionError(ValueError):
    """A condition that cannot be used: which key of the selection, what, and what to write instead.

    column, from 0: the place in `text`, the value number `index` of the condition; `text` is empty where the key or the whole is meant.
    """

    def __init__(self, key: str, what: str, fix: str, column: int = 0, text: str = "", index: int = 0) -> None:
        super().__init__(what)
        self.key, self.what, self.fix, self.column, self.text, self.index = key, what, fix, column, text, index


class Condition(NamedTuple):
    """One line of a selection, read: the key as written, the field, how the values are meant."""

    key: str
    field: str
    how: str
    ignore_case: bool
    every: bool
    negated: bool
    values: list[str]


def conditions(selection: Selection) -> list[Condition]:
    """The field conditions of a selection. Raises SelectionError for an unknown modifier or an empty value."""
    out = []
    for key, value in selection.items():
        if key in ("source", "milestone"):
            continue
        name, *modifiers = key.split("|")
        if unknown := [m for m in modifiers if m not in MODIFIERS]:
            close = get_close_matches(unknown[0], MODIFIERS, 1, 0.6)
            fix = f"did you mean |{close[0]}?" if close else "known are: " + ", ".join("|" + m for m in MODIFIERS)
            raise SelectionError(key, f"unknown modifier |{unknown[0]}", fix)
        hows = [m for m in modifiers if m not in ("i", "all", "not")]
        if len(hows) > 1:
            raise SelectionError(key, f"|{hows[0]} and |{hows[1]} exclude each other", "keep one of them")
        values = [_text(item) for item in (value if isinstance(value, list) else [value])]
        if not values or ("" in values and hows):
            raise SelectionError(key, "an empty value", "write the words that stand in the log")
        out.append(Condition(key, name, hows[0] if hows else "equals", "i" in modifiers, "all" in modifiers, "not" in modifiers, values))
    if not out:
        raise SelectionError("", "a selection without a condition", "add a condition on a field, such as message|contains")
    return out


def field_tests(found: list[Condition]) -> list[FieldTest]:
    """The exact conditions as `re` texts on a field's bytes or text."""
    return [FieldTest(c.field, [_translate(c, v, anchored=True).line if v else "^$" for v in c.values], c.ignore_case, c.every, c.negated) for c in found]


def byte_patterns(found: list[Condition], templates: Mapping[str, str]) -> list[Pattern]:
    """Patterns of which every record that fulfils the conditions matches at least one. Raises SelectionError where none can be made."""
    found = [c for c in found if not c.negated]
    wide = [c for c in found if c.field in _WIDE]
    if wide:
        carrier = max(wide, key=_selectivity)
        values = carrier.values
        if carrier.every:
            values = [max(values, key=lambda v: _translate(carrier, v).literal)]
        lead = ""
        if carrier.field == "message" and all(_anchored(carrier, v) for v in values):
            lead = _lead([c for c in found if c.field in templates], templates)
        shapes = [_translate(carrier, v, lead=lead) for v in values]
    else:
        usable = [c for c in found if c.field in templates]
        if not usable:
            names = ", ".join(sorted({*_WIDE, *templates}))
            fix = f"add one on message, or on one of: {names}"
            raise SelectionError(found[0].key if found else "", "no condition from which a byte pattern can be made", fix)
        carrier = usable[0]
        shapes = [_read(carrier, _lead(usable, templates), floating=True)]
    for shape in shapes:
        if shape.literal < LEAST_LITERAL:
            raise SelectionError(carrier.key, "the pattern is too weak: it would hit nearly every line", "add words that only this message has")
    ignore = carrier.ignore_case
    return [Pattern(shape.block, ignore) for shape in shapes]


def literal_length(found: list[Condition]) -> int:
    """Certain characters in a row of the weakest value of the condition that carries the pattern; 0 where a field of the head carries it."""
    wide = [c for c in found if c.field in _WIDE and not c.negated]
    return max((_selectivity(c) for c in wide), default=0)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _selectivity(condition: Condition) -> int:
    literals = [_translate(condition, v).literal for v in condition.values]
    return max(literals) if condition.every else min(literals)


def _anchored(condition: Condition, value: str) -> bool:
    return condition.how in ("startswith", "equals") or (condition.how == "re" and value.startswith("^") and "|" not in value)


def _source(condition: Condition, value: str) -> str:
    """The condition on the field as one regular expression."""
    if condition.how == "re":
        return value
    plain = escaped(value)
    return {"contains": plain, "startswith": "^" + plain, "endswith": plain + "$", "equals": f"^{plain}$"}[condition.how]


def _translate(condition: Condition, value: str, *, anchored: bool = False, lead: str = "") -> LineRegex:
    """anchored: `^` keeps its meaning, for the exact test on the field; else it floats, as the field begins somewhere in the line."""
    source = _source(condition, value)
    if lead:
        source = lead + source.removeprefix("^")
    return _read(condition, source, floating=not anchored and condition.field != "text")


def _read(condition: Condition, source: str, *, floating: bool) -> LineRegex:
    try:
        return translate(source, ignore_case=condition.ignore_case, floating=floating)
    except PatternError as error:
        at = condition.values.index(source) if source in condition.values else 0
        text = condition.values[at] if condition.how == "re" else ""
        raise SelectionError(condition.key, error.what, error.fix, error.column, text, at) from error


def _lead(fields: list[Condition], templates: Mapping[str, str]) -> str:
    """The field conditions in the order of the record's head, each followed by anything."""
    lead = ""
    for name, template in templates.items():
        for c in fields:
            if c.field == name and not c.every:
                values = "|".join(_inside(c, v) for v in c.values)
                lead += template.replace("{}", f"(?:{values})") + ".*"
    return lead


def _inside(condition: Condition, value: str) -> str:
    if condition.how == "re":
        begin, end = ("" if value.startswith("^") else r"\S*"), ("" if re.search(r"(?<!\\)\$$", value) else r"\S*")
        inner = value.removeprefix("^") if end else value.removeprefix("^").removesuffix("$")
        return f"{begin}(?:{inner}){end}"
    plain = escaped(value)
    return {"equals": plain, "contains": rf"\S*{plain}\S*", "startswith": rf"{plain}\S*", "endswith": rf"\S*{plain}"}[condition.how]
