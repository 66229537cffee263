"""The events of an .evtx file. Sound chunks are read by the plans of their templates, or, where only some records are wanted, go through the `evtx`
package in batches; every other is walked, mended, and read with all three readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from backuptrace.readers.evtx import fast
from backuptrace.readers.evtx.account import Cleared, Reading, Unreadable
from backuptrace.readers.evtx.binxml import Damage, Effort, Lend, decode
from backuptrace.readers.evtx.eventxml import event_from
from backuptrace.readers.evtx.finding import Found, Spot, Stored, find_chunks
from backuptrace.readers.evtx.lastresort import LastReader
from backuptrace.readers.evtx.layout import CHUNK, DIRTY, LEAST_RECORD, NO_CRC, RECORD_HEADER, ChunkHeader, Place, Walk, chunk_header, place_at, walk
from backuptrace.readers.evtx.lending import Templates
from backuptrace.readers.evtx.planned import Planned
from backuptrace.readers.evtx.screening import harmful
from backuptrace.readers.evtx.tree import Element, event_of
from backuptrace.readers.stream import Readable
from backuptrace.readers.winevent import WinEvent

Wanted = Callable[[bytes], bool]
"""Whether the bytes of a chunk hold something that is looked for."""
Picked = Callable[[list[str]], "set[int]"]
"""Of the XML of several records the places of those that may hold something that is looked for."""

_Sound = tuple[Spot, bytes, ChunkHeader]
BATCH = 16
"""Sound chunks that are given to the package at once."""
MOST_EFFORT = 20_000_000
"""Tokens that the second reader takes in one file, about half a minute or 100,000 records. Without the package it has to read everything."""
NO_LIMIT = 1 << 62
_CLEARED = "LogFileCleared".encode("utf-16-le")
_TELLING = frozenset({104, 1102})
_ALWAYS = frozenset({"104", "1102", "6008", "6013"})
"""Ids of events that tell of the log itself: that it was cleared, the zone of the machine."""
_EVENT_ID = "<EventID"
_EVENTLOG = "microsoft-windows-eventlog"


def read(source: bytes | Readable, reading: Reading, wanted: Wanted | None = None, picked: Picked | None = None) -> Iterator[WinEvent]:
    """All events by chunk in the order of the record ids; with `wanted` only those of chunks that hold something wanted, and of the first and last one;
    with `picked`, too, of these chunks only the events that it picks.

    A chunk that is damaged, or in which a log is said to be cleared, is always read. Nothing is raised for damage: `reading` tells it.
    """
    stored = Stored(source)
    try:
        yield from _Run(stored, reading, wanted, picked).events()
    finally:
        stored.close()


@dataclass(slots=True)
class _Run:
    """One pass over a file. ids: runs (first, last) of record ids that are in the file, whether they could be read or not."""

    stored: Stored
    reading: Reading
    wanted: Wanted | None
    picked: Picked | None = None
    lend: Lend | None = None
    effort: Effort = field(default_factory=lambda: Effort(MOST_EFFORT if fast.available() else NO_LIMIT))
    last: LastReader = field(default_factory=LastReader)
    planned: Planned = field(default_factory=Planned)
    ids: list[tuple[int, int]] = field(default_factory=list)
    other_numbers: int = 0

    def events(self) -> Iterator[WinEvent]:
        found = find_chunks(self.stored)
        self._account(found)
        self.reading.not_stored = self.stored.stopped
        self.lend = Templates(self.stored, found.spots).lend
        batch: list[_Sound] = []
        for place, spot in enumerate(found.spots):
            chunk = self.stored.at(spot.offset, spot.length)
            if spot.length < CHUNK:
                if spot.offset + spot.length >= self.stored.size:
                    self.reading.short_tail = CHUNK - spot.length
                chunk = chunk.ljust(CHUNK, b"\0")
            header = chunk_header(chunk)
            if spot.sound and header.flags & NO_CRC:
                self.reading.without_crc = True
            elif not (header.head_fits and header.data_fits):
                self.reading.crc_errors += 1
            if not (spot.sound and header.whole and spot.length == CHUNK) or _goes_on(chunk, header):
                yield from self._batch(batch)
                batch = []
                yield from self._careful(spot, chunk, header)
            elif place in {0, len(found.spots) - 1}:
                yield from self._batch(batch)
                yield from self._whole((spot, chunk, header))
                batch = []
            elif self._skips(chunk):
                self.reading.skipped += 1
                self.reading.skipped_records += header.last - header.first + 1
                self.ids.append((header.first, header.last))
            elif self.picked is None or not fast.available():
                yield from self._whole((spot, chunk, header))
            else:
                batch.append((spot, chunk, header))
                if len(batch) == BATCH:
                    yield from self._batch(batch)
                    batch = []
        yield from self._batch(batch)
        self._close()

    def _account(self, found: Found) -> None:
        reading, header = self.reading, found.header
        reading.size, reading.chunks, reading.empty_chunks = self.stored.size, len(found.spots), found.empty
        reading.areas, reading.off_grid, reading.shuffled = found.areas, found.off_grid, found.shuffled
        reading.slow = not fast.available()
        if header is None:
            reading.header = "rebuilt"
            return
        reading.version, reading.dirty = f"{header.major}.{header.minor}", bool(header.flags & DIRTY)
        if not header.whole and not header.flags & NO_CRC:
            reading.header = "damaged"
        elif header.chunks < len(found.spots) and len(found.spots) <= 0xFFFF:
            reading.header = "stale"

    def _skips(self, chunk: bytes) -> bool:
        return self.wanted is not None and not self.wanted(chunk) and _CLEARED not in chunk

    def _whole(self, one: _Sound) -> Iterable[WinEvent]:
        """All events of a sound chunk; what is not usual is read in other ways, and a chunk in which a single record is not as expected with care."""
        spot, chunk, header = one
        events = self.planned.events(chunk, header)
        others, missing = self.planned.others, self.planned.missing
        if events is None:
            read = self._by_package([one])
            if read is None:
                return self._careful(spot, chunk, header)
            events, others = self._given(read, [one]), 0
        elif missing:
            rest = self._rest(one, missing)
            if rest is None:
                return self._careful(spot, chunk, header)
            for place, event in zip(missing, rest, strict=True):
                events[place] = event
        self.ids.append((header.first, header.last))
        self.other_numbers += others
        return self._counted(events)

    def _rest(self, one: _Sound, missing: list[int]) -> list[WinEvent | None] | None:
        """The events of single records of a sound chunk, None for those that are lost. None if the chunk must be read with care."""
        if not fast.available():
            spot, chunk, header = one
            places = walk(chunk, header.free).places
            return [self._by_itself(spot, chunk, places[n]) for n in missing] if len(places) == header.last - header.first + 1 else None
        read = self._by_package([one])
        return None if read is None else self._given([read[n] for n in missing], [one])

    def _batch(self, batch: list[_Sound]) -> Iterator[WinEvent]:
        """The events that are picked of sound chunks; a chunk in which a single record is not as expected with care."""
        if not batch or self.picked is None:
            return
        read = self._by_package(batch)
        if read is not None:
            self.ids.extend((header.first, header.last) for *_, header in batch)
            yield from self._counted(self._given(self._some(read, self.picked), batch))
        elif len(batch) > 1:
            for one in batch:
                yield from self._batch([one])
        else:
            yield from self._careful(*batch[0])

    def _by_package(self, batch: list[_Sound]) -> list[tuple[int, str]] | None:
        """(record id, XML) of all records of these chunks; None if the package does not read them all, or must not."""
        if not fast.available():
            return None
        bare = [fast.bare(chunk, header.free) for _, chunk, header in batch]
        if any(harmful(chunk, header.free) for chunk, (*_, header) in zip(bare, batch, strict=True)):
            return None
        read, errors = fast.read_xml(bare)
        return None if errors or len(read) != sum(header.last - header.first + 1 for *_, header in batch) else read

    def _some(self, read: list[tuple[int, str]], picked: Picked) -> list[tuple[int, str]]:
        """The records that are picked, and those that tell of the log itself."""
        places = picked([xml for _, xml in read])
        kept = [pair for place, pair in enumerate(read) if place in places or _id_of(pair[1]) in _ALWAYS]
        self.reading.skipped_records += len(read) - len(kept)
        return kept

    def _given(self, read: list[tuple[int, str]], batch: list[_Sound]) -> list[WinEvent | None]:
        """What the package read, as events. XML that is none (it does happen that the package gives such) is read again by the second reader."""
        out: list[WinEvent | None] = []
        for number, xml in read:
            try:
                event: WinEvent | None = event_from(xml, number)
            except ValueError:
                event = self._again(number, batch)
            self.other_numbers += event is not None and event.number != number
            out.append(event)
        return out

    def _by_itself(self, spot: Spot, chunk: bytes, place: Place) -> WinEvent | None:
        event = self._one(spot, chunk, place, None)
        self.other_numbers += event is not None and event.number != place.id
        return event

    def _counted(self, events: list[WinEvent | None]) -> list[WinEvent]:
        """Those that are not lost."""
        kept = [event for event in events if event is not None]
        for event in [event for event in kept if event.event_id in _TELLING or event.time is None]:
            self._look(event)
        self.reading.records += len(kept)
        return kept

    def _again(self, number: int, batch: list[_Sound]) -> WinEvent | None:
        for spot, chunk, header in batch:
            for place in walk(chunk, header.free).places if header.first <= number <= header.last else ():
                if place.id == number:
                    return self._one(spot, chunk, place, None)
        return None

    def _look(self, event: WinEvent) -> None:
        if event.time is None:
            self.reading.timeless += 1
        if event.event_id in _TELLING and event.provider.lower() == _EVENTLOG:
            channel = next((value for name, value in event.data if name == "Channel"), event.channel)
            self.reading.clear(Cleared(event.time, channel, event.number))

    def _careful(self, spot: Spot, chunk: bytes, header: ChunkHeader) -> Iterator[WinEvent]:
        """Record by record: the package reads the mended chunk, the second reader what it leaves, the last one what that cannot read."""
        walked = walk(chunk, header.free)
        self.reading.beyond += walked.beyond
        read: dict[int, list[str]] = {}
        kept: set[int] = set()
        if fast.available():
            bare = fast.bare(fast.mended(chunk, walked))
            kept.update(harmful(bare, walked.end))
            if kept:
                bare = fast.without(bare, kept)
            # What was emptied may have been part of a template that others use.
            if not kept or not harmful(bare, walked.end):
                for number, xml in fast.read_xml([bare])[0]:
                    read.setdefault(number, []).append(xml)
        naive = _naive_end(chunk, walked) if spot.sound and spot.length == CHUNK else 0
        for place in walked.places:
            xmls = read.get(place.id)
            if place.offset in kept and xmls:
                del xmls[0]  # of the empty record
                xmls = None
            event = self._one(spot, chunk, place, xmls)
            if event is None:
                continue
            self.reading.records += 1
            self.reading.rescued += place.offset >= naive
            if event.number != place.id:
                self.other_numbers += 1
            self._look(event)
            yield event
        self.ids.extend((place.id, place.id) for place in walked.places)
        self._holes(spot, walked, header)

    def _one(self, spot: Spot, chunk: bytes, place: Place, xmls: list[str] | None) -> WinEvent | None:
        why = "" if place.sound else "its end is missing or overwritten"
        event = None
        if xmls and place.sound:
            with suppress(ValueError):  # the second reader tells why, or reads it
                event = event_from(xmls.pop(0), place.id)
        if event is None and self.effort.left <= 0:
            why, self.reading.capped = "not tried, see below", True
        elif event is None:
            try:
                event = event_of(decode(chunk, place.offset + RECORD_HEADER, place.offset + place.size - 4, self.lend, self.effort), place.id)
                why = why or ("" if event else "it has no System part")
            except Damage as damage:
                event, why = _beginning(damage.root, place.id), str(damage)
            if event is None and (event := self.last.event(chunk, place)) is not None:
                why = ""
        if why:
            self.reading.lose(Unreadable(spot.offset, place.offset, place.id, why, 0 if event else 1))
            self.reading.partial += event is not None
        return event

    def _holes(self, spot: Spot, walked: Walk, header: ChunkHeader) -> None:
        """Bytes that are no record: how many were lost, as far as the ids around them or the chunk's header tell."""
        for start, end in walked.holes:
            before, after = walked.around(start)
            first = before.id + 1 if before else header.first
            last = after.id - 1 if after else header.last
            trusted = (before and after) or (header.head_fits and spot.sound)
            count = last - first + 1 if trusted and 0 < last - first + 1 <= (end - start) // LEAST_RECORD else 0
            if count:
                self.ids.append((first, last))
            what = f"{end - start} bytes hold no record" if count else f"{end - start} bytes hold no record, how many were lost is not known"
            self.reading.lose(Unreadable(spot.offset, start, first if count == 1 else None, what, count))

    def _close(self) -> None:
        reading = self.reading
        reading.doubtful, reading.not_asked = self.last.read, self.last.refused
        reading.renumbered = 2 * self.other_numbers > reading.records > 0
        end: int | None = None
        for first, last in sorted(self.ids):
            if end is not None and first > end + 1:
                reading.gap_count += 1
                reading.missing += first - end - 1
                if len(reading.gaps) < 50:
                    reading.gaps.append((end + 1, first - 1))
            end = last if end is None else max(end, last)


def _id_of(xml: str) -> str:
    """The text of the first EventID."""
    begin = xml.find(_EVENT_ID) + len(_EVENT_ID)
    return xml[begin : xml.find("<", begin)].rpartition(">")[2]


def _goes_on(chunk: bytes, header: ChunkHeader) -> bool:
    """Whether a record that is newer than the header stands where the header tells the end."""
    place = place_at(chunk, header.free)
    return place is not None and place.id == header.last + 1


def _beginning(root: Element, number: int) -> WinEvent | None:
    """The event as far as it could be read, if it tells at least who logged what and when."""
    event = event_of(root, number) if root.name == "Event" else None
    return event if event is not None and event.provider and event.event_id and event.time is not None else None


def _naive_end(chunk: bytes, walked: Walk) -> int:
    """Offset up to which a reader gets that goes from record to record and stops at the first bad one or at the told end."""
    told = len(walked.places) - walked.beyond
    ends = [start for start, _ in walked.holes]
    if walked.beyond and told < len(walked.places):
        ends.append(walked.places[told].offset)
    return min(ends, default=len(chunk))
