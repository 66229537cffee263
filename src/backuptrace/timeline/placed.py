"""The kept hits of a bundle on the common clock."""

from __future__ import annotations

from operator import attrgetter, le
from typing import NamedTuple

from backuptrace.model import MINUTE, UTC_CLOCK, Event, Hits, Log
from backuptrace.timeline.clock import Clocks
from backuptrace.timeline.rows import Key
from backuptrace.timeline.twins import local_of

LATE = 5 * MINUTE
"""How long the extension holds back what its freeze program printed; that has a time of its own."""
_key = attrgetter("key")


class Placed(NamedTuple):
    """A kept hit on the common clock: microseconds UTC (for order even where `dated` is False), its log, how uncertain the time is."""

    utc: int
    event: Event
    log: Log
    dated: bool
    uncertainty_s: float

    @property
    def key(self) -> Key:
        """Its place in the total order of all hits."""
        return self.utc, self.log.rank, self.event.offset

    @property
    def number(self) -> tuple[int | None, int | None]:
        """(line, record): of the line that hit, or of the record in a log that numbers its records."""
        number = self.event.told.line
        return (None, number) if self.log.numbered else (number, None)


def all_placed(found: list[tuple[Hits, Log]], clocks: Clocks, *, quoting: bool) -> list[Placed]:
    """The kept hits of a slot in the logs that have any, in order. quoting: its records may quote a time of their own, see `twins`."""
    out = [_placed(event, log, clocks, quoting=quoting) for hits, log in found for event in hits.kept]
    times = [item.utc for item in out]
    if len(found) > 1 or not all(map(le, times, times[1:])):
        out.sort(key=_key)
    return out


def _placed(event: Event, log: Log, clocks: Clocks, *, quoting: bool) -> Placed:
    if event.stamp is None:
        return Placed(clocks.undated[log.rank], event, log, dated=False, uncertainty_s=0.0)
    if event.clock == UTC_CLOCK and not quoting:
        return Placed(event.stamp, event, log, True, 0.0)
    utc, own = clocks.utc(event.stamp, event.clock, log.rank), local_of(event) if quoting else None
    if own is not None and utc - LATE <= (moment := clocks.zone.utc(own)) <= utc:
        return Placed(moment, event, log, dated=True, uncertainty_s=1.0)
    return Placed(utc, event, log, dated=True, uncertainty_s=clocks.uncertainty_s(event.clock))
