"""All logs of a bundle on one clock: the evaluator's history (hits and coverage) and the kept events in time order."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import attrgetter, le
from typing import NamedTuple

import msgspec

from backuptrace.knowledge.compiled import Format, Milestone, Pack
from backuptrace.knowledge.derived import Derived
from backuptrace.model import LOCAL_CLOCK, MINUTE, SECOND, UTC_CLOCK, Event, Hits, Log, Runs
from backuptrace.timeline.clock import Clocks, settle
from backuptrace.timeline.history import History, OfSources, OnDemand, Spans
from backuptrace.timeline.jumps import backward
from backuptrace.timeline.rows import Columns, Key, Rows, in_order
from backuptrace.timeline.suppression import NAMES, LeftOut, left_out
from backuptrace.timeline.twins import LOCAL, UTC, local_of, pairs
from backuptrace.timeline.zone import Zone, settle_zone

LATE = 5 * MINUTE
"""How long the extension holds back what its freeze program printed; that has a time of its own."""
LINED = ("lines", "events")
"""Readers of logs that grow line by line."""
EXPORTING = 5 * MINUTE
"""Exports are made by hand, at least so long after the newest thing that they tell."""
FEW_RECORDS = 20
"""A bundle with fewer dated records in all its line logs is an excerpt that somebody chose."""
_key = attrgetter("key")


class Placed(NamedTuple):
    """A kept hit on the common clock: microseconds UTC (for order even where `dated` is False), its log, how uncertain the time is."""

    utc: int
    event: Event
    log: Log
    dated: bool
    uncertainty_s: float

    @property
    def key(self) -> Key:
        """Its place in the total order of all hits."""
        return self.utc, self.log.rank, self.event.offset


class Family(msgspec.Struct):
    """The parts of one log (rotated ones too). `complete`: the live part is there and was read to its end."""

    format: str
    base: str
    logs: list[Log]
    first: int | None
    last: int | None
    complete: bool
    covered: Spans
    silences: list[tuple[int, int]]
    suppressed: int = 0
    """Records that the writer left out and counted."""
    unwritten: int = 0
    """Records that stand for others which nobody counted."""
    jumps: list[tuple[int, int]] = []
    """Where a clock of it went back: (the time behind the jump, microseconds UTC; by how many seconds)."""


class Timeline(msgspec.Struct):
    """The bundle in time. `end`: the end of coverage, microseconds UTC (None: no log tells any time); milestones: those that some log has, in the
    order of the pack.
    """

    history: History
    clocks: Clocks
    families: list[Family]
    placed: Mapping[str, list[Placed]] = {}
    end: int | None = None
    start: int | None = None
    milestones: list[Milestone] = []

    @property
    def excerpt(self) -> bool:
        """Whether the bundle is a few chosen lines instead of whole logs."""
        return self.history.excerpt


def assemble(
    logs: list[Log], pack: Pack, newest_kept: int | None, zone: Zone | None = None, *,
    whole: bool = False, moments: Sequence[tuple[int, int]] = (), zones: Sequence[str] = (),
) -> Timeline:  # fmt: skip
    """Puts everything on one clock. Pure: the same logs give the same timeline.

    whole: even few lines are whole logs, no excerpt; moments: (local, UTC) of moments that the bundle tells twice, zones: names of the
    machine's zone, beside those that milestones tell.
    """
    known = _known(pack)
    clocks = settle(logs, newest_kept, zone or _zone(logs, known, moments, zones))
    families = [_family(key, members, clocks, known.formats) for key, members in _grouped(logs)]
    _exported(families)
    hits: dict[str, list[tuple[Hits, Log]]] = defaultdict(list)
    for log in logs:
        for slot, found in log.hits.items():
            hits[slot].append((found, log))
    left = {log.rank: left_out(log, known.telling) for log in logs}
    for family in families:
        family.suppressed = sum(left[log.rank].records for log in family.logs)
        family.unwritten = sum(left[log.rank].open for log in family.logs)
        told = [(log.rank, jump) for log in family.logs if known.formats[log.format].reader == "lines" for jump in backward(log, known.milestones)]
        family.jumps = [(clocks.utc(jump.stamp, jump.clock, rank), jump.seconds) for rank, jump in told]
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    silences: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for family in families:
        spans[family.format] += family.covered
        silences[family.format] += family.silences
    covered = {key: tuple(sorted(found)) for key, found in spans.items()}
    held: dict[str, bool] = {}
    for log in logs:
        for slot, holds in log.states.items():
            held[slot] = holds or held.get(slot, False)
    states = known.timeless | {slot: holds for slot, holds in held.items() if slot in known.timeless}
    lines = [log for log in logs if known.formats[log.format].reader in LINED]
    counted = [log.records for log in lines if log.records is not None]
    excerpt = not whole and bool(lines) and len(counted) == len(lines) and sum(counted) < FEW_RECORDS
    rows = _joining(clocks, left)
    history = History(
        OnDemand({slot: partial(rows, found) for slot, found in hits.items() if slot not in states and slot not in known.milestones}),
        OfSources(pack.source_of, covered),
        states, {key: sorted(found) for key, found in silences.items()}, covered, excerpt,
    )  # fmt: skip
    placed = OnDemand({slot: partial(_all_placed, found, clocks, quoting=slot in known.quoting) for slot, found in hits.items()})
    own = [family for family in families if not family.logs[0].aside] if clocks.collected is not None else families
    firsts = [family.first for family in own if family.first is not None]
    ends = [end for family in families for _, end in family.covered]
    ends += [family.last for family in families if not family.covered and family.last is not None]
    end = clocks.collected if clocks.collected is not None else max(ends, default=None)
    milestones = [milestone for key, milestone in known.milestones.items() if key in hits]
    return Timeline(history, clocks, families, placed, end, min(firsts, default=None), milestones)


class _Known(msgspec.Struct, frozen=True):
    """What the pack alone tells. timeless: selections that are states -> what they are where no source tells it."""

    formats: dict[str, Format]
    milestones: dict[str, Milestone]
    """By their keys, in the order of the pack. No `when` names them: it names a selection on a milestone."""
    begins: list[str]
    """Milestones that begin an attempt."""
    zones: list[tuple[str, str]]
    """Milestones that tell the machine's zone, and in which field."""
    same: list[tuple[str, list[str]]]
    """Milestones that tell what others tell on another clock."""
    quoting: set[str]
    twice: list[str]
    """Milestones that may tell a moment twice."""
    telling: dict[str, set[str]]
    """Milestones that tell of records that were left out, and by which groups."""
    timeless: dict[str, bool | None]


