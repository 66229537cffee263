"""The outer layout of an .evtx file: its header, its 64 KiB chunks, the records in a chunk. Nothing that a header says is taken on trust.

File header, 4096 bytes: `ElfFile`, first and last chunk, next record (u64 each), 128, minor and major version, 4096, number of chunks (u16 each);
at 120 flags (1 dirty, 2 full, 4 no checksums) and at 124 the CRC32 of bytes 0 to 119.
Chunk: `ElfChnk`, first and last record by number in the file, by record id (u64 each), 128; at 44 the last record, 48 the free space, 52 the CRC32
of the records; at 120 flags, 124 the CRC32 of bytes 0 to 119 and 128 to 511; at 128 64 buckets of names, at 384 32 buckets of templates.
Record: `**`, size, id, time, BinXML, size again. A chunk can be read without the others: its names and templates lie in it.
(Facts from the documentation of libevtx and from real files.)
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from dataclasses import dataclass, field
from zlib import crc32

FILE_MAGIC, CHUNK_MAGIC, RECORD_MAGIC = b"ElfFile\0", b"ElfChnk\0", b"**\0\0"
FILE_HEADER, CHUNK, FIRST_RECORD = 4096, 65_536, 512
RECORD_HEADER = 24
LEAST_RECORD = RECORD_HEADER + 4
DIRTY, FULL, NO_CRC = 1, 2, 4
TABLES = slice(128, 512)
"""Names and templates by hash. A reader finds both without them, and a table that was tampered with sends it round in circles."""

_FILE = struct.Struct("<QQQIHHHH")
_CHUNK = struct.Struct("<QQQQIIII")
_RECORD = struct.Struct("<4sIQ")
_SIZE = struct.Struct("<I")
_CRCS = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class FileHeader:
    """What the first 4096 bytes say. chunks: modulo 65536, and of a log copied while in use often wrong; whole: the checksum fits."""

    minor: int
    major: int
    chunks: int
    flags: int
    whole: bool


def file_header(head: bytes) -> FileHeader | None:
    """The header, None for bytes that do not begin as an .evtx file does."""
    if len(head) < 128 or not head.startswith(FILE_MAGIC):
        return None
    *_, minor, major, _, chunks = _FILE.unpack_from(head, 8)
    flags, crc = _CRCS.unpack_from(head, 120)
    return FileHeader(minor, major, chunks, flags, crc32(head[:120]) == crc)


def made_header(chunks: int) -> bytes:
    """A file header for so many chunks, for a reader that asks for one."""
    fields = FILE_MAGIC + _FILE.pack(0, max(chunks - 1, 0), 1, 128, 1, 3, FILE_HEADER, min(chunks, 0xFFFF))
    fields = fields.ljust(120, b"\0")
    return (fields + _CRCS.pack(0, crc32(fields))).ljust(FILE_HEADER, b"\0")


def is_chunk(piece: bytes, at: int = 0) -> bool:
    """Whether a chunk begins here: its magic and the fixed size of its header."""
    return piece.startswith(CHUNK_MAGIC, at) and piece[at + 40 : at + 44] == b"\x80\0\0\0"


@dataclass(slots=True)
class ChunkHeader:
    """What a chunk says of itself. first, last: record ids; free: offset of the free space; whole: both checksums fit (or it says that it has none)."""

    first: int
    last: int
    free: int
    flags: int
    head_fits: bool
    data_fits: bool

    @property
    def whole(self) -> bool:
        """Both checksums fit, and what it says is possible. Without checksums: never, so that its records are walked."""
        return self.head_fits and self.data_fits and FIRST_RECORD <= self.free <= CHUNK and 0 <= self.last - self.first < CHUNK // LEAST_RECORD


def chunk_header(chunk: bytes) -> ChunkHeader:
    """The header of a chunk of 65,536 bytes."""
    _, _, first, last, _, _, free, data_crc = _CHUNK.unpack_from(chunk, 8)
    flags, head_crc = _CRCS.unpack_from(chunk, 120)
    head_fits = crc32(chunk[128:512], crc32(chunk[:120])) == head_crc
    data_fits = FIRST_RECORD <= free <= CHUNK and crc32(memoryview(chunk)[FIRST_RECORD:free]) == data_crc
    return ChunkHeader(first, last, free, flags, head_fits, data_fits)


@dataclass(frozen=True, slots=True)
class Place:
    """One record in its chunk: offset and size in bytes, the id in its header, and whether the size at its end agrees."""

    offset: int
    size: int
    id: int
    sound: bool = True


@dataclass(slots=True)
class Walk:
    """The records of a chunk, one after the other. holes: (from, to) bytes that are no record; end: where the records end.

    beyond: how many of the records lie behind the end that the header tells and carry on its ids: the header is older than the records.
    """

    places: list[Place] = field(default_factory=list)
    holes: list[tuple[int, int]] = field(default_factory=list)
    end: int = FIRST_RECORD
    beyond: int = 0

    def around(self, start: int) -> tuple[Place | None, Place | None]:
        """The records before and behind a hole that starts there."""
        at = bisect_left(self.places, start, key=_offset)
        return self.places[at - 1] if at else None, self.places[at] if at < len(self.places) else None


def _offset(place: Place) -> int:
    return place.offset


def walk(chunk: bytes, free: int) -> Walk:
    """Every record that can be found, past bad ones. `free` is where the chunk says that its records end."""
    out = Walk()
    told = free if FIRST_RECORD <= free <= CHUNK else CHUNK
    at = FIRST_RECORD
    while at < told:
        place = place_at(chunk, at)
        if place is None:
            following = _next(chunk, at + 1, out.places[-1].id if out.places else 0)
            limit = following.offset if following is not None and following.offset < told else told
            if limit < CHUNK or any(memoryview(chunk)[at : at + LEAST_RECORD]):
                _hole(chunk, at, limit, out)
                at = limit
            if limit == told:
                break
            continue
        out.places.append(place)
        at = place.offset + place.size
    out.end = at
    _beyond(chunk, out)
    return out


def _hole(chunk: bytes, at: int, limit: int, out: Walk) -> None:
    """Between two sound records: those whose header still stands are given as doubtful, the rest is a hole."""
    while at + LEAST_RECORD <= limit:
        magic, size, number = _RECORD.unpack_from(chunk, at)
        if magic != RECORD_MAGIC or not LEAST_RECORD <= size <= limit - at:
            break
        out.places.append(Place(at, size, number, sound=False))
        at += size
    if at < limit:
        out.holes.append((at, limit))


def _beyond(chunk: bytes, out: Walk) -> None:
    """Records behind the told end whose ids go on without a break are newer than the header; others are leftovers of an older use of the chunk."""
    while out.places and (place := place_at(chunk, out.end)) is not None and place.id == out.places[-1].id + 1:
        out.places.append(place)
        out.end += place.size
        out.beyond += 1


def place_at(chunk: bytes, at: int) -> Place | None:
    """The record that begins here: magic, a size that fits and stands at its end again (or a further record, or nothing, begins where it ends)."""
    if at + LEAST_RECORD > len(chunk):
        return None
    magic, size, number = _RECORD.unpack_from(chunk, at)
    if magic != RECORD_MAGIC or not LEAST_RECORD <= size <= len(chunk) - at:
        return None
    end = at + size
    if _SIZE.unpack_from(chunk, end - 4)[0] != size and not chunk.startswith(RECORD_MAGIC, end):
        return None
    return Place(at, size, number)


def _next(chunk: bytes, at: int, before: int) -> Place | None:
    """The nearest record from here on, with an id above those before it: record bytes may occur inside of a value."""
    while (at := chunk.find(RECORD_MAGIC, at)) >= 0:
        place = place_at(chunk, at)
        if place is not None and place.id > before and _SIZE.unpack_from(chunk, at + place.size - 4)[0] == place.size:
            return place
        at += 1
    return None


def zeroed(piece: bytes) -> bool:
    """Whether there is nothing but zeros."""
    return piece.count(0) == len(piece)
