"""The exact test of a candidate: the byte patterns only say where a selection may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from backuptrace.knowledge.compiled import Slot, Watched
from backuptrace.knowledge.loading import FieldMatcher, Ready
from backuptrace.scanning.records import Match

WIDE = ("message", "text")
"""Fields that may span lines."""
LINE, RECORD, ALL = range(3)


class Alternative:
    """What one pattern says of some slots. holds: decides on the line that it hit, on what stands behind the head or (`whole`) all of it; None: says nothing.

    A pattern lives on one line: so the hit's own line decides, however long the record is.
    """

    __slots__ = ("_watched", "holds", "slots", "whole")

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self.slots, self.whole = watched.slots, watched.whole
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

    more: whether there are any (`holds`); by: the field whose value each hit keeps; reach: what decides: the LINE that hit behind its stamp,
    the RECORD behind its stamp, or its stamp (ALL), too.
    """

    __slots__ = ("_tests", "by", "more", "reach")

    def __init__(self, slot: Slot, matchers: Sequence[FieldMatcher]) -> None:
        self.by = slot.by
        open_tests = [matcher for n, matcher in enumerate(matchers) if n != slot.decided]
        self._tests = sorted(open_tests, key=lambda test: test.field in WIDE)
        self.more = bool(self._tests)
        self.reach = LINE
        if slot.by == "message" or any(test.field in WIDE for test in self._tests):
            self.reach = RECORD
        if any(test.field in ("text", "stamp") for test in matchers):
            self.reach = ALL

    def holds(self, head: Match | None, text: Callable[[bool], bytes]) -> bool:
        """Whether they all hold. `text` gives the whole record, or what stands behind its head; it is asked only where that is needed."""
        return all(test.holds(text(test.field == "message") if test.field in WIDE else _field(head, test.field)) for test in self._tests)


@lru_cache(maxsize=256)
def checks_of(ready: Ready) -> tuple[list[Check], list[list[Alternative]]]:
    """The checks of a format's slots and what each of its patterns says, made once for all logs."""
    checks = [Check(slot, tests) for slot, tests in zip(ready.shape.slots, ready.tests, strict=True)]
    return checks, [[Alternative(one) for one in watched] for watched in ready.shape.watch]


@lru_cache(maxsize=4096)
def _compiled(line: str, ignore_case: bool) -> re.Pattern[bytes]:
    return re.compile(line.encode("ascii"), re.MULTILINE | (re.IGNORECASE if ignore_case else 0))


def _field(head: Match | None, name: str) -> bytes:
    return (head[name] or b"") if head and name in head.re.groupindex else b""
