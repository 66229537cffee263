"""The parts of one log, rotated ones too, as one family: what it covers, where it is silent, what it says of itself."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import msgspec

from backuptrace.knowledge.compiled import LINED, Format
from backuptrace.model import MINUTE, UTC_CLOCK, Log
from backuptrace.timeline.clock import Clocks
from backuptrace.timeline.history import Spans
from backuptrace.timeline.jumps import backward
from backuptrace.timeline.suppression import LeftOut

EXPORTING = 5 * MINUTE
"""Exports are made by hand, at least so long after the newest thing that they tell."""


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


def families_of(logs: Sequence[Log], clocks: Clocks, formats: Mapping[str, Format], milestones: Container[str], left: Mapping[int, LeftOut]) -> list[Family]:
    """All families, in the order of their first parts. milestones: their keys; left: what each log, by its rank, says that it left out."""
    families = [_family(key, members, clocks, formats[key[0]]) for key, members in _grouped(logs)]
    _exported(families)
    for family in families:
        family.suppressed = sum(left[log.rank].records for log in family.logs)
        family.unwritten = sum(left[log.rank].open for log in family.logs)
        if formats[family.format].reader == "lines":
            told = [(log.rank, jump) for log in family.logs for jump in backward(log, milestones)]
            family.jumps = [(clocks.utc(jump.stamp, jump.clock, rank), jump.seconds) for rank, jump in told]
    return families


def _grouped(logs: Sequence[Log]) -> list[tuple[tuple[str, str], list[Log]]]:
    groups: dict[tuple[str, str], list[Log]] = {}
    for log in logs:
        groups.setdefault((log.format, log.base), []).append(log)
    return list(groups.items())


def _family(key: tuple[str, str], logs: list[Log], clocks: Clocks, shape: Format) -> Family:
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


def _exported(families: list[Family]) -> None:
    """Exports of one bundle are made together: what one of them tells, all were made after. Those that the machine did not write end there."""
    aside = [family for family in families if family.logs[0].aside and family.first is not None and family.last is not None]
    newest = max((family.last for family in aside if family.last is not None), default=0) + EXPORTING
    for family in aside:
        if family.complete and family.first is not None:
            family.covered = ((family.first, newest),)
