"""The exact test of a candidate: the byte patterns only say where a selection may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from backuptrace.knowledge.compiled import FieldTest, Slot
from backuptrace.knowledge.loading import FieldMatcher
from backuptrace.scanning.records import Match

WIDE = ("message", "text")
"""Fields that may span lines."""
LINE, RECORD, ALL = range(3)
Search = Callable[[bytes | bytearray], object]


class Check:
    """The conditions of one slot in the order in which they are cheap.

    line: the one wanted condition on the message or (`whole`) text, if there is just one. Its patterns are those that the engine looked for,
    and a pattern lives on one line: so the hit's own line decides, however long the record is. more: whether there are others (`holds`).
    by: the field whose value each hit keeps; reach: what decides: the LINE that hit behind its stamp,
    the RECORD behind its stamp, or its stamp (ALL), too.
    """

    __slots__ = ("_heads", "_others", "by", "line", "more", "reach", "whole")

    def __init__(self, slot: Slot, matchers: Sequence[FieldMatcher]) -> None:
        self.by = slot.by
        self.line: Callable[[bytes | bytearray], object] | None = None
        self.whole = False
        self._heads: list[tuple[str, Search, bool]] = []
        self._others: list[FieldMatcher] = []
        wanted = [test for test in slot.tests if test.field in WIDE and not test.negated]
        for test, matcher in zip(slot.tests, matchers, strict=True):
            if test.every and len(test.patterns) > 1:
                self._others.append(matcher)
            elif test.field not in WIDE:
                self._heads.append((test.field, _either(test), test.negated))
            elif len(wanted) == 1 and not test.negated:
                self.line, self.whole = partial(self._first, test), test.field == "text"
            else:
                self._others.append(matcher)
        self.more = bool(self._heads or self._others)
        self.reach = LINE
        if slot.by == "message" or any(test.field in WIDE for test in self._others):
            self.reach = RECORD
        if any(test.field in ("text", "stamp") for test in slot.tests):
            self.reach = ALL

    def _first(self, test: FieldTest, value: bytes | bytearray) -> object:
        """Makes the search of `line` when it is needed: most slots are never hit."""
        searches = _searches(test)
        self.line = searches[0] if len(searches) == 1 else _any_of(searches)
        return self.line(value)

    def holds(self, head: Match | None, text: Callable[[bool], bytes]) -> bool:
        """The conditions besides `line`. `text` gives the whole record, or what stands behind its head; it is asked only where that is needed."""
        for name, search, negated in self._heads:
            if search(_field(head, name)) is negated:
                return False
        return all(test.holds(text(test.field == "message") if test.field in WIDE else _field(head, test.field)) for test in self._others)


def _field(head: Match | None, name: str) -> bytes:
    return (head[name] or b"") if head and name in head.re.groupindex else b""


def _either(test: FieldTest) -> Search:
    """Whether one of the condition's patterns is found in the value of a field."""
    made: list[Search] = []

    def search(value: bytes | bytearray) -> bool:
        if not made:
            made.append(_any_of(_searches(test)))
        return bool(made[0](value))

    return search


def _any_of(searches: Sequence[Callable[[bytes | bytearray], object]]) -> Search:
    def search(value: bytes | bytearray) -> bool:
        for found in searches:  # noqa: SIM110  a generator costs more than the search
            if found(value):
                return True
        return False

    return search


def _searches(test: FieldTest) -> list[Search]:
    """See `_compiled`."""
    return _compiled(tuple(test.patterns), test.ignore_case)


@lru_cache(maxsize=4096)
def _compiled(patterns: tuple[str, ...], ignore_case: bool) -> list[Search]:
    """The patterns for one line, their alternatives one by one, those with a `^` only at the start; made once for all logs of all bundles.

    `re` tries `(?:^a|b)` at every place of a line, which costs 30 to 70 ns a byte, and the agent's telemetry lines of 20 kB quote
    everything that it ever wrote.
    """
    flags = re.MULTILINE | (re.IGNORECASE if ignore_case else 0)
    parts = [part for pattern in patterns for part in alternatives(pattern)]
    made = [(part, re.compile(part.encode("ascii"), flags)) for part in parts]
    return [pattern.match if part.startswith("^") else pattern.search for part, pattern in made]


def alternatives(pattern: str) -> list[str]:
    """The branches of a pattern in the `line` form of `lineregex` (in which a bracket or bar as a character of the log is written as a number)."""
    parts = _split(pattern)
    if len(parts) > 1:
        return [branch for part in parts for branch in alternatives(part)]
    lead = "^" if pattern.startswith("^") else ""
    group = pattern[len(lead) :]
    if group.startswith("(?:") and group.endswith(")") and (inner := _split(group[3:-1])):
        return [branch for part in inner for branch in alternatives(lead + part.removeprefix(lead))]
    return [pattern]


def _split(pattern: str) -> list[str]:
    """The parts between the bars outside of all groups; none where the brackets do not match, as in the middle of `(?:a)(?:b)`."""
    parts, depth, begin = [], 0, 0
    for at, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return []
        if char == "|" and not depth:
            parts.append(pattern[begin:at])
            begin = at + 1
    return [*parts, pattern[begin:]]
