"""Which entries of the timeline are told: those that say the same become one row, and of too many those near the judged moment stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from backuptrace.report.alike import masked
from backuptrace.report.document import Focus, TimelineEntry


class Row(NamedTuple):
    """One or more entries in a row that say the same."""

    entry: TimelineEntry
    times: int
    last: str


def fold(entries: Sequence[TimelineEntry]) -> list[Row]:
    """Evidence of one source that says the same one after the other becomes one row; so do steps that are told word for word."""
    rows: list[Row] = []
    before: tuple[str, str, str] | None = None
    for entry in entries:
        told = entry.source, entry.kind, masked(entry.summary) if entry.kind == "evidence" else entry.summary
        if told == before:
            rows[-1] = Row(rows[-1].entry, rows[-1].times + 1, entry.time)
        else:
            rows.append(Row(entry, 1, entry.time))
        before = told
    return rows


def nearest(rows: Sequence[Row], focus: Focus, most: int) -> list[int]:
    """The places of the rows to show, in order: those inside the focus first, then the nearest; milestones and evidence before context."""
    if len(rows) <= most:
        return list(range(len(rows)))
    end = focus.to or rows[-1].last
    begin = focus.from_ or end

    def far(index: int) -> tuple[bool, float, float]:
        row = rows[index]
        outside = _seconds(row.entry.time, end) if row.entry.time > end else _seconds(row.last, begin) if row.last < begin else 0.0
        return row.entry.kind == "context", outside, min(_seconds(row.entry.time, end), _seconds(row.last, end))

    return sorted(sorted(range(len(rows)), key=far)[:most])


def place(source: str, line: int | None, record: int | None) -> str:
    """`waagent.log:157`, `System.evtx#4711`: where something stands, by the last part of the path."""
    name = base_name(source)
    if line is not None:
        return f"{name}:{line}"
    return f"{name}#{record}" if record is not None else name


def base_name(source: str) -> str:
    """The last part of a path in the bundle, inside archives too."""
    return source.replace("!", "/").rsplit("/", 1)[-1]


def moment(stamp: str) -> datetime:
    """The time of a UTC text of the report."""
    return datetime.fromisoformat(stamp[:-1] + "+00:00")


def _seconds(one: str, other: str) -> float:
    return abs((moment(one) - moment(other)).total_seconds())
