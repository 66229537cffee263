r"""The portable subset of regular expressions: one text, the same lines found by every engine.

A pattern of a signature lives on one line. `regexsyntax` reads it into a small tree and refuses what the engines
do not share; this module writes it out twice:

- `block`, for the multi-pattern engine on a whole block of bytes: nothing may cross a newline (`\s` and `[^x]` would),
  `$` also stands before `\r\n`, and a greedy tail such as `\S+` is cut off, as it would report every end offset;
- `line`, for `re` on the hit line alone, with its named groups.

Both are bytes patterns: logs hold invalid UTF-8. The promise (by test): in a block split at `\n`, a line (with its `\r`, if it has one)
holds the end of a match of `block` exactly if `re.search(line, ..)` finds something in it. `^` is the start of the line, `$` its
end with or without `\r`. On a line whose `\r` was taken off, only a pattern that reads the `\r` itself (`.`, `\s`, `[^x]`, `\r`) can differ.
On a text of several lines compile `line` with `re.MULTILINE`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from backuptrace.matcher.regexsyntax import Branches, Item, PatternError, char_class, least, optional, parse

__all__ = ["LineRegex", "PatternError", "Within", "escaped", "translate"]

_NEWLINE = 10
LONGEST_BLOCK = 15_000
"""Characters; the engine refuses more than 16,000."""


@dataclass(frozen=True, slots=True)
class LineRegex:
    """`block`: for the engine over a block of lines; `line`: for `re` on one line without its newline. Both are ASCII texts of byte patterns."""

    block: str
    line: str
    names: frozenset[str]
    literal: int
    """Length of the longest run of plain characters: how selective the pattern is."""
    alternatives: tuple[tuple[str, str], ...] = ()
    """`block` and `line` of each alternative of the pattern: it matches where one of them does."""


@dataclass(frozen=True, slots=True)
class Within:
    """A value inside a line: `lead`, a pattern, stands right before it; it ends before the character `stop` or at the end of the line."""

    lead: str
    stop: str


@lru_cache(maxsize=4096)  # half of the patterns of the signatures are asked for twice or more
def translate(source: str, *, ignore_case: bool = False, floating: bool = False, within: Within | None = None) -> LineRegex:
    r"""Reads a pattern of the portable subset.

    floating: a leading `^` or `\b` stands at the start of a field, not of the line; the block form then leaves it out,
    so that it finds every line in which the line form matches from some place on.
    within: the pattern is searched in that value only: `^` is its start, `$` its end, and `.` and classes do not take the character that ends it.
    Raises PatternError with the column and advice; also for a pattern that matches an empty line.
    """
    tree, names = parse(source, ignore_case=ignore_case)
    if within:
        tree = _inside(tree, within, ignore_case=ignore_case)
    block = _block(tree, floating=floating)
    if len(block) > LONGEST_BLOCK:
        raise PatternError("the pattern is too long", 0, "take the words that make the difference")
    alternatives = tuple((_block([branch], floating=floating), _write([branch], block=False)) for branch in _alternatives(tree))
    return LineRegex(block, _write(tree, block=False), names, _longest_literal(tree), alternatives)


def escaped(text: str) -> str:
    """The pattern that matches just this text."""
    return "".join(char if char.isalnum() or not char.isascii() or char in " _" else "\\" + char for char in text)


def _alternatives(branches: Branches) -> Branches:
    """One branch for each alternative, those of `^(?:a|b)`, too."""
    out: Branches = []
    for branch in branches:
        anchors = [item for item in branch[:1] if item.anchor]
        rest = branch[len(anchors) :]
        if len(rest) == 1 and rest[0].group is not None and (rest[0].low, rest[0].high) == (1, 1):
            out += [[*anchors, *inner] for inner in _alternatives(rest[0].group)]
        else:
            out.append(branch)
    return out


def _block(tree: Branches, *, floating: bool) -> str:
    return _write(_trimmed(_floated(tree) if floating else tree), block=True)


def _inside(branches: Branches, within: Within, *, ignore_case: bool) -> Branches:
    """The pattern behind the lead, inside the value."""
    stop = ord(within.stop)
    others = frozenset(range(256)) - {stop, _NEWLINE}
    out = []
    for branch in _stopped(branches, stop):
        if branch and branch[0].anchor and branch[0].text == "^":
            out.append(branch[1:])
            continue
        if (first := _leading_anchor(branch)) is not None:
            raise PatternError("^ inside a group", first.column, "write ^ in front of each alternative, without the group")
        out.append([Item(char_class(others), 0, None, values=others), *branch])
    lead = parse(within.lead, ignore_case=ignore_case)[0][0]
    return [[*lead, *out[0]]] if len(out) == 1 else [[*lead, Item("", group=out)]]


def _leading_anchor(branch: list[Item]) -> Item | None:
    if branch and branch[0].group is not None:
        for inner in branch[0].group:
            if inner and inner[0].anchor and inner[0].text == "^":
                return inner[0]
            if (found := _leading_anchor(inner)) is not None:
                return found
    return None


def _stopped(branches: Branches, stop: int) -> Branches:
    """Nothing but the character itself takes the one that ends the value, and `$` stands before it too."""
    return [[_stopped_item(item, stop) for item in branch] for branch in branches]


def _stopped_item(item: Item, stop: int) -> Item:
    if item.anchor:
        return Item("", group=[[Item(char_class({stop}), plain=True, values=frozenset({stop}))], [item]], column=item.column) if item.text == "$" else item
    if item.group is not None:
        return replace(item, group=_stopped(item.group, stop))
    if item.plain or stop not in item.values:
        return item
    values = item.values - {stop, _NEWLINE}
    if not values:
        raise PatternError("a class that only takes what ends the value", item.column, "no value holds it")
    return replace(item, text=char_class(values), values=values)


def _floated(branches: Branches) -> Branches:
    """Without the anchors that may stand at the first place of a match."""
    return [_floated_branch(branch) for branch in branches]


def _floated_branch(branch: list[Item]) -> list[Item]:
    out: list[Item] = []
    for at, item in enumerate(branch):
        if item.anchor and item.text != "$":
            continue
        out.append(item if item.group is None else replace(item, group=_floated(item.group)))
        if least([[item]]):
            return out + branch[at + 1 :]
    return out


def _trimmed(branches: Branches) -> Branches:
    """Without the greedy tail: it only multiplies the end offsets that the engine reports."""
    return [_trimmed_branch(branch) for branch in branches]


def _trimmed_branch(branch: list[Item]) -> list[Item]:
    items = list(branch)
    while items and optional(items[-1]):
        items.pop()
    if not items or items[-1].anchor:
        return items
    last = replace(items.pop(), lazy=False)
    if last.group is None:
        return [*items, replace(last, high=last.low)]
    # The last turn of a repeated group is written out: only its own tail goes.
    if last.low > 1:
        items.append(replace(last, low=last.low - 1, high=last.low - 1))
    return [*items, replace(last, low=1, high=1, group=_trimmed(last.group))]


def _write(branches: Branches, *, block: bool) -> str:
    return "|".join("".join(_write_item(item, block=block) for item in branch) for branch in branches)


def written(item: Item) -> str:
    """An atom with its quantifier as it stands in the block form."""
    return _write_item(item, block=True)


def _write_item(item: Item, *, block: bool) -> str:
    if item.anchor:
        return r"\r?$" if item.text == "$" else item.text
    text = item.text
    if item.group is not None:
        lead = f"(?P<{item.name}>" if item.name and not block else "(?:"
        text = lead + _write(item.group, block=block) + ")"
    if (item.low, item.high) == (1, 1):
        return text
    bounds = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((item.low, item.high))
    if bounds is None:
        bounds = f"{{{item.low}}}" if item.low == item.high else f"{{{item.low},{'' if item.high is None else item.high}}}"
    return text + bounds + ("?" if item.lazy and not block else "")


def _longest_literal(branches: Branches) -> int:
    """The shortest, over the branches, of each branch's longest run of plain characters."""
    out = []
    for branch in branches:
        best = run = 0
        for item in branch:
            run = run + 1 if item.plain and (item.low, item.high) == (1, 1) else 0
            inner = _longest_literal(item.group) if item.group is not None and item.low else 0
            best = max(best, run, inner)
        out.append(best)
    return min(out)
