"""Every log's clock -> UTC. The only place where a stamp becomes UTC.

A local stamp needs the machine's zone (zone.py). A stamp without a year gets the latest year that does not lie behind the newest time
which the rest of the bundle knows. Hits of a log that tells no time at all are put at the end.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import timegm
from datetime import datetime, timezone

import msgspec

from backuptrace.model import DAY, LOCAL_AGAIN_CLOCK, LOCAL_CLOCK, SECOND, UTC_CLOCK, YEARLESS_CLOCK, Log
from backuptrace.readers.stamps import SYSLOG_YEAR
from backuptrace.timeline.zone import UNKNOWN, Zone

KEPT_LATER = 3 * DAY
"""How far behind the newest record an archive's own file time may lie and still count as the time of collection: later means packed again."""
_YEAR = 366 * DAY
NO_YEAR = "nothing in the bundle tells the year of its lines: 2000 stands for it"


class Clocks(msgspec.Struct):
    """`zone`: of the machine's local time; `collected`: newest trustworthy time, UTC, `by`: whose.

    `sure`: the same without local times whose zone is only assumed: up to then a log in UTC is known to have been there.
    """

    zone: Zone = UNKNOWN
    years: dict[int, int] = {}
    undated: dict[int, int] = {}
    ends: dict[int, int] = {}
    collected: int | None = None
    by: str = ""
    sure: int | None = None

    def utc(self, stamp: int, clock: int, rank: int) -> int:
        """A stamp of the log with this rank as microseconds UTC."""
        if clock == UTC_CLOCK:
            return stamp
        if clock == YEARLESS_CLOCK:
            stamp += self.years.get(rank, 0) - (_YEAR if stamp > self.ends.get(rank, stamp) + DAY else 0)
        return self.zone.utc(stamp, again=clock == LOCAL_AGAIN_CLOCK)

    def uncertainty_s(self, clock: int) -> float:
        """By how many seconds such a stamp may be wrong."""
        return 0.0 if clock == UTC_CLOCK else self.zone.uncertainty_s


def settle(logs: list[Log], newest_kept: int | None, zone: Zone = UNKNOWN) -> Clocks:
    """Clocks of all logs; times are microseconds."""
    out = Clocks(zone)
    for log in logs:
        if log.aside:
            continue
        for clock in (UTC_CLOCK, LOCAL_CLOCK, LOCAL_AGAIN_CLOCK):
            if (span := log.spans.get(clock)) is not None:
                _newer(out, out.utc(span.last, clock, log.rank), log.path, sure=clock == UTC_CLOCK)
    if newest_kept is not None and (_told_before(logs, newest_kept) if out.collected is None else out.collected < newest_kept <= out.collected + KEPT_LATER):
        out.collected, out.by = newest_kept, "the file times in the archive"
        out.sure = newest_kept
    for log in logs:
        if (span := log.spans.get(YEARLESS_CLOCK)) is not None:
            out.ends[log.rank] = span.end
            if out.collected is None:
                log.notes.append(NO_YEAR)
            out.years[log.rank] = _years(out.zone.utc(span.end), out.collected)
    for log in logs:
        if (span := log.spans.get(YEARLESS_CLOCK)) is not None:
            _newer(out, out.utc(span.end, YEARLESS_CLOCK, log.rank), log.path, sure=False)
    for log in logs:
        firsts = [out.utc(span.first, clock, log.rank) for clock, span in log.spans.items()]
        out.undated[log.rank] = min(firsts, default=out.collected or 0)
    return out


def _told_before(logs: list[Log], moment: int) -> bool:
    """Whether nothing is dated later. Archives that are to be the same whenever they are packed carry times of 1970 or 1980."""
    return all(span.last <= moment for log in logs if (span := log.spans.get(UTC_CLOCK)) is not None)


def _newer(out: Clocks, stamp: int, path: str, *, sure: bool) -> None:
    if (sure or out.zone != UNKNOWN) and (out.sure is None or stamp > out.sure):
        out.sure = stamp
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
