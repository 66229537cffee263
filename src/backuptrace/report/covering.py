"""The coverage section of the text report: one line a source, and below it only what is out of the ordinary."""

from __future__ import annotations

from collections.abc import Sequence

from backuptrace.model import Problem
from backuptrace.report.document import Coverage, Missing
from backuptrace.report.layout import Page, columns
from backuptrace.report.times import Times, to_minutes

MOST_SOURCES = 12
MOST_GAPS = 5
MOST_NAMES = 6
UNCOUNTED = 1 << 60
"""Records of a log that was too long to count them: more than any that was counted."""
LOSSES = frozenset({
    "truncated", "damaged", "cut", "size", "crc", "limit", "permission", "io", "encrypted", "unsupported", "overlap", "unreadable", "incomplete", "too-large",
    "export-cut", "export-broken-record", "export-broken-event",
})  # fmt: skip
"""Kinds of problems that say that something was there and could not be read."""
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip", ".tgz", ".tar")
LEAST_NAME = 24
"""Columns that a path needs beside the table; where there are fewer it gets a line of its own."""


def coverage(page: Page, sources: Sequence[Coverage], times: Times, *, show_all: bool) -> None:
    """When each log begins and ends, how many records it has, and its gaps and doubts if there are any; files without times in one line."""
    if not sources:
        return
    speak = times.tongue
    page.heading(speak.say("heading.coverage"))
    dated = sorted((source for source in sources if source.from_ is not None), key=lambda source: -(source.records or UNCOUNTED))
    timeless = [source for source in sources if source.from_ is None]
    noted = [source for source in timeless if notes(source, times, show_all=False)]
    ranked = [*dated, *timeless] if show_all else [*dated, *noted]
    shown = ranked if show_all else ranked[:MOST_SOURCES]
    _table(page, shown, times, show_all=show_all)
    if len(shown) < len(ranked):
        page.row(speak.count("coverage.sources", len(ranked) - len(shown)), style="dim")
    if not show_all and len(timeless) > len(noted):
        page.prose(_timeless([source for source in timeless if source not in noted], times))


def _table(page: Page, shown: Sequence[Coverage], times: Times, *, show_all: bool) -> None:
    if not shown:
        return
    rows = [(_span(source, times), times.tongue.count("coverage.records", source.records) if source.records is not None else "") for source in shown]
    wide, long = (max(map(columns, column)) for column in zip(*rows, strict=True))
    beside = page.width - wide - long - 6 >= LEAST_NAME
    for source, (span, records) in zip(shown, rows, strict=True):
        if beside:
            page.end_row(source.source, lead=f"{span:{wide}}  {records:>{long}}  ")
        else:
            page.end_row(source.source)
            page.row(", ".join(part for part in (span, records) if part), indent=4)
        for note in notes(source, times, show_all=show_all):
            page.prose(note, indent=4, first="- ")


def _timeless(sources: Sequence[Coverage], times: Times) -> str:
    names = list(dict.fromkeys(source.source.replace("!", "/").rsplit("/", 1)[-1] for source in sources))
    told = ", ".join(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        told = times.tongue.say("covered.and-more", names=told, n=len(names) - MOST_NAMES)
    return times.tongue.count("coverage.timeless", len({source.source for source in sources}), names=told)


def _span(source: Coverage, times: Times) -> str:
    """`2026-11-22 03:10 to 03:12`, in minutes."""
    if source.from_ is None or source.to is None:
        return times.tongue.say("coverage.no-times")
    begin, end = to_minutes(source.from_), to_minutes(source.to)
    return times.tongue.say("time.to", begin=begin, end=end[11:] if begin[:10] == end[:10] else end)


def notes(source: Coverage, times: Times, *, show_all: bool) -> list[str]:
    """What is out of the ordinary with a source, and with `show_all` how it was recognised."""
    speak = times.tongue
    out = [
        speak.count("coverage.unreadable", source.unreadable) if source.unreadable else "",
        speak.count("coverage.suppressed", source.suppressed) if source.suppressed else "",
        "" if source.complete else speak.say("coverage.incomplete"),
    ]
    for hole in source.holes if show_all else source.holes[:MOST_GAPS]:
        span = times.span(hole.from_, hole.to)
        out.append(speak.say("coverage.gap-why", span=span, why=hole.why) if hole.why else speak.say("coverage.gap", span=span))
    if not show_all and len(source.holes) > MOST_GAPS:
        out.append(speak.count("coverage.gaps", len(source.holes) - MOST_GAPS))
    doubted = source.from_ is not None and source.clock.basis not in {"", speak.say("clock.by-stamps"), speak.say("clock.no-stamps")}
    if doubted or source.clock.zone.upper() not in {"", "UTC"} or source.clock.skew_s:
        out.append(_clock(source, times))
    out += source.notes
    if show_all:
        out.append(speak.count("coverage.parts", source.parts) if source.parts > 1 else "")
        out.append(speak.say("coverage.recognised", format=source.format, how=source.recognised) if source.recognised else source.format)
    return [text for text in out if text]


def _clock(source: Coverage, times: Times) -> str:
    say = times.tongue.say
    text = say("coverage.clock", zone=source.clock.zone)
    if source.clock.skew_s:
        text = say("coverage.skew", clock=text, skew=f"{source.clock.skew_s:+g}")
    return say("coverage.basis", clock=text, basis=source.clock.basis) if source.clock.basis else text


def unread(problems: Sequence[Problem], form: str, times: Times) -> str:
    """That the bundle (`form`: folder, tar, zip or file) is cut off, else how many files could not be read in full; empty where all was read."""
    speak = times.tongue
    if form in ("tar", "zip") and any(problem.kind == "truncated" and not problem.where.lower().endswith(PACKED) for problem in problems):
        return speak.say("sentence.cut-off")
    files = {problem.where for problem in problems if problem.kind in LOSSES}
    return speak.count("sentence.unread", len(files)) if files else ""


def coverage_sentence(coverage: Sequence[Coverage], missing: Sequence[Missing], lost: str, times: Times) -> str:
    """What was read, from when to when, what was `lost` (see `unread`), and what was not in the bundle."""
    speak = times.tongue
    if not coverage:
        told = [speak.say("covered.none")]
    else:
        begin = min((source.from_ for source in coverage if source.from_), default=None)
        end = max((source.to for source in coverage if source.to), default=None)
        told = [speak.count("covered.read", len(coverage), span=times.span(begin, end) if begin or end else speak.say("covered.no-times"))]
        if partial := sum(1 for source in coverage if source.holes or not source.complete):
            told.append(speak.count("covered.gaps", partial))
    if lost:
        told.append(lost)
    if missing:
        names = ", ".join(item.source for item in missing[:MOST_NAMES])
        more = len(missing) - MOST_NAMES
        told.append(speak.say("sentence.missing", sources=speak.say("covered.and-more", names=names, n=more) if more > 0 else names))
    return " ".join(told)
