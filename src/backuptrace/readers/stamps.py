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
_US = re.compile(rb"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ([AP]M))?")
_RFC2822 = re.compile(rb"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_EPOCH = re.compile(rb"(\d{9,11})(?:\.(\d{1,9}))?")
_DOTNET = re.compile(rb"/Date\((\d{12,14})\)")
_HISTORY = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d)(?:%3A|\D)?(\d\d)(?:%3A|\D)?(\d\d)")
_TICKS_1970 = 621_355_968_000_000_000
Stamp = tuple[int, bool]
"""(microseconds since 1970, whether the text itself says that it is UTC)"""


def zone_text(shift: int) -> str:
    """`UTC+01:00`, `UTC`: the zone in which so many microseconds must be added to local time."""
    hours, minutes = divmod(abs(shift) // MINUTE, 60)
    return f"UTC{'-' if shift > 0 else '+'}{hours:02}:{minutes:02}" if shift else "UTC"


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


def parse_us(text: bytes) -> Stamp | None:
    """`11/23/2026 00:33:03.85` or `11/23/2026 12:33:03 AM`, month first: the Windows agent up to about 2.7.41491.971, and .NET programs."""
    found = _US.match(text)
    if not found:
        return None
    month, day, year, hour, minute, second = (int(found[n]) for n in range(1, 7))
    hour = hour if found[8] is None else hour % 12 + 12 * (found[8] == b"PM")
    stamp = _seconds(year, month, day, hour, minute, second)
    return None if stamp is None else (stamp * SECOND + (int(found[7][:6].ljust(6, b"0")) if found[7] else 0), False)


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


def parse_rfc2822(text: bytes) -> Stamp | None:
    """`Mon, 23 Nov 2026 00:33:18 +0000` as cloud-init's output has it."""
    found = _RFC2822.match(text)
    if not found or found[2] not in _MONTHS:
        return None
    day, month, year, hour, minute, second, sign, off_hours, off_minutes = found.groups()
    stamp = _seconds(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second))
    if stamp is None:
        return None
    offset = (int(off_hours) * 60 + int(off_minutes)) * MINUTE
    return stamp * SECOND + (offset if sign == b"-" else -offset), True


def parse_epoch(text: bytes) -> Stamp | None:
    """Seconds since 1970: `1795393984.123` of audit.log; milliseconds in the form `/Date(1795394014461)/` that .NET and the backup extension write."""
    if found := _DOTNET.search(text):
        return int(found[1]) * SECOND // 1000, True
    found = _EPOCH.match(text)
    return (int(found[1]) * SECOND + int((found[2] or b"").ljust(6, b"0")[:6]), True) if found else None


def parse_ticks(text: bytes) -> Stamp | None:
    """Units of 100 ns since the year 1, UTC: the platform's goal states and the backup's `commandStartTimeUTCTicks`."""
    digits = text.strip()
    if not digits.isdigit() or len(digits) > 19 or int(digits) < _TICKS_1970:
        return None
    return (int(digits) - _TICKS_1970) // 10, True


def parse_uptime(_: bytes) -> Stamp | None:
    """Seconds since the start of the machine, as plain dmesg has them, tell no time of day."""
    return None


def parse_history(path: str) -> Stamp | None:
    """The time in a folder or archive of the agent's history, `2026-11-23T00-33-18__2`, also where `:` was replaced by something else.

    UTC (WALinuxAgent azurelinuxagent/common/utils/archive.py).
    """
    found = _HISTORY.findall(path)
    stamp = _seconds(*map(int, found[-1])) if found else None
    return None if stamp is None else (stamp * SECOND, True)


Parser = Callable[[bytes], "Stamp | None"]
PARSERS: dict[str, Parser] = {
    "iso": parse_iso, "us": parse_us, "syslog": parse_syslog, "unixdate": parse_unixdate, "rfc2822": parse_rfc2822,
    "epoch": parse_epoch, "ticks": parse_ticks, "uptime": parse_uptime,
}  # fmt: skip


def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int | None:
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61 and year >= 1):
        return None
    return timegm((year, month, day, hour, minute, second, 0, 0, 0))
