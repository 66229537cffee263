"""The report as plain text for a terminal: the answer first, then why, what to do and what to run next; the material below.

A pure function of the report: same report, width and options, same text. Times are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from backuptrace.report import sections
from backuptrace.report.document import Cause, Evidence, Report
from backuptrace.report.layout import Page, Style, columns
from backuptrace.report.phrases import clock_time, coverage_sentence, span

MOST_CAUSES = 5
MOST_EVIDENCE = 5
MOST_COMMANDS = 8
_STAMP = re.compile(r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z? ")
_NUMBER = re.compile(r"[0-9]+")
_STYLES: dict[str, Style] = {"explained": "bad", "unexplained": "bad", "cannot-tell": "warn", "recovered": "good", "no-failure-seen": "good"}


def render(report: Report, *, width: int = 80, color: bool = False, show_all: bool = False) -> str:
    """The report as text of `width` columns (never under 40), ending with a line end; commands and addresses alone are never wrapped.

    `show_all` lifts the limits: every cause, all evidence of the report, the whole timeline.
    """
    page = Page(width, color=color)
    supported = report.supported()
    answered = report.verdict.outcome in {"explained", "recovered", "no-failure-seen"}
    _head(page, report, supported)
    if supported:
        _cause(page, supported[0], told=report.verdict.sentence, show_all=show_all)
        _others(page, supported[1:], show_all=show_all)
    _commands(page, report, show_all=show_all)
    _undecided(page, report, short=answered and not show_all, show_all=show_all)
    _over(page, report, show_all=show_all)
    if show_all:
        _rest(page, report)
    if show_all or not answered:
        sections.unexplained(page, report, show_all=show_all)
    sections.attempts(page, report, show_all=show_all)
    sections.timeline(page, report, show_all=show_all)
    sections.coverage(page, report, show_all=show_all)
    sections.missing(page, report)
    sections.problems(page, report, show_all=show_all)
    return page.text()


def _head(page: Page, report: Report, supported: Sequence[Cause]) -> None:
    verdict = report.verdict
    first = supported[0] if supported else None
    page.prose(verdict.sentence, indent=0, style=_STYLES[verdict.outcome])
    page.lines.append("")
    confidence = f", confidence {first.confidence}" if first is not None and first.confidence else ""
    bundle = report.bundle
    rows = [
        ("outcome", f"{verdict.outcome}{confidence}"),
        ("judged", f"{span(report.focus.from_, report.focus.to)}: {report.focus.basis}"),
        ("portal", _portal(report)),
        ("bundle", f"{bundle.name} ({bundle.kind})"),
        ("machine", _machine(report)),
        ("ids", "; ".join(f"{kind} {', '.join(values[:2])}" for kind, values in sections.identifiers(report) if values)),
        ("covered", coverage_sentence(report.coverage, [item for item in report.missing if item.source not in verdict.sentence])),
        ("hidden", ", ".join(f"{count} {kind}" for kind, count in sorted(report.redaction.counts.items()) if count)),
    ]
    for label, text in rows:
        if text:
            page.prose(text, first=f"{label:9}")


def _machine(report: Report) -> str:
    parts = [f"host {report.bundle.host}" if report.bundle.host else "", report.bundle.os if report.bundle.os != "unknown" else ""]
    parts += [f"{fact.name.replace('_', ' ')} {fact.value}" for fact in report.facts]
    return ", ".join(part for part in parts if part)


def _portal(report: Report) -> str:
    reported = report.reported
    if reported.code is None and reported.at is None:
        return ""
    code = reported.code or "a failed job"
    at = f" at {clock_time(reported.at)} UTC" if reported.at else ""
    return f"{code}{at}: {reported.message}" if reported.message else f"{code}{at}"


def _cause(page: Page, cause: Cause, *, told: str, show_all: bool) -> None:
    """The first cause in full; `told` is the sentence that was said already."""
    page.heading(f"WHY: {cause.title}")
    if not cause.root:
        page.prose("This follows from a deeper cause that the logs do not show.")
    for text in (cause.why, cause.explanation):
        if text and text not in told:
            page.prose(text)
    _evidence(page, cause, MOST_EVIDENCE, show_all=show_all)
    if cause.steps:
        page.heading("WHAT TO DO")
        _steps(page, cause)
    if cause.caveats:
        page.prose(cause.caveats, first="note: ")
    _doc(page, cause)


def _steps(page: Page, cause: Cause) -> None:
    digits = len(str(len(cause.steps)))
    for number, step in enumerate(cause.steps, 1):
        page.prose(step.text, first=f"{number:{digits}}. ")


def _doc(page: Page, cause: Cause, *, section: bool = True) -> None:
    if cause.doc.section and section:
        page.prose(f'documented in "{cause.doc.section}":')
    page.line(f"{cause.doc.url}#{cause.doc.anchor}" if cause.doc.anchor else cause.doc.url)


def _evidence(page: Page, cause: Cause, most: int, *, show_all: bool) -> None:
    """The lines that speak for the cause, those that say the same as one; with `show_all` every line of the report."""
    lines = [item for item in cause.evidence if item.role == "supports"] or list(cause.evidence)
    groups = [[item] for item in cause.evidence] if show_all else _alike(lines)[:most]
    if not groups:
        return
    page.prose(f"evidence ({span(cause.hits.first, cause.hits.last)}):" if cause.hits.first or cause.hits.last else "evidence:")
    for group in groups:
        _quote(page, group)
    told = sum(map(len, groups))
    more = max(cause.hits.total, len(cause.evidence)) - told
    if more > 0:
        kept = len(cause.evidence) - told
        page.row(f"{more:,} more" + (f", {kept} of them with --all" if kept > 0 else ""), indent=4, style="dim")


def _alike(lines: Sequence[Evidence]) -> list[list[Evidence]]:
    """Lines of one source that differ in numbers only, as one group; groups in the order of their first line."""
    groups: dict[tuple[str, str, str], list[Evidence]] = {}
    for item in lines:
        groups.setdefault((item.source, item.signature, _NUMBER.sub("0", item.text)), []).append(item)
    return list(groups.values())


def _quote(page: Page, group: Sequence[Evidence]) -> None:
    item = group[0]
    place = item.source
    if item.line is not None:
        place += f":{item.line}"
    elif item.record is not None:
        place += f" record {item.record}"
    stamp = clock_time(item.time) if item.time else "no time"
    if item.uncertainty_s >= 1:
        stamp += f" (±{item.uncertainty_s:g} s)"
    if item.role != "supports":
        stamp += f" [{item.role}]"
    room = page.width - 4
    if columns(stamp) + 2 + columns(place) <= room:
        page.row(f"{stamp}  {place}", indent=4, style="dim")
    else:
        page.row(stamp, indent=4, style="dim")
        page.end_row(place, indent=4, style="dim")
    begin = item.hit_from
    if begin is not None and item.hit_to is not None and (found := _STAMP.match(item.text, begin, item.hit_to)):
        begin = found.end()  # the time stands above already; the room is for what the line says
    page.quote(item.text, begin, item.hit_to)
    if len(group) > 1:
        last = group[-1]
        place = f", line {last.line}" if last.line is not None else ""
        when = clock_time(last.time, known=item.time) if last.time else "without a time"
        page.row(f"{len(group)} lines like this, the last {when}{place}", indent=6, style="dim")


def _others(page: Page, causes: Sequence[Cause], *, show_all: bool) -> None:
    if not causes:
        return
    page.heading("ALSO SUPPORTED")
    shown = causes if show_all else causes[: MOST_CAUSES - 1]
    for number, cause in enumerate(shown, 2):
        sure = ", ".join(part for part in (f"confidence {cause.confidence}" if cause.confidence else "", "" if cause.root else "a consequence") if part)
        page.prose(f"{cause.title} ({sure})" if sure else cause.title, first=f"{number}. ")
        if cause.why:
            page.prose(cause.why, indent=5)
        _evidence(page, cause, 1, show_all=show_all)
        if show_all:
            _steps(page, cause)
        _doc(page, cause, section=show_all)
    _left_out(page, len(causes) - len(shown), "supported cause")


def _commands(page: Page, report: Report, *, show_all: bool) -> None:
    if not report.next:
        return
    page.heading("WHAT TO RUN NEXT (read-only; what settles most comes first)")
    shown = report.next if show_all else report.next[:MOST_COMMANDS]
    for item in shown:
        settles = ", ".join(item.settles)
        text = f"{item.what} (settles {settles})" if item.what and settles else item.what or (f"settles {settles}" if settles else "")
        if text:
            page.prose(text)
        page.line(item.command, indent=4)
    _left_out(page, len(report.next) - len(shown), "command")


def _undecided(page: Page, report: Report, *, short: bool, show_all: bool) -> None:
    """Causes that missing evidence leaves open: one line each where there is another answer."""
    causes = [cause for cause in report.causes if cause.status == "unknown"]
    if not causes:
        return
    page.heading("NOT DECIDED: evidence is missing")
    shown = causes if show_all else causes[:MOST_CAUSES]
    for cause in shown:
        needs = "; ".join(need.what for need in cause.needs)
        if short:
            page.row(f"{cause.title} (missing: {needs})" if needs else cause.title)
            continue
        page.prose(cause.title, first="- ")
        if cause.why:
            page.prose(cause.why, indent=4)
        _evidence(page, cause, 2, show_all=show_all)
        if needs:
            page.prose(f"missing: {needs}", indent=4)
    _left_out(page, len(causes) - len(shown), "cause")


def _over(page: Page, report: Report, *, show_all: bool) -> None:
    """What was ruled out, and what explained an earlier failure but is over."""
    titles = {cause.id: cause.title for cause in report.causes if cause.status != "supported"}
    rows = [(cause.id, f"{cause.title}: {cause.why or 'newer evidence speaks against it'}") for cause in report.causes if cause.status == "contradicted"]
    known = {name for name, _ in rows}
    for attempt in reversed(report.attempts):
        for name in attempt.causes:
            if name in titles and name not in known:
                known.add(name)
                rows.append((name, f"{titles[name]}: was the cause of the attempt {span(attempt.started, attempt.ended)}, is over"))
    if not rows:
        return
    page.heading("OVER OR RULED OUT")
    shown = rows if show_all else rows[:MOST_CAUSES]
    for _, text in shown:
        page.row(text)
    _left_out(page, len(rows) - len(shown), "cause")


def _rest(page: Page, report: Report) -> None:
    for status, title in (
        ("no-evidence", "NO EVIDENCE, although the logs cover the time"),
        ("not-visible", "NOT VISIBLE in this bundle, only in the portal or the Azure API"),
        ("not-applicable", "NOT APPLICABLE to this machine"),
    ):
        titles = [cause.title for cause in report.causes if cause.status == status]
        if titles:
            page.heading(title)
            page.prose("; ".join(titles))


def _left_out(page: Page, count: int, what: str) -> None:
    if count > 0:
        page.row(f"{count} more {what}{'s' if count > 1 else ''} with --all", style="dim")
