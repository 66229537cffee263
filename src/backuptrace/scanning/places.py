"""A record that was hit and what is kept of it: taken as bytes while its block is in memory, once however many selections hit it, decoded at the end."""

from __future__ import annotations

from collections.abc import Sequence

from backuptrace.knowledge.loading import FieldMatcher
from backuptrace.model import Told
from backuptrace.scanning.records import FARTHEST, NEWLINE, Match, Records

MOST_TEXT = 8000
"""Bytes of a record that are kept."""
CONTEXT = 2
"""Lines around it that are kept, each up to `MOST_LINE` bytes."""
MOST_LINE = 500
TOO_LONG = CONTEXT * MOST_LINE


class Place:
    """A record in a block that begins at `record`: `stamp` (None: no time) on its `clock`; `offset`: of the record in the member, bytes.

    The first 8,000 bytes are kept; where a hit lies behind these (`far`), the record's first line and what stands around the hit:
    each such hit needs a Place of its own.
    """

    __slots__ = (
        "__weakref__", "_after", "_before", "_body", "_lead", "_low", "_number", "_opening", "_shown",
        "anchor", "clock", "far", "hit_end", "offset", "record", "stamp",
    )  # fmt: skip

    def __init__(self, stamp: int | None, clock: int, record: int, offset: int, line: int, hit_end: int) -> None:
        """line, hit_end: in the block, the start of the line that hit and the end of the match."""
        self.stamp, self.clock = stamp, clock
        self.record, self.offset, self.hit_end = record, offset, hit_end
        self.far = hit_end - record > MOST_TEXT
        self.anchor = line if self.far else record
        """The line start, in the block, whose number `take` wants."""

    def take(self, data: bytes, end: int, number: int) -> None:
        """Keeps the text. `end`: of the record (exclusive); `number`: of the line at `anchor`, from 1."""
        record = self.record
        self._number = number
        self._before, self._after = _context(data, record, end)
        self._shown: tuple[str, list[str], list[str]] | None = None
        self._lead, self._low = b"", 0
        self._opening = self._body = data[record : min(end, record + MOST_TEXT)]
        if not self.far:
            return
        first = data.find(NEWLINE, record, end)
        first = min(first if first >= 0 else end, record + 1000)
        low = max(record, min(self.anchor, self.hit_end - MOST_TEXT // 2))
        if low > first:
            self._lead, self._low = data[record:first], low - record
            self._body = data[low : min(end, low + MOST_TEXT)]

    def move(self, lines: int) -> None:
        """Counts its number from a begin that lies so many lines earlier."""
        self._number += lines

    def told(self, tests: Sequence[FieldMatcher], line: int, end: int, records: Records, *, milestone: bool) -> Told:
        """What a report needs of a hit on this record. `tests`: the conditions of its slot; line, end: of the hit, positions in its block."""
        if self._shown is None:
            self._shown = self._prefix() + _decoded(self._body), _lines(self._before)[-CONTEXT:], _lines(self._after)
        shown, before, after = self._shown
        head = records.start(self._opening, 0, len(self._opening))
        fields = self._fields(head[0] if head else None, tests, shown) if milestone else {}
        number = _own_number(head[0]) if head else None
        if number is None:
            number = self._number + self._body.count(NEWLINE, 0, max(line - self.anchor, 0))
        line, end = line - self.record, end - self.record
        hit = self._hit(tests, line, head[0].end() if head and not line else line, end)
        return Told(number, shown, hit, fields, before, after)

    def _prefix(self) -> str:
        return self._lead.decode("utf-8", "replace") + " … " if self._low else ""

    def _column(self, position: int) -> int:
        """Where in the shown text a position stands that is counted in bytes from the record's start."""
        part = self._body[: max(0, position - self._low)]
        return len(self._prefix()) + (len(part) if part.isascii() else len(part.decode("utf-8", "replace")))

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


def _context(data: bytes, record: int, end: int) -> tuple[bytes, bytes]:
    """The two lines before and after a record, as far as they are there."""
    low, high = record, end
    for _ in range(CONTEXT):
        if low:
            low = data.rfind(NEWLINE, max(0, low - 1 - FARTHEST), low - 1) + 1
        high = data.find(NEWLINE, high) + 1 or high
    before, after = data[low:record], data[end:high]
    return before if len(before) < TOO_LONG else _cut(before), after if len(after) < TOO_LONG else _cut(after)


def _cut(lines: bytes) -> bytes:
    """Long lines are cut here, so that they do not fill the memory."""
    return b"".join(line[:MOST_LINE] + NEWLINE for line in lines.split(NEWLINE)[:-1])


def _lines(text: bytes) -> list[str]:
    return [line[:MOST_LINE].decode("utf-8", "replace").rstrip("\r") for line in text.split(NEWLINE)[:-1]]


def _decoded(text: bytes) -> str:
    """Log text as it is shown: without the last line's end, invalid bytes replaced."""
    return text.decode("utf-8", "replace").rstrip("\r\n")
