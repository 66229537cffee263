"""The lower half of the text report: attempts, timeline, what is missing, what could not be read."""

from __future__ import annotations

import re

from backuptrace.report.document import Attempt, Change, Report
from backuptrace.report.layout import NARROWEST, Page, columns, field
from backuptrace.report.picking import Row, fold, nearest, place
from backuptrace.report.safe import safe_line
from backuptrace.report.times import Times, clock_time, plus_minus

MOST_ATTEMPTS = 5
MOST_ROWS, FEW_ROWS = 25, 8
"""Rows of the timeline: where something is wrong, and where nothing is."""
FAILED = {"explained", "unexplained", "cannot-tell"}
MOST_PROBLEMS = 12
MOST_TEMPLATES = 5
MOST_NAMES = 3
"""Files named among those that nobody knows."""
_STATUS = re.compile(r"-[0-9]{6,10}")
UNKNOWN_FILE = "unknown-file"
"""Kind of the problems that only say that no format is declared for a file."""


def attempts(page: Page, report: Report, times: Times, *, show_all: bool) -> None:
    """The last backup attempts as a table, newest last."""
    if not report.attempts:
        return
    say = times.tongue.say
    shown = report.attempts if show_all else report.attempts[-MOST_ATTEMPTS:]
    less = len(shown) < len(report.attempts)
    page.heading(say("heading.attempts-of", shown=len(shown), all=len(report.attempts)) if less else say("heading.attempts"))
    names = ("started", "local", "ended", "result") if times.zone else ("started", "ended", "result")
    rows = [([say(f"attempts.{name}") for name in names], say("attempts.known"))]
    for item in shown:
        cells = [clock_time(item.started), clock_time(item.ended, known=item.started), times.tongue.word("result", item.result)]
        if times.zone:
            cells.insert(1, clock_time(times.local(item.started), known=item.started) if item.started else "?")
        rows.append((cells, what_is_known(item, times)))
    widths = [max(map(columns, column)) for column in zip(*(cells for cells, _ in rows), strict=True)]
    narrow = page.width - sum(widths) - 2 * len(widths) < NARROWEST - 12
    for cells, known in rows:
        first = "".join(f"{text:{width}}  " for text, width in zip(cells, widths, strict=True))
        if narrow:
            page.row(first.rstrip())
            page.prose(known, indent=6)
        else:
            page.prose(known, first=first)


def changed(page: Page, report: Report, times: Times) -> None:
    """What differs between the last good attempt and the first failed one behind it."""
    if report.changed is None:
        return
    say = times.tongue.say
    page.heading(say("heading.changed"))
    if not report.changed.changes:
        page.prose(say("changed.nothing"), first="  ")
    for item in report.changed.changes:
        page.prose(difference(item, times), first="  - ")


def difference(item: Change, times: Times) -> str:
    """What is different, since when, told where."""
    fact = times.tongue.say("changed.fact", name=item.name.replace("_", " "), before=item.before, after=item.after)
    text = item.after or "" if item.name == "boot" else fact
    return f"{text} ({clock_time(item.time)}, {item.source})" if item.time else f"{text} ({item.source})"


def what_is_known(attempt: Attempt, times: Times) -> str:
    """How far a run came matters only where it did not succeed."""
    say = times.tongue.say
    parts = [
        say("attempts.code", code=_hexadecimal(attempt.code)) if attempt.code else "",
        say("attempts.reached", step=attempt.reached) if attempt.reached and attempt.result != "succeeded" else "",
        say("attempts.cause", causes=", ".join(attempt.causes)) if attempt.causes else "",
    ]
    return "; ".join(part for part in parts if part) or times.tongue.word("kind", attempt.kind)


def _hexadecimal(code: str) -> str:
    """`-1073741819 (0xC0000005)`: Windows writes status codes as signed numbers, and people know them in this form."""
    return f"{code} (0x{int(code) & 0xFFFFFFFF:08X})" if _STATUS.fullmatch(code) else code


