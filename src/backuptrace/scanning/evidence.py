"""The second memory of a hit: only the first and last few of every hour are kept for their texts (`texts`), so that a storm of failures stays cheap."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from itertools import chain, islice
from operator import itemgetter
from typing import NamedTuple

from backuptrace.model import HOUR


class Bounds(NamedTuple):
    """What is kept per slot and log: so many first and so many last hits of each hour; of the two oldest hours, and `most` of the newest ones."""

    per_hour: int
    most: int


USUAL, MILESTONE = Bounds(4, 60), Bounds(8, 400)
"""A report shows 40 hits of a cause at most; milestones make the backup attempts, so more of them stay."""
Found = tuple[int, int, int, int, int]
"""A hit: its stamp (-1: none); the start of its record, the start of its line and the end of its match, bytes of the log; the clock of the stamp."""
_offset = itemgetter(1)


class Evidence:
    """The kept hits of one or more slots that are hit together."""

    __slots__ = ("_bounds", "_gap", "_hours", "_size")

    def __init__(self, bounds: Bounds = USUAL) -> None:
        self._bounds = bounds
        self._hours: OrderedDict[int, list[Found]] = OrderedDict()
        """The kept hits of each hour, the oldest hour first: its first hits, then as many last ones."""
        self._gap = False
        """Whether hours were forgotten."""
        self._size = 0

    def add(self, hits: list[Found]) -> None:
        """Chooses among the hits of one block."""
        few = self._bounds.per_hour
        begin, size = 0, len(hits)
        while begin < size:
            hour = hits[begin][0] // HOUR
            low = hour * HOUR
            high, at = low + HOUR, begin + 1
            while at < size and low <= hits[at][0] < high:
                at += 1
            self._put(hour, _ends(hits[begin:at], few))
            begin = at
        self._forget()

    def _put(self, hour: int, fresh: list[Found]) -> None:
        hours = self._hours
        self._size += len(fresh)
        if (kept := hours.get(hour)) is None:
            late = hours and hour < next(reversed(hours))
            hours[hour] = fresh
            if late:
                self._hours = OrderedDict(sorted(hours.items()))
            return
        kept += fresh
        few = self._bounds.per_hour
        if (extra := len(kept) - 2 * few) > 0:
            del kept[few : few + extra]
            self._size -= extra

    def _forget(self) -> None:
        """The two oldest hours do not count: else a group whose oldest hours are young would lose newer ones for them."""
        hours = self._hours
        while self._size > self._bounds.most and len(hours) > 3:
            first, second, third = islice(hours, 3)
            if self._size - len(hours[first]) - len(hours[second]) <= self._bounds.most:
                return
            self._size -= len(hours.pop(third))
            self._gap = True

    def join(self, later: Evidence) -> None:
        """Adds what was kept of a later stretch of the log, as if it had been read on."""
        theirs: dict[int, list[Found]] = later._hours
        if later._gap:  # what stands before its gap stays only as the two oldest hours of all
            oldest = sorted({*self._hours, *theirs})[:2]
            before = {*self._hours, *sorted(theirs)[:2]}.difference(oldest)
            for hour in before.intersection(self._hours):
                self._size -= len(self._hours.pop(hour))
            theirs = {hour: kept for hour, kept in theirs.items() if hour not in before}
        for hour, kept in theirs.items():
            self._put(hour, kept)
        self._gap |= later._gap
        self._forget()

    @staticmethod
    def of(parts: list[Evidence], bounds: Bounds) -> list[Found]:
        """What is kept of a slot that several groups of slots share, in the order of the file."""
        hours: dict[int, list[Found]] = {}
        for part in parts:
            for hour, kept in part._hours.items():  # noqa: SLF001  of the same class
                hours[hour] = hours[hour] + kept if hour in hours else kept
        order, few = sorted(hours), bounds.per_hour
        size, newer = 0, len(order)
        while newer > 2 and (newer == len(order) or size + min(len(hours[order[newer - 1]]), 2 * few) <= bounds.most):
            newer -= 1
            size += min(len(hours[order[newer]]), 2 * few)
        chosen = chain.from_iterable(_ends(sorted(hours[hour], key=_offset), few) for hour in order[:2] + order[newer:])
        return sorted(chosen, key=_offset)

    def __iter__(self) -> Iterator[Found]:
        return chain.from_iterable(self._hours.values())

    def kept(self) -> list[Found]:
        """All kept hits in the order of the file."""
        return sorted(self, key=_offset)


def _ends(group: list[Found], few: int) -> list[Found]:
    """The first and the last few."""
    return group if len(group) <= 2 * few else group[:few] + group[-few:]
