"""Where the clock of a log went back: seen at the hits of its milestones, which stand in the order of the file."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterator
from itertools import islice
from typing import NamedTuple

from backuptrace.model import DAY, MINUTE, SECOND, YEARLESS_CLOCK, Log

LEAST = 5 * MINUTE
"""Less is no jump: threads write out of order, and the backup extension holds lines back while the file systems are frozen."""
NEW_YEAR = 300 * DAY
"""Stamps without a year seem to go back by so much when a year begins."""
MOST_RUNS = 20_000
"""Seconds of one milestone that are looked at: what comes more often is no milestone."""
MOST = 10
"""Jumps of one log that are told."""


class Jump(NamedTuple):
    """stamp: the first one seen behind the jump, microseconds on its clock; seconds: by how many it is earlier than one before it."""

    stamp: int
    clock: int
    seconds: int


def backward(log: Log, milestones: Container[str]) -> list[Jump]:
    """The jumps of one log, in the order of the file."""
    parts = {id(runs): runs for slot, hits in log.hits.items() if slot in milestones for runs in hits.runs if len(runs) <= MOST_RUNS}
    told: dict[int, tuple[array[int], array[int]]] = {}
    for runs in parts.values():
        places, stamps = told.setdefault(runs.clock, (array("q"), array("q")))
        places += runs.first_at
        stamps += runs.first
    found = [jump for clock, (places, stamps) in told.items() for jump in islice(_jumps(places.tolist(), stamps.tolist(), clock), MOST)]
    return [jump for _, jump in sorted(found)[:MOST]]


def _jumps(places: list[int], stamps: list[int], clock: int) -> Iterator[tuple[int, Jump]]:
    """The jumps of one clock and where they stand, in this order. stamps: of the records at these places."""
    order = sorted(range(len(places)), key=places.__getitem__)
    ordered = [stamps[n] for n in order]
    if ordered == sorted(ordered):
        return
    newest = ordered[0]
    for n, stamp in zip(order, ordered, strict=True):
        gone = newest - stamp
        if gone >= LEAST and not (clock == YEARLESS_CLOCK and gone > NEW_YEAR):
            yield places[n], Jump(stamp, clock, gone // SECOND)
        if gone <= 0 or gone >= LEAST:
            newest = stamp
