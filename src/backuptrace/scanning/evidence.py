"""The second memory of a hit: its text, kept only for the first and last few of every hour, so that a storm of failures stays cheap.

A stream cannot be read twice, so the text is taken while its block is in memory. Bounds per slot and log: `PER_HOUR` first and last
hits of each hour, `MOST` in all (the two oldest hours and the newest ones stay).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from backuptrace.model import Event

PER_HOUR = 12
MOST = 400
Place = tuple[int, int, int, int]
"""(stamp or -1, start of the record, end of the record, end of the match), positions in the block"""


@dataclass(slots=True)
class _Hour:
    first: list[Event] = field(default_factory=list)
    last: deque[Event] = field(default_factory=lambda: deque(maxlen=PER_HOUR))


class Evidence:
    """The kept hits of one slot. `note` hits while a block is scanned, `settle` before the block is overwritten."""

    __slots__ = ("_hours", "_kept", "_pending", "dropped")

    def __init__(self) -> None:
        self._hours: dict[int, _Hour] = {}
        self._pending: dict[int, list[Place]] = {}
        self._kept = 0
        self.dropped = 0

    def note(self, hour: int, place: Place) -> None:
        """Remembers where a hit stands in the current block."""
        pending = self._pending.get(hour)
        if pending is None:
            self._pending[hour] = [place]
        else:
            pending.append(place)

    def settle(self, make: Callable[[Place], Event]) -> None:
        """Takes the text of those pending hits that the bounds let through."""
        for hour, places in self._pending.items():
            kept = self._hours.get(hour)
            if kept is None:
                kept = self._hours[hour] = _Hour()
            room = PER_HOUR - len(kept.first)
            kept.first += map(make, places[:room])
            rest = places[room:]
            self.dropped += max(0, len(rest) - PER_HOUR) + max(0, len(kept.last) + min(len(rest), PER_HOUR) - PER_HOUR)
            before = len(kept.last)
            kept.last.extend(map(make, rest[-PER_HOUR:]))
            self._kept += min(room, len(places)) + len(kept.last) - before
        self._pending.clear()
        while self._kept > MOST and len(self._hours) > 3:
            gone = self._hours.pop(sorted(self._hours)[2])
            self._kept -= len(gone.first) + len(gone.last)
            self.dropped += len(gone.first) + len(gone.last)

    def events(self) -> list[Event]:
        """All kept hits in the order of the file."""
        found = [event for hour in self._hours.values() for event in (*hour.first, *hour.last)]
        found.sort(key=_offset)
        return found


def _offset(event: Event) -> int:
    return event.offset
