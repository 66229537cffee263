"""The second memory of a hit: its text, kept only for the first and last few of every hour, so that a storm of failures stays cheap.

A stream cannot be read twice, so the text is taken while its block is in memory. Bounds per slot and log: `PER_HOUR` first and last
hits of each hour, `MOST` in all (`MOST_MILESTONES` of a milestone) (the two oldest hours and the newest ones stay).
"""

from __future__ import annotations

from itertools import chain, islice

from backuptrace.model import HOUR
from backuptrace.scanning.places import Place

PER_HOUR = 8
MOST, MOST_MILESTONES = 120, 400
"""A report shows 40 hits of a cause at most; milestones make the backup attempts, so more of them stay."""
Hit = tuple[Place, int, int, str]
"""Its record, and in the block the start of its line and the end of its match; the value of the keyed field."""


class Evidence:
    """The kept hits of one slot."""

    __slots__ = ("_hours", "_most", "_size", "_sorted", "_total")

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._hours: dict[int, list[Hit]] = {}
        """The kept hits of each hour: `PER_HOUR` first ones, then as many last ones."""
        self._sorted = True
        self._size = self._total = 0

    @property
    def dropped(self) -> int:
        """How many hits are not kept."""
        return self._total - self._size

    def settle(self, hits: list[Hit]) -> list[Hit]:
        """Chooses among the hits of one block; the text of those that are returned must be taken before the block is overwritten."""
        fresh: list[Hit] = []
        hours = self._hours
        self._total += len(hits)
        for hour, group in _by_hour(hits):
            if len(group) > 2 * PER_HOUR:
                group = group[:PER_HOUR] + group[-PER_HOUR:]
            fresh += group
            self._size += len(group)
            if hour not in hours:
                self._sorted = self._sorted and (not hours or hour > next(reversed(hours)))
                hours[hour] = group
                continue
            kept = hours[hour]
            kept += group
            if (extra := len(kept) - 2 * PER_HOUR) > 0:
                del kept[PER_HOUR : PER_HOUR + extra]
                self._size -= extra
        while self._size > self._most and len(hours) > 3:
            third = next(islice(hours, 2, None)) if self._sorted else sorted(hours)[2]
            self._size -= len(hours.pop(third))
        return fresh

    def kept(self) -> list[Hit]:
        """All kept hits in the order of the file."""
        return sorted(chain.from_iterable(self._hours.values()), key=_offset)


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
