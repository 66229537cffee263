"""Matches of a block become hits: each is tested exactly on its record, and what is found is filed by the selections that share it.

Logs repeat themselves: most hit lines differ from an earlier one only in their time. So a line's judgement is remembered by what stands
behind its stamp, and selections that are hit by the same records share one time index and one evidence (`Group`).
"""

from __future__ import annotations

from functools import partial

from backuptrace.knowledge.compiled import Slot
from backuptrace.knowledge.loading import Ready
from backuptrace.matcher import Hits as Matches
from backuptrace.model import UTC_CLOCK, Runs
from backuptrace.scanning.checks import ALL, LINE, RECORD, checks_of, field_of
from backuptrace.scanning.evidence import MILESTONE, USUAL, Bounds, Evidence, Found
from backuptrace.scanning.places import MOST_TEXT
from backuptrace.scanning.records import FARTHEST, NEWLINE, Match, Records, Stamps, Start

MEMORY, LONGEST = 4096, 400
"""Lines that are remembered, and bytes of such a line at most."""
WORTH = MEMORY // 4
"""Lines that must have been known when so many are remembered: else no line is like another, and remembering is given up."""


class Group:
    """Slots that are hit together, by records of one clock, or, if not `dated`, by lines without a time.

    found, values: their hits in the block, with the values of the keyed field if there is one (`keyed`).
    """

    __slots__ = ("dated", "evidence", "found", "keyed", "runs", "slots", "values")

    def __init__(self, slots: tuple[int, ...], runs: Runs, bounds: Bounds, *, dated: bool) -> None:
        self.slots, self.runs, self.dated = slots, runs, dated
        self.keyed = runs.fields is not None
        self.evidence = Evidence(bounds)
        self.found: list[Found] = []
        self.values: list[str] = []

    def file(self) -> None:
        """Puts the hits of the block on the time index and among the evidence."""
        self.runs.add(self.found if self.dated else [(hit[1], hit[1]) for hit in self.found], self.values)
        self.evidence.add(self.found)
        self.found.clear()
        self.values.clear()

    def join(self, later: Group) -> None:
        """Adds the hits of a later stretch of the log."""
        self.runs.join(later.runs)
        self.evidence.join(later.evidence)


def bounds_of(slot: Slot) -> Bounds:
    """How many hits of a slot keep their text."""
    return MILESTONE if slot.milestone else USUAL


class Line:
    """What is known of a line by what stands behind its stamp: the slots that hold; whether only a record of one line is so; where it is filed:
    the `found` of its groups, and those groups of which each hit has a value.
    """

    __slots__ = ("found", "single", "slots", "valued")

    def __init__(self, slots: frozenset[int], filed: list[tuple[Group, str]], *, single: bool) -> None:
        self.slots, self.single = slots, single
        self.found = [group.found for group, _ in filed]
        self.valued = [(group, value) for group, value in filed if group.keyed]


