"""The exact test of a candidate: the byte patterns only say where a selection may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from backuptrace.knowledge.compiled import STAMPED, Slot, Watched
from backuptrace.knowledge.loading import FieldMatcher, Ready
from backuptrace.scanning.records import Match

WIDE = ("message", "text")
"""Fields that may span lines."""
LINE, RECORD, ALL = range(3)
VALUES = 256
"""Values of a field that are remembered."""


class Alternative:
    """What one pattern says of some slots. holds: decides on the line that it hit, on what stands behind the head or (`whole`) all of it; None: says nothing.

    A pattern lives on one line: so the hit's own line decides, however long the record is. reach: the farthest of its slots, see Check.
    """

    __slots__ = ("_watched", "holds", "reach", "slots", "whole")

    def __init__(self, watched: Watched, checks: Sequence[Check]) -> None:
        self._watched = watched
        self.slots, self.whole = watched.slots, watched.whole
        self.reach = max(checks[slot].reach for slot in watched.slots)
        self.holds: Callable[[bytes], object] | None = self._first if watched.line else None

    def _first(self, value: bytes) -> object:
        """Makes the expression when it is needed: most patterns are never hit."""
        line = self._watched.line
        pattern = _compiled(line, self._watched.ignore_case)
        # `re` tries a `^` at every place of a line, and the agent's telemetry lines of 20 kB quote everything that it ever wrote.
        self.holds = pattern.match if line.startswith("^") else pattern.search
        return self.holds(value)


class Check:
    """The conditions of one slot that its patterns do not decide, in the order in which they are cheap.

    more: whether there are any (`holds`); by: the field whose value each hit keeps; reach: what decides at least: the LINE that hit behind its stamp,
    the RECORD behind its stamp, or its stamp (ALL), too.
    """

    __slots__ = ("_heads", "_tests", "by", "more", "reach")

    def __init__(self, slot: Slot, matchers: Sequence[FieldMatcher]) -> None:
        self.by = slot.by
        undecided = [matcher for n, matcher in enumerate(matchers) if n != slot.decided]
        self._heads = [_HeadTest(matcher) for matcher in undecided if matcher.field not in WIDE]
        self._tests = [matcher for matcher in undecided if matcher.field in WIDE]
        self.more = bool(undecided)
        self.reach = RECORD if slot.by == "message" else LINE
        if any(test.field in STAMPED for test in matchers):
            self.reach = ALL

    def holds(self, head: Match | None, words: bytes, text: Callable[[bool], bytes]) -> tuple[bool, int]:
        """Whether they all hold, and what decided it. words: the line that hit, behind the head if that is on it.

        `text` gives the whole record, or what stands behind its head; it is asked only where the line does not settle it.
        """
        for test in self._heads:
            if not test.holds(head):
                return False, LINE
        unsettled = []
        for wide in self._tests:
            if wide.field != "message" or not wide.found(words):
                unsettled.append(wide)
            elif wide.negated:
                return False, LINE
        if not unsettled:
            return True, LINE
        return all(wide.holds(text(wide.field == "message")) for wide in unsettled), RECORD


class _HeadTest:
    """A condition on a field of the head: a log has few levels, threads and the like, so it is known what holds for each value."""

    __slots__ = ("_known", "_matcher", "_name")

    def __init__(self, matcher: FieldMatcher) -> None:
        self._matcher, self._name = matcher, matcher.field
        self._known: dict[bytes, bool] = {}

    def holds(self, head: Match | None) -> bool:
        value = field_of(head, self._name)
        known = self._known.get(value)
        if known is None:
            if len(self._known) >= VALUES:
                self._known.clear()
            known = self._known[value] = self._matcher.holds(value)
        return known


@lru_cache(maxsize=256)
def checks_of(ready: Ready) -> tuple[list[Check], list[list[Alternative]]]:
    """The checks of a format's slots and what each of its patterns says, made once for all logs."""
    checks = [Check(slot, tests) for slot, tests in zip(ready.shape.slots, ready.tests, strict=True)]
    return checks, [[Alternative(one, checks) for one in watched] for watched in ready.shape.watch]


@lru_cache(maxsize=4096)
def _compiled(line: str, ignore_case: bool) -> re.Pattern[bytes]:
    return re.compile(line.encode("ascii"), re.MULTILINE | (re.IGNORECASE if ignore_case else 0))


def field_of(head: Match | None, name: str) -> bytes:
    """The value of a field of the head; empty where it has none."""
    try:
        return (head[name] if head else None) or b""
    except IndexError:
        return b""
