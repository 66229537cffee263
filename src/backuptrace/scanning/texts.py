"""The text of a kept hit: taken as bytes while its block is in memory, once a record whatever many selections hit it, decoded at the end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from backuptrace.knowledge.loading import FieldMatcher
from backuptrace.scanning.records import FARTHEST, NEWLINE, Match

MOST_TEXT = 8000
"""Bytes of a record that are kept."""
CONTEXT = 2
"""Lines around it that are kept, each up to `MOST_LINE` bytes."""
MOST_LINE = 500


class Text:
    """A record with the lines around it. Of a record above 8,000 bytes the first line and what stands around the hit are kept."""

    def __init__(self, buffer: bytearray, record: int, record_end: int, used: int, line: int, end: int) -> None:
        """Positions in the buffer, of which `used` bytes are filled; line, end: of the hit, they matter for a long record only."""
        self._before, self._after = _before(buffer, record), _after(buffer, record_end, used)
        self.shared = record_end - record <= MOST_TEXT
        """Whether it serves every hit of the record."""
        self._lead, self._low = b"", 0
        if self.shared:
            self.opening = self._body = bytes(buffer[record:record_end])
            return
        head = buffer.find(NEWLINE, record, record_end)
        head = min(head if head >= 0 else record_end, record + 1000)
        low = max(record, min(line, end - MOST_TEXT // 2))
        if low > head:
            self._lead, self._low = bytes(buffer[record:head]), low - record
        low = record + self._low
        self._body = bytes(buffer[low : min(record_end, low + MOST_TEXT)])
        self.opening = bytes(buffer[record : min(record_end, record + 2 * MOST_TEXT)])
        """The record's beginning, with its head."""

    @cached_property
    def shown(self) -> str:
        """What a report shows."""
        return self._prefix + decoded(self._body)

    @cached_property
    def _prefix(self) -> str:
        return self._lead.decode("utf-8", "replace") + " … " if self._low else ""

    @cached_property
    def before(self) -> list[str]:
        """Up to two lines before the record."""
        return [line.decode("utf-8", "replace").rstrip("\r") for line in self._before]

    @cached_property
    def after(self) -> list[str]:
        """Up to two lines behind the record."""
        return [line.decode("utf-8", "replace").rstrip("\r") for line in self._after]

    def column(self, position: int) -> int:
        """Where in `shown` a position stands that is counted in bytes from the record's start."""
        part = self._body[: max(0, position - self._low)]
        return len(self._prefix) + (len(part) if part.isascii() else len(part.decode("utf-8", "replace")))

    def hit(self, tests: Sequence[FieldMatcher], line: int, begin: int, end: int) -> tuple[int, int]:
        """(from, to) in `shown` of the words that were looked for.

        In bytes from the record's start: the hit's line, what stands on it behind the head, the end of the engine's match.
        """
        low = max(begin - self._low, 0)
        stop = self._body.find(NEWLINE, low)
        value = self._body[low : stop if stop >= 0 else None]
        for test in tests:
            if test.field in ("message", "text") and (found := test.span(value)):
                return self.column(self._low + low + found[0]), self.column(self._low + low + found[1])
        return self.column(line), self.column(end)

    def fields(self, head: Match | None, tests: Sequence[FieldMatcher]) -> dict[str, str]:
        """The fields of a milestone's record: of its head, its message, the named groups of the conditions."""
        out: dict[str, str] = {"message": self.shown}
        if head:
            out = {name: value.decode("utf-8", "replace") for name, value in head.groupdict().items() if value is not None}
            out["message"] = decoded(self.opening[head.end() : head.end() + MOST_TEXT])
        for test in tests:
            out |= test.named(out.get(test.field, self.shown).encode())
        return out


def decoded(text: bytes) -> str:
    """Log text as it is shown: without the last line's end, invalid bytes replaced."""
    return text.decode("utf-8", "replace").rstrip("\r\n")


def _before(buffer: bytearray, record: int) -> list[bytes]:
    out: list[bytes] = []
    at = record
    while at > 0 and len(out) < CONTEXT:
        start = buffer.rfind(NEWLINE, max(0, at - 1 - FARTHEST), at - 1) + 1
        out.insert(0, bytes(buffer[start : min(at - 1, start + MOST_LINE)]))
        at = start
    return out


def _after(buffer: bytearray, at: int, used: int) -> list[bytes]:
    out: list[bytes] = []
    while at < used and len(out) < CONTEXT:
        end = buffer.find(NEWLINE, at, used)
        if end < 0:
            break
        out.append(bytes(buffer[at : min(end, at + MOST_LINE)]))
        at = end + 1
    return out
