"""What Windows events tell of the machine's time zone, for exports that name none.

EventLog 6008 keeps the moment of the last sign of life twice in its Binary, local and UTC. EventLog 6013 names the zone, in the language of the machine,
with its base offset (minutes, UTC = local + bias; summer time is left out: real logs say `300 Eastern Standard Time` in March). And an event
that one file tells in UTC and another in local time tells the offset for its moment.
"""

from __future__ import annotations

import re
import struct
from calendar import timegm
from collections.abc import Hashable, Iterator
from itertools import islice

from backuptrace.model import HOUR, LOCAL_AGAIN_CLOCK, LOCAL_CLOCK, MINUTE, SECOND, UTC_CLOCK
from backuptrace.readers.eventvalues import folded
from backuptrace.readers.eventwords import Words
from backuptrace.readers.winevent import WinEvent

MOST_TWINS = 2000
"""Events of each kind of clock that are compared."""
MOST_TOLD = 200
_SYSTEMTIME = struct.Struct("<8H")
_ZONE = re.compile(r"\s*(-?\d{1,4})\s+(\S.*)$")
QUARTER = 15 * MINUTE


class ZoneFacts:
    """Collects while events pass by: `add` each completed event of every file; then ask.

    What is kept is bounded, the first events of a bundle count.
    """

    def __init__(self, words: Words) -> None:
        self._zones = {folded(shown): name for name, names in words.zones.items() for shown in (name, *names)}
        self._told: dict[tuple[int, int], None] = {}
        self._names: dict[str, None] = {}
        self._biases: dict[int, int] = {}
        self._twins: tuple[dict[Hashable, list[int]], dict[Hashable, list[int]]] = ({}, {})

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

    def twin(self, key: Hashable, event: WinEvent) -> None:
        """Takes an event as one half of a pair: `key` is what every form tells of it (EventDictionary.identity)."""
        if event.time is None or event.clock not in (UTC_CLOCK, LOCAL_CLOCK):
            return
        side = self._twins[0 if event.clock == LOCAL_CLOCK else 1]
        times = side.get(key)
        if times is None:
            if len(side) < MOST_TWINS:
                side[key] = [event.time]
        elif len(times) < 4:
            times.append(event.time)

    @property
    def told(self) -> list[tuple[int, int]]:
        """(local, UTC) of moments that are told twice, microseconds since 1970: of 6008, and of events that stand in files of both kinds."""
        return [*self._told, *islice(self._pairs(), MOST_TOLD)]

    @property
    def names(self) -> list[str]:
        """Names of the time zone database that fit what the machine calls its zone."""
        return list(self._names)

    @property
    def bias(self) -> int | None:
        """Minutes that are added to local time for UTC outside of summer time, as most records of 6013 say; None where none does."""
        return max(self._biases, key=lambda bias: self._biases[bias], default=None)

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """Events that are told once here and once there: their seconds must differ by a whole offset."""
        local, utc = self._twins
        for key, here in local.items():
            there = utc.get(key, ())
            if len(here) == len(there) == 1:
                apart = there[0] // SECOND * SECOND - here[0] // SECOND * SECOND
                if abs(apart) <= 14 * HOUR and apart % QUARTER == 0:
                    yield here[0], there[0]


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


def is_local(event: WinEvent) -> bool:
    """Whether the event's time is local."""
    return event.clock in (LOCAL_CLOCK, LOCAL_AGAIN_CLOCK)
