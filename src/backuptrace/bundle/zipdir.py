"""The list of members at the end of a zip and the headers before each, as PKWARE's APPNOTE.TXT 6.3 lays them down; read one by one, never as a whole."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime, timezone

import msgspec

from backuptrace.bundle.limits import StreamError
from backuptrace.bundle.names import member_path
from backuptrace.bundle.streams import Blob
from backuptrace.bundle.tarheader import FAR
from backuptrace.model import SECOND

LOCAL, CENTRAL, END, END64, LOCATOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
ENCRYPTED, UNSIZED, UTF8 = 0x1, 0x8, 0x800
PAGE = 64 << 10
EXTRAS = 32  # extra fields of a member that are looked at
_FILETIME = 11_644_473_600  # seconds from 1601, where NTFS counts from, to 1970


class Entry(msgspec.Struct, frozen=True):
    """One member. offset: where its local header (of the directory) or its data (of a local header) begin; sizes in bytes, None if not known;
    mode: the Unix file mode, 0 if not kept; modified: microseconds UTC, uncertain if from a DOS time.
    """

    path: str
    folder: bool
    flags: int
    method: int
    crc: int
    packed: int | None
    size: int | None
    offset: int
    mode: int
    modified: int | None
    uncertain: bool


class Directory(msgspec.Struct, frozen=True):
    """Where the list of members stands, in bytes."""

    start: int
    size: int


def find(blob: Blob) -> Directory | None:
    """The directory, or None if there is no believable one. Raises StreamError (io)."""
    tail_at = max(0, blob.size - PAGE - 22)
    tail = blob.read_at(tail_at, blob.size - tail_at)
    at = tail.rfind(END)
    while at >= 0:
        if found := _directory(blob, tail_at + at, tail[at : at + 22]):
            return found
        at = tail.rfind(END, 0, at)
    return None


def _directory(blob: Blob, end: int, record: bytes) -> Directory | None:
    if len(record) < 22:
        return None
    size, start = struct.unpack_from("<II", record, 12)
    if size == 0xFFFFFFFF or start == 0xFFFFFFFF or record[8:12] == b"\xff\xff\xff\xff":
        locator = blob.read_at(max(0, end - 20), 20)
        if locator[:4] == LOCATOR:
            at = struct.unpack_from("<Q", locator, 8)[0]
            found = _end64(blob, at)
            if found:
                start, size, end = found
    # The list ends where its end record begins. Where it does not, the record belongs to a zip within this one, of which the end is cut off.
    if start + size != end or (size and blob.read_at(start, 4) != CENTRAL):
        return None
    return Directory(start, size)


def _end64(blob: Blob, at: int) -> tuple[int, int, int] | None:
    record = blob.read_at(at, 56) if 0 <= at < blob.size else b""
    if len(record) < 56 or record[:4] != END64:
        return None
    size, start = struct.unpack_from("<QQ", record, 40)
    return start, size, at


def entries(blob: Blob, directory: Directory) -> Iterator[Entry]:
    """The members in the order of the list. Raises StreamError (damaged) where the list does."""
    at, end, page = directory.start, directory.start + directory.size, b""
    while at < end:
        if len(page) < 46:
            page = blob.read_at(at, min(PAGE, end - at))
        if len(page) < 46 or page[:4] != CENTRAL:
            raise StreamError("damaged", "the list of members in the zip is damaged; those after this place were not read", "copy or collect it again")
        fields = struct.unpack_from("<4xHHHHHHIIIHHHHHII", page)
        length = 46 + fields[9] + fields[10] + fields[11]
        if len(page) < length:
            page = blob.read_at(at, min(max(PAGE, length), end - at))
        yield _entry(page[46 : 46 + fields[9]], page[46 + fields[9] : 46 + fields[9] + fields[10]], fields)
        at += length
        page = page[length:]


def data_start(blob: Blob, at: int) -> int | None:
    """Where the data of the member begin whose local header stands at `at`; None if none stands there. Raises StreamError (io)."""
    record = blob.read_at(at, 30) if 0 <= at < blob.size else b""
    if len(record) < 30 or record[:4] != LOCAL:
        return None
    name_size, extra_size = struct.unpack_from("<HH", record, 26)
    return at + 30 + int(name_size) + int(extra_size)


def local(blob: Blob, at: int) -> Entry | None:
    """The member whose local header stands at `at`; None if there is none, or only a part. Raises StreamError (io)."""
    record = blob.read_at(at, 30)
    if len(record) < 30 or record[:4] != LOCAL:
        return None
    needed, flags, method, time, date, crc, packed, size, name_size, extra_size = struct.unpack_from("<4xHHHHHIIIHH", record)
    name = blob.read_at(at + 30, name_size + extra_size)
    if len(name) < name_size + extra_size:
        return None
    fields = (0, needed, flags, method, time, date, crc, packed, size, name_size, extra_size, 0, 0, 0, 0, at + 30 + name_size + extra_size)
    return _entry(name[:name_size], name[name_size:], fields, listed=False)


def _entry(name: bytes, extra: bytes, fields: tuple[int, ...], *, listed: bool = True) -> Entry:
    made_by, _, flags, method, time, date, crc = fields[:7]
    packed: int | None = fields[7]
    size: int | None = fields[8]
    external, offset = fields[14], fields[15]
    parts = _extras(extra)
    wide = parts.get(1, b"")
    values = list(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
    if size == 0xFFFFFFFF and values:
        size = values.pop(0)
    if packed == 0xFFFFFFFF and values:
        packed = values.pop(0)
    if listed and offset == 0xFFFFFFFF and values:
        offset = values.pop(0)
    if not listed and flags & UNSIZED:
        size = packed = None
    exact = _stamp(parts)
    path = member_path(name, legacy=not flags & UTF8)
    folder = name.endswith((b"/", b"\\"))
    mode = external >> 16 if made_by >> 8 in (3, 19) else 0  # made on Unix or macOS
    modified = exact if exact is not None else _dos(date, time)
    return Entry(path, folder, flags, method, crc, packed, size, offset, mode, modified, exact is None and modified is not None)


def _extras(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    for _ in range(EXTRAS):
        if at + 4 > len(data):
            break
        tag, size = struct.unpack_from("<HH", data, at)
        found.setdefault(tag, data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _stamp(parts: dict[int, bytes]) -> int | None:
    """The modification time in UTC: 'UT' (Info-ZIP extrafld.txt) or the NTFS field; None without."""
    unix = parts.get(0x5455, b"")
    if len(unix) >= 5 and unix[0] & 1:
        seconds = struct.unpack_from("<i", unix, 1)[0]
        return seconds * SECOND if seconds > 0 else None
    ntfs = parts.get(0x000A, b"")
    if len(ntfs) >= 16 and ntfs[4:8] == b"\x01\0\x18\0":
        ticks = struct.unpack_from("<Q", ntfs, 8)[0]
        micros = ticks // 10 - _FILETIME * SECOND
        return int(micros) if 0 < micros < FAR * SECOND else None
    return None


def _dos(date: int, time: int) -> int | None:
    """A DOS date and time (2 s steps, no zone) taken as UTC; None for the empty value 1980-01-01 00:00 and for what is no date."""
    if (date, time) in ((0, 0), (0x21, 0)):
        return None
    try:
        moment = datetime(1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, min(59, (time & 31) * 2), tzinfo=timezone.utc)
    except ValueError:
        return None
    return int(moment.timestamp()) * SECOND if moment.timestamp() < FAR else None
