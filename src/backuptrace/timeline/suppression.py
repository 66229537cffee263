"""Records that a writer left out: they are counted, and a record that stands for many counts as many.

A format tells them by named groups of its milestones: `repeated`, the record stands for so many (rsyslog's `message repeated 3 times: [..]`); `again`,
so many more of the record came (`last message repeated 3 times` behind it); `suppressed`, so many others were not written (a rate limit);
`unwritten`, it is not told how many (the agent writes some errors once an hour).
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from operator import add

import msgspec

from backuptrace.model import Event, Log
from backuptrace.timeline.rows import Columns

REPEATED, AGAIN, SUPPRESSED, UNWRITTEN = "repeated", "again", "suppressed", "unwritten"
NUMBERS = frozenset((REPEATED, AGAIN, SUPPRESSED))
NAMES = (*sorted(NUMBERS), UNWRITTEN)
MOST = 10**9
"""A larger number is no number of records."""


class LeftOut(msgspec.Struct, frozen=True):
    """What one log says of itself. records: how many were not written; open: how many records stand for an unknown number; more: offset -> further ones."""

    records: int
    open: int
    more: dict[int, int]

    def counted(self, rows: Columns) -> Columns:
        """The rows of this log with what their records stand for."""
        if not self.more:
            return rows
        extra = (sum(self.more.get(offset, 0) for offset in ends) for ends in map(set, zip(rows.first_at, rows.last_at, strict=True)))
        return rows._replace(counts=array("q", map(add, rows.counts, extra)))


def left_out(log: Log, telling: Mapping[str, Collection[str]]) -> LeftOut:
    """What the kept hits of the milestones tell that have such groups (telling: which); a hit whose text was not kept counts as none."""
    records = unknown = 0
    more: dict[int, int] = {}
    for slot, names in telling.items():
        if (hits := log.hits.get(slot)) is None:
            continue
        for event in hits.kept if NUMBERS.intersection(names) else ():
            extra = max(_number(event, REPEATED) - 1, 0) + _number(event, AGAIN)
            if extra:
                more[event.offset] = more.get(event.offset, 0) + extra
            records += extra + _number(event, SUPPRESSED)
        if UNWRITTEN in names and any(UNWRITTEN in event.fields for event in hits.kept[:1]):
            unknown += hits.total
    return LeftOut(records, unknown, more)


def _number(event: Event, name: str) -> int:
    text = event.fields.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) <= MOST else 0