def timeline(page: Page, report: Report, times: Times, *, show_all: bool) -> None:
    """Evidence and milestones around the focus."""
    folded = fold(report.timeline)
    if not folded:
        return
    say, number = times.tongue.say, times.tongue.number
    most = MOST_ROWS if report.verdict.outcome in FAILED else FEW_ROWS
    places = list(range(len(folded))) if show_all else nearest(folded, report.focus, most)
    shown = [folded[index] for index in places]
    page.heading(say("heading.timeline-local", zone=report.bundle.zone) if times.zone else say("heading.timeline"))
    before = places[0]
    after = len(folded) - 1 - places[-1]
    between = len(folded) - len(shown) - before - after
    if before:
        page.row(say("timeline.earlier", n=number(before)), style="dim")
    date = ""
    width = min(max(columns(safe_line(place(row.entry.source, row.entry.line, row.entry.record))) for row in shown), max(page.width // 3, 12))
    for row in shown:
        if row.entry.time[:10] != date:
            date = row.entry.time[:10]
            page.row(date)
        _timeline_row(page, row, width, times)
    left = [say("timeline.later", n=number(after)) if after else "", say("timeline.between", n=number(between)) if between else ""]
    if any(left):
        page.row("… " + ", ".join(part for part in left if part), style="dim")
    if len(shown) < len(folded):
        page.row(say("timeline.left-out", n=number(len(folded) - len(shown)), all=number(len(folded))), style="dim")


def _timeline_row(page: Page, row: Row, width: int, times: Times) -> None:
    entry, say = row.entry, times.tongue.say
    text = entry.summary
    if row.times > 1:
        text = say("timeline.times", n=times.tongue.number(row.times), time=clock_time(row.last, known=entry.time), text=text)
    if entry.uncertainty_s >= 1:
        text = say("timeline.uncertain", off=plus_minus(entry.uncertainty_s), text=text)
    if entry.kind != "milestone":
        text = say(f"timeline.{entry.kind}", text=text)
    where = field(place(entry.source, entry.line, entry.record), width)
    strong = entry.kind == "evidence"
    page.hanging(f"{entry.time[11:19]} {where}  ", text, most=2 if strong else 1, style="bad" if strong else "")


def missing(page: Page, report: Report, times: Times) -> None:
    """The sources that the bundle lacks, why they matter, and how to get them."""
    if not report.missing:
        return
    page.heading(times.tongue.say("heading.missing"))
    for item in report.missing:
        page.prose(f"{item.source}: {item.why_it_matters}" if item.why_it_matters else item.source)
        if item.command:
            page.line(item.command, indent=4)


def problems(page: Page, report: Report, times: Times, *, show_all: bool) -> None:
    """What could not be read, was cut or capped; files that nobody knows in one line."""
    speak = times.tongue
    unknown = [item.where for item in report.problems if item.kind == UNKNOWN_FILE]
    rows = [(f"{item.where}: {item.what}" if item.where else item.what, item.fix) for item in report.problems if item.kind != UNKNOWN_FILE]
    rows += [(text, "") for text in report.capped if show_all]
    capped = "" if show_all or not report.capped else speak.count("problems.capped", len(report.capped))
    if not rows and not unknown:
        if capped:
            page.lines.append("")
            page.prose(capped, indent=0, style="dim")
        return
    page.heading(speak.say("heading.problems"))
    shown = rows if show_all else rows[:MOST_PROBLEMS]
    for text, fix in shown:
        page.prose(text, first="- ")
        if fix:
            page.prose(speak.say("problems.do", fix=fix), indent=4)
    if len(shown) < len(rows):
        page.row(speak.count("more", len(rows) - len(shown)), style="dim")
    if unknown:
        if show_all:
            page.prose(speak.count("problems.unknown-files-listed", len(unknown)), first="- ")
            for path in unknown:
                page.end_row(path, indent=4)
        else:
            page.prose(speak.count("problems.unknown-files", len(unknown), names=_some(unknown, times)), first="- ")
    if capped:
        page.prose(capped, style="dim")


def _some(paths: list[str], times: Times) -> str:
    """The names of the first files, and how many more there are."""
    names = ", ".join(path.replace("!", "/").rsplit("/", 1)[-1] for path in paths[:MOST_NAMES])
    more = len(paths) - MOST_NAMES
    return times.tongue.say("problems.unknown-files-more", names=names, n=times.tongue.number(more)) if more > 0 else names


def unexplained(page: Page, report: Report, times: Times, *, show_all: bool) -> None:
    """Warnings and errors that no signature knows, most frequent first."""
    if not report.unexplained:
        return
    speak = times.tongue
    page.heading(speak.say("heading.unexplained"))
    ranked = sorted(report.unexplained, key=lambda item: -item.count)
    shown = ranked if show_all else ranked[:MOST_TEMPLATES]
    digits = max(columns(speak.number(item.count)) for item in shown)
    for item in shown:
        page.row(f"{speak.number(item.count):>{digits}}x {item.template}")
        if item.last:
            page.row(times.span(item.first, item.last), indent=digits + 4, style="dim")
    if len(shown) < len(ranked):
        page.row(speak.count("more", len(ranked) - len(shown)), style="dim")
