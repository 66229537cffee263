"""Keeps crafted chunks away from the `evtx` package, which writes out whatever a template says: 300 bytes can ask for petabytes.

Windows writes every record in one shape: an instance of a template (its place, the sizes and kinds of its values, the values), of which a value may be
a further instance. Each record is walked in that shape, every value within its record, and what it comes to is added up: a template that uses a value
several times multiplies it, an array repeats the element around it, and what lies in such a value is multiplied once more. A record in another shape, or
with which its chunk comes to too much, is left to the reader that bounds every record. Nothing is assumed of a chunk but what the package reads in it.
About 2 microseconds a record. Not looked for: names of many thousand characters.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from backuptrace.readers.evtx.layout import CHUNK, FIRST_RECORD, LEAST_RECORD, RECORD_HEADER, RECORD_MAGIC
from backuptrace.readers.evtx.values import ARRAY, NESTED, NULL

MOST_WRITTEN = 8 << 20
"""Bytes that the records of a chunk may come to, templates and values; real chunks: 0.5 MB."""
MOST_VALUES = 256
"""Values of an instance that are looked up by their descriptors; real ones have up to 60."""
DEEPEST = 8
"""Instances in instances; real ones: two."""

_END, _FRAGMENT, _INSTANCE = 0x00, 0x0F, 0x0C
_HEAD = struct.Struct("<6xII")
"""Of an instance: the place of its template, and the number of its values if the template is not defined here."""
_INSTANCES = re.compile(rb"\x0c(?=.{5}(..)\0\0)", re.DOTALL)
_DESCRIPTOR = struct.Struct("<HBx")
_RECORD, _U32 = struct.Struct("<4sI"), struct.Struct("<I")
_DEFINITION = 24
"""Bytes before the content of a template; the size of the content stands at 20."""
_GAPS = re.compile(rb"[\x0d\x0e](?=(..)[\0-\x15\x20\x21\x23\x81-\x95])", re.DOTALL).findall
"""The tokens of a value's place, with the number of the value. One byte is consumed, so that none can hide behind another; finds too much, never too little."""
_LITERAL = re.compile(rb"[\x05\x45][\x21\x81-\x95]").search
"""A fragment or an array that stands in the template itself, which no real one does."""
_FRAGMENTS = re.compile(rb"[\x05\x45]\x21").search
"""A fragment that stands as it is, outside of a template."""
_TEXT, _ANSI, _BINARY, _SID, _SIZE = 0x01, 0x02, 0x0E, 0x13, 0x10
_WIDTHS = {3: 1, 4: 1, 5: 2, 6: 2, 7: 4, 8: 4, 9: 8, 10: 8, 11: 4, 12: 8, 13: 4, 15: 16, 17: 8, 18: 16, 20: 4, 21: 8}
"""Bytes that the package reads of a value of the kind, whatever size is told."""
_FREE = frozenset({NULL, _TEXT, _ANSI, _BINARY, NESTED})
"""Kinds of which it reads what is told."""


class _Template(NamedTuple):
    """size: of its content in bytes; most: how often it uses one value; several: values that it uses more than once, each with how often."""

    size: int
    most: int
    several: dict[int, int]


class Values(NamedTuple):
    """The values of an instance, by their sizes and kinds alone. size: of all; nested: fragments as (number, offset, size); sids: as (offset, size);
    arrays: as (kind, offset, size).
    """

    size: int
    nested: tuple[tuple[int, int, int], ...]
    sids: tuple[tuple[int, int], ...]
    arrays: tuple[tuple[int, int, int], ...]


def harmful(chunk: bytes, end: int = CHUNK) -> list[int]:
    """Where in a chunk as the package gets it (`fast.bare`), whose records end at `end`, those records begin that the package must not read.

    The package stops at the first that is none, and so does this.
    """
    out: list[int] = []
    walk = _Walk(chunk)
    at = FIRST_RECORD
    while at < end and at + LEAST_RECORD <= CHUNK:
        magic, size = _RECORD.unpack_from(chunk, at)
        if magic != RECORD_MAGIC or not LEAST_RECORD <= size <= CHUNK - at:
            break
        before = walk.written
        if not walk.harmless(at + RECORD_HEADER, at + size - 4, 1, DEEPEST) or walk.written > MOST_WRITTEN:
            out.append(at)
            walk.written = before
        at += size
    return out


