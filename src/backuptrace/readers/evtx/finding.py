"""Where the chunks of a file lie: on the grid behind the file header, else wherever one is found. The number that the header tells is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO

from backuptrace.readers.evtx.layout import (
    CHUNK,
    CHUNK_MAGIC,
    FILE_HEADER,
    FILE_MAGIC,
    FIRST_RECORD,
    LEAST_RECORD,
    RECORD_MAGIC,
    FileHeader,
    file_header,
    is_chunk,
    place_at,
    zeroed,
)
from backuptrace.readers.stream import Readable

IN_MEMORY = 64 << 20
"""Bytes of a file that are kept in memory; a longer one goes to a temporary file."""
_PIECE = 1 << 20


class Stored:
    """The bytes of a file, to be read at any place. stopped: why not all of them could be kept."""

    def __init__(self, source: bytes | Readable) -> None:
        self._file: IO[bytes]
        self.stopped = ""
        if isinstance(source, bytes):
            self._file, self.size = BytesIO(source), len(source)
            return
        self._file, self.size = SpooledTemporaryFile(max_size=IN_MEMORY), 0  # noqa: SIM115  # closed by close()
        buffer = memoryview(bytearray(_PIECE))
        try:
            while got := source.readinto(buffer):
                self._file.write(buffer[:got])
                self.size += got
        except OSError as error:  # no room for the temporary file
            self.stopped = str(error)

    def at(self, offset: int, length: int) -> bytes:
        """The bytes there, fewer at the end of the file."""
        self._file.seek(offset)
        return self._file.read(length)

    def close(self) -> None:
        """Gives the memory or the temporary file back."""
        self._file.close()


@dataclass(slots=True)
class Spot:
    """A chunk: offset and length in the file (fewer than 65,536 bytes if it was cut), first: its first record id as its header tells.

    sound: its header begins as it must. Of the others, records were found where the first one belongs.
    """

    offset: int
    length: int
    first: int
    sound: bool = True


@dataclass(slots=True)
class Found:
    """What a file holds. areas: (offset, length) that are neither a chunk nor zeros; empty: chunks of zeros; off_grid: chunks at an odd place."""

    header: FileHeader | None = None
    spots: list[Spot] = field(default_factory=list)
    areas: list[tuple[int, int]] = field(default_factory=list)
    empty: int = 0
    off_grid: int = 0
    shuffled: bool = False


def looks_like_evtx(head: bytes) -> bool:
    """Whether a file may be an event log, from its first bytes: its header, or, where that is wiped, a chunk (up to 4,140 bytes are looked at)."""
    return head.startswith(FILE_MAGIC) or is_chunk(head) or is_chunk(head, FILE_HEADER)


def find_chunks(stored: Stored) -> Found:
    """All chunks, by their first record id: a log that is full goes on at its start, so that the newest chunk may stand in the middle."""
    out = Found(file_header(stored.at(0, 128)))
    at = _start(stored, out)
    while at < stored.size:
        piece = stored.at(at, 64)
        if is_chunk(piece):
            at = _whole(stored, at, out)
            continue
        piece = stored.at(at, CHUNK)
        if zeroed(piece):
            out.empty += 1
            at += CHUNK
        elif (inside := _magic(piece, 1)) >= 0 and _first_id(piece[:inside]) is None:
            out.areas.append((at, inside))
            out.off_grid += 1
            at += inside
        elif (first := _first_id(piece)) is not None:
            out.spots.append(Spot(at, len(piece) if inside < 0 else inside, first, sound=False))
            at += out.spots[-1].length
        else:
            out.areas.append((at, len(piece)))
            at += CHUNK
    ordered = sorted(out.spots, key=lambda spot: spot.first)
    out.shuffled = [spot.offset for spot in ordered] != [spot.offset for spot in out.spots]
    out.spots, out.areas = ordered, list(_joined(out.areas))
    return out


def _whole(stored: Stored, at: int, out: Found) -> int:
    """Takes the chunk that begins here; where the next one begins. A chunk that does not start where this one should end may lie inside of it."""
    head = stored.at(at, 64)
    length = min(CHUNK, stored.size - at)
    after = stored.at(at + CHUNK, 64)
    if not is_chunk(after) and (inside := _magic(stored.at(at, CHUNK), FIRST_RECORD)) >= 0:
        length = inside
        out.off_grid += 1
    out.spots.append(Spot(at, length, int.from_bytes(head[24:32], "little")))
    return at + length


def _start(stored: Stored, out: Found) -> int:
    """Where the chunks begin: behind the file header, or where it was; of a file that lost its first bytes where the first chunk is found."""
    if out.header is not None:
        return FILE_HEADER
    if is_chunk(stored.at(0, 64)):
        return 0
    second = stored.at(FILE_HEADER, CHUNK)
    inside = _magic(stored.at(0, CHUNK + FILE_HEADER), 1)
    if inside < 0 or inside == FILE_HEADER or (inside > FILE_HEADER and _first_id(second) is not None):
        out.areas.append((0, min(FILE_HEADER, stored.size)))
        return min(FILE_HEADER, stored.size)
    out.areas.append((0, inside))
    out.off_grid += 1
    return inside


def _magic(piece: bytes, at: int) -> int:
    """Where the next chunk begins in the piece, -1 if nowhere."""
    while (at := piece.find(CHUNK_MAGIC, at)) >= 0:
        if is_chunk(piece, at):
            return at
        at += 1
    return -1


def _first_id(piece: bytes) -> int | None:
    """The id of the first record, for a chunk whose header is damaged: where the first one belongs, or further on, with its size at its end again."""
    if len(piece) < FIRST_RECORD + LEAST_RECORD:
        return None
    if (place := place_at(piece, FIRST_RECORD)) is not None:
        return place.id
    at, tries = FIRST_RECORD, 0
    while (at := piece.find(RECORD_MAGIC, at)) >= 0 and tries < 64:
        place = place_at(piece, at)
        if place is not None and piece[at + place.size - 4 : at + place.size] == place.size.to_bytes(4, "little"):
            return place.id
        at, tries = at + 1, tries + 1
    return None


def _joined(areas: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Areas that touch as one."""
    begun: tuple[int, int] | None = None
    for offset, length in areas:
        if begun is not None and begun[0] + begun[1] == offset:
            begun = (begun[0], begun[1] + length)
            continue
        if begun is not None:
            yield begun
        begun = (offset, length)
    if begun is not None:
        yield begun
