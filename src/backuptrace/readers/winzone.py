"""What Windows events tell of the machine's time zone, for exports that name none.

EventLog 6008 keeps the moment of the last sign of life twice in its Binary, local and UTC. EventLog 6013 names the zone, in the language of the machine,
with its base offset (minutes, UTC = local + bias; summer time is left out: real logs say `300 Eastern Standard Time` in March). And an event
that one file tells in UTC and another in local time tells the offset for its moment.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from calendar import timegm
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from zlib import crc32

from backuptrace.model import HOUR, MINUTE, SECOND
from backuptrace.readers.eventvalues import folded
from backuptrace.readers.eventwords import Words
from backuptrace.readers.winevent import WinEvent

MOST_TWINS = 2000
"""Events of each kind of clock that are compared: those whose key has the lowest checksum, so that both sides keep the same ones."""
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
        self._twins = (_Sample(), _Sample())

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

    def twin(self, key: object, time: int, *, local: bool) -> None:
        """Takes an event as one half of a pair. key: what every form tells of it (EventDictionary.identity); time: microseconds, local or UTC."""
        self._twins[0 if local else 1].add(crc32(repr(key).encode("utf-8", "replace")), time)

    def utc(self, local: int) -> int | None:
        """A local time as UTC, by the nearest moment that is told twice; None where there is none."""
        told = self.told
        at = bisect_left(told, (local, 0))
        near = min(told[max(0, at - 1) : at + 1], key=lambda pair: abs(pair[0] - local), default=None)
        return None if near is None else local + round((near[1] - near[0]) / QUARTER) * QUARTER

    @cached_property
    def told(self) -> list[tuple[int, int]]:
        """(local, UTC) of moments that are told twice, microseconds since 1970, in order: of 6008, and of events that files of both kinds tell.

        To be asked when everything was added.
        """
        return sorted([*self._told, *islice(self._pairs(), MOST_TOLD)])

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
        for key, here in sorted(local.times.items()):
            there = utc.times.get(key, ())
            if len(here) == len(there) == 1:
                apart = there[0] // SECOND * SECOND - here[0] // SECOND * SECOND
                if abs(apart) <= 14 * HOUR and apart % QUARTER == 0:
                    yield here[0], there[0]


class _Sample:
    """Times by checksum, of the lowest checksums."""

    def __init__(self) -> None:
        self.times: dict[int, list[int]] = {}
        self._most = 1 << 32

    def add(self, key: int, time: int) -> None:
        if key >= self._most:
            return
        times = self.times.setdefault(key, [])
        if len(times) < 2:
            times.append(time)
        while len(self.times) > MOST_TWINS:
            self._most //= 2
            self.times = {key: times for key, times in self.times.items() if key < self._most}


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
