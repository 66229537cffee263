"""Which format the events of a channel belong to, and whether raw bytes of an event file hold anything that a selection looks for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from itertools import accumulate

from backuptrace.knowledge.loading import Ready
from backuptrace.scanning.xmlhits import XmlHits

MOST_CHANNELS = 4096
"""Channels that are remembered: a hostile file may name a new one in every event."""
ALL = "*"
_CHANNEL = re.compile(rb"<Channel>([^<]*)</Channel>")
PADDING = b"\n" + b" " * 511
"""Behind XML without a line break: an engine may look twice at the last line."""
_CLOSED = re.compile(rb"</System>")
_KNOWN = ("application", "system", "security", "setup")


def files_of(channels: Iterable[str]) -> list[str]:
    """Globs of the files in which Windows keeps channels; none for `*`: there are hundreds of others."""
    return [f"Windows/System32/winevt/Logs/{channel.replace('/', '%4')}.evtx" for channel in channels if channel != ALL]


class Routes:
    """The formats of the reader `events` by channel."""

    def __init__(self, formats: Iterable[Ready]) -> None:
        self._exact: dict[str, Ready] = {}
        self._begins: list[tuple[str, Ready]] = []
        self._others: Ready | None = None
        self._known: dict[str, Ready | None] = {}
        self.formats = [ready for ready in formats if ready.shape.reader == "events"]
        self._hits = {ready.shape.id: XmlHits(ready) for ready in self.formats}
        for ready in self.formats:
            for channel in ready.shape.channel:
                name = channel.casefold()
                if name == ALL:
                    self._others = ready
                elif name.endswith(ALL):
                    self._begins.append((name.removesuffix(ALL), ready))
                else:
                    self._exact[name] = ready

    def of(self, channel: str) -> Ready | None:
        """The format of a channel; None where none is declared."""
        if channel not in self._known:
            if len(self._known) > MOST_CHANNELS:
                self._known.clear()
            name = channel.casefold()
            begins = next((ready for begin, ready in self._begins if name.startswith(begin)), self._others)
            self._known[channel] = self._exact.get(name, begins)
        return self._known[channel]

    def wanted(self, chunk: bytes) -> bool:
        """Whether a chunk of an .evtx file may hold an event that a selection looks for."""
        folded, block = chunk.lower(), memoryview(chunk)
        # Of UTF-16 every other byte is zero, and a search through those is several times as slow as through the letters alone.
        letters = folded[::2] + b"\0" + folded[1::2]
        return any(ready.raw is None or ready.raw.scan(block) for ready in self._told(letters))

    def picked(self, xmls: list[str]) -> set[int]:
        """Places of the records whose XML may hold an event that a selection looks for; those with a reference (`&`) may spell a word in another way."""
        parts = [xml.encode("utf-8", "surrogatepass") for xml in xmls]
        block = bytearray(b"".join([*parts, PADDING]))
        stops = list(accumulate(map(len, parts)))
        told = _CHANNEL.findall(block)
        hits = self.ends(block, [name.decode("utf-8", "replace") for name in sorted(set(told))] if len(told) == len(xmls) else None)
        return {bisect_left(stops, end) for end in hits} | {place for place, xml in enumerate(xmls) if "&" in xml}

    def ends(self, block: bytearray, channels: Iterable[str] | None) -> list[int]:
        """End offsets of what a selection looks for in a block of XML, whose events are of these channels (None: of any)."""
        ready = list({self.of(name): None for name in channels}) if channels is not None and all(map(_whole, channels)) else self.formats
        return sorted(end for one in ready if one is not None and one.shape.slots for end in self._ends(one, block))

    def _ends(self, ready: Ready, block: bytearray) -> Iterable[int]:
        if ready.text is None:
            return [found.end() for found in _CLOSED.finditer(block)]
        with memoryview(block) as view:
            hits = ready.text.scan(view)
        return self._hits[ready.shape.id].ends(block, hits)

    def _told(self, letters: bytes) -> list[Ready]:
        """The formats whose channels may be told in these small letters: the name of its channel stands in every event.

        Where none is told but perhaps an unknown one, it may be that the events tell none at all; then it is the provider's or the file's.
        """
        known = [ready for ready in self.formats if any(mark and mark in letters for mark in _marks(ready))]
        return [ready for ready in self.formats if ready.shape.slots and (not known or ready in known or ready is self._others)]


def _whole(channel: str) -> bool:
    """Whether it is a channel's own name, not what some tool shows for it in its language."""
    return "-" in channel or "/" in channel or channel.casefold() in _KNOWN


@cache
def _mark(channel: str) -> bytes:
    """What the letters of an event hold of its channel: its name or how it begins; nothing that could be missing for `*`."""
    return channel.removesuffix(ALL).lower().encode("utf-16-le")[::2]


def _marks(ready: Ready) -> list[bytes]:
    return [_mark(channel) for channel in ready.shape.channel]
