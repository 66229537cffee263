"""Matches of a block become hits: each is tested exactly on its record, and what is found is filed by the selections that share it.

Logs repeat themselves: most hit lines differ from an earlier one only in their time. So a line's judgement is remembered by what stands
behind its stamp, and selections that are hit by the same records share one time index and one evidence (`Group`).
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from operator import itemgetter

from backuptrace.knowledge.compiled import Slot
from backuptrace.knowledge.loading import Ready
from backuptrace.matcher import Hits as Matches
from backuptrace.model import UTC_CLOCK, Runs
from backuptrace.scanning.checks import ALL, LINE, RECORD, checks_of, field_of
from backuptrace.scanning.evidence import MILESTONE, USUAL, Batch, Bounds, Evidence
from backuptrace.scanning.places import MOST_TEXT
from backuptrace.scanning.records import FARTHEST, NEWLINE, Clock, Match, Records, Stamps, Start

MEMORY, LONGEST, OVERHEAD = 2 << 20, 4 << 10, 256
"""Bytes of what is remembered, of a record that is remembered, and of what is told of it."""
FEW = 64
"""Records that are judged before any is remembered: a small log has no use for it."""
WORTH = 1000
"""Lines that must have been known until the memory is full: else no line is like another, and remembering is given up."""
_end = itemgetter(1)


class Group:
    """Slots that are hit together, by records of one clock, or, if not `dated`, by lines without a time.

    flat, values: their hits that were not filed yet, as in `Batch`, and the values of the keyed field if there is one (`keyed`).
    """

    __slots__ = ("dated", "evidence", "flat", "keyed", "runs", "slots", "values")

    def __init__(self, slots: tuple[int, ...], runs: Runs, bounds: Bounds, *, dated: bool) -> None:
        self.slots, self.runs, self.dated = slots, runs, dated
        self.keyed = runs.fields is not None
        self.evidence = Evidence(bounds)
        self.flat: list[int] = []
        self.values: list[str] = []

    def file(self) -> Batch:
        """Puts the hits on the time index and among the evidence, and gives them away."""
        batch = Batch(self.runs.clock, self.flat.copy())
        self.runs.add(batch.stamps if self.dated else batch.records, batch.records, self.values)
        self.evidence.add(batch)
        self.flat.clear()  # not a new list: what is remembered of a line adds to this one
        self.values.clear()
        return batch

    def join(self, later: Group) -> None:
        """Adds the hits of a later stretch of the log."""
        self.runs.join(later.runs)
        self.evidence.join(later.evidence)


def bounds_of(slot: Slot) -> Bounds:
    """How many hits of a slot keep their text."""
    return MILESTONE if slot.milestone else USUAL


class Judged:
    """What is known of a line or a whole record by what stands behind its stamp.

    slots: those that hold; hits: where each hit is filed, the value of the keyed field, and, in bytes from the record's begin, where its line
    begins and its match ends; since: where the first line that was judged begins; single: whether this holds only for a record of one line.
    puts, tells: what files the hits of a line, with the end of its match, and the values.
    """

    __slots__ = ("hits", "puts", "since", "single", "slots", "tells")

    def __init__(self, slots: frozenset[int], hits: list[tuple[Group, str, int, int]], since: int = 0, *, single: bool = False) -> None:
        self.slots, self.hits, self.since, self.single = slots, hits, since, single
        self.puts = [(group.flat.extend, behind) for group, _, _, behind in hits]
        self.tells = [(group.values.append, value) for group, value, _, _ in hits if group.keyed]


class _Record:
    """The record that is judged: from `begin` to `end` in the block, its head and how that is to be read, its stamp (-1: none) and clock.

    slots: those that hold so far; hits: as in Judged.
    """

    __slots__ = ("begin", "clock", "end", "head", "hits", "kind", "slots", "stamp")

    def __init__(self, begin: int, end: int, head: Match | None, kind: Clock, time: tuple[int | None, int]) -> None:
        self.begin, self.end, self.head, self.kind = begin, end, head, kind
        self.stamp, self.clock = -1 if time[0] is None else time[0], time[1]
        self.slots: frozenset[int] = frozenset()
        self.hits: list[tuple[Group, str, int, int]] = []


class Finder:
    """The hits of one log, block by block."""

    def __init__(self, ready: Ready, records: Records) -> None:
        self.records = records
        self.slots = ready.shape.slots
        self.checks, self.watch = checks_of(ready)
        self.stamped = frozenset(pattern for pattern, said in enumerate(self.watch) if any(one.reach == ALL for one in said))
        """The patterns of selections for which the stamp counts, too: what they hit is judged anew."""
        self.groups: dict[tuple[tuple[int, ...], int | None], Group] = {}
        self.memory: dict[Stamps, dict[bytes, Judged]] = {}
        """What is remembered of lines, and of records of several lines, by the form of their stamps."""
        self.stamps = Stamps()
        """The form of the latest records."""
        self.patience, self.knew, self.room = FEW, 0, MEMORY
        """Records that are judged before they are remembered; those that were known since the memory was last full; bytes that are left of it."""

    def block(self, data: bytes, base: int, cut: int, matches: Matches, carried: tuple[int | None, int]) -> None:
        """Finds the hits of a block and leaves them in their groups (`flat`); it begins at `base` in the log and is `cut` bytes long.

        data: the block, which is not kept; `matches` by their end; carried: stamp and clock of the record that began before it.
        """
        self.data, self.base, self.cut, self.carried = data, base, cut, carried
        self.anew = anew = [end for pattern, end in matches if pattern in self.stamped] if self.stamped else []
        done, knew = -1, self.knew
        self.looked: tuple[int, Start | None] = -1, None
        stamps, width, known = self.remembered()
        latest: Judged | None = None
        latest_at, newline = -1, NEWLINE  # a name of the function is found faster than one of the module
        for at, (_, end) in enumerate(matches):
            if end <= done:
                continue
            line = data.rfind(newline, 0, end) + 1
            done = data.find(newline, end, cut)
            if done < 0:
                done = cut
            judged = known.get(data[line + width : done])
            if (
                judged is None
                or (stamp := stamps.read(data, line)) is None
                or (judged.single and not self.records.start(data, done + 1, cut))
                or (anew and self.is_stamped(line, done))
            ):
                self.knew = knew
                done = self.record(line, done, at, matches, latest, latest_at)
                knew = self.knew
                stamps, width, known = self.remembered()
                continue
            knew += 1
            latest, latest_at = judged, line
            place = base + line
            for put, behind in judged.puts:
                put((stamp, place, place, place + behind))
            for tell, value in judged.tells:
                tell(value)
        self.knew = knew

    def remembered(self) -> tuple[Stamps, int, dict[bytes, Judged]]:
        """What reads the stamps of the latest records, how many bytes wide they are, and what is known by what stands behind them."""
        return self.stamps, self.stamps.width, self.memory.get(self.stamps, {})

    def record(self, line: int, stop: int, at: int, matches: Matches, latest: Judged | None, latest_at: int) -> int:
        """Judges a record from this line on, which is not known and ends at `stop`: how far its matches are dealt with.

        The matches from `at` on end on the line or behind it; latest: what is known of the latest known line, which begins at `latest_at`.
        """
        data = self.data
        self.patience -= 1
        if self.patience < 0 and (end := self.again(line, stop)):
            return end
        record = self.opened(line, stop)
        begin, end = record.begin, record.end
        several = line > begin or end > stop + 1
        latest_form, stamps = self.stamps, self.form(record) if self.patience < 0 else None
        if self.stamps is not latest_form and (again := self.again(line, stop)):
            return again
        since = line - begin
        if latest and latest_at == begin:
            record.slots = latest.slots
        while True:
            reach = self.line(record, line, stop, at, matches)
            if stamps and line == begin and stop - line <= LONGEST and (reach == LINE or (reach == RECORD and not several)):
                self.remember(stamps, data[begin + stamps.width : stop], Judged(record.slots, record.hits.copy(), single=reach == RECORD))
            at = bisect_right(matches, stop, lo=at, key=_end)
            if at == len(matches) or matches[at][1] > end:
                break
            line = data.rfind(NEWLINE, stop, matches[at][1]) + 1
            if line - begin > FARTHEST:
                break
            stop = data.find(NEWLINE, line, end)
            if stop < 0:
                stop = end
        if stamps and several and end - begin <= LONGEST and not self.is_stamped(begin, end):
            self.remember(stamps, data[begin + stamps.width : end], Judged(record.slots, record.hits, since))
        return stop

    def again(self, line: int, stop: int) -> int:
        """Files the hits of a record that is known, from this line on, which ends at `stop`: where it ends, 0 for one that is not known.

        It begins with a stamp like the latest ones. Whether a record begins there needs no expression: what is known begins so, and goes on to its end.
        """
        data, stamps, begin = self.data, self.stamps, line
        while not stamps.stands(data, begin):
            if not begin or line - begin > LONGEST:
                return 0
            begin = data.rfind(NEWLINE, 0, begin - 1) + 1
        stamp, end = stamps.read(data, begin), self.records.end(data, stop + 1, self.cut)
        if stamp is None or end - begin > LONGEST or self.is_stamped(begin, end):
            return 0
        several = line > begin or end > stop + 1
        judged = self.memory.get(stamps, {}).get(data[begin + stamps.width : end if several else stop])
        if judged is None or judged.since > line - begin:
            return 0
        self.knew += 1
        self.file(stamp, begin, [hit for hit in judged.hits if hit[2] >= line - begin])
        return end

    def is_stamped(self, begin: int, end: int) -> bool:
        """Whether a match between two places is of a pattern of `stamped`."""
        return bisect_right(self.anew, begin) < bisect_right(self.anew, end)

    def opened(self, line: int, stop: int) -> _Record:
        """The record of a line that ends at `stop`; the line alone where no record begins above it."""
        found = self.start(line)
        if not found:
            return _Record(line, min(stop + 1, self.cut), None, ("", ""), self.carried)
        begin, head, kind = found
        return _Record(begin, self.records.end(self.data, stop + 1, self.cut), head, kind, self.records.time(head, kind))

    def line(self, record: _Record, line: int, stop: int, at: int, matches: Matches) -> int:
        """Judges a line of a record; what decided it, see `checks.Check`. The matches from `at` on end on the line or behind it."""
        data, head = self.data, record.head
        words = data[head.end() if head and record.begin == line else line : stop].rstrip(b"\r")
        text = partial(_text, data, record)
        reach = LINE
        held: dict[int, int] = {}
        tried = set()
        for pattern, end in matches[at : bisect_right(matches, stop, lo=at, key=_end)]:
            if pattern in tried:
                continue
            tried.add(pattern)
            for said in self.watch[pattern]:
                if said.holds and not said.holds(data[line:stop].rstrip(b"\r") if said.whole else words):
                    continue
                reach = max(reach, said.reach)
                for slot in said.slots:
                    if slot in held or slot in record.slots:
                        continue
                    check = self.checks[slot]
                    holds, by = check.holds(head, words, text) if check.more else (True, LINE)
                    reach = max(reach, by)
                    if holds:
                        held[slot] = end
        if held:
            record.slots |= held.keys()
            filed = self.filed(record, held, text, apart=stop - line > MOST_TEXT)
            hits = [(group, value, line - record.begin, held[group.slots[0]] - record.begin) for group, value in filed]
            record.hits += hits
            self.file(record.stamp, record.begin, hits)
        return reach

    def file(self, stamp: int, begin: int, hits: list[tuple[Group, str, int, int]]) -> None:
        """Puts hits of a record into their groups."""
        place = self.base + begin
        for group, value, below, behind in hits:
            group.flat.extend((stamp, place, place + below, place + behind))
            if group.keyed:
                group.values.append(value)

    def start(self, line: int) -> Start | None:
        """As `Records.back`: lines above that were looked at for the hit before are not looked at again, however many hits a record has."""
        looked, known = self.looked
        found = self.records.back(self.data, line, self.cut, looked)
        if not found and known and line - known[0] <= FARTHEST:
            found = known
        self.looked = line, found
        return found

    def filed(self, record: _Record, held: dict[int, int], text: Callable[[bool], bytes], *, apart: bool) -> list[tuple[Group, str]]:
        """Where hits of these slots go: each by itself if all are `apart`, it has a keyed field, or its hits stay single."""
        clock = None if record.stamp < 0 else record.clock
        own = [slot for slot in held if apart or self.slots[slot].by or self.slots[slot].uncollapsed]
        plain = tuple(sorted(slot for slot in held if slot not in own))
        out = [(self.group(plain, clock), "")] if plain else []
        for slot in own:
            by = self.checks[slot].by
            value = b"" if not by else text(True) if by == "message" else field_of(record.head, by)
            out.append((self.group((slot,), clock), value.decode("utf-8", "replace")))
        return out

    def group(self, slots: tuple[int, ...], clock: int | None) -> Group:
        """The group of these slots, made at their first common hit."""
        found = self.groups.get((slots, clock))
        if found is None:
            shapes = [self.slots[slot] for slot in slots]
            dated = clock is not None
            runs = Runs(clock or UTC_CLOCK, single=not dated or any(shape.uncollapsed for shape in shapes), keyed=any(shape.by for shape in shapes))
            found = self.groups[slots, clock] = Group(slots, runs, max(map(bounds_of, shapes)), dated=dated)
        return found

    def form(self, record: _Record) -> Stamps | None:
        """The form of the stamp that the record begins with; None where nothing of it is remembered."""
        head = record.head
        if not head or record.stamp < 0 or head.start("stamp") != record.begin:
            return None
        stamps = self.records.stamps(head, record.kind, record.clock)
        self.stamps = stamps or self.stamps
        return stamps

    def remember(self, stamps: Stamps, text: bytes, judged: Judged) -> None:
        """So that the next line or record of this kind needs no expression. A line with nothing behind its stamp may be a shorter stamp: it is judged anew."""
        if not text:
            return
        self.room -= len(text) + OVERHEAD
        if self.room < 0:
            self.memory.clear()
            self.patience, self.knew, self.room = 0 if self.knew >= WORTH else sys.maxsize, 0, MEMORY
        self.memory.setdefault(stamps, {})[text] = judged


def _text(data: bytes, record: _Record, behind: bool = True) -> bytes:
    """What stands `behind` the head of a record, or the whole record."""
    return data[record.head.end() if record.head and behind else record.begin : record.end].rstrip(b"\r\n").replace(b"\r\n", b"\n")
