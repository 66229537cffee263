"""Templates of sound chunks for records whose own template is destroyed: the same event has the same template, with the same id, in every chunk."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from backuptrace.readers.evtx.finding import Spot, Stored
from backuptrace.readers.evtx.layout import CHUNK, FIRST_RECORD, chunk_header

MOST_CHUNKS = 512
"""Chunks that are searched, 32 MiB."""
MOST_KEPT = 128
"""Chunks that are kept for their templates, 8 MiB."""
_TABLE = struct.Struct("<32I")
_DEFINITION = struct.Struct("<I4s")
MOST_TEMPLATES = 4096
"""In one chunk; a circle in its table ends here."""


class Templates:
    """The templates of a file by their id, gathered when the first one is asked for."""

    def __init__(self, stored: Stored, spots: Sequence[Spot]) -> None:
        self._stored, self._spots = stored, spots
        self._known: dict[bytes, tuple[bytes, int]] | None = None

    def lend(self, number: bytes) -> tuple[bytes, int] | None:
        """A chunk that defines the template and the place of the definition in it."""
        if self._known is None:
            self._known = self._gathered()
        return self._known.get(number)

    def _gathered(self) -> dict[bytes, tuple[bytes, int]]:
        known: dict[bytes, tuple[bytes, int]] = {}
        kept = 0
        for spot in self._spots[:MOST_CHUNKS]:
            if not spot.sound or spot.length < CHUNK:
                continue
            chunk = self._stored.at(spot.offset, CHUNK)
            if not chunk_header(chunk).whole:
                continue
            fresh = {number: (chunk, place) for number, place in _defined(chunk) if number not in known}
            known.update(fresh)
            kept += bool(fresh)
            if kept == MOST_KEPT:
                break
        return known


def _defined(chunk: bytes) -> list[tuple[bytes, int]]:
    """(id, place) of the templates that the table of a chunk names."""
    out: list[tuple[bytes, int]] = []
    for place in _TABLE.unpack_from(chunk, 384):
        while FIRST_RECORD <= place <= CHUNK - 24 and len(out) < MOST_TEMPLATES:
            following, number = _DEFINITION.unpack_from(chunk, place)
            out.append((number, place))
            place = following
    return out
