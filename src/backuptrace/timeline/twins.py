"""Moments that a bundle tells twice, in the machine's local time and in UTC: they show its zone.

Two kinds: a record that quotes another log's line with its UTC stamp (rsyslog keeps the agent's console, cloud-init's first line, the kernel's
audit start), told by a milestone's group `utc`; and a UTC record that quotes a local time (what safefreeze printed), told by its group `local`.
"""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from backuptrace.model import LOCAL_CLOCK, SECOND, UTC_CLOCK, YEARLESS_CLOCK, Event, Log
from backuptrace.readers.stamps import PARSERS

UTC, LOCAL = "utc", "local"
"""Names of the groups in formats."""


def pairs(logs: Iterable[Log], slots: Iterable[str]) -> Iterator[tuple[int, int]]:
    """(local, UTC) of every twice told moment among the kept hits of these milestones, microseconds since 1970."""
    slots = tuple(slots)
    for log in logs:
        for slot in slots:
            for event in log.hits[slot].kept if slot in log.hits else ():
                if (pair := _pair(event)) is not None:
                    yield pair


def local_of(event: Event) -> int | None:
    """The local time that a UTC record quotes as its own moment, None where it quotes none."""
    text = event.fields.get(LOCAL)
    return _parsed(text) if text and event.clock == UTC_CLOCK else None


def _pair(event: Event) -> tuple[int, int] | None:
    if event.stamp is None:
        return None
    if (local := local_of(event)) is not None:
        return local, event.stamp
    text = event.fields.get(UTC)
    if not text or event.clock not in (LOCAL_CLOCK, YEARLESS_CLOCK) or (moment := _parsed(text)) is None:
        return None
    return (event.stamp if event.clock == LOCAL_CLOCK else _with_year(event.stamp, moment)), moment


def _parsed(text: str) -> int | None:
    for name in ("iso", "rfc2822", "epoch"):
        found = PARSERS[name](text.encode("utf-8", "replace"))
        if found is not None:
            return found[0]
    return None


def _with_year(stamp: int, moment: int) -> int:
    """A stamp counted from the year 2000 in that year in which it lies nearest to the moment."""
    at = datetime.fromtimestamp(stamp // SECOND, timezone.utc)
    year = datetime.fromtimestamp(moment // SECOND, timezone.utc).year
    moved = [
        stamp + (timegm(at.replace(year=y).timetuple()) - timegm(at.timetuple())) * SECOND
        for y in range(year - 1, year + 2)
        if (at.month, at.day) != (2, 29) or _leap(y)
    ]
    return min(moved, key=lambda one: abs(one - moment), default=stamp)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
