"""The records that travel through the house. All times are integer microseconds since 1970 in UTC unless a name says otherwise."""

from __future__ import annotations

from datetime import datetime, timezone

import msgspec

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Problem(msgspec.Struct, frozen=True):
    """Something that could not be read, was cut, capped or assumed; never silent."""

    kind: str
    where: str
    what: str
    fix: str = ""


UTC_CLOCK, LOCAL_CLOCK, YEARLESS_CLOCK, LOCAL_AGAIN_CLOCK = 0, 1, 2, 3
"""How a stamp is to be understood: UTC, local time of the machine, local time without a year (counted from the year 2000), local time that in a
doubled hour (the end of summer time) is the second of the two."""


class Event(msgspec.Struct, frozen=True):
    """One hit that is kept with its text: evidence or a milestone.

    stamp: microseconds since 1970 on the clock of its log, None where the log tells no time; offset: bytes into the decompressed member;
    line: 1-based line that hit, of which `text` is the record; hit: where in `text` (from, to characters); before, after: lines around the record;
    clock: how the stamp is to be understood.
    """

    slot: str
    stamp: int | None
    offset: int
    line: int | None
    text: str
    hit: tuple[int, int] = (0, 0)
    fields: dict[str, str] = {}
    before: list[str] = []
    after: list[str] = []
    clock: int = UTC_CLOCK


class Run(msgspec.Struct):
    """Hits of one slot inside one second of one clock: (stamp, offset) of the first and the last, their number, the value of the keyed field."""

    first: tuple[int, int]
    last: tuple[int, int]
    count: int
    field: str
    clock: int = UTC_CLOCK


class Span(msgspec.Struct):
    """The records of a log on one clock: earliest and newest stamp, and the last one in the order of the file."""

    first: int
    last: int
    end: int


class Hits(msgspec.Struct):
    """All hits of one slot in one artifact. `runs` and `undated` (hits before any stamp; their stamp is the offset) are complete, `kept` is a sample."""

    runs: list[Run] = []
    undated: list[Run] = []
    total: int = 0
    kept: list[Event] = []


class Log(msgspec.Struct):
    """What was read of one artifact. Times are microseconds, each on its clock.

    spans: by clock; records: None where they were not counted (large logs); silences: (from, to, clock) without a record for longer
    than the format's heartbeat; states: for a state source whether each selection on it holds; recognised: what told its format;
    made: its lines were made of events, so that no offset means anything; numbered: the number of a hit is that of its record (EventRecordID), not a line;
    aside: not written by the machine: its times do not say how far the machine's own logs reach.
    """

    path: str
    format: str
    base: str
    rank: int
    spans: dict[int, Span] = {}
    records: int | None = None
    size: int = 0
    cut: bool = False
    modified: int | None = None
    silences: list[tuple[int, int, int]] = []
    hits: dict[str, Hits] = {}
    states: dict[str, bool] = {}
    notes: list[str] = []
    capped: list[str] = []
    recognised: str = ""
    made: bool = False
    numbered: bool = False
    aside: bool = False

    def seen(self, low: int, high: int, clock: int) -> None:
        """Widens the span of a clock by records from `low` to `high`, the latter the last so far in the order of the file."""
        span = self.spans.get(clock)
        if span is None:
            self.spans[clock] = Span(min(low, high), max(low, high), high)
        else:
            span.first, span.last, span.end = min(span.first, low, high), max(span.last, low, high), high


def utc_text(stamp: int | None) -> str | None:
    """`2026-11-22T03:12:07.123456Z` for microseconds since 1970, None for None and for a time outside years 1 to 9999."""
    if stamp is None:
        return None
    try:
        moment = datetime.fromtimestamp(stamp // SECOND, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{stamp % SECOND:06d}Z"
