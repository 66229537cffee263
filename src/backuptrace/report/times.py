"""Times in words: UTC, and local time of the machine beside it where its zone is known."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone, tzinfo

import msgspec

from backuptrace.report.phrases import Tongue

_ZONE = re.compile(r"UTC([+-])(\d\d):(\d\d)")


def zone_of(name: str | None) -> tzinfo | None:
    """The zone of a report, such as `UTC+02:00` or `Europe/Berlin`; None for UTC and for one that is not known here."""
    if found := _ZONE.fullmatch(name or ""):
        return timezone(timedelta(hours=int(found[2]), minutes=int(found[3])) * (-1 if found[1] == "-" else 1))
    if name is None or name.upper() == "UTC":
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None


def clock_time(stamp: str | None, *, known: str | None = None) -> str:
    """`2026-11-22 03:12:07` for a UTC text of the report, only the time of day where the date is that of `known`; `?` for None."""
    if stamp is None:
        return "?"
    return stamp[11:19] if known is not None and known[:10] == stamp[:10] else f"{stamp[:10]} {stamp[11:19]}"


def plus_minus(seconds: float) -> str:
    """`±14 h`, `±3 min`, `±20 s`: how far a time may be off, rounded up."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"±{math.ceil(seconds / size)} {unit}"
    return f"±{math.ceil(seconds)} s"


def to_minutes(stamp: str) -> str:
    """`2026-11-22 03:12`, seconds left out."""
    return f"{stamp[:10]} {stamp[11:16]}"


class Times(msgspec.Struct, frozen=True):
    """Words for times. `zone`: of the machine, None where it is UTC or not known: then nothing is said of local time."""

    tongue: Tongue
    zone: tzinfo | None = None

    def local(self, stamp: str) -> str:
        """The UTC text moved to local time, in the same form; the same text where local time is UTC."""
        if self.zone is None:
            return stamp
        try:
            moved = datetime.fromisoformat(stamp[:-1] + "+00:00").astimezone(self.zone)
        except OverflowError:  # at either end of the calendar
            return stamp
        return f"{moved:%Y-%m-%dT%H:%M:%S}.{moved.microsecond:06d}Z"

    def moment(self, stamp: str | None) -> str:
        """`2026-11-22 03:12:07 UTC (05:12:07 local)`."""
        if stamp is None:
            return self.tongue.say("time.none")
        return self.tongue.say("time.at", moment=clock_time(stamp)) + self.beside(stamp)

    def minute(self, stamp: str | None) -> str:
        """`2026-11-22 03:12 UTC (05:12 local)`."""
        if stamp is None:
            return self.tongue.say("time.unknown")
        text = self.tongue.say("time.at", moment=to_minutes(stamp))
        moved = to_minutes(self.local(stamp))
        if moved == to_minutes(stamp):
            return text
        return text + self.tongue.say("time.local", moment=moved[11:] if moved[:10] == stamp[:10] else moved)

    def beside(self, stamp: str) -> str:
        """` (05:12:07 local)`, with its date where that differs; nothing where there is no zone."""
        moved = self.local(stamp)
        return "" if moved == stamp else self.tongue.say("time.local", moment=clock_time(moved, known=stamp))

    def span(self, begin: str | None, end: str | None, *, local: bool = False) -> str:
        """`2026-11-22 03:10:00 to 03:12:07 UTC`, open ends as `from` and `until`; with `local` also in local time."""
        tongue = self.tongue
        if begin is None or end is None:
            if begin is None and end is None:
                return tongue.say("time.unknown")
            text = tongue.say("time.from", begin=clock_time(begin)) if end is None else tongue.say("time.until", end=clock_time(end))
            return text + (self.beside(begin or end or "") if local else "")
        if begin[:19] == end[:19]:
            return self.moment(begin) if local else tongue.say("time.at", moment=clock_time(begin))
        text = tongue.say("time.between", begin=clock_time(begin), end=clock_time(end, known=begin))
        first, last = self.local(begin), self.local(end)
        if local and (first, last) != (begin, end):
            text += tongue.say("time.local-between", begin=clock_time(first, known=begin), end=clock_time(last, known=first))
        return text


def duration(seconds: float) -> str:
    """`42 s`, `3 min 7 s`, `11 h 12 min`, `3 d 4 h`: at most two units, cut."""
    left = int(seconds)
    if left < 1:
        return "< 1 s"
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2])
