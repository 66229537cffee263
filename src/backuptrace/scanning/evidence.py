"""The second memory of a hit: its text, kept only for the first and last few of every hour, so that a storm of failures stays cheap.

A stream cannot be read twice, so the text is taken while its block is in memory. Bounds per slot and log: `PER_HOUR` first and last
hits of each hour, `MOST` in all (the two oldest hours and the newest ones stay).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from backuptrace.model import HOUR
from backuptrace.scanning.places import Place

PER_HOUR = 12
MOST = 400
Hit = tuple[Place, int, int, str]
"""Its record, and in the block the start of its line and the end of its match; the value of the keyed field."""


@dataclass(slots=True)
class _Hour:
    first: list[Hit] = field(default_factory=list)
    last: deque[Hit] = field(default_factory=lambda: deque(maxlen=PER_HOUR))


class Evidence:
    """The kept hits of one slot."""

    __slots__ = ("_hours", "_size", "dropped")

    def __init__(self) -> None:
        self._hours: dict[int, _Hour] = {}
        self._size = 0
        self.dropped = 0

    def settle(self, hits: list[Hit]) -> list[Hit]:
        """Chooses among the hits of one block; the text of those that are returned must be taken before the block is overwritten."""
        fresh: list[Hit] = []
        for hour, group in _by_hour(hits):
            kept = self._hours.get(hour)
            if kept is None:
                kept = self._hours[hour] = _Hour()
            size, before = len(group), len(kept.last)
            room = PER_HOUR - len(kept.first)
            if room:
                kept.first += group[:room]
            if size > room:
                kept.last.extend(group[max(room, size - PER_HOUR) :])
                if size > room + PER_HOUR:
                    group = group[:room] + group[-PER_HOUR:]
            self._size += min(size, room) + len(kept.last) - before
            self.dropped += max(size - room, 0) + before - len(kept.last)
            fresh += group
        while self._size > MOST and len(self._hours) > 3:
            gone = self._hours.pop(sorted(self._hours)[2])
            self._size -= len(gone.first) + len(gone.last)
            self.dropped += len(gone.first) + len(gone.last)
        return fresh

    def kept(self) -> list[Hit]:
        """All kept hits in the order of the file."""
        found = [hit for hour in self._hours.values() for hit in (*hour.first, *hour.last)]
        found.sort(key=_offset)
        return found


def _by_hour(hits: list[Hit]) -> list[tuple[int, list[Hit]]]:
    """Neighbouring hits of the same hour since 1970, -1 for hits without a time."""
    out: list[tuple[int, list[Hit]]] = []
    low, high, begin = 0, -1, 0
    for at, hit in enumerate(hits):
        stamp = hit[0].stamp
        if stamp is None:
            stamp = -1
        if not low <= stamp < high:
            if at:
                out.append((low // HOUR, hits[begin:at]))
            begin = at
            low = stamp // HOUR * HOUR
            high = low + HOUR
    out.append((low // HOUR, hits[begin:]))
    return out


def _offset(hit: Hit) -> int:
    return hit[0].offset
