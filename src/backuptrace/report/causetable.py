"""The table of causes in the text report: every cause of the catalogue with its status, and on demand the reason and what would settle it."""

from __future__ import annotations

from collections.abc import Sequence

from backuptrace.report.document import Cause, Need, Report, Status
from backuptrace.report.layout import Page, columns
from backuptrace.report.times import Times

STATUSES: tuple[Status, ...] = ("supported", "contradicted", "unknown", "not-visible", "no-evidence", "not-applicable")
MOST_NEEDS = 3
"""Further sources named for an open cause, before those that the commands of the report tell anyway."""


def causes(page: Page, report: Report, times: Times, *, show_all: bool) -> None:
    """One row a status, with the ids of its causes; with `show_all` one paragraph a cause."""
    if not report.causes:
        return
    speak = times.tongue
    page.heading(speak.count("heading.causes", len(report.causes)))
    words = {status: speak.word("causes", status) for status in STATUSES}
    wide = max(columns(word) for word in words.values())
    for status in STATUSES:
        found = [cause for cause in report.causes if cause.status == status]
        if found and not show_all:
            page.prose(", ".join(cause.id for cause in found), first=f"{words[status]:{wide}}  {len(found):2}  ")
        for cause in found if show_all else ():
            _row(page, cause, words[status], wide, times)
    if not show_all:
        page.row(speak.say("causes.more"), style="dim")


def _row(page: Page, cause: Cause, word: str, wide: int, times: Times) -> None:
    page.prose(f"{cause.id}: {cause.title}; {cause.why}" if cause.why else f"{cause.id}: {cause.title}", first=f"{word:{wide}}  ")
    for need in _settling(cause.needs) if cause.status in ("unknown", "not-visible") else ():
        page.prose(_got(need, times), indent=4 + wide, first="- ")
        if need.command:
            page.line(need.command, indent=6 + wide)


def _got(need: Need, times: Times) -> str:
    span = times.span(need.from_, need.to) if need.from_ or need.to else ""
    return times.tongue.say("causes.get-of", what=need.what, span=span) if span else times.tongue.say("causes.get", what=need.what)


def _settling(needs: Sequence[Need]) -> Sequence[Need]:
    """The first few, but those with a command before the others."""
    return sorted(needs, key=lambda need: need.command is None)[:MOST_NEEDS]
