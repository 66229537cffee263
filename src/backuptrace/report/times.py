"""Times in words: UTC, and local time of the machine beside it where its zone is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from backuptrace.report.phrases import Tongue

_ZONE = re.compile(r"UTC([+-])(\d\d):(\d\d)")


def shift_of(zone: str | None) -> timedelta:
    """What to add to UTC for local time of a zone such as `UTC+02:00`; nothing for UTC and for an unknown zone."""
    found = _ZONE.fullmatch(zone or "")
    if not found:
        return timedelta()
    return timedelta(hours=int(found[2]), minutes=int(found[3])) * (-1 if found[1] == "-" else 1)


def clock_time(stamp: str | None, *, known: str | None = None) -> str:
    """`2026-11-22 03:12:07` for a UTC text of the report, only the time of day where the date is that of `known`; `?` for None."""
    if stamp is None:
        return "?"
    return stamp[11:19] if known is not None and known[:10] == stamp[:10] else f"{stamp[:10]} {stamp[11:19]}"


def to_minutes(stamp: str) -> str:
    """`2026-11-22 03:12`, seconds left out."""
    return f"{stamp[:10]} {stamp[11:16]}"


@dataclass(frozen=True, slots=True)
class Times:
    """Words for times. `shift`: local time minus UTC; nothing is said of local time where it is nothing."""

    tongue: Tongue
    shift: timedelta = timedelta()

    def local(self, stamp: str) -> str:
        """The UTC text moved to local time, in the same form."""
        moved = datetime.fromisoformat(stamp[:-1] + "+00:00") + self.shift
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
        if not self.shift:
            return text
        moved = to_minutes(self.local(stamp))
        return text + self.tongue.say("time.local", moment=moved[11:] if moved[:10] == stamp[:10] else moved)

    def beside(self, stamp: str) -> str:
        """` (05:12:07 local)`, with its date where that differs; nothing where there is no zone."""
        if not self.shift:
            return ""
        return self.tongue.say("time.local", moment=clock_time(self.local(stamp), known=stamp))

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
        if local and self.shift:
            first, last = self.local(begin), self.local(end)
            text += tongue.say("time.local-between", begin=clock_time(first, known=begin), end=clock_time(last, known=first))
        return text
