"""Which format the events of a channel belong to, and whether raw bytes of an event file hold anything that a selection looks for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from backuptrace.knowledge.loading import Ready

MOST_CHANNELS = 4096
"""Channels that are remembered: a hostile file may name a new one in every event."""
ALL = "*"


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
        return any(ready.raw is None or ready.raw.scan(block) for ready in self._told(folded, "utf-16-le"))

    def ends(self, block: memoryview) -> list[int]:
        """End offsets of everything in a block of XML that a selection looks for; where that cannot be told, of every name of the channel."""
        out: list[int] = []
        folded = bytes(block).lower()
        for ready in self._told(folded, "utf-8"):
            if ready.raw is not None:
                out += [end for _, end in ready.raw.scan(block)]
                continue
            for mark in _marks(ready, "utf-8") if self._others is not ready else [b"<channel"]:
                at = folded.find(mark)
                while at >= 0:
                    out.append(at + len(mark))
                    at = folded.find(mark, at + 1)
        return sorted(out)

    def _told(self, folded: bytes, encoding: str) -> list[Ready]:
        """The formats whose channels may be told in these bytes: the name of its channel stands in every event."""
        return [ready for ready in self.formats if ready.shape.slots and any(mark in folded for mark in _marks(ready, encoding))]


@cache
def _name(channel: str, encoding: str) -> bytes:
    """What the bytes of an event hold of its channel: its name or how it begins; nothing that could be missing for `*`."""
    return channel.removesuffix(ALL).lower().encode(encoding)


def _marks(ready: Ready, encoding: str) -> list[bytes]:
    return [_name(channel, encoding) for channel in ready.shape.channel]
