"""A time axis on which seconds and days are both visible: quiet times are drawn shorter than they were, order and distances stay true to each other.

Between two neighbouring moments that something happened at, the axis is linear; its length grows with the 0.4th power of the seconds between them.
Pure arithmetic; times are seconds since 1970 (UTC), places are units of the picture.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

POWER = 0.4
LEAST_SHARE = 0.45
"""Part of the axis that the judged time gets at least, where something happened in it."""


class Tick(NamedTuple):
    """A moment that is labelled; `middle`: where its label is centred so that it does not stick out."""

    time: float
    x: float
    middle: float


class Scale:
    """The axis from `left` to `right` over the given moments, of which there must be one or more; `focus`: the judged time, which gets more room."""

    def __init__(self, moments: Iterable[float], left: float, right: float, focus: tuple[float, float] | None = None) -> None:
        self.times = sorted(set(moments))
        self.left, self.right = left, right
        lengths = [(after - before) ** POWER for before, after in pairwise(self.times)]
        if focus is not None:
            lengths = _stressed(self.times, lengths, *focus)
        total = sum(lengths)
        unit = (right - left) / total if total else 0.0
        self.places = [left if total else (left + right) / 2]
        for length in lengths:
            self.places.append(self.places[-1] + length * unit)

    def x(self, time: float) -> float:
        """The place of a time; times before the first and after the last moment lie at the ends."""
        after = bisect_right(self.times, time)
        if after == 0 or after == len(self.times):
            return self.places[min(after, len(self.times) - 1)]
        begin, end = self.times[after - 1], self.times[after]
        low, high = self.places[after - 1], self.places[after]
        return low + (high - low) * (time - begin) / (end - begin)

    def ticks(self, width: float) -> list[Tick]:
        """Moments to label with texts of `width` units: both ends, then those behind the longest quiet times, as many as fit side by side."""
        order = sorted(range(1, len(self.times)), key=lambda n: self.times[n - 1] - self.times[n])
        low, high = self.left + width / 2, self.right - width / 2
        chosen: list[Tick] = []
        for n in dict.fromkeys([0, len(self.times) - 1, *order, *(n - 1 for n in order)]):
            tick = Tick(self.times[n], self.places[n], min(max(self.places[n], low), high))
            if all(abs(tick.middle - other.middle) >= width for other in chosen):
                chosen.append(tick)
        return sorted(chosen)


def _stressed(times: list[float], lengths: list[float], begin: float, end: float) -> list[float]:
    inside = [begin <= low and high <= end for low, high in pairwise(times)]
    within, total = sum(length for length, yes in zip(lengths, inside, strict=True) if yes), sum(lengths)
    if not 0 < within < LEAST_SHARE * total:
        return lengths
    factor = LEAST_SHARE / (1 - LEAST_SHARE) * (total - within) / within
    return [length * factor if yes else length for length, yes in zip(lengths, inside, strict=True)]
