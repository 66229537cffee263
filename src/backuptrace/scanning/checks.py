"""The exact test of a candidate: the byte patterns only say where a selection may hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backuptrace.knowledge.loading import FieldMatcher
from backuptrace.scanning.records import Match

WIDE = ("message", "text")
"""Fields that may span lines."""
Search = Callable[[bytes | bytearray], object]


class Check:
    """The conditions of one slot in the order in which they are cheap.

    line: the one wanted condition on the message or (`whole`) text, if there is just one. Its patterns are those that the engine looked for,
    and a pattern lives on one line: so the hit's own line decides, however long the record is. heads, wides: the other conditions.
    by: the field whose value each hit keeps.
    """

    __slots__ = ("by", "heads", "line", "more", "whole", "wides")

    def __init__(self, tests: Sequence[FieldMatcher], by: str) -> None:
        self.by = by
        self.heads = [test for test in tests if test.field not in WIDE]
        self.wides = [test for test in tests if test.field in WIDE]
        self.line: Search | None = None
        self.whole = False
        wanted = [test for test in self.wides if not test.negated]
        if len(wanted) == 1 and (len(wanted[0].searches) == 1 or wanted[0].join is any):
            self.line, self.whole = _either(wanted[0].searches), wanted[0].field == "text"
            self.wides = [test for test in self.wides if test.negated]
        self.more = bool(self.heads or self.wides)

    def holds(self, head: Match | None, text: Callable[[bool], bytes]) -> bool:
        """The conditions besides `line`. `text` gives the whole record, or what stands behind its head; it is asked only where that is needed."""
        for test in self.heads:
            value = head[test.field] if head and test.field in head.re.groupindex else None
            if not test.holds(value or b""):
                return False
        return all(test.holds(text(test.field == "message")) for test in self.wides)


def _either(searches: Sequence[Search]) -> Search:
    if len(searches) == 1:
        return searches[0]

    def search(value: bytes | bytearray) -> object:
        for one in searches:
            if found := one(value):
                return found
        return None

    return search
