"""Time stamps of log lines as integer microseconds since 1970.

A stamp that carries a zone (`Z`, `+02:00`) is UTC at once; one without is returned as it stands, and the caller knows the format's zone.
Syslog stamps carry no year: they are counted from the year 2000 (a leap year, so that 29 February parses) and moved later,
when the bundle's newest time is known (`SYSLOG_YEAR`).
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Callable

from backuptrace.model import MINUTE, SECOND

SYSLOG_YEAR = 2000
_MONTHS = {name: n for n, name in enumerate((b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"), 1)}
_ISO = re.compile(rb"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(?:(Z)|([+-])(\d\d):?(\d\d))?")
_SYSLOG = re.compile(rb"([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)")
_UNIXDATE = re.compile(rb"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?: ([AP]M))?(?: ([A-Z]{1,5}))? (\d{4})")
Stamp = tuple[int, bool]
"""(microseconds since 1970, whether the text itself says that it is UTC)"""


def parse_iso(text: bytes) -> Stamp | None:
    """`2026-11-23T00:33:03.855071Z`, `2026/11/23 00:33:03`, with blank or T, dot or comma, zone or none."""
    found = _ISO.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zulu, sign, off_hours, off_minutes = found.groups()
    stamp = _seconds(int(year), int(month), int(day), int(hour), int(minute), int(second))
    if stamp is None:
        return None
    stamp = stamp * SECOND + (int(fraction[:6].ljust(6, b"0")) if fraction else 0)
    if sign:
        offset = (int(off_hours) * 60 + int(off_minutes)) * MINUTE
        return (stamp - offset if sign == b"+" else stamp + offset), True
    return stamp, zulu is not None


def parse_syslog(text: bytes) -> Stamp | None:
    """`Nov 23 00:33:03`, counted from the year 2000."""
    found = _SYSLOG.match(text)
    if not found or found[1] not in _MONTHS:
        return None
    stamp = _seconds(SYSLOG_YEAR, _MONTHS[found[1]], *(int(found[n]) for n in (2, 3, 4, 5)))
    return None if stamp is None else (stamp * SECOND, False)


def parse_unixdate(text: bytes) -> Stamp | None:
    """`Mon Nov 23 00:33:18 UTC 2026` as date(1) prints it, with a 12-hour clock as well."""
    found = _UNIXDATE.match(text)
    if not found or found[1] not in _MONTHS:
        return None
    month, day, hour, minute, second, half, zone, year = found.groups()
    hours = int(hour) if half is None else int(hour) % 12 + 12 * (half == b"PM")
    stamp = _seconds(int(year), _MONTHS[month], int(day), hours, int(minute), int(second))
    return None if stamp is None else (stamp * SECOND, zone in (b"UTC", b"GMT"))


PARSERS: dict[str, Callable[[bytes], Stamp | None]] = {"iso": parse_iso, "syslog": parse_syslog, "unixdate": parse_unixdate}


def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int | None:
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61 and year >= 1):
        return None
    return timegm((year, month, day, hour, minute, second, 0, 0, 0))