def _learn(pack: Pack) -> _Known:
    milestones = [m for shape in pack.formats for m in shape.milestones]
    formats = {shape.id: shape for shape in pack.formats}
    timeless = {slot: formats[source] for slot, source in pack.source_of.items() if formats[source].timeless}
    naming = {name: _naming(pack, name) for name in (LOCAL, UTC, *NAMES)}
    telling = {m.key: {name for name in NAMES if m.key in naming[name]} for m in milestones}
    return _Known(
        formats=formats,
        milestones={m.key: m for m in milestones},
        begins=[m.key for m in milestones if m.role == "attempt-begin"],
        zones=[(m.key, m.facts["timezone"]) for m in milestones if "timezone" in m.facts],
        same=[(m.key, m.same_as) for m in milestones if m.same_as],
        quoting=naming[LOCAL],
        twice=[m.key for m in milestones if m.key in naming[LOCAL] | naming[UTC]],
        telling={key: names for key, names in telling.items() if names},
        timeless={slot: False if shape.reader == "objects" and shape.expected is None else None for slot, shape in timeless.items()},
    )


_known = Derived(_learn)


def _exported(families: list[Family]) -> None:
    """Exports of one bundle are made together: what one of them tells, all were made after. Those that the machine did not write end there."""
    aside = [family for family in families if family.logs[0].aside and family.first is not None and family.last is not None]
    newest = max((family.last for family in aside if family.last is not None), default=0) + EXPORTING
    for family in aside:
        if family.complete and family.first is not None:
            family.covered = ((family.first, newest),)


