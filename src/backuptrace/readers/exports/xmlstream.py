"""XML exports as UTF-8 bytes, cut into blocks that end behind an event."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from backuptrace.readers.exports.account import Reading
from backuptrace.readers.stream import Readable

BLOCK = 1 << 20
MOST_EVENT = 2 << 20
"""Bytes of one event; a record of a log has 64 KiB at most, as XML a few times that."""
END = b"</Event>"
PADDING = b"\n" + b" " * 511
"""Behind every block: XML is often one line, and an engine may look twice at the last line."""


class _Transcoded:
    """A stream in UTF-16 as UTF-8."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._waiting = b""
        self._buffer = bytearray(BLOCK)
        self._ended = False

    def readinto(self, view: memoryview) -> int:
        while not self._waiting and not self._ended:
            got = self._stream.readinto(memoryview(self._buffer))
            self._ended = not got
            self._waiting = self._decoder.decode(bytes(memoryview(self._buffer)[:got]), self._ended).encode("utf-8", "replace")
        take = min(len(view), len(self._waiting))
        view[:take] = self._waiting[:take]
        self._waiting = self._waiting[take:]
        return take


def as_utf8(stream: Readable, encoding: str) -> Readable:
    """The stream itself, or transcoded where it is UTF-16."""
    return _Transcoded(stream, encoding) if encoding.startswith("utf-16") else stream


def blocks(stream: Readable, reading: Reading) -> Iterator[bytearray]:
    """Pieces that end behind `</Event>` (the last one wherever the file ends) and the padding. What never ends is left out and told."""
    buffer = bytearray()
    scratch = bytearray(BLOCK)
    view = memoryview(scratch)
    looked = 0
    while got := stream.readinto(view):
        buffer += view[:got]
        end = buffer.rfind(END, looked)
        if end >= 0:
            rest = buffer[end + len(END) :]
            buffer[end + len(END) :] = PADDING
            yield buffer
            buffer, looked = rest, 0
        elif len(buffer) > MOST_EVENT:
            reading.tell("broken-event", None, "an event without an end")
            buffer = buffer[-len(END) :]
            looked = 0
        else:
            looked = max(0, len(buffer) - len(END))
    yield buffer + PADDING
