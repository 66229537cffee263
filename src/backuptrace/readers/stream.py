"""A stream of bytes that is read once: what every reader takes."""

from __future__ import annotations

from typing import Protocol


class Readable(Protocol):
    """What can be read: decompressed bytes, once."""

    def readinto(self, view: memoryview, /) -> int:
        """Fills the view with the next bytes and tells how many; 0 at the end."""
        ...


class Origin(Protocol):
    """What is known of the file that a stream comes from: see Artifact."""

    path: str
    size: int | None
    modified: int | None
    cut: bool


def filled(stream: Readable, buffer: bytearray, used: int, wanted: int) -> int:
    """Fills a buffer from `used` up to `wanted`: how many bytes are in it; fewer than wanted only at the end of the stream."""
    view = memoryview(buffer)
    while used < wanted and (got := stream.readinto(view[used:wanted])):
        used += got
    return used


def beginning(stream: Readable, most: int) -> bytes:
    """The first bytes of a stream, fewer only where it ends."""
    buffer = bytearray(most)
    return bytes(memoryview(buffer)[: filled(stream, buffer, 0, most)])


class Begun:
    """A stream of which the first `size` bytes were read already: they come once more. raw: these bytes; head: the first `look` of them."""

    def __init__(self, inner: Readable, size: int, look: int) -> None:
        self._inner = inner
        self.raw = beginning(inner, size)
        self.head = self.raw[:look]
        self._at = 0

    def readinto(self, view: memoryview, /) -> int:
        """As every stream."""
        if self._at >= len(self.raw):
            return self._inner.readinto(view)
        take = min(len(view), len(self.raw) - self._at)
        view[:take] = self.raw[self._at : self._at + take]
        self._at += take
        return take
