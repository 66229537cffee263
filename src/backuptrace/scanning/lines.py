"""One pass over a line log with all patterns of its format: hits on the time index, evidence, coverage, silences.

The buffer is read in blocks that are cut at the last record start, so that every record lies in one block (but giants over 256 KB).
Nothing is done per line: only a hit's record is looked for, backwards from the hit; coverage takes two stamps a block, and a silence is
found by bisecting a block whose two stamps lie far apart. Line numbers are counted a block at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from backuptrace.knowledge.loading import Ready
from backuptrace.model import HOUR, SECOND, UTC_CLOCK, Event, Hits, Log, Problem, Run
from backuptrace.scanning.evidence import Evidence, Place
from backuptrace.scanning.records import FARTHEST, NEWLINE, Match, Records, clock_of

BLOCK = 2 << 20
OVERLAP = 4096
"""Bytes of a line longer than a block that are looked at twice, so that a match across the cut is found."""
COUNTED = 1 << 20
"""Records are counted in logs up to this size; larger ones are no excerpts."""
MOST_TEXT = 8000
CONTEXT = 2
NUMPY_FROM = 48 << 20
"""From here on counting newlines pays for the import of numpy (4.7 against 1 GB/s)."""


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
        self.evidence: list[Evidence | None] = [None] * len(self.slots)
        self.base = self.lines = 0
        """Bytes and newlines before the buffer."""
        self.carried: tuple[int | None, int] = (None, UTC_CLOCK)
        """Stamp and clock of the record that began before the buffer, where a giant one was cut."""
        self.newest: tuple[int, int] | None = None
        """Stamp and clock of the newest record before the block."""
        self.count = self.newlines
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
            self.lines += self.count(keep)
            self.base += keep
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

    def newlines(self, end: int) -> int:
        if self.base > NUMPY_FROM:
            import numpy as np

            self.count = lambda end: int(np.count_nonzero(np.frombuffer(self.buffer, np.uint8, end) == 10))
            return self.count(end)
        return self.buffer.count(NEWLINE, 0, end)

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

    def settle(self, cut: int, used: int, hits: list[tuple[int, int]]) -> None:
        """Puts every hit of the block on the time index and takes the texts that are kept."""
        buffer, records, watch, tests = self.buffer, self.records, self.ready.shape.watch, self.ready.tests
        seen: dict[int, int] = {}
        touched: dict[int, Evidence] = {}
        line_of = line_end = record = -1
        head: Match | None = None
        stamp: int | None = None
        kind = UTC_CLOCK
        message = text = b""
        record_end = 0
        for pattern, end in hits:
            line = buffer.rfind(NEWLINE, 0, end) + 1
            if line != line_of:
                line_of = line
                line_end = buffer.find(NEWLINE, line, cut) + 1 or cut
            if not record <= line < record_end or record < 0:
                found = records.back(buffer, line, cut)
                if found:
                    record, head, clock = found
                    stamp, kind = records.stamp(head, clock), clock_of(head, clock)
                    record_end = records.end(buffer, line, cut)
                else:
                    record, head, record_end, (stamp, kind) = line, None, line_end, self.carried
                message = text = b""
            for slot in watch[pattern]:
                if seen.get(slot) == record:
                    continue
                holds = True
                value = b""
                for test in tests[slot]:
                    name = test.field
                    if name == "message":
                        if not message:
                            message = bytes(buffer[head.end() if head else record : record_end]).rstrip(b"\r\n").replace(b"\r\n", b"\n")
                        value = message
                    elif name == "text":
                        if not text:
                            text = bytes(buffer[record:record_end]).rstrip(b"\r\n").replace(b"\r\n", b"\n")
                        value = text
                    else:
                        value = (head[name] or b"") if head and name in head.re.groupindex else b""
                    if not test.holds(value):
                        holds = False
                        break
                if not holds:
                    continue
                seen[slot] = record
                self.index(slot, stamp, kind, record, head, message)
                evidence = self.evidence[slot]
                if evidence is None:
                    evidence = self.evidence[slot] = Evidence()
                evidence.note(-1 if stamp is None else stamp // HOUR, (-1 if stamp is None else stamp, record, record_end, end))
                touched[slot] = evidence
        for slot, evidence in touched.items():
            evidence.settle(self.maker(slot, used))

    def index(self, slot: int, stamp: int | None, clock: int, record: int, head: Match | None, message: bytes) -> None:
        hits = self.hits[slot]
        if hits is None:
            hits = self.hits[slot] = Hits([], [], 0, [])
        hits.total += 1
        offset = self.base + record
        key = (offset, offset) if stamp is None else (stamp, offset)
        by = self.slots[slot].by
        field = _field(by, head, message) if by else ""
        runs = hits.undated if stamp is None else hits.runs
        if runs and stamp is not None and not self.slots[slot].uncollapsed:
            last = runs[-1]
            if last.first[0] // SECOND == stamp // SECOND and last.field == field and last.clock == clock:
                last.count += 1
                if key > last.last:
                    last.last = key
                elif key < last.first:
                    last.first = key
                return
        runs.append(Run(key, key, 1, field, clock))

    def maker(self, slot: int, used: int) -> Callable[[Place], Event]:
        buffer, base, lines, key = self.buffer, self.base, self.lines, self.slots[slot].key
        milestone = self.slots[slot].milestone
        counted = [0, 0]

        def make(place: Place) -> Event:
            stamp, record, record_end, end = place
            line = buffer.rfind(NEWLINE, 0, end) + 1
            if line < counted[0]:
                counted[:] = [0, 0]
            counted[1] += buffer.count(NEWLINE, counted[0], line)
            counted[0] = line
            shown, hit = _shown(buffer, record, record_end, line, end)
            fields: dict[str, str] = {}
            found = self.records.start(buffer, record, record_end)
            begin = found[0].end() if found and line == record else line
            hit = self.narrowed(slot, hit, line, begin, buffer.find(NEWLINE, begin, record_end))
            if milestone:
                if found:
                    fields = _named(found[0])
                    fields["message"] = bytes(buffer[found[0].end() : min(record_end, found[0].end() + MOST_TEXT)]).decode("utf-8", "replace").rstrip("\r\n")
                else:
                    fields["message"] = shown
                for test in self.ready.tests[slot]:
                    fields |= test.named(fields.get(test.field, shown).encode())
            before, after = _around(buffer, record, record_end, used)
            clock = clock_of(*found) if found else UTC_CLOCK
            return Event(key, None if stamp < 0 else stamp, base + record, lines + counted[1] + 1, shown, hit, fields, before, after, clock)

        return make

    def narrowed(self, slot: int, hit: tuple[int, int], line: int, begin: int, end: int) -> tuple[int, int]:
        """Where on its line the words stand that were looked for, in characters of the text whose line begins at `hit[0]`."""
        value = bytes(self.buffer[begin : end if end >= 0 else begin + MOST_TEXT])
        for test in self.ready.tests[slot]:
            if test.field in ("message", "text") and (found := test.span(value)):
                lead = len(bytes(self.buffer[line:begin]).decode("utf-8", "replace"))
                low, high = (len(value[:at].decode("utf-8", "replace")) for at in found)
                return hit[0] + lead + low, hit[0] + lead + high
        return hit

    def finish(self) -> None:
        log = self.log
        log.size = self.base
        log.silences.sort()
        for slot, hits in enumerate(self.hits):
            evidence = self.evidence[slot]
            if hits is not None and evidence is not None:
                hits.kept = evidence.events()
                if evidence.dropped:
                    log.capped.append(f"{self.slots[slot].key}: {hits.total} hits in {log.path}, text kept of {len(hits.kept)}")
                log.hits[self.slots[slot].key] = hits


def _named(found: Match) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") for name, value in found.groupdict().items() if value is not None}


def _field(name: str, head: Match | None, message: bytes) -> str:
    if name == "message":
        return message.decode("utf-8", "replace")
    value = head[name] if head and name in head.re.groupindex else None
    return value.decode("utf-8", "replace") if value else ""


def _shown(buffer: bytearray, record: int, record_end: int, line: int, end: int) -> tuple[str, tuple[int, int]]:
    """The record's text, at most 8,000 bytes around the line that hit, and where in it that line's match ends."""
    if record_end - record > MOST_TEXT:
        head = buffer.find(NEWLINE, record, record_end)
        head = min(head if head >= 0 else record_end, record + 1000)
        low = max(record, min(line, end - MOST_TEXT // 2))
        lead = bytes(buffer[record:head]).decode("utf-8", "replace") + " … " if low > head else ""
        low = record if not lead else low
        body = bytes(buffer[low : min(record_end, low + MOST_TEXT)])
    else:
        lead, low, body = "", record, bytes(buffer[record:record_end])
    begin = len(lead) + len(body[: max(0, line - low)].decode("utf-8", "replace"))
    finish = len(lead) + len(body[: max(0, end - low)].decode("utf-8", "replace"))
    return lead + body.decode("utf-8", "replace").rstrip("\r\n"), (begin, finish)


def _around(buffer: bytearray, record: int, record_end: int, used: int) -> tuple[list[str], list[str]]:
    """Up to two lines before and after the record, each at most 500 bytes."""
    before: list[str] = []
    at = record
    while at > 0 and len(before) < CONTEXT:
        start = buffer.rfind(NEWLINE, max(0, at - 1 - FARTHEST), at - 1) + 1
        before.insert(0, bytes(buffer[start : min(at - 1, start + 500)]).decode("utf-8", "replace").rstrip("\r"))
        at = start
    after: list[str] = []
    at = record_end
    while at < used and len(after) < CONTEXT:
        end = buffer.find(NEWLINE, at, used)
        if end < 0:
            break
        after.append(bytes(buffer[at : min(end, at + 500)]).decode("utf-8", "replace").rstrip("\r"))
        at = end + 1
    return before, after
