"""Damage done to .evtx files, one kind a function: from the bytes of a file to the bytes of a damaged one. Chunks are counted from 0."""

from __future__ import annotations

import struct

from evtxwriter import CHUNK, FIRST, HEADER, sealed


def chunk_at(number: int) -> int:
    """Where a chunk begins."""
    return HEADER + number * CHUNK


def places(raw: bytes, chunk: int) -> list[tuple[int, int]]:
    """(offset in the file, size) of the records of a sound chunk."""
    start = chunk_at(chunk)
    at, out = start + FIRST, []
    while raw[at : at + 4] == b"**\0\0":
        size = struct.unpack_from("<I", raw, at + 4)[0]
        out.append((at, size))
        at += size
    return out


def put(raw: bytes, at: int, data: bytes) -> bytes:
    """Other bytes in their place."""
    return raw[:at] + data + raw[at + len(data) :]


def resealed(raw: bytes, chunk: int) -> bytes:
    """With right checksums of a chunk again."""
    at = chunk_at(chunk)
    return put(raw, at, sealed(raw[at : at + CHUNK]))


def header_wiped(raw: bytes) -> bytes:
    return bytes(HEADER) + raw[HEADER:]


def header_missing(raw: bytes) -> bytes:
    return raw[HEADER:]


def header_junk(raw: bytes) -> bytes:
    return bytes(range(256)) * 16 + raw[HEADER:]


def header_checksum_wrong(raw: bytes) -> bytes:
    return put(raw, 124, b"\x01\x02\x03\x04")


def count_told(raw: bytes, count: int) -> bytes:
    """The header tells another number of chunks, and a record number far away."""
    return put(put(raw, 42, struct.pack("<H", count)), 24, b"\xff" * 7 + b"\x7f")


def cut(raw: bytes, length: int) -> bytes:
    return raw[:length]


def chunk_zeroed(raw: bytes, chunk: int) -> bytes:
    return put(raw, chunk_at(chunk), bytes(CHUNK))


def chunk_magic_wrong(raw: bytes, chunk: int) -> bytes:
    return put(raw, chunk_at(chunk), bytes(8))


def chunk_header_wiped(raw: bytes, chunk: int) -> bytes:
    return put(raw, chunk_at(chunk), bytes(FIRST))


def chunk_checksum_wrong(raw: bytes, chunk: int) -> bytes:
    return put(raw, chunk_at(chunk) + 52, b"\x01\x02\x03\x04")


def chunks_moved(raw: bytes, order: list[int]) -> bytes:
    """The chunks in another order."""
    return raw[:HEADER] + b"".join(raw[chunk_at(number) : chunk_at(number) + CHUNK] for number in order)


def end_told_too_early(raw: bytes, chunk: int, records: int) -> bytes:
    """The chunk's header is from before its last records were written, as in a log copied while in use."""
    at = chunk_at(chunk)
    found = places(raw, chunk)
    told = found[-records][0] - at
    number = struct.unpack_from("<Q", raw, found[-records - 1][0] + 8)[0]
    return resealed(put(put(raw, at + 48, struct.pack("<I", told)), at + 32, struct.pack("<Q", number)), chunk)


def record_size(raw: bytes, chunk: int, record: int, size: int) -> bytes:
    at, _ = places(raw, chunk)[record]
    return put(raw, at + 4, struct.pack("<I", size))


def record_magic_wrong(raw: bytes, chunk: int, record: int) -> bytes:
    at, _ = places(raw, chunk)[record]
    return put(raw, at, b"\x13\x37\x13\x37")


def record_body(raw: bytes, chunk: int, record: int, byte: int) -> bytes:
    """The binary XML of a record overwritten."""
    at, size = places(raw, chunk)[record]
    return put(raw, at + 28, bytes([byte]) * (size - 32))


def record_erased(raw: bytes, chunk: int, record: int, count: int = 1) -> bytes:
    """Zeros in place of records."""
    found = places(raw, chunk)[record : record + count]
    return put(raw, found[0][0], bytes(sum(size for _, size in found)))


def bytes_lost(raw: bytes, at: int, count: int) -> bytes:
    """A piece is missing: what follows is not on the grid any more."""
    return raw[:at] + raw[at + count :]


def names_in_a_circle(raw: bytes, chunk: int) -> bytes:
    """Two names that each call the other one the next, with right checksums."""
    at = chunk_at(chunk)
    used = [place for place in struct.unpack_from("<64I", raw, at + 128) if place][:2]
    raw = put(put(raw, at + used[0], struct.pack("<I", used[1])), at + used[1], struct.pack("<I", used[0]))
    return resealed(raw, chunk)
