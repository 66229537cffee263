"""Decompression: deflate, gzip of any number of members, bzip2, xz, zstd. ISA-L where its wheel is there (3 times zlib), else the standard library."""

from __future__ import annotations

import bz2
import lzma
import struct
import sys
import zlib
from collections.abc import Callable
from typing import Any, Protocol, cast

from backuptrace.bundle.limits import Budget, Limits, StreamError
from backuptrace.bundle.streams import Stream

# Compressed bytes for each call. What a damaged place costs is the output of one call, so small; 16 KiB is within 4 % of the fastest.
CHUNK = 16 << 10
XZ_MEMORY = 100 << 20  # `xz -9` needs 65 MiB to decompress
ZSTD_WINDOW = 26  # 64 MiB, as a power of two: `zstd -19` needs 8 MiB, `--ultra -21` 64 MiB
HEADER = 64 << 10
PADDING = 1 << 20
"""Zero bytes behind the data that are passed over."""


class Codec(Protocol):
    """The decompressor interface of bz2, lzma and isal.igzip_lib."""

    @property
    def eof(self) -> bool: ...  # noqa: D102
    @property
    def needs_input(self) -> bool: ...  # noqa: D102
    @property
    def unused_data(self) -> bytes: ...  # noqa: D102
    def decompress(self, data: bytes, max_length: int) -> bytes: ...  # noqa: D102


class ZlibCodec:
    """Raw deflate by the standard library, in the shape of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-15)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """The stream's own end was read."""
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        """What came after the end."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes; `needs_input` False if more can come without input."""
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(out) < max_length
        return out


_deflate: Callable[[], Codec] = ZlibCodec
_zstd: Callable[[], Codec] | None = None
crc32: Callable[[Any, int], int] = zlib.crc32
_errors: tuple[type[Exception], ...] = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
try:
    from isal import igzip_lib, isal_zlib
except ImportError:  # no wheel for this platform
    pass
else:
    _deflate = igzip_lib.IgzipDecompressor  # raw deflate with a 32 KiB window by default
    crc32 = isal_zlib.crc32
    _errors += (cast("type[Exception]", igzip_lib.IsalError),)  # its type stub says it is an instance
try:  # in the standard library from 3.14 on
    if sys.version_info >= (3, 14):
        from compression import zstd as _zstandard
    else:
        from backports import zstd as _zstandard
except ImportError:  # left out, or a Python that was built without it
    pass
else:
    _errors += (_zstandard.ZstdError,)

    def _frame() -> Codec:
        frame: Codec = _zstandard.ZstdDecompressor(options={_zstandard.DecompressionParameter.window_log_max: ZSTD_WINDOW})
        return frame

    _zstd = _frame


def deflate() -> Codec:
    """A decompressor for raw deflate data."""
    return _deflate()


def bzip2() -> Codec:
    """A decompressor for one bzip2 stream."""
    return bz2.BZ2Decompressor()


