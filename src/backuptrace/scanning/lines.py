"""One pass over a line log with all patterns of its format: hits on the time index, evidence, coverage, silences.

The log is read in blocks that are cut at the last record start before a multiple of 1 MB, so that every record lies in one block (but giants
over 256 KB) and blocks are the same wherever the reading begins (`parts`). Nothing is done per line: only a hit's record is looked for, backwards
from the hit; coverage takes two stamps a block, and a silence is found by bisecting a block whose two stamps lie far apart.
Newlines are counted a block at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from backuptrace.knowledge.compiled import Slot
from backuptrace.knowledge.loading import FieldMatcher, Ready
from backuptrace.matcher import Hits as Matches
from backuptrace.model import SECOND, UTC_CLOCK, Event, Hits, Log, Problem, Told
from backuptrace.readers.stream import Readable, filled
from backuptrace.scanning.evidence import Batch, Evidence, Found
from backuptrace.scanning.hits import Finder, Group, bounds_of
from backuptrace.scanning.records import NEWLINE, Records, clock_of
from backuptrace.scanning.texts import Block, Held, Reread, Source, Texts, marks

STEP = 1 << 20
"""Bytes of a block, about."""
BUFFER = 2 * STEP
OVERLAP = 4096
"""Bytes of a line longer than a block that are looked at twice, so that a match across the cut is found."""
COUNTED = 1 << 20
"""Records are counted in logs up to this size; larger ones are no excerpts."""


def scan_lines(stream: Readable, ready: Ready, log: Log, problems: list[Problem], buffer: bytearray | None = None) -> None:
    """Reads the stream to its end and fills the log. `buffer` may be shared between calls to save the allocation."""
    scanner = Scanner(ready, log, problems, bytearray(BUFFER) if buffer is None else buffer, log.begin)
    scanner.read(stream)
    scanner.finish()


class Part(NamedTuple):
    """What reading a stretch of a log gave, to be joined to what stands before it. base, lines: bytes before its end, newlines in it;
    opening, newest: (stamp, clock) of its first and last record.
    """

    log: Log
    problems: list[Problem]
    groups: dict[tuple[tuple[int, ...], int | None], Group]
    blocks: list[Block]
    base: int
    lines: int
    opening: tuple[int, int] | None
    newest: tuple[int, int] | None


class Scanner:
    """The pass over one log, or over a stretch of it that begins at a record start, `base` bytes from the log's begin."""

    def __init__(self, ready: Ready, log: Log, problems: list[Problem], buffer: bytearray, base: int = 0, source: Source | None = None) -> None:
        """source: the plain file that is scanned, from which texts are read when they are asked for; else they are taken as the log is read."""
        self.ready, self.log, self.problems, self.buffer = ready, log, problems, buffer
        self.step = len(buffer) // 2
        self.records = Records(ready.starts)
        self.slots = ready.shape.slots
        self.finder = Finder(ready, self.records)
        self.base, self.lines = base, log.above
        """Bytes before the buffer, newlines before it."""
        self.carried: tuple[int | None, int] = (None, UTC_CLOCK)
        """Stamp and clock of the record that began before the buffer, where a giant one was cut."""
        self.opening: tuple[int, int] | None = None
        """Stamp and clock of the first record."""
        self.newest: tuple[int, int] | None = None
        """Stamp and clock of the newest record before the block."""
        self.texts: Texts = Reread(source, self.records, log, problems) if source else Held(self.records)
        self.warned: set[str] = set()

    def read(self, stream: Readable, until: int | None = None) -> None:
        """Reads on, to the end of the stream, or to the last record start before `until`, a multiple of the step before which a record starts."""
        used = skip = 0
        while True:
            wanted = min(len(self.buffer), ((self.base + used) // self.step + 1) * self.step - self.base)
            used = filled(stream, self.buffer, used, wanted)
            at_end = used < wanted
            if not used:
                break
            if not at_end and used < len(self.buffer) and self.buffer.rfind(NEWLINE, 0, used) < 0:
                continue
            cut, long_line = (used, False) if at_end else self._cut(used)
            begin, skip = skip, OVERLAP if long_line else 0
            hits = self.ready.matcher.scan(memoryview(self.buffer)[:cut])
            keep = cut - skip
            block = Block(self.base, self.base + cut, self.base + used, self.lines, marks(self.buffer, keep))
            self._block(block, [hit for hit in hits if hit[1] > begin] if begin else hits, whole=at_end and self.base == self.log.begin)
            done = at_end or block.end == until
            self.lines += block.marks[-1]
            self.base += keep
            if done:
                break
            self.buffer[: used - keep] = memoryview(self.buffer)[keep:used]
            used -= keep
        self._file(1)

    def _cut(self, used: int) -> tuple[int, bool]:
        """(where the block ends, whether a line is longer than the buffer): the last record start, else the last newline."""
        line = self.buffer.rfind(NEWLINE, 0, used) + 1
        if not line:
            self._warn("long-line", f"a line longer than {len(self.buffer)} bytes at offset {self.base}", "it was searched in pieces; its times may be missing")
            return used, True
        found = self.records.back(self.buffer, self.buffer.rfind(NEWLINE, 0, line - 1) + 1, used)
        return (found[0], False) if found and found[0] else (line, False)

    def _warn(self, kind: str, what: str, fix: str) -> None:
        if kind not in self.warned:
            self.warned.add(kind)
            self.problems.append(Problem(kind, self.log.path, what, fix))

    # coverage

    def _block(self, block: Block, hits: Matches, *, whole: bool) -> None:
        buffer, records, cut = self.buffer, self.records, block.cut - block.base
        if (nul := buffer.find(b"\0", 0, cut)) >= 0:
            self._warn("nul-bytes", f"NUL bytes from offset {self.base + nul} on", "usual after a crash or on a full disk: what stood there is lost")
        first = records.next(buffer, 0, cut)
        if first:
            last = records.back(buffer, buffer.rfind(NEWLINE, 0, max(cut - 1, 0)) + 1, cut) or first
            begin, end = records.stamp(first[1], first[2]), records.stamp(last[1], last[2])
            if begin is not None and end is not None:
                self._covered((begin, clock_of(first[1], first[2])), (end, clock_of(last[1], last[2])), first[0], last[0], cut)
        self.log.records = self._count_records(cut) if whole and cut <= COUNTED else None
        if hits:
            self._settle(block, hits)
        if first and self.newest:
            self.carried = self.newest

    def _count_records(self, cut: int) -> int:
        """The records of a log that is one block; lines before the first stamp of an undated log count each as one."""
        buffer, at, found = self.buffer, 0, 0
        while at < cut:
            found += self.records.start(buffer, at, cut) is not None
            at = buffer.find(NEWLINE, at, cut) + 1 or cut
        return found

    def _covered(self, begin: tuple[int, int], end: tuple[int, int], low: int, high: int, cut: int) -> None:
        """Adds a block whose first and last record have these (stamp, clock) and stand at these places."""
        log, longest = self.log, self.ready.shape.heartbeat
        log.seen(begin[0], begin[0], begin[1])
        log.seen(end[0], end[0], end[1])
        if longest and begin[1] == end[1]:
            self._bisect(low, high, begin[0], end[0], cut, longest, begin[1])
        self.opening = self.opening or begin
        self._between(begin)
        self.newest = end

    def _between(self, begin: tuple[int, int]) -> None:
        """Looks at the time between the newest record and the next one."""
        longest = self.ready.shape.heartbeat
        if self.newest is not None and self.newest[1] == begin[1]:
            if longest and begin[0] - self.newest[0] > longest:
                self.log.silences.append((self.newest[0], begin[0], begin[1]))
            if begin[0] < self.newest[0] - SECOND * 60:
                self._note("the clock went back inside this log")

    def _note(self, text: str) -> None:
        if text not in self.log.notes:
            self.log.notes.append(text)

    def _bisect(self, low: int, high: int, begin: int, end: int, cut: int, longest: int, clock: int) -> None:
        """Every silence between two records of the block, by stamps at halving distances."""
        stack = [(low, high, begin, end)]
        while stack:
            low, high, begin, end = stack.pop()
            if end - begin <= longest:
                continue
            middle = (low + high) // 2
            found = self.records.next(self.buffer, middle, high) if middle > low else None
            if found is None:
                found = self.records.back(self.buffer, self.buffer.rfind(NEWLINE, low, max(middle, low + 1)) + 1 or low, cut)
                while found and found[0] > low and (later := self.records.next(self.buffer, found[0] + 1, high)) and later[0] < high:
                    found = later
            stamp = self.records.stamp(found[1], found[2]) if found and clock_of(found[1], found[2]) == clock else None
            if found is None or found[0] <= low or found[0] >= high or stamp is None:
                self.log.silences.append((begin, end, clock))
            else:
                stack += [(found[0], high, stamp, end), (low, found[0], begin, stamp)]

    # hits

    def _settle(self, block: Block, matches: Matches) -> None:
        """Finds the hits among the matches of a block; those of groups that have many, or whose texts are to be taken now, are filed."""
        data = bytes(memoryview(self.buffer)[: block.end - block.base])  # of bytes a line can be cut out in one step, and looked up
        self.finder.block(data, block.base, block.cut - block.base, matches, self.carried)
        self.texts.add(block, data, self._kept(), self._file(self.texts.patience))

    def _file(self, least: int) -> list[Batch]:
        """Files the hits of the groups that have so many, and gives them."""
        return [group.file() for group in self.finder.groups.values() if len(group.flat) >= 4 * least]

    def _kept(self) -> Iterator[Evidence]:
        return (group.evidence for group in self.finder.groups.values())

    def part(self) -> Part:
        """What a stretch gave."""
        blocks = self.texts.blocks if isinstance(self.texts, Reread) else []
        return Part(self.log, self.problems, self.finder.groups, blocks, self.base, self.lines, self.opening, self.newest)

    def join(self, part: Part) -> None:
        """Adds the stretch that begins where this one ends."""
        groups = self.finder.groups
        if isinstance(self.texts, Reread):
            self.texts.join(part.blocks, self.lines)
        for key, group in part.groups.items():
            if key in groups:
                groups[key].join(group)
            else:
                groups[key] = group
        for clock, span in part.log.spans.items():
            self.log.seen(span.first, span.last, clock)
            self.log.spans[clock].end = span.end
        for problem in part.problems:
            self._warn(problem.kind, problem.what, problem.fix)
        if part.opening:
            self.opening = self.opening or part.opening
            self._between(part.opening)
        for note in part.log.notes:
            self._note(note)
        self.log.silences += part.log.silences
        self.newest = part.newest or self.newest
        self.base, self.lines = part.base, self.lines + part.lines
        self.log.records = None

    def finish(self) -> None:
        """Fills the log with what was found."""
        log = self.log
        log.size = self.base - log.begin
        log.silences.sort()
        self.texts.finish(self._kept())
        groups: dict[int, list[Group]] = defaultdict(list)
        for group in self.finder.groups.values():
            for slot in group.slots:
                groups[slot].append(group)
            if not all(self.slots[slot].milestone for slot in group.slots):
                log.explained.update(hit[1] for hit in group.evidence)
        for slot in sorted(groups):
            shape, tests, found = self.slots[slot], self.ready.tests[slot], groups[slot]
            kept = Evidence.of([group.evidence for group in found], bounds_of(shape))
            events = partial(_events, kept, shape, tests, self.texts)
            hits = log.hits[shape.key] = Hits([g.runs for g in found if g.dated], [g.runs for g in found if not g.dated], events)
            if (total := hits.total) > len(kept):
                log.capped.append(f"{shape.key}: {total} hits in {log.path}, text kept of {len(kept)}")


def _events(kept: list[Found], slot: Slot, tests: list[FieldMatcher], texts: Texts) -> list[Event]:
    return [Event(slot.key, None if hit[0] < 0 else hit[0], hit[1], partial(_told, hit, slot, tests, texts), hit[4]) for hit in kept]


def _told(hit: Found, slot: Slot, tests: list[FieldMatcher], texts: Texts) -> Told:
    return texts.place(hit).told(hit, tests, milestone=slot.milestone)
