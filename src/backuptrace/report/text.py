"""The report as plain text for a terminal: the answer first, then why, what to do and what to run next; the material below.

A pure function of the report: same report, width and options, same text. Times are UTC, local time beside them where the bundle tells the zone.
No meaning hangs on colour, on boxes or on columns alone, so that a pipe and a screen reader lose nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from backuptrace.report import sections
from backuptrace.report.alike import alike, event_name_at, quotable
from backuptrace.report.causetable import causes
from backuptrace.report.citing import alike_text, number_text
from backuptrace.report.covering import coverage
from backuptrace.report.document import Cause, Evidence, Report
from backuptrace.report.head import head
from backuptrace.report.layout import Page, columns
from backuptrace.report.phrases import tongue
from backuptrace.report.times import Times, plus_minus, zone_of

MOST_CAUSES = 5
MOST_EVIDENCE = 5
MOST_COMMANDS = 5
EVENT_LINES = 5
"""Lines of the page for an event of Windows, whose values tell more than its beginning."""
MOST_NAMED = 3
"""Causes named behind a command."""
MOST_LACKING = 1
"""Missing sources named behind an open cause."""
NO_ZONE = 3600
"""Seconds of uncertainty that only an unknown zone brings."""
LEAST_PLACE = 40
"""Columns that a path needs beside the time; where there are fewer it gets a line of its own."""


def render(report: Report, *, width: int = 80, color: bool = False, show_all: bool = False) -> str:
    """The report as text of `width` columns (never under 40), ending with a line end; commands and addresses alone are never wrapped.

    `show_all` lifts the limits: every cause, all evidence of the report, the whole timeline, the names of all files that were not read.
    The language is that of the report.
    """
    page = Page(width, color=color)
    times = Times(tongue(report.language), zone_of(report.bundle.zone))
    supported = report.supported()
    answered = report.verdict.outcome in {"explained", "recovered", "no-failure-seen"}
    sure = answered and not (supported and supported[0].confidence in {"low", None})
    head(page, report, times, show_all=show_all)
    if supported:
        _cause(page, supported[0], times, told=report.verdict.sentence, show_all=show_all)
        _others(page, supported[1:], times, show_all=show_all)
    _commands(page, report, times, short=sure and not show_all, show_all=show_all)
    _undecided(page, report, times, short=sure and not show_all, show_all=show_all)
    _over(page, report, times, show_all=show_all)
    if show_all or not answered:
        sections.unexplained(page, report, times, show_all=show_all)
    sections.attempts(page, report, times, show_all=show_all)
    sections.changed(page, report, times)
    sections.timeline(page, report, times, show_all=show_all)
    causes(page, report, times, show_all=show_all)
    coverage(page, report.coverage, times, show_all=show_all)
    sections.missing(page, report, times)
    sections.problems(page, report, times, show_all=show_all)
    return page.text()


# causes


def _cause(page: Page, cause: Cause, times: Times, *, told: str, show_all: bool) -> None:
    """The first cause in full; `told` is the sentence that was said already."""
    say = times.tongue.say
    page.heading(say("heading.why", title=cause.title))
    if not cause.root:
        page.prose(say("cause.consequence"))
    for text in (cause.why, cause.explanation):
        if text and text not in told:
            page.prose(text)
    _evidence(page, cause, MOST_EVIDENCE, times, show_all=show_all)
    if cause.steps:
        page.heading(say("heading.to-do"))
        _steps(page, cause)
    if cause.caveats:
        page.prose(cause.caveats, first=say("note"))
    _doc(page, cause, times)


def _steps(page: Page, cause: Cause) -> None:
    digits = len(str(len(cause.steps)))
    for number, step in enumerate(cause.steps, 1):
        page.prose(step.text, first=f"{number:{digits}}. ")


def _doc(page: Page, cause: Cause, times: Times, *, section: bool = True) -> None:
    if cause.doc.section and section:
        page.prose(times.tongue.say("documented", section=cause.doc.section))
    page.line(f"{cause.doc.url}#{cause.doc.anchor}" if cause.doc.anchor else cause.doc.url)


def _evidence(page: Page, cause: Cause, most: int, times: Times, *, show_all: bool) -> None:
    """The lines that speak for the cause, those that say the same as one; with `show_all` every line of the report."""
    speak = times.tongue
    lines = [item for item in cause.evidence if item.role == "supports"] or list(cause.evidence)
    groups = [[item] for item in cause.evidence] if show_all else alike(lines)[:most]
    if not groups:
        return
    dated = cause.hits.first or cause.hits.last
    page.prose(speak.say("evidence.between", span=times.span(cause.hits.first, cause.hits.last)) if dated else speak.say("evidence"))
    for group in groups:
        _quote(page, group, times)
    if any(group[0].uncertainty_s >= NO_ZONE for group in groups):
        page.row(speak.say("evidence.zone"), indent=4, style="dim")
    told = sum(map(len, groups))
    more = max(cause.hits.total, len(cause.evidence)) - told
    if more > 0:
        kept = len(cause.evidence) - told
        text = speak.count("evidence.more", more)
        if kept > 0:
            text = speak.say("evidence.kept" if kept < more else "evidence.all-kept", more=text, kept=kept)
        page.row(text, indent=4, style="dim")


def _quote(page: Page, group: Sequence[Evidence], times: Times) -> None:
    item = group[0]
    place = item.source + number_text(item, times.tongue)
    stamp = times.moment(item.time)
    if item.uncertainty_s >= 1:
        stamp += f" ({plus_minus(item.uncertainty_s)})"
    if item.role != "supports":
        stamp += f" [{times.tongue.word('role', item.role)}]"
    if page.width - 6 - columns(stamp) < LEAST_PLACE and columns(place) > page.width - 6 - columns(stamp):
        page.row(stamp, indent=4, style="dim")
        page.end_row(place, indent=4, style="dim")
    else:
        page.end_row(place, indent=4, lead=f"{stamp}  ", style="dim")
    text = quotable(item)
    if skipped := event_name_at(text):
        begin, end = (place and max(place - skipped, 0) for place in (item.hit_from, item.hit_to))
        page.quote(text[skipped:], begin, end, lines=EVENT_LINES)
    else:
        page.quote(text, item.hit_from, item.hit_to)
    if len(group) > 1:
        page.row(alike_text(group, times), indent=6, style="dim")


def _others(page: Page, causes: Sequence[Cause], times: Times, *, show_all: bool) -> None:
    if not causes:
        return
    speak = times.tongue
    page.heading(speak.say("heading.others"))
    shown = causes if show_all else causes[: MOST_CAUSES - 1]
    for number, cause in enumerate(shown, 2):
        level = speak.say("confidence", level=speak.word("confidence", cause.confidence)) if cause.confidence else ""
        sure = ", ".join(part for part in (level, "" if cause.root else speak.say("consequence")) if part)
        page.prose(f"{cause.title} ({sure})" if sure else cause.title, first=f"{number}. ")
        if cause.why:
            page.prose(cause.why, indent=5)
        _evidence(page, cause, 1, times, show_all=show_all)
        if show_all:
            _steps(page, cause)
        _doc(page, cause, times, section=show_all)
    _left_out(page, times, len(causes) - len(shown), "more.causes")


def _commands(page: Page, report: Report, times: Times, *, short: bool, show_all: bool) -> None:
    """Commands to run; where there is a sure answer only those that tell more about it."""
    supported = {cause.id for cause in report.supported()}
    wanted = [item for item in report.next if not short or not supported.isdisjoint(item.settles)]
    if not wanted:
        return
    page.heading(times.tongue.say("heading.next"))
    shown = wanted if show_all else wanted[:MOST_COMMANDS]
    for number, item in enumerate(shown, 1):
        others = [name for name in item.settles if name != report.verdict.cause and not (short and name not in supported)]
        page.prose(_purpose(item.what, others, times), first=f"{number}. ")
        page.line(item.command, indent=5)
    _left_out(page, times, len(report.next) - len(shown), "more.commands")


def _purpose(what: str, settles: Sequence[str], times: Times) -> str:
    """What a command gets, and which causes other than the one found it tells about."""
    say = times.tongue.say
    causes = ", ".join(settles[:MOST_NAMED])
    if len(settles) > MOST_NAMED:
        causes = say("next.and-more", causes=causes, n=len(settles) - MOST_NAMED)
    if not what:
        return say("next.tells-only", causes=causes) if causes else ""
    return say("next.tells", what=what, causes=causes) if causes else what


def _undecided(page: Page, report: Report, times: Times, *, short: bool, show_all: bool) -> None:
    """Causes that can be thought of and that only a missing source leaves open; only their number where there is a sure answer."""
    say = times.tongue.say
    causes = [cause for cause in report.causes if cause.status == "unknown" and cause.lacking]
    if not causes:
        return
    if short:
        page.lines.append("")
        page.row(times.tongue.count("undecided.left" if report.supported() else "undecided.only", len(causes)), indent=0, style="dim")
        return
    page.heading(say("heading.undecided"))
    shown = causes if show_all else causes[:MOST_CAUSES]
    for cause in shown:
        lacking = [need.what for need in cause.needs[: len(cause.lacking)]] or cause.lacking
        sources = "; ".join(lacking if show_all else lacking[:MOST_LACKING])
        if len(lacking) > MOST_LACKING and not show_all:
            sources = say("undecided.more", sources=sources, n=len(lacking) - MOST_LACKING)
        page.prose(say("undecided.cause", title=cause.title, sources=sources), first="- ")
        if cause.evidence:
            _evidence(page, cause, 1, times, show_all=show_all)
    _left_out(page, times, len(causes) - len(shown), "more.causes")


def _over(page: Page, report: Report, times: Times, *, show_all: bool) -> None:
    """What was ruled out, and what explained an earlier failure but is over."""
    say = times.tongue.say
    rows = over(report, times)
    if not rows:
        return
    page.heading(say("heading.over"))
    shown = rows if show_all else rows[:MOST_CAUSES]
    for text in shown:
        page.prose(text, first="- ")
    _left_out(page, times, len(rows) - len(shown), "more.causes")


def over(report: Report, times: Times) -> list[str]:
    """The causes that newer evidence speaks against, then those of earlier attempts, newest first, each told in a sentence."""
    say = times.tongue.say
    titles = {cause.id: cause.title for cause in report.causes if cause.status != "supported"}
    rows = {cause.id: f"{cause.title}: {cause.why or say('over.refuted')}" for cause in report.causes if cause.status == "contradicted"}
    for attempt in reversed(report.attempts):
        for name in attempt.causes:
            if name in titles and name not in rows:
                rows[name] = say("over.earlier", title=titles[name], span=times.span(attempt.started, attempt.ended))
    return list(rows.values())


def _left_out(page: Page, times: Times, count: int, what: str) -> None:
    if count > 0:
        page.row(times.tongue.count(what, count), style="dim")
