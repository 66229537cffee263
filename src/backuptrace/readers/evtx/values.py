"""Values of binary XML as text, written as the `evtx` package writes them, so that it makes no difference which reader read a record."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import datetime, timedelta

NULL, WIDE, ANSI, BINARY, NESTED, ARRAY = 0x00, 0x01, 0x02, 0x0E, 0x21, 0x80
_EPOCH = datetime(1601, 1, 1)  # noqa: DTZ001  # FILETIME is UTC, and is written as such
_NUMBERS = {0x03: "<b", 0x04: "<B", 0x05: "<h", 0x06: "<H", 0x07: "<i", 0x08: "<I", 0x09: "<q", 0x0A: "<Q", 0x0B: "<f", 0x0C: "<d"}
_SIZES = {0x03: 1, 0x04: 1, 0x05: 2, 0x06: 2, 0x07: 4, 0x08: 4, 0x09: 8, 0x0A: 8, 0x0B: 4, 0x0C: 8, 0x0D: 4, 0x0F: 16, 0x11: 8, 0x12: 16, 0x14: 4, 0x15: 8}


def text_of(kind: int, raw: bytes) -> str:
    """The value as text; raises ValueError for a kind that is unknown or bytes that do not fit it."""
    if kind == WIDE:
        return wide(raw)
    if kind == NULL:
        return ""
    if (number := _NUMBERS.get(kind)) is not None:
        return str(_one(number, raw))
    try:
        return _OTHERS[kind](raw)
    except KeyError:
        raise ValueError(f"a value of the unknown kind 0x{kind:02x}") from None


def items_of(kind: int, raw: bytes) -> list[str]:
    """The items of an array of values of a kind: strings end in zeros, others have their fixed size."""
    if kind == WIDE:
        return wide(raw, whole=True).removesuffix("\0").split("\0")
    if kind == ANSI:
        return _ansi(raw.removesuffix(b"\0"), whole=True).split("\0")
    size = _SIZES.get(kind)
    if not size or len(raw) % size:
        raise ValueError(f"an array of the kind 0x{kind:02x} in {len(raw)} bytes")
    return [text_of(kind, raw[at : at + size]) for at in range(0, len(raw), size)]


def wide(raw: bytes, *, whole: bool = False) -> str:
    """UTF-16 text up to its first zero (`whole`: with all zeros); what is not valid is replaced."""
    text = raw[: len(raw) & ~1].decode("utf-16-le", "replace")
    return text if whole else text.partition("\0")[0]


def _ansi(raw: bytes, *, whole: bool = False) -> str:
    text = raw.decode("cp1252", "replace")
    return text if whole else text.partition("\0")[0]


def _one(form: str, raw: bytes) -> int | float:
    try:
        value: int | float = struct.unpack(form, raw)[0]
    except struct.error as error:
        raise ValueError(f"a number of {len(raw)} bytes") from error
    return value


def _boolean(raw: bytes) -> str:
    return "true" if any(raw) else "false"


def _guid(raw: bytes) -> str:
    if len(raw) != 16:
        raise ValueError(f"a GUID of {len(raw)} bytes")
    first, second, third = struct.unpack_from("<IHH", raw)
    return f"{first:08X}-{second:04X}-{third:04X}-{raw[8:10].hex().upper()}-{raw[10:].hex().upper()}"


def _hex(raw: bytes) -> str:
    if len(raw) not in {4, 8}:
        raise ValueError(f"a hexadecimal number of {len(raw)} bytes")
    return f"0x{int.from_bytes(raw, 'little'):x}"


def _filetime(raw: bytes) -> str:
    ticks = int(_one("<Q", raw))
    try:
        moment = _EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError as error:
        raise ValueError("a time beyond the year 9999") from error
    return moment.isoformat(timespec="microseconds") + "Z"


def _systemtime(raw: bytes) -> str:
    if len(raw) != 16:
        raise ValueError(f"a SYSTEMTIME of {len(raw)} bytes")
    year, month, _, day, hour, minute, second, milli = struct.unpack("<8H", raw)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}000Z"


def _sid(raw: bytes) -> str:
    if len(raw) < 8 or len(raw) != 8 + 4 * raw[1]:
        raise ValueError(f"a SID of {len(raw)} bytes")
    parts = [raw[0], int.from_bytes(raw[2:8], "big"), *struct.unpack_from(f"<{raw[1]}I", raw, 8)]
    return "S-" + "-".join(map(str, parts))


def _binary(raw: bytes) -> str:
    return raw.hex().upper()


_OTHERS: dict[int, Callable[[bytes], str]] = {
    ANSI: _ansi, 0x0D: _boolean, BINARY: _binary, 0x0F: _guid, 0x10: _hex, 0x11: _filetime, 0x12: _systemtime, 0x13: _sid, 0x14: _hex, 0x15: _hex,
}  # fmt: skip
