"""A selection's conditions -> the exact tests on a record's fields, and the byte patterns that find candidate records.

`message` is the record's text behind its head, `text` the whole record; both may span lines, and a pattern matches on one of them.
`startswith` and `^` together with a condition on another field look at the record's first line: there the format's field
templates allow one fused pattern (measured: a level in front of 200 patterns costs 9 % and saves 35 times the false hits).

Where the format's records are single lines with a separator, values inside the record have names too (`data.param1`, see shapes.FormatShape.pairs):
a condition on one is a condition on the message that stays inside the value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from backuptrace.knowledge.compiled import FieldTest
from backuptrace.knowledge.shapes import FormatShape, Selection, Value
from backuptrace.matcher import Pattern
from backuptrace.matcher.lineregex import LineRegex, PatternError, Within, escaped, translate

MODIFIERS = ("contains", "startswith", "endswith", "re", "i", "all", "not")
LEAST_LITERAL = 4
"""Fewer plain characters than this hit everywhere."""
_WIDE = ("message", "text")
_PLAIN = " ,:;=-/_"
"""Characters without a meaning in regular expressions that stand between fields."""


class SelectionError(ValueError):
    """A condition that cannot be used: which key of the selection, what, and what to write instead.

    column, from 0: the place in `text`, the value number `index` of the condition; `text` is empty where the key or the whole is meant.
    """

    def __init__(self, key: str, what: str, fix: str, column: int = 0, text: str = "", index: int = 0) -> None:
        super().__init__(what)
        self.key, self.what, self.fix, self.column, self.text, self.index = key, what, fix, column, text, index


class Layout(NamedTuple):
    """What a format tells of its records: templates of the head's fields in their order, pairs, separator, fields compared without case."""

    templates: Mapping[str, str]
    pairs: Mapping[str, str] = {}
    separator: str = ""
    without_case: Collection[str] = ()

    @classmethod
    def of(cls, shape: FormatShape) -> Layout:
        """The layout of a format."""
        return cls(shape.fields, shape.pairs, shape.separator, shape.without_case)


class Condition(NamedTuple):
    """One line of a selection, read: the key as written, the field, how the values are meant; `pair`: what stands before the value in the message."""

    key: str
    field: str
    how: str
    ignore_case: bool
    every: bool
    negated: bool
    values: list[str]
    pair: str = ""
    stop: str = ""


def conditions(selection: Selection, layout: Layout | None = None) -> list[Condition]:
    """The field conditions of a selection. Raises SelectionError for an unknown modifier or an empty value."""
    found = _conditions(selection)
    return found if layout is None else [_laid(condition, layout) for condition in found]


def pair_of(field: str, pairs: Iterable[str]) -> tuple[str, str] | None:
    """(prefix, name) of a field such as `data.param1`; None where its prefix is no prefix of pairs, or the name is missing."""
    prefix, dot, name = field.partition(".")
    return (prefix, name) if dot and name and prefix in pairs else None


def _laid(condition: Condition, layout: Layout) -> Condition:
    if (found := pair_of(condition.field, layout.pairs)) is not None:
        pair = layout.pairs[found[0]].replace("{}", escaped(found[1]))
        return condition._replace(field="message", pair=pair, stop=layout.separator)
    return condition._replace(ignore_case=True) if condition.field in layout.without_case else condition


def _conditions(selection: Selection) -> list[Condition]:
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
    return [FieldTest(c.field, [_exact(c, v) for v in c.values], c.ignore_case, c.every, c.negated) for c in found]


def _exact(condition: Condition, value: str) -> str:
    return _translate(condition, value, anchored=True).line if value or condition.pair else "^$"


class Sought(NamedTuple):
    """A byte pattern, and what decides on a line that it hit whether the condition holds which the pattern was made of; see compiled.Watched."""

    pattern: Pattern
    line: str = ""
    ignore_case: bool = False
    whole: bool = False


def byte_patterns(found: list[Condition], layout: Layout) -> tuple[list[Sought], int]:
    """Patterns, one for each alternative, of which every record that fulfils the conditions matches at least one.

    With them the condition (by index) that holds exactly if one of their `line` does: it is made of all of them; -1 where there is none.
    Raises SelectionError where no pattern can be made.
    """
    wanted = [c for c in found if not c.negated]
    wide = [c for c in wanted if c.field in _WIDE]
    if not wide:
        return [_headed(wanted, layout)], -1
    carrier = max(wide, key=_selectivity)
    values = carrier.values
    if carrier.every:
        values = [max(values, key=lambda v: _translate(carrier, v).literal)]
    lead, headed = "", [c for c in wanted if c.field in layout.templates]
    if carrier.field == "message" and (layout.separator or all(_anchored(carrier, v) for v in values)):
        lead = _lead(headed, layout)
    folded = carrier.ignore_case or bool(lead and any(c.ignore_case for c in headed))
    sought = [pattern for v in values for pattern in _alternatives(carrier, v, lead, ignore_case=folded)]
    return sought, found.index(carrier) if len(wide) == 1 and values == carrier.values else -1


