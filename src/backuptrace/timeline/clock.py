"""Every log's clock -> UTC. The only place where a stamp becomes UTC.

A stamp without a zone is taken as UTC here and reported as assumed; a stamp without a year gets the latest year that does not lie
after the newest time which the rest of the bundle knows; hits of a log that tells no time at all are put at the end.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import timegm
from dataclasses import dataclass, field
from datetime import datetime, timezone

from backuptrace.model import DAY, SECOND, Log
from backuptrace.readers.stamps import SYSLOG_YEAR

KEPT_LATER = 3 * DAY
"""How far behind the newest record an archive's own file time may lie and still count as the time of collection: later means packed again."""
ASSUMED_ZONE_S = 14 * 3600.0
"""Uncertainty in seconds of a local stamp whose zone is not known."""


@dataclass(slots=True)
class Clocks:
    """`shifts`: microseconds to add, by log rank; `undated`: where hits without a time are put; `collected`: newest trustworthy time, `by`: whose."""

    shifts: dict[int, int] = field(default_factory=dict)
    undated: dict[int, int] = field(default_factory=dict)
    collected: int | None = None
    by: str = ""


def settle(logs: list[Log], newest_kept: int | None) -> Clocks:
    """Clocks of all logs; times are microseconds since 1970 UTC."""
    out = Clocks()
    known = [log for log in logs if log.last is not None and not log.yearless]
    for log in known:
        if out.collected is None or (log.last or 0) > out.collected:
            out.collected, out.by = log.last, log.path
    if newest_kept is not None and (out.collected is None or out.collected < newest_kept <= out.collected + KEPT_LATER):
        out.collected, out.by = newest_kept, "the file times in the archive"
    for log in logs:
        if log.yearless and log.last is not None:
            out.shifts[log.rank] = _years(log.last, out.collected)
    for log in logs:
        shift = out.shifts.get(log.rank, 0)
        if log.yearless and log.last is not None and (out.collected is None or log.last + shift > out.collected):
            out.collected, out.by = log.last + shift, log.path
        out.undated[log.rank] = log.first + shift if log.first is not None else out.collected or 0
    return out


def _years(last: int, newest: int | None) -> int:
    """Shift from the year 2000 to the year in which `last` lies at most a day behind `newest`."""
    moment = datetime.fromtimestamp(last // SECOND, timezone.utc)
    target = datetime.fromtimestamp((newest + DAY) // SECOND, timezone.utc) if newest is not None else moment.replace(year=SYSLOG_YEAR)
    candidates = sorted(_in_year(moment, year) for year in range(target.year - 1, target.year + 1))
    at = bisect_right(candidates, timegm(target.timetuple()))
    return (candidates[max(at - 1, 0)] - last // SECOND) * SECOND


def _in_year(moment: datetime, year: int) -> int:
    return timegm((year, moment.month, moment.day, moment.hour, moment.minute, moment.second, 0, 0, 0))
