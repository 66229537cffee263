"""Measures several ways of doing one thing on a machine that others use too: they take turns, and each round gives one ratio."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

Seconds = dict[str, list[float]]
"""By way: processor seconds of each round."""


def taken(ways: Mapping[str, Callable[[], object]], rounds: int, again: Mapping[str, int] | None = None) -> Seconds:
    """Every way once before, unmeasured, then one after the other in every round. again: how often a quick one is done in each of its turns."""
    for name, way in ways.items():
        if again is None or name in again:
            way()
    out: Seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times = (again or {}).get(name, 1)
            begun = time.process_time()
            for _ in range(times):
                way()
            out[name].append((time.process_time() - begun) / times)
    return out


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median over the rounds of one way's seconds by another's."""
    return median(one / other for one, other in zip(above, below, strict=True))
