"""Whether a file of events is a selection that a filter made: what it lacks may have happened all the same.

Two things tell it. Record numbers: a log numbers its records without gaps, so a file with less than half of the numbers between its lowest and
highest one is a selection. Levels: the logs of Windows are mostly information, so an export with errors and warnings alone is one too, unless its
numbers show that nothing is left out. The log of a machine as Windows keeps it is judged by numbers alone: there are channels without information.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backuptrace.readers.winevent import WinEvent

HANDFUL = 5
"""Events; fewer show nothing about a filter."""
MOST_NUMBER = 1 << 40
"""Higher record numbers are damage."""
MOST_CHANNELS = 4096
_INFORMED = re.compile(rb"<(?:\w{1,9}:)?Level>\s{0,9}(?:[04-9]|[1-9][0-9])")
_GRAVE = re.compile(rb"<(?:\w{1,9}:)?Level>\s{0,9}[123]\s{0,9}<")


@dataclass(slots=True)
class _Numbers:
    low: int = MOST_NUMBER
    high: int = 0
    events: int = 0

    @property
    def span(self) -> int:
        return max(0, self.high - self.low + 1)


class Filtered:
    """What the events of one file tell of a filter. numbered: its form holds the numbers of the records; live: the file may be the log itself."""

    def __init__(self, *, numbered: bool, live: bool) -> None:
        self._numbered, self._live = numbered, live
        self._channels: dict[str, _Numbers] = {}
        self._informed = False
        self._grave = 0
        self._in_blocks = False
        self._unsure = False

    def take(self, event: WinEvent) -> None:
        """An event that was parsed."""
        known = self._of(event.channel)
        if event.number is not None and 0 < event.number < MOST_NUMBER:
            known.low, known.high = min(known.low, event.number), max(known.high, event.number)
        if self._in_blocks:
            return
        known.events += 1
        if event.level is not None:
            self._informed = self._informed or event.level not in (1, 2, 3)
            self._grave += event.level in (1, 2, 3)

    def block(self, block: bytearray, channels: Mapping[str, int] | None) -> None:
        """The XML of all events, of which some are parsed; channels: how many of each, None where not every event tells its own."""
        self._in_blocks = True
        if not self._informed:
            self._informed = _INFORMED.search(block) is not None
            self._grave += len(_GRAVE.findall(block))
        if channels is None:
            self._unsure = True
        else:
            for name, count in channels.items():
                self._of(name).events += count

    def skipped(self, count: int) -> None:
        """Events of a log that were there and not parsed."""
        if self._channels and not self._in_blocks:
            max(self._channels.values(), key=_events).events += count

    def told(self, channels: Iterable[str]) -> str:
        """By what the events of these channels look filtered, for the report; nothing: they do not."""
        ids = [self._channels[key] for name in channels if (key := name.casefold()) in self._channels]
        if self._numbered and not self._unsure:
            for one in ids:
                if one.events >= HANDFUL and one.span > 2 * one.events:
                    held = f"{one.events} events of the record numbers {one.low} to {one.high}"
                    return f"the file looks filtered: it holds {held}; what it does not show counts as unknown"
        gaps = not self._numbered or self._unsure or any(one.span > one.events for one in ids)
        if self._live or self._informed or self._grave < HANDFUL or not gaps:
            return ""
        return "the file looks filtered: it holds errors and warnings only; what it does not show counts as unknown"

    def _of(self, channel: str) -> _Numbers:
        key = channel.casefold()
        if key not in self._channels and len(self._channels) >= MOST_CHANNELS:
            return _Numbers()
        return self._channels.setdefault(key, _Numbers())


def _events(numbers: _Numbers) -> int:
    return numbers.events
