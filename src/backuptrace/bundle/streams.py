"""Streams of bytes and what can be put around them. All fill the caller's buffer except at their end, so one call gives one full block.

`fed` is the number of compressed bytes that went in so far, None where nothing is decompressed. A stream that cannot go on raises StreamError,
after it has handed out everything before the damage, and raises the same again when asked once more.
"""

from __future__ import annotations

import codecs
import io
import os
from typing import IO, Protocol

from backuptrace.bundle.limits import Limits, StreamError, plain

SCRATCH = 256 << 10


class Stream:
    """Base: `readinto` is what a subclass must give."""

    @property
    def fed(self) -> int | None:
        """Compressed bytes that went in so far."""
        return None

    def readinto(self, view: memoryview) -> int:
        """Fills `view`; fewer bytes only at the end, 0 at the end. Raises StreamError."""
        raise NotImplementedError

    def read(self, size: int) -> bytes:
        """Up to `size` bytes as an object of their own. Raises StreamError."""
        buffer = bytearray(size)
        got = self.readinto(memoryview(buffer))
        return bytes(memoryview(buffer)[:got])

    def skip(self, size: int) -> int:
        """Passes over up to `size` bytes; how many there were. Raises StreamError."""
        scratch = memoryview(bytearray(min(size, SCRATCH)))
        passed = 0
        while passed < size:
            got = self.readinto(scratch[: min(size - passed, SCRATCH)])
            if not got:
                break
            passed += got
        return passed