def kept_in(timeline: Timeline, slot: str, low: int, high: int) -> Iterator[Placed]:
    """The kept hits of a slot whose second lies between two times (microseconds UTC), in order; hits of states always."""
    for item in timeline.placed.get(slot, ()):
        if slot in timeline.history.states or low // SECOND <= item.utc // SECOND <= high // SECOND:
            yield item


def newest_with(told: Sequence[Placed], field: str, until: int) -> Placed | None:
    """The newest dated one of hits in order of time up to a time (microseconds UTC) that has a value in the field. No more are read than it takes."""
    return next((item for item in reversed(told) if item.dated and item.utc <= until and item.event.fields.get(field, "")), None)


def _grouped(logs: Sequence[Log]) -> list[tuple[tuple[str, str], list[Log]]]:
    groups: dict[tuple[str, str], list[Log]] = {}
    for log in logs:
        groups.setdefault((log.format, log.base), []).append(log)
    return list(groups.items())


def _family(key: tuple[str, str], logs: list[Log], clocks: Clocks, formats: dict[str, Format]) -> Family:
    shape = formats[key[0]]
    dated = sorted((clocks.utc(span.first, clock, log.rank), clocks.utc(span.last, clock, log.rank)) for log in logs for clock, span in log.spans.items())
    live = any(log.path == log.base and not log.cut for log in logs) if shape.reader in LINED else not any(log.cut for log in logs)
    if not dated:
        return Family(*key, logs, None, None, live, (), [])
    first, last = dated[0][0], max(end for _, end in dated)
    newest_known = clocks.sure if all(clock == UTC_CLOCK for log in logs for clock in log.spans) else clocks.collected
    until = max(newest_known, last) if live and newest_known is not None else last
    silences = [(clocks.utc(low, clock, log.rank), clocks.utc(high, clock, log.rank)) for log in logs for low, high, clock in log.silences]
    if shape.heartbeat:
        newest = dated[0][1]
        for begin, end in dated[1:]:
            if begin - newest > shape.heartbeat:
                silences.append((newest, begin))
            newest = max(newest, end)
        if until - last > shape.heartbeat:
            silences.append((last, until))
    if any(log.filtered for log in logs):
        return Family(*key, logs, first, last, False, _shown(logs, clocks), [])
    return Family(*key, logs, first, last, live, ((first, max(until, last)),), sorted(silences))


def _shown(logs: list[Log], clocks: Clocks) -> tuple[tuple[int, int], ...]:
    """The times that the logs cover that nobody filtered, each its own."""
    whole = [(log, clock, span) for log in logs if not log.filtered for clock, span in log.spans.items()]
    return tuple(sorted((clocks.utc(span.first, clock, log.rank), clocks.utc(span.last, clock, log.rank)) for log, clock, span in whole))


def _zone(logs: list[Log], known: _Known, moments: Sequence[tuple[int, int]], zones: Sequence[str]) -> Zone:
    """The machine's zone from starts of the backup extension that the agent tells in local time and the extension in UTC, and from facts."""
    told = [event for log in logs for key in known.begins if key in log.hits for event in log.hits[key].kept]
    names = [
        event.fields[name] for key, name in known.zones for log in logs for event in (log.hits[key].kept if key in log.hits else ()) if event.fields.get(name)
    ]
    local, utc = ([e.stamp for e in told if e.clock == clock and e.stamp is not None] for clock in (LOCAL_CLOCK, UTC_CLOCK))
    alike = ((own, _stamps(logs, same, UTC_CLOCK)) for key, same in known.same if (own := _stamps(logs, [key], LOCAL_CLOCK)))
    return settle_zone(local, utc, [*names, *zones], [*pairs(logs, known.twice), *moments], alike)


