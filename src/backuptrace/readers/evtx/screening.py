"""Keeps crafted chunks away from the `evtx` package, which writes out whatever a template says: 300 bytes can ask for petabytes.

In real templates each value has one place, no array is written out, and a record has one array at most. What multiplies is a template that repeats values
(along the templates of one record the numbers multiply) and an element with several arrays (it is repeated for each combination).
The search is on raw bytes and finds too much, never too little; a chunk that it suspects goes to the reader that bounds every record.
About 300 microseconds a chunk. Not looked for: names of many thousand characters.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from math import prod

from backuptrace.readers.evtx.layout import CHUNK, FIRST_RECORD, RECORD_MAGIC

MOST_REPEATED = 200
"""By how much the templates of one record may multiply a value; by chance bytes of real ones look like 25."""
MOST_TEMPLATES = 2 << 20
"""Bytes of template that the records of a chunk use in all; real chunks: 0.3 MB."""
MOST_COMBINED = 1000
"""How often the arrays of one record may repeat an element."""

_INSTANCES = re.compile(rb"\x0c(?=.{5}(..)\0\0)", re.DOTALL)
"""The token of an instance: behind it one byte, the id of the template (4), its offset in the chunk (4)."""
_GAPS = re.compile(rb"[\x0d\x0e](?=(..))", re.DOTALL).findall
"""The tokens of a value's place, with the number of the value. One byte is consumed, so that none can hide behind another."""
_LITERAL_ARRAY = re.compile(rb"[\x05\x45][\x81-\x95]").search
_ARRAY, _ZERO = b"A", b"0"
_ARRAY_SIZE = _ARRAY + _ZERO
_KINDS = bytes(ord(_ZERO) if byte == 0 else ord(_ARRAY) if 0x81 <= byte <= 0x95 else byte if byte == RECORD_MAGIC[0] else ord(".") for byte in range(256))
"""Bytes by what they can be: zero, the kind of an array, part of a record's magic."""
_RECORD = RECORD_MAGIC.replace(b"\0", _ZERO)


def is_harmless(chunk: bytes, end: int = CHUNK) -> bool:
    """Whether the records of the chunk, which end at `end`, cannot become much longer than they are."""
    used = Counter(_INSTANCES.findall(chunk, FIRST_RECORD, end))
    total = 0
    repeating: dict[bytes, int] = {}
    for raw, times in used.items():
        place = int.from_bytes(raw, "little")
        size = int.from_bytes(chunk[place + 20 : place + 24], "little")
        if place < FIRST_RECORD or not size or place + 24 + size > CHUNK:
            continue
        if place + 24 + size > end:
            return is_harmless(chunk)  # a template behind the records, or bytes that only look so
        total += size * times
        repeats = _repeats(chunk[place + 24 : place + 24 + size])
        if repeats > 1:
            repeating[raw] = repeats
    return total <= MOST_TEMPLATES and (not repeating or _product(chunk, repeating) <= MOST_REPEATED) and not _arrays_multiply(chunk, end)


@lru_cache(2048)
def _repeats(definition: bytes) -> int:
    """How often a template repeats a value, at most; an array that is written out counts as beyond all bounds."""
    if _LITERAL_ARRAY(definition):
        return MOST_REPEATED + 1
    numbers = _GAPS(definition)
    return 1 + len(numbers) - len(set(numbers))


def _product(chunk: bytes, repeating: dict[bytes, int]) -> int:
    """The greatest product, over the records, of how often the templates in it repeat values."""
    greatest = product = 1
    record = -1
    for found in _INSTANCES.finditer(chunk):
        times = repeating.get(found[1])
        if times is None:
            continue
        begin = chunk.rfind(RECORD_MAGIC, record + 1 if record >= 0 else 0, found.start())
        if begin >= 0:
            record, product = begin, 1
        product *= times
        greatest = max(greatest, product)
        if greatest > MOST_REPEATED:
            break
    return greatest


def _arrays_multiply(chunk: bytes, end: int) -> bool:
    """Whether a record has several arrays. Only those whose bytes look so are looked at closely."""
    kinds = chunk[FIRST_RECORD:end].translate(_KINDS)
    between = kinds.split(_ARRAY_SIZE)
    at = done = before = 0
    for number in [number for number, piece in enumerate(between[1:-1], 1) if _RECORD not in piece]:
        at += sum(map(len, between[before:number])) + len(_ARRAY_SIZE) * (number - before)
        before = number
        if at < done:
            continue
        start, done = kinds.rfind(_RECORD, 0, at), kinds.find(_RECORD, at)
        done = len(kinds) if done < 0 else done
        if _combinations(chunk, FIRST_RECORD + max(start, 0), FIRST_RECORD + done) > MOST_COMBINED:
            return True
    return False


def _combinations(chunk: bytes, start: int, end: int) -> int:
    """How often the arrays among the values of the instances between two places could repeat an element, at most."""
    sizes: list[int] = []
    for found in _INSTANCES.finditer(chunk, start, end):
        place, at = int.from_bytes(found[1], "little"), found.start() + 10
        if place == at:
            at += 24 + int.from_bytes(chunk[at + 20 : at + 24], "little")
        count = int.from_bytes(chunk[at : at + 4], "little")
        if count <= (end - at) // 4:
            kinds = chunk[at + 6 : at + 4 + 4 * count : 4]
            sizes += [int.from_bytes(chunk[at + 4 + 4 * n : at + 6 + 4 * n], "little") for n, kind in enumerate(kinds) if kind & 0x80]
    return prod(size for size in sizes if size > 1) if len(sizes) > 1 else 1
