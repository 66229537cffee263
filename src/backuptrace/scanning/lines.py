"""One pass over a line log with all patterns of its format: hits on the time index, evidence, coverage, silences.

The buffer is read in blocks that are cut at the last record start, so that every record lies in one block (but giants over 256 KB).
Nothing is done per line: only a hit's record is looked for, backwards from the hit; coverage takes two stamps a block, and a silence is
found by bisecting a block whose two stamps lie far apart. Line numbers are counted a block at a time.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol

from backuptrace.knowledge.loading import Ready
from backuptrace.model import SECOND, UTC_CLOCK, Hits, Log, Problem, Run
from backuptrace.scanning.checks import Check
from backuptrace.scanning.evidence import MOST, MOST_MILESTONES, Evidence, Hit
from backuptrace.scanning.places import MOST_TEXT, Place
from backuptrace.scanning.records import NEWLINE, Match, Records, clock_of

BLOCK = 2 << 20
OVERLAP = 4096
"""Bytes of a line longer than a block that are looked at twice, so that a match across the cut is found."""
COUNTED = 1 << 20
"""Records are counted in logs up to this size; larger ones are no excerpts."""
NUMPY_FROM = 48 << 20
"""Bytes from which on counting newlines pays for the import of numpy (4.7 against 1 GB/s)."""
SMALL = 4096
"""Bytes in which numpy counts no faster."""


class Readable(Protocol):
    """What is scanned: decompressed bytes, read once."""

    def readinto(self, view: memoryview) -> int:
        """Fills the view, returns the number of bytes; 0 at the end."""
        ...


def scan_lines(stream: Readable, ready: Ready, log: Log, problems: list[Problem], buffer: bytearray | None = None) -> None:
    """Reads the stream to its end and fills the log. `buffer` may be shared between calls to save the allocation."""
    _Scanner(ready, log, problems, bytearray(BLOCK) if buffer is None else buffer).run(stream)


class _Scanner:
    def __init__(self, ready: Ready, log: Log, problems: list[Problem], buffer: bytearray) -> None:
        self.ready, self.log, self.problems, self.buffer = ready, log, problems, buffer
        self.records = Records(ready.starts)
        self.slots = ready.shape.slots
        self.hits: list[Hits | None] = [None] * len(self.slots)
        self.evidence = [Evidence(MOST_MILESTONES if slot.milestone else MOST) for slot in self.slots]
        self.checks = [Check(slot, tests) for slot, tests in zip(self.slots, ready.tests, strict=True)]
        self.base = self.lines = 0
        """Bytes and newlines before the buffer."""
        self.carried: tuple[int | None, int] = (None, UTC_CLOCK)
        """Stamp and clock of the record that began before the buffer, where a giant one was cut."""
        self.newest: tuple[int, int] | None = None
        """Stamp and clock of the newest record before the block."""
        self.counted = 0, 0
        """A position in the buffer and the newlines before it."""
        self.warned: set[str] = set()

    def run(self, stream: Readable) -> None:
        buffer, used, skip = self.buffer, 0, 0
        view = memoryview(buffer)
        matcher = self.ready.matcher
        while True:
            got = stream.readinto(view[used:])
            used += got
            if got and used < len(buffer):
                continue
            if not used:
                break
            at_end = not got
            cut, long_line = (used, False) if at_end else self.cut(used)
            hits = matcher.scan(view[:cut])
            self.block(cut, used, [hit for hit in hits if hit[1] > skip] if skip else hits)
            skip = OVERLAP if long_line else 0
            keep = cut - skip
            self.lines += self.newlines(keep)
            self.base += keep
            self.counted = 0, 0
            buffer[: used - keep] = view[keep:used]
            used -= keep
            if at_end:
                break
        self.finish()

    def cut(self, used: int) -> tuple[int, bool]:
        """(where the block ends, whether a line is longer than the buffer): the last record start, else the last newline."""
        line = self.buffer.rfind(NEWLINE, 0, used) + 1
        if not line:
            self.warn("long-line", f"a line longer than {len(self.buffer)} bytes at offset {self.base}", "it was searched in pieces; its times may be missing")
            return used, True
        found = self.records.back(self.buffer, self.buffer.rfind(NEWLINE, 0, line - 1) + 1, used)
        return (found[0], False) if found and found[0] else (line, False)

    def warn(self, kind: str, what: str, fix: str) -> None:
        if kind not in self.warned:
            self.warned.add(kind)
            self.problems.append(Problem(kind, self.log.path, what, fix))

    # coverage

    def block(self, cut: int, used: int, hits: list[tuple[int, int]]) -> None:
        buffer, records = self.buffer, self.records
        if (nul := buffer.find(b"\0", 0, cut)) >= 0:
            self.warn("nul-bytes", f"NUL bytes from offset {self.base + nul} on", "usual after a crash or on a full disk: what stood there is lost")
        first = records.next(buffer, 0, cut)
        if first:
            last = records.back(buffer, buffer.rfind(NEWLINE, 0, max(cut - 1, 0)) + 1, cut) or first
            begin, end = records.stamp(first[1], first[2]), records.stamp(last[1], last[2])
            if begin is not None and end is not None:
                self.covered((begin, clock_of(first[1], first[2])), (end, clock_of(last[1], last[2])), first[0], last[0], cut)
        if self.base + cut <= COUNTED:
            self.count_records(cut)
        else:
            self.log.records = None
        if hits:
            self.settle(cut, used, hits)
        if first and self.newest:
            self.carried = self.newest

    def count_records(self, cut: int) -> None:
        """Adds the block's records; lines before the first stamp of an undated log count each as one."""
        buffer, at, found = self.buffer, 0, 0
        while at < cut:
            found += self.records.start(buffer, at, cut) is not None
            at = buffer.find(NEWLINE, at, cut) + 1 or cut
        self.log.records = (self.log.records or 0) + found

    def covered(self, begin: tuple[int, int], end: tuple[int, int], low: int, high: int, cut: int) -> None:
        """Adds a block whose first and last record have these (stamp, clock) and stand at these places."""
        log, longest = self.log, self.ready.shape.heartbeat
        log.seen(begin[0], begin[0], begin[1])
        log.seen(end[0], end[0], end[1])
        if longest and begin[1] == end[1]:
            self.bisect(low, high, begin[0], end[0], cut, longest, begin[1])
        if self.newest is not None and self.newest[1] == begin[1]:
            if longest and begin[0] - self.newest[0] > longest:
                log.silences.append((self.newest[0], begin[0], begin[1]))
            if begin[0] < self.newest[0] - SECOND * 60:
                self.note("the clock went back inside this log")
        self.newest = end

    def note(self, text: str) -> None:
        if text not in self.log.notes:
            self.log.notes.append(text)

    def bisect(self, low: int, high: int, begin: int, end: int, cut: int, longest: int, clock: int) -> None:
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

    def settle(self, cut: int, used: int, found: list[tuple[int, int]]) -> None:
        """Tests every match of the block exactly; those that hold are hits: they go to the time index, and the texts that are kept are taken."""
        buffer, records, watch, checks = self.buffer, self.records, self.ready.shape.watch, self.checks
        seen = [-1] * len(checks)
        hits: dict[int, list[Hit]] = {}
        line_end = record_end = record = line = -1
        head: Match | None = None
        place = Place(None, UTC_CLOCK, 0, 0, 0, 0)
        words = bytearray()
        long = False
        for pattern, end in found:
            if end > line_end:
                line = buffer.rfind(NEWLINE, 0, end) + 1
                line_end = buffer.find(NEWLINE, end, cut)
                if line_end < 0:
                    line_end = cut
                if line >= record_end:
                    if start := records.back(buffer, line, cut):
                        record, head, kind = start
                        stamp, clock = records.time(head, kind)
                        record_end = records.end(buffer, line_end + 1, cut)
                    else:
                        record, head, (stamp, clock) = line, None, self.carried
                        record_end = min(line_end + 1, cut)
                    long = record_end - record > MOST_TEXT
                    place = Place(stamp, clock, record, record_end, self.base + record, record)
                words = buffer[head.end() if head and record == line else line : line_end].rstrip(b"\r")
            for slot in watch[pattern]:
                if seen[slot] == record:
                    continue
                check = checks[slot]
                if check.line and not check.line(buffer[line:line_end].rstrip(b"\r") if check.whole else words):
                    continue
                if check.more and not check.holds(head, partial(self.text, place, head)):
                    continue
                seen[slot] = record
                value = self.field(check.by, place, head) if check.by else ""
                if long:
                    place = Place(place.stamp, place.clock, record, record_end, place.offset, line)
                hit = place, line, end, value
                if slot in hits:
                    hits[slot].append(hit)
                else:
                    hits[slot] = [hit]
        fresh: list[Hit] = []
        for slot, told in hits.items():
            self.index(slot, told)
            fresh += self.evidence[slot].settle(told)
        self.take(fresh, used)

    def text(self, place: Place, head: Match | None, behind: bool = True) -> bytes:
        """What stands `behind` the head of a record, or the whole record."""
        return bytes(self.buffer[head.end() if head and behind else place.record : place.end]).rstrip(b"\r\n").replace(b"\r\n", b"\n")

    def field(self, name: str, place: Place, head: Match | None) -> str:
        """The value that `by` counts."""
        if name == "message":
            return self.text(place, head).decode("utf-8", "replace")
        value = head[name] if head and name in head.re.groupindex else None
        return value.decode("utf-8", "replace") if value else ""

    def index(self, slot: int, told: list[Hit]) -> None:
        """Adds hits to the time index: one run for all of a second, in the order of the file."""
        hits = self.hits[slot]
        if hits is None:
            hits = self.hits[slot] = Hits([], [], 0, [])
        hits.total += len(told)
        runs, single = hits.runs, self.slots[slot].uncollapsed
        run = runs[-1] if runs else None
        low = run.first[0] // SECOND * SECOND if run else 0
        for place, _, _, value in told:
            stamp, clock, offset = place.stamp, place.clock, place.offset
            if stamp is None:
                hits.undated.append(Run((offset, offset), (offset, offset), 1, value, clock))
                continue
            key = stamp, offset
            if run is None or single or not low <= stamp < low + SECOND or run.field != value or run.clock != clock:
                run, low = Run(key, key, 1, value, clock), stamp // SECOND * SECOND
                runs.append(run)
                continue
            run.count += 1
            if key > run.last:
                run.last = key
            elif key < run.first:
                run.first = key

    def take(self, fresh: list[Hit], used: int) -> None:
        """The texts and line numbers of hits that are kept."""
        fresh.sort(key=_anchor)
        for place, _, end, _ in fresh:
            if not place.taken:
                place.take(self.buffer, used, end, self.lines + self.newlines(place.anchor) + 1)

    def newlines(self, end: int) -> int:
        """Newlines in the buffer up to a position; asked for in rising order, each byte is looked at once."""
        at, found = self.counted
        if end < at:
            at = found = 0
        part = end - at
        if part < SMALL or self.base < NUMPY_FROM:
            found += self.buffer.count(NEWLINE, at, end)
        else:
            import numpy as np

            found += int(np.count_nonzero(np.frombuffer(self.buffer, np.uint8, part, at) == NEWLINE[0]))
        self.counted = end, found
        return found

    def finish(self) -> None:
        log = self.log
        log.size = self.base
        log.silences.sort()
        for slot, hits in enumerate(self.hits):
            if hits is None:
                continue
            shape, evidence = self.slots[slot], self.evidence[slot]
            tests = self.ready.tests[slot]
            hits.kept = [place.event(shape.key, tests, line, end, self.records, milestone=shape.milestone) for place, line, end, _ in evidence.kept()]
            if evidence.dropped:
                log.capped.append(f"{shape.key}: {hits.total} hits in {log.path}, text kept of {len(hits.kept)}")
            log.hits[shape.key] = hits


def _anchor(hit: Hit) -> int:
    return hit[0].anchor