def _stamps(logs: Sequence[Log], slots: Sequence[str], clock: int) -> list[int]:
    """Of the kept hits of these milestones that are on this clock."""
    found = (event for log in logs for slot in slots if slot in log.hits for event in log.hits[slot].kept)
    return [event.stamp for event in found if event.clock == clock and event.stamp is not None]


def _naming(pack: Pack, name: str) -> set[str]:
    """The milestones whose records have a group of this name, in their head or by a condition."""
    group = f"(?P<{name}>"
    out = set()
    for shape in pack.formats:
        by_head = any(group in start.pattern for start in shape.starts)
        for slot in shape.slots:
            if slot.milestone and (by_head or any(group in pattern for test in slot.tests for pattern in test.patterns)):
                out.add(slot.key)
    return out


def _joining(clocks: Clocks, left: dict[int, LeftOut]) -> Callable[[list[tuple[Hits, Log]]], Rows]:
    """What makes the rows of a selection: all its hits in the logs, those before any stamp at one time, in the order of the file.

    Selections that are hit by the same records share their time indexes; what is made of one is made once.
    """
    parts: dict[int, Columns] = {}
    whole: dict[tuple[int, ...], Rows] = {}

    def part(runs: Runs, rank: int, *, dated: bool) -> Columns:
        if (made := parts.get(id(runs))) is None:
            columns = _columns(runs, rank, clocks, None if dated else clocks.undated[rank])
            made = parts[id(runs)] = in_order(left[rank].counted(columns) if dated else columns)
        return made

    def rows(found: list[tuple[Hits, Log]]) -> Rows:
        several = [(runs, log.rank, dated) for hits, log in found for dated in (True, False) for runs in (hits.runs if dated else hits.undated)]
        key = tuple([id(runs) for runs, _, _ in several])
        if key not in whole:
            whole[key] = Rows.joined([part(runs, rank, dated=dated) for runs, rank, dated in several])
        return whole[key]

    return rows


def _columns(runs: Runs, rank: int, clocks: Clocks, at: int | None = None) -> Columns:
    """Runs on the common clock; at: the time of hits without one."""
    first, last = runs.first, runs.last
    if at is not None:
        first = last = array("q", [at]) * len(runs)
    elif runs.clock != UTC_CLOCK:
        first, last = (array("q", [clocks.utc(stamp, runs.clock, rank) for stamp in stamps]) for stamps in (first, last))
    return Columns(first, array("q", [rank]) * len(runs), runs.first_at, last, runs.last_at, runs.numbers, runs.fields)


def _all_placed(found: list[tuple[Hits, Log]], clocks: Clocks, *, quoting: bool) -> list[Placed]:
    out = [_placed(event, log, clocks, quoting=quoting) for hits, log in found for event in hits.kept]
    times = [item.utc for item in out]
    if len(found) > 1 or not all(map(le, times, times[1:])):
        out.sort(key=_key)
    return out


def _placed(event: Event, log: Log, clocks: Clocks, *, quoting: bool) -> Placed:
    """quoting: the record may quote a time of its own, see `twins`."""
    if event.stamp is None:
        return Placed(clocks.undated[log.rank], event, log, dated=False, uncertainty_s=0.0)
    if event.clock == UTC_CLOCK and not quoting:
        return Placed(event.stamp, event, log, True, 0.0)
    utc, own = clocks.utc(event.stamp, event.clock, log.rank), local_of(event) if quoting else None
    if own is not None and utc - LATE <= (moment := clocks.zone.utc(own)) <= utc:
        return Placed(moment, event, log, dated=True, uncertainty_s=1.0)
    return Placed(utc, event, log, dated=True, uncertainty_s=clocks.uncertainty_s(event.clock))
