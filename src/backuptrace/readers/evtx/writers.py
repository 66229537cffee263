"""How the values of usual records are written: as `values` does and then `tree.usual`, but chosen once for a kind and a size, and without a second look.

Only what all readers are certain to write in one way. The others (floating numbers, odd truth values, letters of a code page, characters that XML
forbids) raise ValueError, and their record is left to the other readers.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from backuptrace.readers.evtx.eventxml import FORBIDDEN
from backuptrace.readers.evtx.tree import usual
from backuptrace.readers.evtx.values import ANSI, ARRAY, BINARY, NESTED, NULL, WIDE, text_of

Writer = Callable[[bytes], str]
_TEXTS, _BOOLEAN, _GUID, _SIZE, _FILETIME, _SID = WIDE | ARRAY, 0x0D, 0x0F, 0x10, 0x11, 0x13
_NUMBERS = {0x03: 1, 0x04: 1, 0x05: 2, 0x06: 2, 0x07: 4, 0x08: 4, 0x09: 8, 0x0A: 8}
"""Bytes by kind; those of odd kinds have a sign."""
_HEX = {0x14: 4, 0x15: 8}
DELICATE = frozenset({0x0B, 0x0C, 0x11, 0x12})
"""Floating numbers and times: a reader may fail at one even if nobody needs it."""
_EPOCH = datetime(1601, 1, 1)  # noqa: DTZ001  # FILETIME is UTC, and is written as such
_LETTERS_OF_GUID = 36
SHORT = 128
"""Bytes of values of which what was written is kept: logs repeat themselves."""
decoded = codecs.utf_16_le_decode
"""Behind `bytes.decode("utf-16-le")` stands a function in Python."""
_PARTS = struct.Struct("<IHH")


@lru_cache(1024)
def writer(kind: int, size: int) -> Writer:
    """For values of so many bytes; `several` for an array of texts."""
    if kind == WIDE:
        return _short if size <= SHORT else _text
    if kind == _TEXTS and size:
        return several
    if not size or kind == NULL:
        return _nothing if kind in {NULL, NESTED, ANSI, BINARY, _TEXTS} else refused
    if _NUMBERS.get(kind) == size:
        return _signed if kind & 1 else _number
    if _HEX.get(kind) == size or (kind == _SIZE and size in {4, 8}):
        return _hexadecimal
    if kind == _GUID and size == 16:
        return _guid
    return _OTHERS.get(kind, refused)


def usual_text(text: str) -> str:
    """A text up to its first zero, as it reads in every form of an event. Raises ValueError for characters that XML forbids."""
    text = text.partition("\0")[0]
    if not text.isprintable() and FORBIDDEN.search(text):
        raise ValueError("characters that XML forbids")
    return usual(text)


def items(raw: bytes) -> list[str]:
    """The texts of an array, each with its zero."""
    if len(raw) % 2 or not raw.endswith(b"\0\0"):
        raise ValueError("an array without its end")
    return raw[:-2].decode("utf-16-le").split("\0")


def _text(raw: bytes) -> str:
    text = decoded(raw, "strict", True)[0]
    return text if text.isprintable() and len(text) != _LETTERS_OF_GUID else usual_text(text)


_short = lru_cache(1024)(_text)


def several(_: bytes) -> str:
    """Stands for `items`, which gives more than one text."""
    raise ValueError("an array")


def _nothing(_: bytes) -> str:
    return ""


def refused(_: bytes) -> str:
    """For kinds and sizes of which no reader is certain."""
    raise ValueError("a value in an unusual form")


@lru_cache(1024)
def _number(raw: bytes) -> str:
    return str(int.from_bytes(raw, "little"))


@lru_cache(1024)
def _signed(raw: bytes) -> str:
    return str(int.from_bytes(raw, "little", signed=True))


@lru_cache(1024)
def _hexadecimal(raw: bytes) -> str:
    return f"0x{int.from_bytes(raw, 'little'):x}"


@lru_cache(1024)
def _guid(raw: bytes) -> str:
    first, second, third = _PARTS.unpack_from(raw)
    return f"{{{first:08x}-{second:04x}-{third:04x}-{raw[8:10].hex()}-{raw[10:].hex()}}}"


def _binary(raw: bytes) -> str:
    return raw.hex().upper()


@lru_cache(1024)
def _sid(raw: bytes) -> str:
    return text_of(_SID, raw)


@lru_cache(1024)
def moment(raw: bytes) -> str:
    """A time. Raises ValueError for one that no calendar has."""
    if len(raw) != 8:
        raise ValueError("no FILETIME")
    try:
        return (_EPOCH + timedelta(microseconds=int.from_bytes(raw, "little") // 10)).isoformat(timespec="microseconds") + "Z"
    except OverflowError as error:
        raise ValueError("a time beyond the year 9999") from error


def _truth(raw: bytes) -> str:
    if raw == b"\0\0\0\0":
        return "false"
    return "true" if raw == b"\1\0\0\0" else refused(raw)


def _letters(raw: bytes) -> str:
    text = raw.rstrip(b"\0").decode("ascii")
    return usual(text) if text.isprintable() else refused(raw)


_OTHERS: dict[int, Writer] = {BINARY: _binary, _SID: _sid, _FILETIME: moment, _BOOLEAN: _truth, ANSI: _letters}