def _headed(wanted: list[Condition], layout: Layout) -> Sought:
    """The pattern of a selection on fields of the head alone."""
    usable = [c for c in wanted if c.field in layout.templates]
    if not usable:
        names = ", ".join(sorted({*_WIDE, *layout.templates}))
        fix = f"add one on message, or on one of: {names}"
        raise SelectionError(wanted[0].key if wanted else "", "no condition from which a byte pattern can be made", fix)
    carrier = usable[0]._replace(ignore_case=any(c.ignore_case for c in usable))
    return Sought(Pattern(_strong(carrier, _read(carrier, _lead(usable, layout), floating=True)).block, carrier.ignore_case))


def _alternatives(carrier: Condition, value: str, lead: str, *, ignore_case: bool) -> list[Sought]:
    """The patterns of one value, each with the alternative that it stands for; behind the conditions on the head one pattern stands for all."""
    block = _strong(carrier, _behind(carrier._replace(ignore_case=ignore_case), value, lead))
    line = _translate(carrier, value, anchored=True)
    pairs = [(block.block, exact) for _, exact in line.alternatives]
    if len(block.alternatives) == len(line.alternatives):
        pairs = [(found, exact) for (found, _), (_, exact) in zip(block.alternatives, line.alternatives, strict=True)]
    return [Sought(Pattern(found, ignore_case), exact, carrier.ignore_case, carrier.field == "text") for found, exact in pairs]


def _strong(carrier: Condition, shape: LineRegex) -> LineRegex:
    """Raises SelectionError for a pattern of too few certain characters."""
    if shape.literal < LEAST_LITERAL:
        raise SelectionError(carrier.key, "the pattern is too weak: it would hit nearly every line", "add words that only this message has")
    return shape


def _behind(carrier: Condition, value: str, lead: str) -> LineRegex:
    """The pattern behind the conditions on the head, where it can stand there (`^a|b` cannot)."""
    if lead and not _anchored(carrier, value):
        try:
            return _translate(carrier, value, lead=lead)
        except SelectionError:
            lead = ""
    return _translate(carrier, value, lead=lead)


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
    if condition.pair:
        lead += condition.pair
        if not value:
            return _read(condition, f"{lead}(?:{escaped(condition.stop)}|$)", floating=False)
        return _read(condition, _source(condition, value), floating=False, within=Within(lead, condition.stop))
    source = _source(condition, value)
    if lead:
        source = lead + (source.removeprefix("^") if _anchored(condition, value) else f"(?:{source})")
    return _read(condition, source, floating=not anchored and condition.field != "text")


def _read(condition: Condition, source: str, *, floating: bool, within: Within | None = None) -> LineRegex:
    try:
        return translate(source, ignore_case=condition.ignore_case, floating=floating, within=within)
    except PatternError as error:
        at = condition.values.index(source) if source in condition.values else 0
        text = condition.values[at] if condition.how == "re" else ""
        raise SelectionError(condition.key, error.what, error.fix, error.column, text, at) from error


def head_pattern(values: Mapping[str, str], layout: Layout) -> str:
    """The part of a pattern that stands for these values of the head's fields, as a regular expression; empty where none has a template."""
    return _lead([Condition(name, name, "equals", False, False, False, [value]) for name, value in values.items()], layout)


def _lead(fields: list[Condition], layout: Layout) -> str:
    """The field conditions in the order of the record's head, each followed by anything.

    Neighbours may share what stands between them, as the blank of `' {} '` and `' {} '`. One condition a field: the exact tests see to the rest.
    """
    lead, before, inner = "", "", rf"[^{escaped(layout.separator)}]*" if layout.separator else r"\S*"
    for name, template in layout.templates.items():
        c = next((c for c in fields if c.field == name and not c.every), None)
        if c is None:
            continue
        values = [_inside(c, v, inner) for v in c.values]
        either = values[0] if len(values) == 1 and "|" not in values[0] else f"(?:{'|'.join(values)})"
        filled = template.replace("{}", either)
        shared = _shared(before, template)
        lead += f"(?:.*{shared})?{filled[len(shared) :]}" if shared else f".*{filled}" if lead else filled
        before = template
    return f"{lead}.*" if lead else ""


def _shared(one: str, other: str) -> str:
    """The plain characters that end one template and begin the next: on the line they may stand only once."""
    most = min(len(one), len(other))
    return next((other[:n] for n in range(most, 0, -1) if one.endswith(other[:n]) and not other[:n].strip(_PLAIN)), "")


def _inside(condition: Condition, value: str, inner: str) -> str:
    """The condition on a field of the head as a pattern on the line; `inner`: any characters of the field."""
    if condition.how == "re":
        begin, end = ("" if value.startswith("^") else inner), ("" if re.search(r"(?<!\\)\$$", value) else inner)
        text = value.removeprefix("^") if end else value.removeprefix("^").removesuffix("$")
        return f"{begin}(?:{text}){end}"
    plain = escaped(value)
    return {"equals": plain, "contains": f"{inner}{plain}{inner}", "startswith": plain + inner, "endswith": inner + plain}[condition.how]
