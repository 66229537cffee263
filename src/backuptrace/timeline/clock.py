"""Every log's clock -> UTC. The only place where a stamp becomes UTC.

A local stamp needs the machine's zone. It is inferred where the bundle tells one moment twice: the agent's line that starts the backup
extension, in local time up to agent 2.2.45, and the extension's own first line, in UTC. Without such a twin local time is taken as UTC and
reported as assumed. A stamp without a year gets the latest year that does not lie behind the newest time which the rest of the bundle knows.
Hits of a log that tells no time at all are put at the end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import timegm
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from backuptrace.model import DAY, HOUR, LOCAL_CLOCK, MINUTE, SECOND, UTC_CLOCK, YEARLESS_CLOCK, Log
from backuptrace.readers.stamps import SYSLOG_YEAR

KEPT_LATER = 3 * DAY
"""How far behind the newest record an archive's own file time may lie and still count as the time of collection: later means packed again."""
ASSUMED_ZONE_S = 14 * 3600.0
"""Uncertainty in seconds of a local stamp whose zone is not known."""
TWINS_APART = MINUTE
"""Longest time between two tellings of one moment; also the uncertainty of a zone inferred from them."""
QUARTER = 15 * MINUTE
_YEAR = 366 * DAY


@dataclass(slots=True)
class Clocks:
    """`zone`: microseconds to add to local time (None: not known); `collected`: newest trustworthy time, UTC, `by`: whose."""

    zone: int | None = None
    basis: str = "assumed: nothing in the bundle tells the zone"
    years: dict[int, int] = field(default_factory=dict)
    undated: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    collected: int | None = None
    by: str = ""

    def utc(self, stamp: int, clock: int, rank: int) -> int:
        """A stamp of the log with this rank as microseconds UTC."""
        if clock == UTC_CLOCK:
            return stamp
        if clock == YEARLESS_CLOCK:
            stamp += self.years.get(rank, 0) - (_YEAR if stamp > self.ends.get(rank, stamp) + DAY else 0)
        return stamp + (self.zone or 0)

    def uncertainty_s(self, clock: int) -> float:
        """By how many seconds such a stamp may be wrong."""
        if clock == UTC_CLOCK:
            return 0.0
        return ASSUMED_ZONE_S if self.zone is None else TWINS_APART / SECOND


def settle(logs: list[Log], newest_kept: int | None, zone: int | None = None, basis: str = "") -> Clocks:
    """Clocks of all logs; times are microseconds. `zone`: what to add to local time if it is known."""
    out = Clocks(zone, basis) if zone is not None else Clocks()
    for log in logs:
        for clock in (UTC_CLOCK, LOCAL_CLOCK):
            if (span := log.spans.get(clock)) is not None:
                _newer(out, out.utc(span.last, clock, log.rank), log.path)
    if newest_kept is not None and (out.collected is None or out.collected < newest_kept <= out.collected + KEPT_LATER):
        out.collected, out.by = newest_kept, "the file times in the archive"
    for log in logs:
        if (span := log.spans.get(YEARLESS_CLOCK)) is not None:
            out.ends[log.rank] = span.end
            out.years[log.rank] = _years(span.end + (out.zone or 0), out.collected)
    for log in logs:
        if (span := log.spans.get(YEARLESS_CLOCK)) is not None:
            _newer(out, out.utc(span.end, YEARLESS_CLOCK, log.rank), log.path)
    for log in logs:
        firsts = [out.utc(span.first, clock, log.rank) for clock, span in log.spans.items()]
        out.undated[log.rank] = min(firsts, default=out.collected or 0)
    return out


def infer_zone(local: Iterable[int], utc: Iterable[int]) -> int | None:
    """What to add to local stamps (microseconds) so that most of them lie at a UTC stamp of the same moment, None if none does.

    Zones are multiples of 15 minutes between -12 and +14 hours; of two that explain the same number the smaller distance to UTC counts.
    """
    moments = sorted(set(utc))
    votes: Counter[int] = Counter()
    for stamp in set(local):
        for moment in moments[bisect_left(moments, stamp - 14 * HOUR - TWINS_APART) : bisect_right(moments, stamp + 12 * HOUR + TWINS_APART)]:
            offset = round((moment - stamp) / QUARTER) * QUARTER
            if -TWINS_APART <= moment - stamp - offset <= TWINS_APART:
                votes[offset] += 1
    return max(votes, key=lambda offset: (votes[offset], -abs(offset)), default=None)


def _newer(out: Clocks, stamp: int, path: str) -> None:
    if out.collected is None or stamp > out.collected:
        out.collected, out.by = stamp, path


def _years(last: int, newest: int | None) -> int:
    """Shift from the year 2000 to the year in which `last` lies at most a day behind `newest`."""
    moment = datetime.fromtimestamp(last // SECOND, timezone.utc)
    target = datetime.fromtimestamp((newest + DAY) // SECOND, timezone.utc) if newest is not None else moment.replace(year=SYSLOG_YEAR)
    candidates = sorted(_in_year(moment, year) for year in range(target.year - 1, target.year + 1))
    at = bisect_right(candidates, timegm(target.timetuple()))
    return (candidates[max(at - 1, 0)] - last // SECOND) * SECOND


def _in_year(moment: datetime, year: int) -> int:
    return timegm((year, moment.month, moment.day, moment.hour, moment.minute, moment.second, 0, 0, 0))
