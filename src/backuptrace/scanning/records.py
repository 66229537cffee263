"""Where records begin in a block of a line log, and what stands in their heads. A line that matches no start belongs to the record above."""

from __future__ import annotations

import re

from backuptrace.model import LOCAL_CLOCK, UTC_CLOCK, YEARLESS_CLOCK
from backuptrace.readers.stamps import PARSERS, parse_iso

FARTHEST = 256 << 10
"""Bytes that are searched for the start of a record, backwards or forwards."""
MOST_SECONDS = 100_000
_ZONED = re.compile(rb"[+-]\d\d:?\d\d$|UTC|GMT")
Match = re.Match[bytes]
Clock = tuple[str, str]
"""(kind of time, zone of stamps that carry none)"""
NEWLINE = b"\n"
_ZULU = ord("Z")


class Records:
    """The record starts of one format over a buffer that changes under it."""

    __slots__ = ("_matchers", "_seconds")

    def __init__(self, starts: list[tuple[re.Pattern[bytes], str, str]]) -> None:
        self._matchers = [(pattern.match, (kind, zone)) for pattern, kind, zone in starts]
        self._seconds: dict[bytes, int | None] = {}

    def start(self, buffer: bytearray | bytes, at: int, end: int) -> tuple[Match, Clock] | None:
        """The head of the record that begins at this line start, and how its stamp is to be read."""
        for match, clock in self._matchers:
            found = match(buffer, at, end)
            if found:
                return found, clock
        return None

    def back(self, buffer: bytearray, line: int, end: int, known: int = -1) -> tuple[int, Match, Clock] | None:
        """(position, head, clock) of the record that the line at this position belongs to; None also where it is the record of the line `known` above."""
        farthest = max(0, line - FARTHEST)
        while True:
            found = self.start(buffer, line, end)
            if found:
                return line, *found
            if line <= farthest:
                return None
            line = buffer.rfind(NEWLINE, farthest, line - 1) + 1
            if line <= known:
                return None

    def next(self, buffer: bytearray, at: int, end: int) -> tuple[int, Match, Clock] | None:
        """The first record that begins at or behind a position, itself no line start; searched to `end`, at most 256 KB."""
        farthest = min(end, at + FARTHEST)
        if at:
            at = buffer.find(NEWLINE, at - 1, farthest) + 1
            if not at:
                return None
        while at < farthest:
            found = self.start(buffer, at, end)
            if found:
                return at, *found
            at = buffer.find(NEWLINE, at, farthest) + 1
            if not at:
                return None
        return None

    def end(self, buffer: bytearray, at: int, end: int) -> int:
        """Where the record that begins at `at` ends (exclusive)."""
        while True:
            at = buffer.find(NEWLINE, at, end) + 1
            if not at:
                return end
            if self.start(buffer, at, end):
                return at

    def time(self, head: Match, clock: Clock) -> tuple[int | None, int]:
        """(microseconds since 1970 or None, the clock they are on)."""
        raw: bytes = head["stamp"]
        if len(raw) == 27 and raw[26] == _ZULU and clock[0] == "iso" and (digits := raw[20:26]).isdigit():
            base = self._seconds.get(raw[:19])
            if base is not None:
                return base + int(digits), UTC_CLOCK
        return self.stamp(head, clock), clock_of(head, clock)

    def stamp(self, head: Match, clock: Clock) -> int | None:
        """Microseconds since 1970 on the log's clock."""
        raw: bytes = head["stamp"]
        kind = clock[0]
        rest = raw[19:]
        if kind == "iso" and (not rest or (rest[:1] in b".," and (digits := rest[1:].removesuffix(b"Z")).isdigit())):
            base = self._whole_second(raw[:19])
            if base is not None:
                return base + int(digits[:6].ljust(6, b"0")) if rest else base
        found = PARSERS[kind](raw)
        return None if found is None else found[0]

    def _whole_second(self, text: bytes) -> int | None:
        """The first 19 bytes of an ISO stamp, remembered: neighbouring records share them."""
        if text in self._seconds:
            return self._seconds[text]
        if len(self._seconds) > MOST_SECONDS:
            self._seconds.clear()
        found = parse_iso(text) if len(text) == 19 else None
        base = self._seconds[text] = None if found is None else found[0]
        return base


def clock_of(head: Match, clock: Clock) -> int:
    """How a record's stamp is to be understood."""
    kind, zone = clock
    if kind == "syslog":
        return YEARLESS_CLOCK
    raw = head["stamp"]
    if zone == "utc" or raw.endswith(b"Z") or _ZONED.search(raw, 19):
        return UTC_CLOCK
    return LOCAL_CLOCK
