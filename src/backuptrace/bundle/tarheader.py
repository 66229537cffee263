"""The 512-byte headers of tar: POSIX ustar and pax (IEEE 1003.1, pax), GNU (tar manual, "Basic Tar Format"), v7."""

from __future__ import annotations

import msgspec

from backuptrace.bundle.limits import StreamError
from backuptrace.model import SECOND

BLOCK = 512
FAR = 4102444800  # the year 2100, in seconds since 1970: a later file time is a forgery or damage
RECORDS = 200  # pax records of an entry that are read (usual: under 20)
_ALLOWED = b"01234567 \0"


class Header(msgspec.Struct, frozen=True):
    """One entry. size: bytes of data that follow; modified: microseconds UTC or None (0 is what reproducible archives write)."""

    name: bytes
    kind: bytes
    size: int
    modified: int | None
    more: bool = False  # GNU sparse: further map blocks follow


def valid(block: bytes) -> bool:
    """The check sum is right (unsigned, or signed as some old tars did), and the block is not empty."""
    field = block[148:156]
    if not field.strip(b" \0") or field.strip(_ALLOWED):
        return False
    stated = _octal(field)
    rest = block[:148] + block[156:]
    total = sum(rest) + 256
    return stated == total or stated == total - 256 * sum(byte > 127 for byte in rest)


def parse(block: bytes) -> Header:
    """Reads a block whose check sum is right. Raises StreamError (damaged) for a size that is no number."""
    kind = block[156:157]
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].split(b"\0", 1)[0]):
        name = prefix + b"/" + name
    size = number(block[124:136])
    if size is None or size < 0:
        raise StreamError("damaged", "a size in the archive is no number", "make the archive again; what stands before was read")
    return Header(name, kind, size, micros(number(block[136:148])), kind == b"S" and block[482] != 0)


def number(field: bytes) -> int | None:
    """An octal number, or GNU base 256 for large and negative ones; None for anything else."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
        return value - (1 << (8 * len(field) - 1)) if field[0] & 0x40 else value
    return None if field.strip(_ALLOWED) else _octal(field)


def _octal(field: bytes) -> int | None:
    digits = field.split(b"\0", 1)[0].strip()
    if not digits:
        return 0
    return int(digits, 8) if digits.isdigit() else None


def micros(seconds: float | None) -> int | None:
    """Microseconds for a time stamp in seconds; None for 0 and for years that cannot be."""
    return int(seconds * SECOND) if seconds and 0 < seconds < FAR else None


def pax(data: bytes) -> dict[str, bytes]:
    """The records `length key=value` of an extended header; stops at the first faulty one."""
    records: dict[str, bytes] = {}
    at = 0
    while at < len(data) and len(records) < RECORDS:
        digits, blank, _ = data[at : at + 20].partition(b" ")
        if not blank or not digits.isdigit():
            break
        end = at + int(digits)
        key, equals, value = data[at + len(digits) + 1 : end - 1].partition(b"=")
        if end > len(data) or end <= at or not equals:
            break
        records[key.decode("utf-8", "replace")] = value
        at = end
    return records


def extend(header: Header, records: dict[str, bytes]) -> Header:
    """The header with what its pax records say. Raises StreamError (damaged) for a size that is no number."""
    name = records.get("GNU.sparse.name") or records.get("path") or header.name
    size, modified = header.size, header.modified
    if (text := records.get("size")) is not None:
        if not text.isdigit() or len(text) > 20:
            raise StreamError("damaged", "a size in the archive is no number", "make the archive again; what stands before was read")
        size = int(text)
    if text := records.get("mtime"):
        try:
            modified = micros(float(text))
        except ValueError:
            modified = header.modified
    return msgspec.structs.replace(header, name=name, size=size, modified=modified)
