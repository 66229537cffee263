"""The second memory of a hit: its text, kept only for the first and last few of every hour, so that a storm of failures stays cheap.

A stream cannot be read twice, so the text is taken while its block is in memory. Bounds per slot and log: `PER_HOUR` first and last
hits of each hour, `MOST` in all (the two oldest hours and the newest ones stay).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from backuptrace.knowledge.loading import FieldMatcher
from backuptrace.model import HOUR, UTC_CLOCK, Event
from backuptrace.scanning.records import Records, clock_of
from backuptrace.scanning.texts import Text

PER_HOUR = 12
MOST = 400


class Place(NamedTuple):
    """A hit in the block: stamp (None: no time) and its clock, start of the record, start of the line, end of the match, value of the keyed field."""

    stamp: int | None
    clock: int
    record: int
    line: int
    end: int
    field: str


@dataclass(slots=True)
class Kept:
    """A hit whose text is kept: its place, the offset of its record in the member (bytes), the number of its line (from 1), its text."""

    place: Place
    offset: int = 0
    number: int = 0
    text: Text | None = None

    def event(self, slot: str, tests: Sequence[FieldMatcher], records: Records, *, milestone: bool) -> Event:
        """Everything that the report needs of it. `tests`: the conditions of its slot."""
        place, text = self.place, self.text
        if text is None:
            raise ValueError("the text was not taken")
        head = records.start(text.opening, 0, len(text.opening))
        line, end = place.line - place.record, place.end - place.record
        begin = head[0].end() if head and not line else line
        fields = text.fields(head[0] if head else None, tests) if milestone else {}
        clock = clock_of(*head) if head else UTC_CLOCK
        return Event(slot, place.stamp, self.offset, self.number, text.shown, text.hit(tests, line, begin, end), fields, text.before, text.after, clock)


@dataclass(slots=True)
class _Hour:
    first: list[Kept] = field(default_factory=list)
    last: deque[Kept] = field(default_factory=lambda: deque(maxlen=PER_HOUR))


class Evidence:
    """The kept hits of one slot."""

    __slots__ = ("_hours", "_size", "dropped")

    def __init__(self) -> None:
        self._hours: dict[int, _Hour] = {}
        self._size = 0
        self.dropped = 0

    def settle(self, places: list[Place]) -> list[Kept]:
        """Chooses among the hits of one block; the text of those that are returned must be taken before the block is overwritten."""
        fresh: list[Kept] = []
        for hour, group in _by_hour(places).items():
            kept = self._hours.get(hour)
            if kept is None:
                kept = self._hours[hour] = _Hour()
            room = PER_HOUR - len(kept.first)
            first = [Kept(place) for place in group[:room]]
            rest = group[room:]
            last = [Kept(place) for place in rest[-PER_HOUR:]]
            before = len(kept.last)
            self.dropped += max(0, len(rest) - PER_HOUR) + max(0, before + len(last) - PER_HOUR)
            kept.first += first
            kept.last.extend(last)
            self._size += len(first) + len(kept.last) - before
            fresh += first
            fresh += last
        while self._size > MOST and len(self._hours) > 3:
            gone = self._hours.pop(sorted(self._hours)[2])
            self._size -= len(gone.first) + len(gone.last)
            self.dropped += len(gone.first) + len(gone.last)
        return fresh

    def kept(self) -> list[Kept]:
        """All kept hits in the order of the file."""
        found = [item for hour in self._hours.values() for item in (*hour.first, *hour.last)]
        found.sort(key=_offset)
        return found


def _by_hour(places: list[Place]) -> dict[int, list[Place]]:
    """By hour since 1970, -1 for hits without a time."""
    out: dict[int, list[Place]] = {}
    low, high = 0, -1
    group: list[Place] = []
    for place in places:
        stamp = -1 if place.stamp is None else place.stamp
        if not low <= stamp < high:
            hour = stamp // HOUR
            low, high = hour * HOUR, (hour + 1) * HOUR
            group = out.setdefault(hour, [])
        group.append(place)
    return out


def _offset(item: Kept) -> int:
    return item.offset