def xz() -> Codec:
    """A decompressor for one xz stream within `XZ_MEMORY`."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)


def zstd() -> Codec:
    """A decompressor for one zstd frame within `ZSTD_WINDOW`. Raises StreamError (unsupported) where none is installed."""
    if _zstd is None:
        raise StreamError(
            "unsupported", "is compressed with zstd, for which a Python package is missing", "pip install backports.zstd, or unpack it with zstd -d"
        )
    return _zstd()


class Pushback(Stream):
    """A source to which bytes can be given back; counts what was taken."""

    def __init__(self, source: Stream) -> None:
        self._source, self._left, self._at = source, b"", 0
        self.taken = 0

    def read(self, size: int) -> bytes:
        """As Stream.read."""
        if self._at >= len(self._left):
            self._left, self._at = self._source.read(max(size, CHUNK)), 0
        data = self._left[self._at : self._at + size]
        self._at += len(data)
        self.taken += len(data)
        return data

    def exactly(self, size: int) -> bytes:
        """`size` bytes. Raises StreamError (truncated) if there are fewer."""
        data = b""
        while len(data) < size:
            part = self.read(size - len(data))
            if not part:
                raise truncated()
            data += part
        return data

    def unread(self, data: bytes) -> None:
        """Gives back bytes that were read last."""
        self._left, self._at = data + self._left[self._at :], 0
        self.taken -= len(data)


def truncated() -> StreamError:
    """The compressed data end before their end mark."""
    return StreamError(
        "truncated", "the compressed data are cut off", "collect or copy it again (was the upload interrupted?); what stands before the cut was read"
    )


def trailing() -> StreamError:
    """Something follows that is no further compressed stream."""
    return StreamError("trailing", "other bytes follow after the compressed data; they were ignored", "copy or collect it again", cut=False)


class Inflated(Stream):
    """One compressed stream; `left_over` are the bytes read past its end."""

    def __init__(self, source: Stream, codec: Codec, budget: Budget) -> None:
        self._source, self._codec, self._budget = source, codec, budget
        self._fed = 0
        self._error: StreamError | None = None

    @property
    def fed(self) -> int:
        """As Stream.fed."""
        return self._fed

    @property
    def ended(self) -> bool:
        """The end mark of the compressed data was read."""
        return self._codec.eof

    @property
    def left_over(self) -> bytes:
        """The bytes that were read from the source after the end of the compressed data."""
        return self._codec.unused_data if self._codec.eof else b""

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        filled = 0
        try:
            while filled < len(view) and not self._error and not self._codec.eof:
                out = self._step(len(view) - filled)
                view[filled : filled + len(out)] = out
                filled += len(out)
                self._budget.take(len(out))
        except StreamError as error:
            self._error = error
        if not filled and self._error:
            raise self._error
        return filled

    def _step(self, room: int) -> bytes:
        data = b""
        if self._codec.needs_input:
            data = self._source.read(CHUNK)
            if not data:
                raise truncated()
            self._fed += len(data)
        try:
            return self._codec.decompress(data, room)
        except _errors as error:
            raise StreamError(
                "damaged",
                f"the compressed data are damaged after {self._fed} bytes ({error}); up to {CHUNK} bytes before that are lost too",
                "copy or collect it again; compare the check sum with the original",
            ) from error


class Packed(Stream):
    """Compressed streams one after the other, of one kind: what `bzip2`, `xz` and `zstd` write, and the frame for gzip. magic: all of one length."""

    magic: tuple[bytes, ...]
    codec: Callable[[], Codec]

    def __init__(self, source: Stream, budget: Budget, limits: Limits) -> None:
        self._source, self._budget, self._left = Pushback(source), budget, limits.count
        self._current: Inflated | None = None
        self._flaw: StreamError | None = None
        self._error: StreamError | None = None
        self._begun = self._ended = False

    @property
    def fed(self) -> int:
        """As Stream.fed."""
        return self._source.taken

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        filled = 0
        try:
            while filled < len(view) and not self._error and not self._ended:
                current = self._current or self._next()
                if current is None:
                    self._ended = True
                    break
                part = view[filled:]
                got = current.readinto(part)
                filled += got
                self._booked(part[:got])
                if got < len(part) and current.ended:
                    self._source.unread(current.left_over)
                    self._current = None
                    self._finish()
        except StreamError as error:
            self._error = error
        if not filled:
            self._error = self._error or self._flaw
            if self._error:
                raise self._error
        return filled

    def _next(self) -> Inflated | None:
        """Begins the next stream; None at the end of all."""
        size = len(self.magic[0])
        data = self._source.read(CHUNK)
        room = PADDING
        while self._begun and data and not (data := data.lstrip(b"\0")):
            data = self._source.read(CHUNK)  # padding, as on tapes
            room -= CHUNK
            if room < 0:
                raise trailing()
        if self._begun and not data:
            return None
        if len(data) < size:
            data += self._source.read(size - len(data))
        self._source.unread(data)
        if not data.startswith(self.magic):
            raise trailing()
        self._left -= 1
        if self._left < 0:
            raise StreamError("limit", "the file is made of too many compressed parts; the rest of it was not read", "unpack it yourself and pass the file")
        self._begun = True
        self._begin()
        self._current = Inflated(self._source, type(self).codec(), self._budget)
        return self._current

    def _begin(self) -> None:
        """Reads what stands before the data."""

    def _booked(self, part: memoryview) -> None:
        """Sees every byte that is handed out."""

    def _finish(self) -> None:
        """Reads what stands after the data."""


class Bzip2(Packed):
    """A .bz2 file."""

    magic = (b"BZh",)
    codec = staticmethod(bzip2)


class Xz(Packed):
    """An .xz file (SLES rotates with xz)."""

    magic = (b"\xfd7zXZ\0",)
    codec = staticmethod(xz)


class Zstd(Packed):
    """A .zst file (RFC 8878), skippable frames included."""

    magic = (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + number]) + b"\x2a\x4d\x18" for number in range(16)))
    codec = staticmethod(zstd)


class Gzip(Packed):
    """A .gz file (RFC 1952); `modified`: its time stamp, seconds UTC, 0 for none. A wrong check sum is told at the end: all bytes come first."""

    magic = (b"\x1f\x8b",)
    codec = staticmethod(deflate)
    modified = 0

    def _begin(self) -> None:
        _, _, method, flags, modified, _ = struct.unpack("<BBBBIH", self._source.exactly(10))
        if method != 8 or flags & 0xE0:
            raise StreamError("damaged", "the gzip header is not valid", "copy or collect it again")
        self.modified = self.modified or modified
        if flags & 4:
            self._source.exactly(struct.unpack("<H", self._source.exactly(2))[0])
        room = HEADER
        for flag in (8, 16):
            while flags & flag and self._source.exactly(1) != b"\0":
                room -= 1
                if room < 0:
                    raise StreamError("damaged", "the name in the gzip header does not end", "copy or collect it again")
        if flags & 2:
            self._source.exactly(2)
        self._crc = self._size = 0

    def _booked(self, part: memoryview) -> None:
        self._crc = crc32(part, self._crc)
        self._size += len(part)

    def _finish(self) -> None:
        crc, size = struct.unpack("<II", self._source.exactly(8))
        if crc != self._crc or size != self._size & 0xFFFFFFFF:
            self._flaw = StreamError(
                "crc", "the check sum is wrong: some bytes are not those that were packed", "copy or collect it again; do not rely on single lines", cut=False
            )
