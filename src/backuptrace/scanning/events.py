"""Event files of a bundle: every event becomes a canonical line, goes to the format of its channel, and is scanned like any line log.

They are read while the bundle is, and scanned when all of it was: only then is known which events two files tell.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from msgspec.structs import replace

from backuptrace.knowledge.loading import Knowledge, Ready
from backuptrace.knowledge.recognition import base_path
from backuptrace.model import SECOND, UTC_CLOCK, Log, Problem
from backuptrace.readers import evtx, exports
from backuptrace.readers.eventdict import EventDictionary
from backuptrace.readers.stream import Origin, Readable
from backuptrace.readers.winevent import WinEvent, event_of, line_of, time_text
from backuptrace.readers.winzone import ZoneFacts
from backuptrace.scanning.eventfilter import MOST_CHANNELS, Filtered
from backuptrace.scanning.eventforms import EVTX, Form
from backuptrace.scanning.eventroutes import Routes
from backuptrace.scanning.eventspool import RUN, Line, Lines, Run, Spool
from backuptrace.scanning.eventzone import Offsets, Told, offsets
from backuptrace.scanning.lines import scan_lines

_QUALITY = {"xml": 1, "clixml": 2}
"""Of the files that tell an event the one of the lowest number counts: .evtx files (0) and XML hold it whole."""
_CHANNEL = re.compile(r"(?:Application|System|Security|Setup)\b|Microsoft-[A-Za-z-]+%4.*", re.IGNORECASE)
_ARCHIVE = re.compile(r"Archive-([^/]+)-\d{4}(?:-\d\d){5}(?:-\d{1,3})?(?=\.evtx$)", re.IGNORECASE)
NO_TIME = -(1 << 62)
"""Before all times: lines of events without a time stand first in the order of the log, unless one with a time is before them."""
NUMBERED = 3
"""Forms below hold the numbers of the records, others are numbered by their lines."""
NO_EVENTS = "a file of Windows events that holds none"
FORWARDED = "events that other machines sent to this one, whose own event logs are there"
MOST_COMPARED = 2_000_000
"""Events that are remembered to count those that several files tell once."""
_DESCENDING = 2
"""Of the steps from event to event, this many times more go back than on: the file is written newest first."""


@dataclass(slots=True)
class _Part:
    """The events of one file that belong to one format."""

    ready: Ready
    runs: list[Run] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    size: int = 0
    records: int = 0
    clock: int = UTC_CLOCK
    offsets: Offsets | None = None
    channels: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _File:
    path: str
    why: str
    modified: int | None
    size: int | None
    quality: int
    filtered: Filtered
    parts: dict[str, _Part] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    cut: bool = False

    @property
    def channel(self) -> str:
        """The channel that the name of the file tells, for events that tell none: `System.csv`, `Microsoft-Windows-AppLocker%4EXE and DLL.txt`."""
        name = self.path.rpartition("/")[2].rpartition(".")[0]
        found = _CHANNEL.match(name)
        return found[0].replace("%4", "/") if found else ""

    @property
    def forwarded(self) -> bool:
        """Whether it is the log in which a collector of events keeps what other machines send; its records keep their own channels."""
        return self.path.rpartition("/")[2].casefold().startswith("forwardedevents")


class EventFiles:
    """The event files of one bundle: first `read` each, then `scan` all, at last `close`. routes: for other parts of the files than selections look for."""

    def __init__(self, knowledge: Knowledge, problems: list[Problem], routes: Routes | None = None) -> None:
        self._dictionary = EventDictionary(knowledge.pack.words)
        self._routes = routes or Routes(knowledge.formats.values())
        self._problems = problems
        self._spool = Spool()
        self.zone = ZoneFacts(knowledge.pack.words)
        """What the events tell of the machine's zone, for logs that no file in UTC settles."""
        self._files: list[_File] = []

    def read(self, stream: Readable, form: Form, artifact: Origin) -> None:
        """Takes all events of a file."""
        path = artifact.path
        if not isinstance(form, exports.Form):
            file = _File(path, f"its content: {EVTX}", artifact.modified, artifact.size, 0, Filtered(numbered=True, live=True))
            reading = evtx.Reading()
            self._events(file, evtx.read(stream, reading, self._routes.wanted, self._routes.picked))
            skipped, notes, problems = reading.skipped_records, reading.notes(), reading.problems(path)
            file.filtered.skipped(skipped + reading.lost)
        else:
            quality = _QUALITY.get(form.kind, 3)
            filtered = Filtered(numbered=quality < NUMBERED, live=False)
            file = _File(path, f"its content: {form.name}", artifact.modified, artifact.size, quality, filtered)

            def wanted(block: bytearray, channels: Mapping[str, int] | None) -> list[int]:
                filtered.block(block, channels)
                return self._routes.ends(block, channels)

            told = exports.Reading(path)
            self._events(file, exports.read(stream, form, told, words=self._dictionary.words, wanted=wanted), posted=form.kind == "posted")
            skipped, notes, problems = told.skipped, told.notes, told.problems
        self._files.append(file)
        self._problems += problems
        file.notes += notes
        file.cut = artifact.cut
        if file.parts:
            max(file.parts.values(), key=_records).records += skipped

    def _events(self, file: _File, events: Iterator[WinEvent], *, posted: bool = False) -> None:
        """posted: parts may be missing."""
        for event in events:
            if posted:
                event = self._dictionary.identified(event)
            event = self._dictionary.complete(event)
            self.zone.add(event)
            event = event if event.channel else replace(event, channel=file.channel)
            file.filtered.take(event)
            self._take(file, event)
        for part in file.parts.values():
            self._flush(part)

    def _take(self, file: _File, event: WinEvent) -> None:
        ready = self._routes.of(event.channel)
        if ready is None:
            return  # never: a format takes every channel that no other has
        part = file.parts.get(ready.shape.id)
        if part is None:
            part = file.parts[ready.shape.id] = _Part(ready, clock=event.clock)
        if len(part.channels) < MOST_CHANNELS:
            part.channels.add(event.channel)
        line = line_of(event).encode("utf-8", "replace") + b"\n"
        time = event.time if event.time is not None else part.waiting[-1][0] if part.waiting else NO_TIME
        part.waiting.append((time, line))
        part.size += len(line)
        part.records += 1
        if part.size >= RUN:
            self._flush(part)

    def _flush(self, part: _Part) -> None:
        if part.waiting:
            if _newest_first(part.waiting):
                part.waiting.reverse()
            part.runs.append(self._spool.write(part.waiting))
        part.waiting, part.size = [], 0

    def scan(self, logs: list[Log], unknown: list[tuple[str, int | None, str]], buffer: bytearray) -> None:
        """Adds a log for each format of each file; files without an event of a known channel to the unknown ones."""
        if any(file.parts and not file.forwarded for file in self._files):
            for file in self._files:
                if file.forwarded and file.parts:
                    file.parts, file.notes = {}, [FORWARDED]
        self._place()
        shared = Counter(key for file in self._files for key in file.parts)
        seen: dict[str, dict[int, int]] = {}
        for file in sorted(self._files, key=_quality):
            if not file.parts:
                unknown.append((file.path, file.size, "; ".join(file.notes if FORWARDED in file.notes else [NO_EVENTS, *file.notes])))
            for key, part in file.parts.items():
                log = Log(file.path, key, _base(file.path), len(logs), modified=file.modified, recognised=file.why, made=True, numbered=file.quality < NUMBERED)
                logs.append(log)
                lines = self._lines(part)
                twice = _Twice(self._dictionary, seen.setdefault(key, {})) if shared[key] > 1 else None
                scan_lines(Lines(_plain(twice.fresh(lines) if twice else lines)), part.ready, log, self._problems, buffer)
                if (told := _span(part.runs)) is not None:
                    first, last = told if part.offsets is None else map(part.offsets.utc, told)
                    log.seen(first, last, part.clock)
                log.records = part.records
                log.cut = file.cut
                log.notes += file.notes
                if why := file.filtered.told(part.channels):
                    log.filtered = True
                    self._problems.append(Problem("incomplete", file.path, why, "save the whole log: wevtutil epl <log> <file>.evtx"))
                if twice:
                    twice.keep()
                    if twice.count:
                        log.notes.append(f"{twice.count} events that another file tells too were counted there")
                    if twice.full:
                        what = f"more than {MOST_COMPARED} events in several files of one log: later ones that two files tell are counted twice"
                        self._problems.append(Problem("capped", file.path, what, "give one file of each log"))
                file.notes = []
        self.close()

    def _place(self) -> None:
        """Finds for every part in local time the offsets by a file of the same log that tells UTC."""
        for file in self._files:
            for key, part in file.parts.items():
                if part.clock == UTC_CLOCK:
                    continue
                others = [told for other in self._files if (told := other.parts.get(key)) and told.clock == UTC_CLOCK and told.offsets is None]
                part.offsets = offsets(self._told([part]), self._told(others)) if others else None
                if part.offsets is not None:
                    part.clock = UTC_CLOCK
                    file.notes.append(f"its local time is {part.offsets.shown}, by events that another file tells in UTC")

    def _told(self, parts: list[_Part]) -> Iterator[Told]:
        for part in parts:
            for time, line in self._spool.lines(part.runs):
                yield time, self._dictionary.identity(event_of(line.decode("utf-8", "replace")))

    def _lines(self, part: _Part) -> Iterator[Line]:
        """The lines of a part, in UTC where its offsets are known."""
        if (found := part.offsets) is None:
            yield from self._spool.lines(part.runs)
            return
        for time, line in self._spool.lines(part.runs):
            moment = found.utc(time)
            yield moment, time_text(moment, UTC_CLOCK).encode() + line[line.index(b"\t") :]

    def close(self) -> None:
        """Gives memory and temporary files back."""
        self._spool.close()


