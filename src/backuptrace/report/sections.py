"""The lower half of the text report: attempts, timeline, coverage, what is missing, what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from backuptrace.report.document import Attempt, Coverage, Focus, Report, TimelineEntry
from backuptrace.report.layout import NARROWEST, Page, columns, field
from backuptrace.report.phrases import clock_time, span
from backuptrace.report.safe import safe_line

MOST_ATTEMPTS = 5
MOST_ROWS = 25
MOST_SOURCES = 12
MOST_PROBLEMS = 12
MOST_TEMPLATES = 5
_SIGNS = {"evidence": "!", "milestone": "-", "context": " "}


def identifiers(report: Report) -> list[tuple[str, list[str]]]:
    """The ids of the report by kind, in the order of the contract."""
    ids = report.identifiers
    return [("job", ids.job), ("task", ids.task), ("activity", ids.activity), ("correlation", ids.correlation), ("container", ids.container)]


def attempts(page: Page, report: Report, *, show_all: bool) -> None:
    """The last backup attempts as a table, newest last."""
    if not report.attempts:
        return
    shown = report.attempts if show_all else report.attempts[-MOST_ATTEMPTS:]
    page.heading(f"BACKUP ATTEMPTS (last {len(shown)} of {len(report.attempts)})" if len(shown) < len(report.attempts) else "BACKUP ATTEMPTS")
    rows = [("started (UTC)", "ended", "result", "what is known")]
    rows += [(clock_time(item.started), clock_time(item.ended, known=item.started), item.result, _attempt(item)) for item in shown]
    widths = [max(map(len, column)) for column in zip(*(row[:3] for row in rows), strict=True)]
    narrow = page.width - sum(widths) < NARROWEST
    for row in rows:
        first = "".join(f"{text:{width}}  " for text, width in zip(row[:3], widths, strict=True))
        if narrow:
            page.row(first.rstrip())
            page.prose(row[3], indent=6)
        else:
            page.prose(row[3], first=first)


def _attempt(attempt: Attempt) -> str:
    parts = [attempt.code or "", f"reached: {attempt.reached}" if attempt.reached else "", f"cause: {', '.join(attempt.causes)}" if attempt.causes else ""]
    return "; ".join(part for part in parts if part) or attempt.kind


class _Row(NamedTuple):
    """One or more entries in a row that say the same."""

    entry: TimelineEntry
    times: int
    last: str


def timeline(page: Page, report: Report, *, show_all: bool) -> None:
    """Evidence and milestones around the focus: `!` evidence, `-` milestone."""
    folded = _fold(report.timeline)
    if not folded:
        return
    places = list(range(len(folded))) if show_all else _nearest(folded, report.focus)
    shown = [folded[place] for place in places]
    page.heading("TIMELINE (UTC; ! evidence, - milestone)")
    before = places[0]
    after = len(folded) - 1 - places[-1]
    between = len(folded) - len(shown) - before - after
    if before:
        page.row(f"… {before} earlier", style="dim")
    date = ""
    width = min(max(columns(safe_line(_place(row.entry))) for row in shown), max(page.width // 3, 12))
    for row in shown:
        if row.entry.time[:10] != date:
            date = row.entry.time[:10]
            page.row(date)
        _timeline_row(page, row, width)
    left = [f"{after} later" if after else "", f"{between} in between" if between else ""]
    if any(left):
        page.row("… " + ", ".join(part for part in left if part), style="dim")
    if len(shown) < len(folded):
        page.row(f"{len(folded) - len(shown)} of {len(folded)} left out; --all shows them", style="dim")


def _timeline_row(page: Page, row: _Row, width: int) -> None:
    entry = row.entry
    text = entry.summary
    if row.times > 1:
        text = f"({row.times} times until {clock_time(row.last, known=entry.time)}) {text}"
    if entry.uncertainty_s >= 1:
        text = f"(±{entry.uncertainty_s:g} s) {text}"
    page.row(f"{entry.time[11:19]} {_SIGNS[entry.kind]} {field(_place(entry), width)}  {text}")


def _place(entry: TimelineEntry) -> str:
    name = entry.source.replace("!", "/").rsplit("/", 1)[-1]
    if entry.line is not None:
        return f"{name}:{entry.line}"
    return f"{name}#{entry.record}" if entry.record is not None else name


def _fold(entries: Sequence[TimelineEntry]) -> list[_Row]:
    """Entries of one source that say the same one after the other become one row."""
    rows: list[_Row] = []
    for entry in entries:
        if rows:
            last = rows[-1].entry
            if (last.source, last.kind, last.summary) == (entry.source, entry.kind, entry.summary):
                rows[-1] = _Row(last, rows[-1].times + 1, entry.time)
                continue
        rows.append(_Row(entry, 1, entry.time))
    return rows


def _nearest(rows: list[_Row], focus: Focus) -> list[int]:
    """The places of the rows to show, in order: those inside the focus first, then the nearest; milestones and evidence before context."""
    if len(rows) <= MOST_ROWS:
        return list(range(len(rows)))
    end = focus.to or rows[-1].last
    begin = focus.from_ or end

    def far(index: int) -> tuple[bool, float, float]:
        row = rows[index]
        outside = _seconds(row.entry.time, end) if row.entry.time > end else _seconds(row.last, begin) if row.last < begin else 0.0
        return row.entry.kind == "context", outside, min(_seconds(row.entry.time, end), _seconds(row.last, end))

    return sorted(sorted(range(len(rows)), key=far)[:MOST_ROWS])


def _seconds(one: str, other: str) -> float:
    return abs((_moment(one) - _moment(other)).total_seconds())


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp[:-1] + "+00:00")


def coverage(page: Page, report: Report, *, show_all: bool) -> None:
    """What each source covers, its gaps, and how its clock was read."""
    if not report.coverage:
        return
    page.heading("COVERAGE")
    shown = report.coverage if show_all else report.coverage[:MOST_SOURCES]
    for source in shown:
        page.end_row(source.source)
        page.prose(_covered(source), indent=4)
        for hole in source.holes[: None if show_all else MOST_ATTEMPTS]:
            page.prose(f"gap {span(hole.from_, hole.to)}" + (f": {hole.why}" if hole.why else ""), indent=4)
        if not show_all and len(source.holes) > MOST_ATTEMPTS:
            page.row(f"{len(source.holes) - MOST_ATTEMPTS} more gaps with --all", indent=4, style="dim")
        if source.clock.zone.upper() not in {"", "UTC"} or source.clock.skew_s or source.clock.basis:
            skew = f", {source.clock.skew_s:+g} s off" if source.clock.skew_s else ""
            basis = f" ({source.clock.basis})" if source.clock.basis else ""
            page.prose(f"clock {source.clock.zone}{skew}{basis}", indent=4)
        for note in source.notes:
            page.prose(note, indent=4)
    if len(shown) < len(report.coverage):
        page.row(f"{len(report.coverage) - len(shown)} more sources with --all", style="dim")


def _covered(source: Coverage) -> str:
    parts = [
        source.format,
        span(source.from_, source.to) if source.from_ or source.to else "",
        f"{source.records:,} records" if source.records is not None else "",
        f"{source.unreadable:,} unreadable" if source.unreadable else "",
        f"{source.suppressed:,} suppressed by the writer" if source.suppressed else "",
        "" if source.complete else "not complete",
    ]
    return ", ".join(part for part in parts if part)


def missing(page: Page, report: Report) -> None:
    """The sources that the bundle lacks, why they matter, and how to get them."""
    if not report.missing:
        return
    page.heading("NOT IN THE BUNDLE")
    for item in report.missing:
        page.prose(f"{item.source}: {item.why_it_matters}" if item.why_it_matters else item.source)
        if item.command:
            page.line(item.command, indent=4)


def problems(page: Page, report: Report, *, show_all: bool) -> None:
    """What could not be read, was cut or capped."""
    rows = [(f"{item.where}: {item.what}" if item.where else item.what, item.fix) for item in report.problems]
    rows += [(text, "") for text in report.capped]
    if not rows:
        return
    page.heading("PROBLEMS: what could not be read or was cut")
    shown = rows if show_all else rows[:MOST_PROBLEMS]
    for text, fix in shown:
        page.prose(text, first="- ")
        if fix:
            page.prose(f"do: {fix}", indent=4)
    if len(shown) < len(rows):
        page.row(f"{len(rows) - len(shown)} more with --all", style="dim")


def unexplained(page: Page, report: Report, *, show_all: bool) -> None:
    """Warnings and errors that no signature knows, most frequent first."""
    if not report.unexplained:
        return
    page.heading("WARNINGS AND ERRORS THAT NO SIGNATURE KNOWS")
    ranked = sorted(report.unexplained, key=lambda item: -item.count)
    shown = ranked if show_all else ranked[:MOST_TEMPLATES]
    digits = max(columns(f"{item.count:,}") for item in shown)
    for item in shown:
        page.row(f"{item.count:>{digits},}x {item.template}")
        if item.last:
            page.row(span(item.first, item.last), indent=digits + 4, style="dim")
    if len(shown) < len(ranked):
        page.row(f"{len(ranked) - len(shown)} more with --all", style="dim")
