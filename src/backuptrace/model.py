"""The records that travel through the house. All times are integer microseconds since 1970 in UTC unless a name says otherwise."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import compress, islice, repeat
from operator import ne, sub
from typing import NamedTuple

import msgspec

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  without a zone: it is written without one, which takes half the time


class Problem(msgspec.Struct, frozen=True):
    """Something that could not be read, was cut, capped or assumed; never silent."""

    kind: str
    where: str
    what: str
    fix: str = ""


UTC_CLOCK, LOCAL_CLOCK, YEARLESS_CLOCK, LOCAL_AGAIN_CLOCK = 0, 1, 2, 3
"""How a stamp is to be understood: UTC, local time of the machine, local time without a year (counted from the year 2000), local time that in a
doubled hour (the end of summer time) is the second of the two."""


class Told(msgspec.Struct, frozen=True):
    """The words of a kept hit. line: 1-based line that hit, of which `text` is the record; hit: where in `text` (from, to characters);
    fields: of its record, of a milestone all of them, or what makes them; before, after: lines around the record.
    """

    line: int | None
    text: str
    hit: tuple[int, int] = (0, 0)
    fields: dict[str, str] | Callable[[], dict[str, str]] = {}
    before: list[str] = []
    after: list[str] = []


class Event:
    """One hit that is kept with its text: evidence or a milestone.

    stamp: microseconds since 1970 on the clock of its log, None where the log tells no time; offset: bytes into the decompressed member;
    clock: how the stamp is to be understood; told: its words, or what makes them when they are first asked for: most kept hits are never shown.
    """

    __slots__ = ("_fields", "_told", "clock", "offset", "slot", "stamp")

    def __init__(self, slot: str, stamp: int | None, offset: int, told: Told | Callable[[], Told], clock: int = UTC_CLOCK) -> None:
        self.slot, self.stamp, self.offset, self.clock = slot, stamp, offset, clock
        self._told = told
        self._fields: dict[str, str] | None = None

    @property
    def told(self) -> Told:
        """See Told."""
        if not isinstance(self._told, Told):
            self._told = self._told()
        return self._told

    @property
    def fields(self) -> dict[str, str]:
        """The fields of its record, of a milestone all of them."""
        if self._fields is None:
            fields = self.told.fields
            self._fields = fields if isinstance(fields, dict) else fields()
        return self._fields


class Run(NamedTuple):
    """Hits inside one second: (stamp, offset) of the first and the last, their number, the value of the keyed field."""

    first: tuple[int, int]
    last: tuple[int, int]
    number: int
    field: str = ""


class Runs:
    """A time index: every hit, as runs inside one second of one clock, in columns of 40 bytes a run.

    single: hits of one second stay apart. For hits without a time the stamp is the offset.
    """

    __slots__ = ("clock", "fields", "first", "first_at", "last", "last_at", "numbers", "single")

    def __init__(self, clock: int = UTC_CLOCK, *, single: bool = False, keyed: bool = False) -> None:
        self.clock, self.single = clock, single
        self.first, self.first_at = array("q"), array("q")
        self.last, self.last_at = array("q"), array("q")
        self.numbers = array("q")
        self.fields: list[str] | None = [] if keyed else None

    def __len__(self) -> int:
        return len(self.first)

    def __iter__(self) -> Iterator[Run]:
        fields = self.fields if self.fields is not None else repeat("")
        return map(Run, zip(self.first, self.first_at), zip(self.last, self.last_at), self.numbers, fields)  # noqa: B905  columns of one length

    @property
    def total(self) -> int:
        """How many hits."""
        return sum(self.numbers)

    def add(self, stamps: Sequence[int], places: Sequence[int], values: Sequence[str] = ()) -> None:
        """Adds hits in the order of the file: their stamps and offsets, and the values of the keyed field if there is one."""
        size = len(stamps)
        seconds = range(size) if self.single else [stamp // SECOND for stamp in stamps]
        keys: Sequence[object] = seconds if self.fields is None else [*zip(seconds, values, strict=True)]
        fresh = [True, *map(ne, islice(keys, 1, None), keys)]
        begins = [*compress(range(size), fresh)]
        ends = [*begins[1:], size]
        if self._goes_on(stamps[0], values[0] if values else ""):
            end, told = ends[0], [(self.first[-1], self.first_at[-1]), (self.last[-1], self.last_at[-1])]
            self._span(-1, [*told, *zip(stamps[:end], places[:end], strict=True)])
            self.numbers[-1] += end
            fresh[0] = False
            del begins[0], ends[0]
        known, numbers = len(self.first), list(map(sub, ends, begins))
        self.first.extend(compress(stamps, fresh))
        self.first_at.extend(compress(places, fresh))
        self.last += self.first[known:]
        self.last_at += self.first_at[known:]
        self.numbers.extend(numbers)
        if self.fields is not None:
            self.fields.extend(compress(values, fresh))
        for at, number in enumerate(numbers) if len(numbers) < size else ():
            if number > 1:
                begin, end = begins[at], ends[at]
                self._span(known + at, [*zip(stamps[begin:end], places[begin:end], strict=True)])

    def _goes_on(self, stamp: int, value: str) -> bool:
        """Whether a hit belongs to the last run."""
        if self.single or not self.numbers or self.first[-1] // SECOND != stamp // SECOND:
            return False
        return self.fields is None or self.fields[-1] == value

    def _span(self, at: int, hits: list[tuple[int, int]]) -> None:
        """Sets the first and the last hit of a run."""
        self.first[at], self.first_at[at] = min(hits)
        self.last[at], self.last_at[at] = max(hits)

    def join(self, later: Runs) -> None:
        """Adds the hits of a later stretch of the same log."""
        if not later.numbers:
            return
        number, first, first_at, last, last_at = (column[0] for column in (later.numbers, later.first, later.first_at, later.last, later.last_at))
        together = self._goes_on(first, later.fields[0] if later.fields is not None else "")
        if together:
            self.numbers[-1] += number
            if last >= self.last[-1]:
                self.last[-1], self.last_at[-1] = last, last_at
            if first < self.first[-1]:
                self.first[-1], self.first_at[-1] = first, first_at
        begin = 1 if together else 0
        self.numbers += later.numbers[begin:]
        self.first += later.first[begin:]
        self.first_at += later.first_at[begin:]
        self.last += later.last[begin:]
        self.last_at += later.last_at[begin:]
        if self.fields is not None and later.fields is not None:
            self.fields += later.fields[begin:]


class Span(msgspec.Struct):
    """The records of a log on one clock: earliest and newest stamp, and the last one in the order of the file."""

    first: int
    last: int
    end: int


class Hits:
    """All hits of one slot in one artifact.

    runs, undated (hits before any stamp): complete, in parts, each in the order of the file; a part may belong to several slots; kept: a sample, with text.
    """

    __slots__ = ("_kept", "runs", "undated")

    def __init__(self, runs: list[Runs], undated: list[Runs], kept: list[Event] | Callable[[], list[Event]]) -> None:
        self.runs, self.undated, self._kept = runs, undated, kept

    @property
    def kept(self) -> list[Event]:
        """The events, in the order of the file."""
        if not isinstance(self._kept, list):
            self._kept = self._kept()
        return self._kept

    @property
    def total(self) -> int:
        """How many hits."""
        return sum(runs.total for runs in self.runs + self.undated)

    def add(self, stamp: int | None, offset: int, value: str) -> None:
        """Adds a hit on a small source; value: of the keyed field."""
        parts = self.undated if stamp is None else self.runs
        if not parts:
            parts.append(Runs(single=True, keyed=True))
        parts[0].add([offset if stamp is None else stamp], [offset], [value])


class Log(msgspec.Struct):
    """What was read of one artifact. Times are microseconds, each on its clock.

    spans: by clock; records: None where they were not counted (large logs); silences: (from, to, clock) without a record for longer
    than the format's heartbeat; states: for a state source whether each selection on it holds; recognised: what told its format;
    explained: offsets of kept records that a selection of a signature hit, too, even if that one kept others.
    made: its lines were made of events, so that no offset means anything; numbered: the number of a hit is that of its record (EventRecordID), not a line;
    aside: not written by the machine: its times do not say how far the machine's own logs reach;
    filtered: somebody chose its records: it proves what it shows, and no absence;
    section: it is a stretch of the artifact, `above` lines and `begin` bytes below its first line, `size` bytes long: others of it may have other formats.
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
    explained: set[int] = set()
    made: bool = False
    numbered: bool = False
    aside: bool = False
    filtered: bool = False
    section: bool = False
    above: int = 0
    begin: int = 0

    def seen(self, low: int, high: int, clock: int) -> None:
        """Widens the span of a clock by records from `low` to `high`, the latter the last so far in the order of the file."""
        span = self.spans.get(clock)
        if span is None:
            self.spans[clock] = Span(min(low, high), max(low, high), high)
        else:
            span.first, span.last, span.end = min(span.first, low, high), max(span.last, low, high), high


@lru_cache(1024)  # a report tells most of its times more than once
def utc_text(stamp: int | None) -> str | None:
    """`2026-11-22T03:12:07.123456Z` for microseconds since 1970, None for None and for a time outside years 1 to 9999."""
    if stamp is None:
        return None
    try:
        moment = _EPOCH + timedelta(microseconds=stamp)
    except OverflowError:
        return None
    return f"{moment.isoformat(timespec='microseconds')}Z"
