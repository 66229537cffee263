"""A record that was hit and what is kept of it: taken as bytes, once however many selections hit it, decoded when it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from backuptrace.knowledge.loading import FieldMatcher
from backuptrace.model import Told
from backuptrace.scanning.evidence import Found
from backuptrace.scanning.records import FARTHEST, NEWLINE, Match, Records, newlines

MOST_TEXT = 8000
"""Bytes of a record that are kept."""
CONTEXT = 2
"""Lines around it that are kept, each up to `MOST_LINE` bytes."""
MOST_LINE = 500
TOO_LONG = CONTEXT * MOST_LINE


class Window(NamedTuple):
    """Bytes of a log from `low` on; cut: where the block ends that was searched; lines: newlines before `mark`, a place in the window.
    whole: whether the window begins where the block begins, and ends where what was in memory with it ended.
    """

    data: bytes
    low: int
    cut: int
    mark: int
    lines: int
    whole: tuple[bool, bool] = (True, True)


class Place:
    """The record of a hit as far as it is kept: its first 8,000 bytes, two lines before and after it.

    Where the hit lies behind these (`far`), the record's first line and what stands around the hit: each such hit needs a Place of its own.
    cropped: whether the window holds too little of the record or of what stands around it.
    """

    __slots__ = ("_after", "_anchor", "_before", "_body", "_lead", "_low", "_number", "_opening", "_plain", "_record", "_records", "_shown", "cropped")

    def __init__(self, hit: Found, window: Window, records: Records) -> None:
        data, low = window.data, window.low
        record, line, hit_end = hit[1] - low, hit[2] - low, hit[3] - low
        cut = min(window.cut - low, len(data))
        self._record, self._records = hit[1], records
        self._anchor = self.anchor(hit)
        self._number = window.lines + 1 + newlines(data[window.mark - low : self._anchor - low])
        stop = data.find(NEWLINE, hit_end, cut) + 1 or cut
        end = records.end(data, stop, cut) if records.start(data, record, cut) else stop  # a line without a record start above it stands alone
        begin, close = _around(data, record, end)
        self._before, self._after = _cut(data[begin:record]), _cut(data[end:close])
        self.cropped = (not begin and not window.whole[0]) or (not window.whole[1] and self._after.count(NEWLINE) < CONTEXT)
        self._shown: tuple[str, list[str], list[str]] | None = None
        self._lead, self._low = b"", 0
        self._opening = self._body = data[record : min(end, record + MOST_TEXT)]
        self._plain = self._body.isascii()
        if hit_end - record <= MOST_TEXT:
            return
        first = data.find(NEWLINE, record, end)
        first = min(first if first >= 0 else end, record + 1000)
        begin = max(record, min(line, hit_end - MOST_TEXT // 2))
        if begin > first:
            self._lead, self._low = data[record:first], begin - record
            self._body = data[begin : min(end, begin + MOST_TEXT)]
            self._plain = self._body.isascii()

    @staticmethod
    def anchor(hit: Found) -> int:
        """The line start whose number is wanted: of the record, or of the line that hit where that is far from it."""
        return hit[2] if hit[3] - hit[1] > MOST_TEXT else hit[1]

    def told(self, hit: Found, tests: Sequence[FieldMatcher], *, milestone: bool) -> Told:
        """What a report needs of a hit on this record. `tests`: the conditions of its slot."""
        if self._shown is None:
            self._shown = self._prefix() + _decoded(self._body), _lines(self._before)[-CONTEXT:], _lines(self._after)
        shown, before, after = self._shown
        head = self._records.start(self._opening, 0, len(self._opening))
        fields: Callable[[], dict[str, str]] | dict[str, str] = partial(self._fields, head[0] if head else None, tests, shown) if milestone else {}
        number = _own_number(head[0]) if head else None
        if number is None:
            number = self._number + self._body.count(NEWLINE, 0, max(hit[2] - self._anchor, 0))
        line, end = hit[2] - self._record, hit[3] - self._record
        words = self._hit(tests, line, head[0].end() if head and not line else line, end)
        return Told(number, shown, words, fields, before, after)

    def _prefix(self) -> str:
        return self._lead.decode("utf-8", "replace") + " … " if self._low else ""

    def _column(self, position: int) -> int:
        """Where in the shown text a position stands that is counted in bytes from the record's start."""
        size = min(max(0, position - self._low), len(self._body))
        return len(self._prefix()) + (size if self._plain else len(self._body[:size].decode("utf-8", "replace")))

    def _hit(self, tests: Sequence[FieldMatcher], line: int, begin: int, end: int) -> tuple[int, int]:
        """(from, to) in the shown text of the words that were looked for.

        In bytes from the record's start: the hit's line, what stands on it behind the head, the end of the engine's match.
        """
        low = max(begin - self._low, 0)
        stop = self._body.find(NEWLINE, low)
        value = self._body[low : stop if stop >= 0 else None]
        for test in tests:
            if test.field in ("message", "text") and (found := test.span(value)):
                return self._column(self._low + low + found[0]), self._column(self._low + low + found[1])
        return self._column(line), self._column(end)

    def _fields(self, head: Match | None, tests: Sequence[FieldMatcher], shown: str) -> dict[str, str]:
        """The fields of a milestone's record: of its head, its message, the named groups of the conditions."""
        out: dict[str, str] = {"message": shown}
        if head:
            out = {name: value.decode("utf-8", "replace") for name, value in head.groupdict().items() if value is not None}
            out["message"] = _decoded(self._opening[head.end() :])
        for test in tests:
            out |= test.named(out.get(test.field, shown).encode())
        return out


def _own_number(head: Match) -> int | None:
    """The number that the record itself tells, as events do."""
    text: bytes | None = head["number"] if "number" in head.re.groupindex else None
    return int(text) if text and text.isdigit() else None


def _around(data: bytes, record: int, end: int) -> tuple[int, int]:
    """Where the two lines before and after a record begin and end, as far as they are there."""
    low, high = record, end
    for _ in range(CONTEXT):
        if low:
            low = data.rfind(NEWLINE, max(0, low - 1 - FARTHEST), low - 1) + 1
        high = data.find(NEWLINE, high) + 1 or high
    return low, high


def _cut(lines: bytes) -> bytes:
    """Long lines are cut here, so that they do not fill the memory."""
    return lines if len(lines) < TOO_LONG else b"".join(line[:MOST_LINE] + NEWLINE for line in lines.split(NEWLINE)[:-1])


def _lines(text: bytes) -> list[str]:
    return [line[:MOST_LINE].decode("utf-8", "replace").rstrip("\r") for line in text.split(NEWLINE)[:-1]]


def _decoded(text: bytes) -> str:
    """Log text as it is shown: without the last line's end, invalid bytes replaced."""
    return text.decode("utf-8", "replace").rstrip("\r\n")
