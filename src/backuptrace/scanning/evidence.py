"""The second memory of a hit: only the first and last few of every hour are kept for their texts (`texts`), so that a storm of failures stays cheap."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from itertools import chain, islice, pairwise, repeat
from operator import itemgetter, le
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


class Batch:
    """Hits on one clock in the order of the file: all that a Found tells but the clock, one after the other in a flat list."""

    __slots__ = ("clock", "flat")

    def __init__(self, clock: int, flat: list[int]) -> None:
        self.clock, self.flat = clock, flat

    def __len__(self) -> int:
        return len(self.flat) // 4

    def __iter__(self) -> Iterator[Found]:
        return self.part(0, len(self))

    @property
    def stamps(self) -> list[int]:
        """When they were."""
        return self.flat[0::4]

    @property
    def records(self) -> list[int]:
        """Where their records begin."""
        return self.flat[1::4]

    def part(self, begin: int, end: int) -> Iterator[Found]:
        """Some of them."""
        numbers = iter(self.flat[4 * begin : 4 * end])
        return zip(numbers, numbers, numbers, numbers, repeat(self.clock))


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

    def add(self, batch: Batch) -> None:
        """Chooses among later hits. Of many hours those are not looked at that would be forgotten at once."""
        stamps = batch.stamps
        hour = min(stamps) // HOUR
        if max(stamps) // HOUR == hour:
            self._put(hour, self._ends(batch, 0, len(stamps)))
            self._forget()
            return
        spans, most = [*_spans(stamps)], 2 * self._bounds.per_hour
        in_order = all(one[0] < next_one[0] for one, next_one in pairwise(spans))
        newer = _newest([min(end - begin, most) for _, begin, end in spans], self._bounds.most) if in_order else 2
        later = Evidence(self._bounds)
        later._gap = newer > 2
        for hour, begin, end in spans[:2] + spans[newer:]:
            later._put(hour, self._ends(batch, begin, end))
        self.join(later)

    def _ends(self, batch: Batch, begin: int, end: int) -> list[Found]:
        """The first and the last hits of a stretch of one hour."""
        few = self._bounds.per_hour
        return [*batch.part(begin, end)] if end - begin <= 2 * few else [*batch.part(begin, begin + few), *batch.part(end - few, end)]

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
        if len(parts) == 1 and parts[0]._bounds == bounds:  # noqa: SLF001  of the same class; what it kept was chosen by the same rule already
            return parts[0].kept()
        hours: dict[int, list[Found]] = {}
        for part in parts:
            for hour, kept in part._hours.items():  # noqa: SLF001  of the same class
                hours[hour] = hours[hour] + kept if hour in hours else kept
        order, few = sorted(hours), bounds.per_hour
        newer = _newest([min(len(hours[hour]), 2 * few) for hour in order], bounds.most)
        chosen = chain.from_iterable(_ends(sorted(hours[hour], key=_offset), few) for hour in order[:2] + order[newer:])
        return sorted(chosen, key=_offset)

    def __iter__(self) -> Iterator[Found]:
        return chain.from_iterable(self._hours.values())

    def kept(self) -> list[Found]:
        """All kept hits in the order of the file."""
        return sorted(self, key=_offset)


def _spans(stamps: list[int]) -> Iterator[tuple[int, int, int]]:
    """Stretches inside one hour: the hour, from, to. Where the clock goes back they may be of one hit each."""
    begin, size = 0, len(stamps)
    ordered = all(map(le, stamps, islice(stamps, 1, None)))
    while begin < size:
        hour = stamps[begin] // HOUR
        end = bisect_left(stamps, (hour + 1) * HOUR, begin) if ordered else begin + 1
        yield hour, begin, end
        begin = end


def _newest(sizes: list[int], most: int) -> int:
    """Of which hours on all hits stay, beside those of the two oldest: `most` hits, but one hour at least. sizes: hits of each hour."""
    size, newer = 0, len(sizes)
    while newer > 2 and (newer == len(sizes) or size + sizes[newer - 1] <= most):
        newer -= 1
        size += sizes[newer]
    return newer


def _ends(group: list[Found], few: int) -> list[Found]:
    """The first and the last few."""
    return group if len(group) <= 2 * few else group[:few] + group[-few:]
