"""What Windows events tell of the machine's time zone, for exports that name none.

EventLog 6008 keeps the moment of the last sign of life twice in its Binary, local and UTC. EventLog 6013 names the zone, in the language of the machine,
with its base offset (minutes, UTC = local + bias; summer time is left out: real logs say `300 Eastern Standard Time` in March).
"""

from __future__ import annotations

import re
import struct
from calendar import timegm

from backuptrace.model import HOUR, SECOND
from backuptrace.readers.eventvalues import folded
from backuptrace.readers.eventwords import Words
from backuptrace.readers.winevent import WinEvent

MOST_TOLD = 200
_SYSTEMTIME = struct.Struct("<8H")
_ZONE = re.compile(r"\s*(-?\d{1,4})\s+(\S.*)$")


class ZoneFacts:
    """Collects while events pass by: `add` each completed event of every file; then ask.

    What is kept is bounded, the first events of a bundle count.
    """

    def __init__(self, words: Words) -> None:
        self._zones = {folded(shown): name for name, names in words.zones.items() for shown in (name, *names)}
        self._told: dict[tuple[int, int], None] = {}
        self._names: dict[str, None] = {}
        self._biases: dict[int, int] = {}

    def add(self, event: WinEvent) -> None:
        """Takes the zone that an event tells; cheap for all others."""
        if event.event_id not in (6008, 6013) or event.provider.casefold() != "eventlog":
            return
        if event.event_id == 6008:
            if len(self._told) < MOST_TOLD and (pair := moments(dict(event.data).get("Binary", ""))) is not None:
                self._told[pair] = None
            return
        found = _ZONE.match(dict(event.data).get("Zone", ""))
        if found is None:
            return
        bias = int(found[1])
        self._biases[bias] = self._biases.get(bias, 0) + 1
        if (name := self._zones.get(folded(found[2]))) is not None:
            self._names[name] = None

    @property
    def told(self) -> list[tuple[int, int]]:
        """(local, UTC) of the moments that 6008 tells twice, microseconds since 1970, in order."""
        return sorted(self._told)

    @property
    def names(self) -> list[str]:
        """Names of the time zone database that fit what the machine calls its zone."""
        return list(self._names)

    @property
    def bias(self) -> int | None:
        """Minutes that are added to local time for UTC outside of summer time, as most records of 6013 say; None where none does."""
        return max(self._biases, key=lambda bias: self._biases[bias], default=None)


def moments(binary: str) -> tuple[int, int] | None:
    """(local, UTC) in microseconds of the two SYSTEMTIMEs that the Binary of EventLog 6008 begins with; None for anything else."""
    try:
        raw = bytes.fromhex(binary[:64])
    except ValueError:
        return None
    if len(raw) < 2 * _SYSTEMTIME.size:
        return None
    local, utc = (_moment(_SYSTEMTIME.unpack_from(raw, at)) for at in (0, _SYSTEMTIME.size))
    if local is None or utc is None or abs(utc - local) > 14 * HOUR:
        return None
    return local, utc


def _moment(parts: tuple[int, ...]) -> int | None:
    year, month, _, day, hour, minute, second, milli = parts
    if not (1970 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60 and milli < 1000):
        return None
    return timegm((year, month, day, hour, minute, second)) * SECOND + milli * 1000
