"""Where the clock of a log went back: seen at the hits of its milestones, which stand in the order of the file."""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import accumulate
from operator import sub
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
    told: dict[int, dict[int, int]] = {}
    for runs in parts.values():
        told.setdefault(runs.clock, {}).update(zip(runs.first_at, runs.first, strict=True))
    found = [(at, jump) for clock, stamps in told.items() for at, jump in _jumps(stamps, clock)]
    return [jump for _, jump in sorted(found)[:MOST]]


def _jumps(stamps: dict[int, int], clock: int) -> Iterator[tuple[int, Jump]]:
    """The jumps of one clock and where they stand. stamps: of records by their offsets."""
    places = sorted(stamps)
    inorder = [stamps[at] for at in places]
    if max(map(sub, accumulate(inorder, max), inorder), default=0) < LEAST:
        return
    newest = inorder[0]
    for at, stamp in zip(places, inorder, strict=True):
        gone = newest - stamp
        if gone >= LEAST and not (clock == YEARLESS_CLOCK and gone > NEW_YEAR):
            yield at, Jump(stamp, clock, gone // SECOND)
        if gone <= 0 or gone >= LEAST:
            newest = stamp