class _Twice:
    """Leaves out the events that an earlier file of the same format told: of each (event, second) as many as it told.

    An event of which only the text is known is compared by provider, id and second.
    """

    def __init__(self, dictionary: EventDictionary, seen: dict[int, int]) -> None:
        self._dictionary, self._seen = dictionary, seen
        self._here: Counter[int] = Counter()
        self.count = 0
        self.full = False

    def fresh(self, lines: Iterator[Line]) -> Iterator[Line]:
        """The lines that no earlier file told."""
        for time, line in lines:
            event = event_of(line.decode("utf-8", "replace"))
            whole = hash((self._dictionary.identity(event), time // SECOND))
            rough = hash((event.provider.casefold(), event.event_id, time // SECOND))
            if len(self._here) < MOST_COMPARED:
                self._here[whole] += 1
                self._here[rough] += 1
            else:
                self.full = True
            key = rough if event.message else whole
            if self._here[key] <= self._seen.get(key, 0):
                self.count += 1
            else:
                yield time, line

    def keep(self) -> None:
        """Adds what this file told."""
        for key, count in self._here.items():
            self._seen[key] = max(count, self._seen.get(key, 0))


def _base(path: str) -> str:
    """The path of the live log, for one that Windows laid aside when it was full (`Archive-System-2026-11-23-03-10-01-123.evtx`)."""
    return _ARCHIVE.sub(r"\1", base_path(path))


def _plain(lines: Iterator[Line]) -> Iterator[bytes]:
    return (line for _, line in lines)


def _records(part: _Part) -> int:
    return part.records


def _quality(file: _File) -> int:
    return file.quality


def _span(runs: list[Run]) -> tuple[int, int] | None:
    """The first and the last time of all lines that have one."""
    low = [run.times[at] for run in runs if (at := bisect_right(run.times, NO_TIME)) < len(run.times)]
    return (min(low), max(run.times[-1] for run in runs)) if low else None


def _newest_first(lines: list[Line]) -> bool:
    back = sum(after[0] < before[0] for before, after in pairwise(lines))
    on = sum(after[0] > before[0] for before, after in pairwise(lines))
    return back > on * _DESCENDING
