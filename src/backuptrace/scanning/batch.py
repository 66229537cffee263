"""The hits of one block whose texts may be wanted: they are taken late, when most have made room for newer ones."""

from __future__ import annotations

from operator import attrgetter
from weakref import ref

from backuptrace.scanning.evidence import Found, Kept
from backuptrace.scanning.places import MOST_TEXT, Place
from backuptrace.scanning.records import NEWLINE, Records

_anchor = attrgetter("anchor")


class Batch:
    """A block's bytes and the places in it; `base`, `lines`: bytes and newlines before it; `cut`: where the block ends (what follows is context)."""

    __slots__ = ("_base", "_cut", "_data", "_found", "_lines", "_places", "_records")

    def __init__(self, data: bytes, base: int, lines: int, records: Records, cut: int) -> None:
        self._data, self._base, self._lines, self._records, self._cut = data, base, lines, records, cut
        self._found: dict[int, ref[Place]] = {}
        self._places: list[ref[Place]] = []

    def keep(self, clock: int, hit: Found) -> Kept:
        """The place of a hit, one for all hits of a record unless it lies far from the record's start."""
        stamp, record, line, end = hit
        known = self._found.get(record)
        place = known() if known else None
        if place is None or place.far or end - record > MOST_TEXT:
            place = Place(None if stamp < 0 else stamp, clock, record, self._base + record, line, end)
            self._found[record] = here = ref(place)
            self._places.append(here)
        return Kept(place, line, end)

    def take(self) -> None:
        """Takes the texts that somebody still keeps, with their line numbers."""
        places = sorted((place for here in self._places if (place := here())), key=_anchor)
        at, number = 0, self._lines + 1
        for place in places:
            number += self._data.count(NEWLINE, at, place.anchor)
            at = place.anchor
            place.take(self._data, self._end(place), number)

    def _end(self, place: Place) -> int:
        """Where the record ends; a line without a record start above it stands alone."""
        data, records, cut = self._data, self._records, self._cut
        stop = data.find(NEWLINE, place.hit_end, cut) + 1 or cut
        return records.end(data, stop, cut) if records.start(data, place.record, cut) else stop