class Blob(Protocol):
    """A source that can be read at any place."""

    size: int

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`. Raises StreamError."""
        ...


def unreadable(error: OSError) -> StreamError:
    """An operating system error while reading."""
    return StreamError("io", f"reading failed: {error.strerror or error}", "check the disk or the share, copy the bundle again, then repeat")


class FileStream(Stream):
    """A plain file, unbuffered: the bytes go from the page cache straight into the caller's buffer. Also a Blob."""

    def __init__(self, file: io.FileIO, size: int) -> None:
        self._file, self.size = file, size

    def fileno(self) -> int:
        """The system's number of the open file."""
        return self._file.fileno()

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        try:
            return self._file.readinto(view) or 0
        except OSError as error:
            raise unreadable(error) from error

    def read(self, size: int) -> bytes:
        """As Stream.read."""
        try:
            return self._file.read(size) or b""
        except OSError as error:
            raise unreadable(error) from error

    def skip(self, size: int) -> int:
        """As Stream.skip."""
        try:
            here = self._file.tell()
            there = max(here, min(here + size, self.size))
            self._file.seek(there)
        except OSError as error:
            raise unreadable(error) from error
        return there - here

    def read_at(self, offset: int, size: int) -> bytes:
        """As Blob.read_at."""
        try:
            self._file.seek(offset)
            return self._file.read(size) or b""
        except OSError as error:
            raise unreadable(error) from error


class Stretch(Stream):
    """A plain file from `offset` on, read without moving the file's own position: several processes may share the file."""

    def __init__(self, file: FileStream, offset: int) -> None:
        self._handle, self._offset = file.fileno(), offset

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        try:
            got = os.preadv(self._handle, [view], self._offset)
        except OSError as error:
            raise unreadable(error) from error
        self._offset += got
        return got


class Lasting:
    """A plain file that stays open for as long as somebody holds this, whatever becomes of the bundle."""

    _handle = -1

    def __init__(self, file: FileStream) -> None:
        self._handle = os.dup(file.fileno())

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer where the file ends or cannot be read."""
        try:
            return os.pread(self._handle, size, offset)
        except OSError:
            return b""

    def __del__(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)


class SpoolBlob:
    """A nested archive that was copied out of its stream, because it needs seeking."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self.size = file, size

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`. Raises StreamError."""
        try:
            self._file.seek(offset)
            return self._file.read(size)
        except OSError as error:
            raise unreadable(error) from error


class Section(Stream):
    """A stretch of a blob, such as the data of a zip member; ends early where the blob does."""

    def __init__(self, blob: Blob, start: int, size: int) -> None:
        self._blob, self.position, self._end = blob, start, start + size

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def read(self, size: int) -> bytes:
        """As Stream.read."""
        size = min(size, self._end - self.position)
        data = self._blob.read_at(self.position, size) if size > 0 else b""
        self.position += len(data)
        return data


class Peeked(Stream):
    """A stream of which the first bytes were read already; damage met while peeking is raised after them. begun: `fed` before that."""

    def __init__(self, source: Stream, size: int) -> None:
        self._source, self.begun = source, source.fed
        self._error: StreamError | None = None
        buffer = memoryview(bytearray(size))
        filled = 0
        try:
            filled = source.readinto(buffer)
        except StreamError as error:
            self._error = error
        self.head = self._left = bytes(buffer[:filled])

    @property
    def fed(self) -> int | None:
        """As Stream.fed."""
        return self._source.fed

    @property
    def barren(self) -> StreamError | None:
        """The damage, if not a single byte came before it."""
        return None if self.head else self._error

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        taken = len(self._left)
        if not taken:
            if self._error:
                raise self._error
            return self._source.readinto(view)
        taken = min(taken, len(view))
        view[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        if taken < len(view) and not self._error:
            try:
                taken += self._source.readinto(view[taken:])
            except StreamError as error:
                self._error = error
        return taken

    def skip(self, size: int) -> int:
        """As Stream.skip."""
        taken = min(len(self._left), size)
        self._left = self._left[taken:]
        if taken == size:
            return taken
        if self._error:
            raise self._error
        return taken + self._source.skip(size - taken)


class Guarded(Stream):
    """Holds one member to `Limits.member` and `Limits.ratio`; begun: `fed` where the member began; slack: blurs the ratio
    where members share one compressed stream, of which some bytes were taken in advance.
    """

    def __init__(self, source: Stream, limits: Limits, begun: int | None, *, slack: int = 1) -> None:
        self._source, self._limits, self._out = source, limits, 0
        self._start = begun
        self._watch = limits.ratio_from * slack

    @property
    def fed(self) -> int | None:
        """As Stream.fed."""
        return self._source.fed

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        limits, left = self._limits, self._limits.member - self._out
        if left <= 0:
            # One more byte tells a member of just the limit from one beyond it.
            if not self._source.read(1):
                return 0
            raise StreamError(
                "limit",
                f"the member is larger than {plain(limits.member)}; the rest of it was not read",
                "allow more with --max-member, or unpack it yourself and pass the file",
            )
        if self._out > self._watch and self._start is not None:
            fed = (self._source.fed or 0) - self._start
            if self._out > limits.ratio * fed:
                raise StreamError(
                    "limit",
                    f"the member expands more than {limits.ratio}:1 ({plain(fed)} to {plain(self._out)} so far); the rest of it was not read",
                    "if the member is genuine, allow more with --max-ratio",
                )
        got = self._source.readinto(view if len(view) <= left else view[:left])
        self._out += got
        return got


class Transcoded(Stream):
    """UTF-16 text with a byte order mark as UTF-8; bad code units become U+FFFD."""

    def __init__(self, source: Stream) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._scratch = memoryview(bytearray(SCRATCH))
        self._left = memoryview(b"")
        self._error: StreamError | None = None
        self._ended = False

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        filled = 0
        while filled < len(view) and self._more():
            part = self._left[: len(view) - filled]
            view[filled : filled + len(part)] = part
            self._left = self._left[len(part) :]
            filled += len(part)
        if not filled and self._error:
            raise self._error
        return filled

    def _more(self) -> bool:
        while not self._left and not self._ended:
            got = 0
            try:
                got = self._source.readinto(self._scratch)
            except StreamError as error:
                self._error = error
            self._ended = not got
            text = self._decoder.decode(bytes(self._scratch[:got]), final=self._ended)
            self._left = memoryview(text.encode("utf-8", "replace"))
        return bool(self._left)
