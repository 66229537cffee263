"""What became of an .evtx file while it was read: counts, damage, gaps; and the same in words for the report."""

from __future__ import annotations

from dataclasses import dataclass, field

from backuptrace.model import Problem, utc_text

KEPT = 50
"""Unreadable records, gaps and cleared logs that are kept one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that was lost, or several: offset of the chunk in the file and of the record in the chunk, its id where it is known, why.

    count: how many records, by the ids around it; 0 where no id tells.
    """

    chunk: int
    offset: int
    number: int | None
    why: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Cleared:
    """The log (or, told by event 104 of the System log, another one) was emptied: microseconds UTC, which log, the record that tells."""

    time: int | None
    channel: str
    number: int | None


@dataclass(slots=True)
class Reading:
    """The account of one file, filled while its events are read, complete when they all were.

    records: events given; partial: of them, how many are only their beginning; lost: records that could not be read, `unreadable` the first of them;
    rescued: events that the fast reader did not give; doubtful: events that only the last reader gave; chunks: those that hold records;
    skipped: chunks without a wanted word, skipped_records: those in them and others without one; gaps: (from, to) record ids that are in no
    chunk, `missing` all of them; beyond: records behind the end that the chunk's header told.
    """

    size: int = 0
    version: str = ""
    dirty: bool = False
    header: str = "sound"
    """sound, stale (it tells fewer chunks than there are), damaged (its checksum is wrong) or rebuilt (there was none)."""
    chunks: int = 0
    empty_chunks: int = 0
    off_grid: int = 0
    shuffled: bool = False
    skipped: int = 0
    skipped_records: int = 0
    records: int = 0
    partial: int = 0
    rescued: int = 0
    doubtful: int = 0
    not_asked: int = 0
    """Lost records that the last reader was not given, because it had cost enough."""
    beyond: int = 0
    lost: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    unreadable_places: int = 0
    areas: list[tuple[int, int]] = field(default_factory=list)
    crc_errors: int = 0
    without_crc: bool = False
    short_tail: int = 0
    """Bytes that the last chunk lacks."""
    timeless: int = 0
    renumbered: bool = False
    gaps: list[tuple[int, int]] = field(default_factory=list)
    gap_count: int = 0
    missing: int = 0
    cleared: list[Cleared] = field(default_factory=list)
    slow: bool = False
    capped: bool = False
    """So many records were damaged that the second reader was not asked for all."""
    not_stored: str = ""
    """Why the file could not be kept as a whole; what came before was read."""

    def lose(self, lost: Unreadable) -> None:
        """Counts records that could not be read."""
        self.lost += lost.count
        self.unreadable_places += 1
        if len(self.unreadable) < KEPT:
            self.unreadable.append(lost)

    def clear(self, cleared: Cleared) -> None:
        """Keeps that the log was emptied, of many times the first."""
        if len(self.cleared) < KEPT:
            self.cleared.append(cleared)

    def notes(self) -> list[str]:
        """What a reader of the report should know about the file, apart from damage."""
        out = []
        if self.dirty:
            out.append("the log was copied while it was in use")
        if self.header == "stale":
            out.append("the file header tells fewer chunks than the file holds; all were read")
        if self.renumbered:
            out.append("record numbers begin anew: the file is a selection of the log, made by a filter or a tool; what lies between is not in it")
        if self.shuffled and not self.renumbered:
            out.append("the log is full and goes on at its start; it was read in the order of the record numbers")
        if self.beyond:
            out.append(f"{self.beyond} records are newer than the headers of their chunks; they were read")
        if self.rescued:
            out.append(f"{self.rescued} records were read from damaged places")
        if self.doubtful:
            out.append(f"{self.doubtful} damaged records were read by the last reader, which checks little: single values may be wrong")
        if self.not_asked:
            out.append(f"the last reader was not asked for {self.not_asked} damaged records: what it may cost is bounded")
        if self.skipped_records:
            out.append(f"about {self.skipped_records} records without a wanted word were not parsed ({self.skipped} of {self.chunks} chunks not at all)")
        if self.gap_count and not self.renumbered:
            shown = ", ".join(f"{first} to {last}" for first, last in self.gaps[:3])
            more = f" and {self.gap_count - 3} more ranges" if self.gap_count > 3 else ""
            out.append(f"{self.missing} record numbers are not in the file: {shown}{more}")
        out.extend(_clearing(cleared) for cleared in self.cleared[:3])
        if self.slow:
            out.append("the package evtx is not installed: read by the slower built-in reader")
        if self.timeless:
            out.append(f"{self.timeless} records carry no time")
        return out

    def problems(self, path: str) -> list[Problem]:
        """All damage of the file that lies at `path` in the bundle."""
        out = []
        if not self.chunks:
            what = "no Windows event log: it holds no chunk of events" if self.size else "the file is empty"
            if self.empty_chunks and not self.areas:
                what = "the event log holds no events"
            return [Problem("unreadable" if self.areas or not self.size else "note", path, what, "save the log again: wevtutil epl <log> <file>.evtx")]
        if self.header == "rebuilt":
            out.append(Problem("damaged", path, "the file header is missing or destroyed; the chunks of events were found without it", ""))
        elif self.header == "damaged":
            out.append(Problem("damaged", path, "the checksum of the file header is wrong; the chunks of events were found without it", ""))
        if self.short_tail:
            out.append(Problem("cut", path, f"the last chunk lacks {self.short_tail} bytes; what is there was read", "copy the file again"))
        for offset, length in self.areas[:KEPT]:
            out.append(Problem("damaged", path, f"{length} bytes at {offset} are no event log", ""))
        if self.crc_errors:
            out.append(Problem("damaged", path, f"checksums are wrong in {self.crc_errors} of {self.chunks} chunks; they were read record by record", ""))
        if self.unreadable_places:
            places = "; ".join(_place(lost) for lost in self.unreadable[:5])
            more = f"; and {self.unreadable_places - 5} further places" if self.unreadable_places > 5 else ""
            what = f"{self.lost} records could not be read, of {self.partial} only the beginning: {places}{more}"
            out.append(Problem("unreadable", path, what, "save the log again from the machine"))
        if self.capped:
            what = "so many records are damaged that not all were tried one by one; those are counted as lost"
            out.append(Problem("capped", path, what, "save the log again from the machine"))
        if self.not_stored:
            out.append(Problem("cut", path, f"only {self.size} bytes could be kept for reading: {self.not_stored}", "make room for temporary files"))
        return out


def _clearing(cleared: Cleared) -> str:
    at = utc_text(cleared.time)
    return f"the log {cleared.channel} was cleared" + (f" at {at}" if at else "") + "; older events are gone"


def _place(lost: Unreadable) -> str:
    number = f"record {lost.number}, " if lost.number is not None else ""
    count = f"{lost.count} records, " if lost.count > 1 else ""
    return f"{number}{count}chunk at {lost.chunk}, offset {lost.offset}: {lost.why}"
