"""Which format the events of a channel belong to, and whether raw bytes of an event file hold anything that a selection looks for."""

from __future__ import annotations

from collections.abc import Iterable

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
        """Whether the raw bytes of an event file may hold an event that a selection looks for.

        The name of the channel stands in them, and what the selections of its format need (Format.raw).
        """
        folded = chunk.lower()
        block = memoryview(chunk)
        for ready in self.formats:
            if not ready.shape.slots or not any(name in folded for name in _marks(ready)):
                continue
            if ready.raw is None or ready.raw.scan(block):
                return True
        return False


def _marks(ready: Ready) -> list[bytes]:
    """What the bytes of an event of the format hold of its channel: its name or how it begins; nothing that could be missing for `*`."""
    return [channel.removesuffix(ALL).lower().encode("utf-16-le") for channel in ready.shape.channel]