class _Walk:
    """Through the records of one chunk. written: what they come to so far."""

    def __init__(self, chunk: bytes) -> None:
        self._chunk = chunk
        self._templates: dict[int, _Template | None] = {}
        self.written = 0

    def harmless(self, at: int, end: int, times: int, depth: int) -> bool:
        """Whether what stands between two places, and is written so many times, is one instance whose values lie there too, or holds none."""
        chunk = self._chunk
        if at == end or chunk[at] == _END:
            return True
        if chunk[at] == _FRAGMENT:
            at += 4
        if at >= end or chunk[at] != _INSTANCE:
            return self._plain(at, end, times)
        if end - at < _HEAD.size:
            return False
        place, count = _HEAD.unpack_from(chunk, at)
        at += _HEAD.size
        template = self._templates[place] if place in self._templates else self._template(place)
        if template is None or not depth:
            return False
        content, most, several = template
        if place == at - 4:
            at += _DEFINITION + content
            if at > end:
                return False
            count = _U32.unpack_from(chunk, at - 4)[0]
        start = at + 4 * count
        if start > end:
            return False
        # Whoever makes long ones makes each but once.
        values = (values_of if count <= MOST_VALUES else values_of.__wrapped__)(chunk[at:start])
        if values is None:
            return False
        size, nested, sids, arrays = values
        after = start + size
        if after > end or (after < end and chunk[after]):
            return False
        for offset, length in sids:
            if 8 + 4 * chunk[start + offset + 1] > length:
                return False
        if arrays:
            times *= _items(chunk, start, arrays)
        self.written += times * (content + most * size)
        if self.written > MOST_WRITTEN:
            return False
        for number, offset, length in nested:
            again = times * several[number] if number in several else times
            if not self.harmless(start + offset, start + offset + length, again, depth - 1):
                return False
        return True

    def _plain(self, at: int, end: int, times: int) -> bool:
        """Whether what begins with no instance holds none: elements and values as they stand."""
        self.written += times * (end - at)
        found = (int.from_bytes(found[1], "little") for found in _INSTANCES.finditer(self._chunk, at, min(end + _HEAD.size, CHUNK)))
        return _FRAGMENTS(self._chunk, at, end + 1) is None and not any(self._defined(place) for place in found)

    def _defined(self, place: int) -> int:
        """The size of the template that is defined at a place, 0 if there can be none."""
        size = int(_U32.unpack_from(self._chunk, place + 20)[0]) if place + _DEFINITION < CHUNK else 0
        return size if size <= CHUNK - place - _DEFINITION else 0

    def _template(self, place: int) -> _Template | None:
        size, start = self._defined(place), place + _DEFINITION
        # A token at its end is read on behind it.
        known = self._templates[place] = _template(self._chunk[start : start + size + 3], size) if size else None
        return known


@lru_cache(2048)
def _template(definition: bytes, size: int) -> _Template | None:
    """None: it holds what no real one does."""
    if _LITERAL(definition):
        return None
    several = {int.from_bytes(number, "little"): times for number, times in Counter(_GAPS(definition)).items() if times > 1}
    return _Template(size, max(several.values(), default=1), several)


@lru_cache(8192)
def values_of(descriptors: bytes) -> Values | None:
    """Of the descriptors of an instance. None where the package might read on behind a value, or does not read it at all."""
    at, nested, sids, arrays = 0, [], [], []
    for number, (size, kind) in enumerate(_DESCRIPTOR.iter_unpack(descriptors)):
        if kind == NESTED:
            if size:
                nested.append((number, at, size))
        elif kind == _SID:
            if size < 8:
                return None
            sids.append((at, size))
        elif kind & ARRAY:
            if size:
                arrays.append((kind & ~ARRAY, at, size))
        elif kind not in _FREE and not (size >= _WIDTHS.get(kind, CHUNK) or (kind == _SIZE and size in (4, 8))):
            return None
        at += size
    return Values(at, tuple(nested), tuple(sids), tuple(arrays))


def _items(chunk: bytes, start: int, arrays: Iterable[tuple[int, int, int]]) -> int:
    """How often arrays repeat the element around them, at most; beyond all bounds where the package might read on behind one."""
    product = 1
    for kind, offset, size in arrays:
        piece = chunk[start + offset : start + offset + size]
        if kind == _TEXT:
            product *= piece.count(b"\0\0") if size % 2 == 0 and piece.endswith(b"\0\0") else MOST_WRITTEN
        else:
            width = _WIDTHS.get(kind, 0)
            product *= size // width if width and size % width == 0 else MOST_WRITTEN
    return product