class Finder:
    """The hits of one log, block by block."""

    def __init__(self, ready: Ready, records: Records) -> None:
        self.records = records
        self.slots = ready.shape.slots
        self.checks, self.watch = checks_of(ready)
        self.groups: dict[tuple[tuple[int, ...], int | None], Group] = {}
        self.memory: dict[Stamps, dict[bytes, Line]] = {}
        """What is remembered of lines, by the form of their stamps."""
        self.stamps = Stamps()
        """The form of the latest records."""
        self.learning, self.knew = True, 0
        """Whether lines are remembered; lines that were known since the memory was last full."""
        self.record, self.stamp, self.clock = -1, -1, UTC_CLOCK
        self.seen: frozenset[int] = frozenset()
        """The slots that hold on the record."""

    def block(self, data: bytearray, base: int, cut: int, matches: Matches, carried: tuple[int | None, int]) -> list[Group]:
        """The groups that have hits in a block, which begins at `base` in the log and is `cut` bytes long.

        data: the block, which is not kept; `matches` by their end; carried: stamp and clock of the record that began before it.
        """
        self.data, self.base, self.cut, self.carried = data, base, cut, carried
        view = memoryview(data)
        self.record, done = -1, -1
        self.looked: tuple[int, Start | None] = -1, None
        stamps, lines = self.stamps, self.memory.get(self.stamps, {})
        latest: tuple[int, int, Line] | None = None
        for at, (_, end) in enumerate(matches):
            if end <= done:
                continue
            line = data.rfind(NEWLINE, 0, end) + 1
            done = data.find(NEWLINE, end, cut)
            if done < 0:
                done = cut
            text = bytes(view[line:done])
            known = lines.get(text[stamps.width :])
            if known is None or (stamp := stamps.read(text)) is None or (known.single and not self.records.start(data, done + 1, cut)):
                if latest:
                    self.record, self.stamp, known = latest
                    self.clock, self.seen, latest = stamps.clock, known.slots, None
                self.line(line, done, at, matches)
                stamps, lines = self.stamps, self.memory.get(self.stamps, {})
                continue
            self.knew += 1
            latest = line, stamp, known
            place = base + line
            hit = stamp, place, place, base + end, stamps.clock
            for found in known.found:
                found.append(hit)
            for group, value in known.valued:
                group.values.append(value)
        return [group for group in self.groups.values() if group.found]

    def line(self, line: int, stop: int, at: int, matches: Matches) -> None:
        """Judges a line that is not known: the matches from `at` on that end on it."""
        data, records, cut = self.data, self.records, self.cut
        start = self.start(line)
        head: Match | None = None
        record = line
        if start:
            record, head, kind = start
        if record != self.record:
            self.record, self.seen = record, frozenset()
            stamp, self.clock = records.time(head, kind) if head else self.carried
            self.stamp = -1 if stamp is None else stamp
        words = data[head.end() if head and record == line else line : stop].rstrip(b"\r")
        text = partial(_text, records, data, cut, record, stop, head)
        reach = LINE
        held: dict[int, int] = {}
        tried = set()
        for pattern, end in self.of_line(matches, at, stop):
            if pattern in tried:
                continue
            tried.add(pattern)
            for said in self.watch[pattern]:
                reach = max(reach, said.reach)
                if said.holds and not said.holds(data[line:stop].rstrip(b"\r") if said.whole else words):
                    continue
                for slot in said.slots:
                    if slot in held or slot in self.seen:
                        continue
                    check = self.checks[slot]
                    holds, by = check.holds(head, words, text) if check.more else (True, LINE)
                    reach = max(reach, by)
                    if holds:
                        held[slot] = end
        self.seen |= held.keys()
        filed = self.filed(held, head, text, apart=stop - line > MOST_TEXT) if held else []
        for group, value in filed:
            group.found.append((self.stamp, self.base + record, self.base + line, self.base + held[group.slots[0]], self.clock))
            if group.keyed:
                group.values.append(value)
        if not self.learning or not head or record != line or stop - line > LONGEST or reach == ALL:
            return
        if reach == LINE or (stop + 1 < cut and records.start(data, stop + 1, cut)):
            self.remember(head, kind, stop, Line(self.seen, filed, single=reach == RECORD))

    def start(self, line: int) -> Start | None:
        """As `Records.back`: lines above that were looked at for the hit before are not looked at again, however many hits a record has."""
        looked, known = self.looked
        found = self.records.back(self.data, line, self.cut, looked)
        if not found and known and line - known[0] <= FARTHEST:
            found = known
        self.looked = line, found
        return found

    @staticmethod
    def of_line(matches: Matches, at: int, stop: int) -> Matches:
        """The matches from `at` on that end on the line."""
        high = at + 1
        while high < len(matches) and matches[high][1] <= stop:
            high += 1
        return matches[at:high]

    def filed(self, held: dict[int, int], head: Match | None, text: partial[bytes | bytearray], *, apart: bool) -> list[tuple[Group, str]]:
        """Where hits of these slots go: each by itself if all are `apart`, it has a keyed field, or its hits stay single."""
        clock = None if self.stamp < 0 else self.clock
        own = [slot for slot in held if apart or self.slots[slot].by or self.slots[slot].uncollapsed]
        plain = tuple(sorted(slot for slot in held if slot not in own))
        out = [(self.group(plain, clock), "")] if plain else []
        for slot in own:
            by = self.checks[slot].by
            value = b"" if not by else text(True) if by == "message" else field_of(head, by)
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

    def remember(self, head: Match, kind: tuple[str, str], stop: int, line: Line) -> None:
        """So that the next line of this kind needs no expression; stop: where the line ends. Lines with something before the stamp are not remembered."""
        if self.stamp < 0 or head.start("stamp") != self.record:
            return
        stamps = self.records.stamps(head, kind, self.clock)
        if stamps is None:
            return
        lines = self.memory.setdefault(stamps, {})
        if len(lines) >= MEMORY:
            lines.clear()
            self.learning, self.knew = self.knew >= WORTH, 0
        lines[bytes(self.data[self.record + stamps.width : stop])] = line
        self.stamps = stamps


def _text(records: Records, data: bytearray, cut: int, record: int, stop: int, head: Match | None, behind: bool = True) -> bytes | bytearray:
    """What stands `behind` the head of a record, or the whole record. `stop`: the end of the line that hit."""
    end = records.end(data, stop + 1, cut) if head else min(stop + 1, cut)
    return data[head.end() if head and behind else record : end].rstrip(b"\r\n").replace(b"\r\n", b"\n")
