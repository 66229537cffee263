"""All logs of a bundle on one clock: the evaluator's history (hits and coverage) and the kept events in time order."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from backuptrace.knowledge.compiled import LINED, Format, Milestone, Pack
from backuptrace.knowledge.derived import Derived, formats_of
from backuptrace.model import LOCAL_CLOCK, SECOND, UTC_CLOCK, Hits, Log, Runs
from backuptrace.timeline.clock import Clocks, settle
from backuptrace.timeline.families import Family, families_of
from backuptrace.timeline.history import History, OfSources, OnDemand
from backuptrace.timeline.placed import Placed, all_placed
from backuptrace.timeline.rows import Columns, Rows, in_order
from backuptrace.timeline.suppression import NAMES, LeftOut, left_out
from backuptrace.timeline.twins import LOCAL, UTC, pairs
from backuptrace.timeline.zone import Zone, settle_zone

FEW_RECORDS = 20
"""A bundle with fewer dated records in all its line logs is an excerpt that somebody chose."""
_InLogs = list[tuple[Hits, Log]]
_ByLog = Mapping[str, _InLogs]
"""Selection or milestone -> its hits in each log that has any."""


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
    left = {log.rank: left_out(log, known.telling) for log in logs}
    families = families_of(logs, clocks, known.formats, known.milestones, left)
    hits: dict[str, _InLogs] = defaultdict(list)
    for log in logs:
        for slot, found in log.hits.items():
            hits[slot].append((found, log))
    history = _history(logs, pack, families, hits, _joining(clocks, left), whole=whole)
    placed = OnDemand({slot: partial(all_placed, found, clocks, quoting=slot in known.quoting) for slot, found in hits.items()})
    milestones = [milestone for key, milestone in known.milestones.items() if key in hits]
    return Timeline(history, clocks, families, placed, _end(families, clocks), _start(families, clocks), milestones)


def _history(logs: Sequence[Log], pack: Pack, families: Sequence[Family], hits: _ByLog, rows: Callable[[_InLogs], Rows], *, whole: bool) -> History:
    """What reasoning reads. rows: makes those of a selection."""
    known = _known(pack)
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    silences: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for family in families:
        spans[family.format] += family.covered
        silences[family.format] += family.silences
    covered = {key: tuple(sorted(found)) for key, found in spans.items()}
    states = known.timeless | {slot: holds for slot, holds in _held(logs).items() if slot in known.timeless}
    return History(
        OnDemand({slot: partial(rows, found) for slot, found in hits.items() if slot not in states and slot not in known.milestones}),
        OfSources(pack.source_of, covered),
        states, {key: sorted(found) for key, found in silences.items()}, covered, not whole and _is_excerpt(logs, known.formats),
    )  # fmt: skip


def _held(logs: Iterable[Log]) -> dict[str, bool]:
    """Of each selection on a state whether it holds in any log."""
    held: dict[str, bool] = {}
    for log in logs:
        for slot, holds in log.states.items():
            held[slot] = holds or held.get(slot, False)
    return held


def _is_excerpt(logs: Iterable[Log], formats: Mapping[str, Format]) -> bool:
    counts = [log.records for log in logs if formats[log.format].reader in LINED]
    known = [count for count in counts if count is not None]
    return bool(counts) and len(known) == len(counts) and sum(known) < FEW_RECORDS


def _end(families: Sequence[Family], clocks: Clocks) -> int | None:
    if clocks.collected is not None:
        return clocks.collected
    ends = [end for family in families for _, end in family.covered]
    ends += [family.last for family in families if not family.covered and family.last is not None]
    return max(ends, default=None)


def _start(families: Sequence[Family], clocks: Clocks) -> int | None:
    own = [family for family in families if not family.logs[0].aside] if clocks.collected is not None else families
    return min((family.first for family in own if family.first is not None), default=None)


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
    formats = formats_of(pack)
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


def kept_in(timeline: Timeline, slot: str, low: int, high: int) -> Iterator[Placed]:
    """The kept hits of a slot whose second lies between two times (microseconds UTC), in order; hits of states always."""
    for item in timeline.placed.get(slot, ()):
        if slot in timeline.history.states or low // SECOND <= item.utc // SECOND <= high // SECOND:
            yield item


def newest_facts(timeline: Timeline, until: int) -> dict[str, tuple[str, Placed]]:
    """The newest dated value of every fact up to a time (microseconds UTC), and the record that tells it. No more are read than it takes."""
    found: dict[str, tuple[str, Placed]] = {}
    for milestone in timeline.milestones:
        for name, field in milestone.facts.items():
            told = (item for item in reversed(timeline.placed[milestone.key]) if item.dated and item.utc <= until and item.event.fields.get(field))
            item = next(told, None)
            if item is not None and (name not in found or item.utc >= found[name][1].utc):
                found[name] = (item.event.fields[field], item)
    return found


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


def _joining(clocks: Clocks, left: dict[int, LeftOut]) -> Callable[[_InLogs], Rows]:
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

    def rows(found: _InLogs) -> Rows:
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
