"""The answer of `backuptrace coverage`: what is in a bundle, what is missing, how to get it."""

from __future__ import annotations

from typing import Literal

import msgspec

from backuptrace.knowledge.texts import Language
from backuptrace.model import Problem
from backuptrace.report import covering
from backuptrace.report.document import BundleInfo, Coverage, Focus, Missing, Redaction
from backuptrace.report.layout import Page
from backuptrace.report.phrases import tongue
from backuptrace.report.times import Times, zone_of

MOST_GAPS = 10
MOST_NAMED = 4
"""Causes named for a gap."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A format that the bundle lacks (`missing`) or that does not cover the time (`partial`).

    usual: collectors take it as a rule; causes: those that it could show; settles: those that are open for want of it.
    """

    format: str
    source: str
    state: Literal["missing", "partial"]
    usual: bool = False
    why: str = ""
    command: str | None = None
    causes: list[str] = []
    settles: list[str] = []


class CoveragePage(msgspec.Struct, frozen=True, kw_only=True):
    """Sources as in the report; gaps with what is usually taken first, then what would settle most; `unread`: files without a declared format."""

    schema: Literal["backuptrace.coverage/1"] = "backuptrace.coverage/1"
    bundle: BundleInfo
    focus: Focus
    sources: list[Coverage] = []
    missing: list[Gap] = []
    unread: list[Problem] = []
    problems: list[Problem] = []
    redaction: Redaction = Redaction()
    language: Language = "en"


def coverage_text(page: CoveragePage, *, width: int = 80, color: bool = False, show_all: bool = False) -> str:
    """The page as text of `width` columns; `show_all` lists every gap and every file."""
    out, speak = Page(width, color=color), tongue(page.language)
    times = Times(speak, zone_of(page.bundle.zone))
    absent = [Missing(source=gap.source, why_it_matters=gap.why) for gap in page.missing if gap.usual and gap.state == "missing"]
    out.prose(covering.coverage_sentence(page.sources, absent, covering.unread(page.problems, page.bundle.kind, times), times), indent=0)
    out.prose(f"{times.span(page.focus.from_, page.focus.to, local=True)}: {page.focus.basis}", first=f"{speak.say('head.judged')}  ")
    covering.coverage(out, page.sources, times, show_all=show_all)
    if page.missing:
        out.heading(speak.say("gaps.heading"))
        shown = page.missing if show_all else page.missing[:MOST_GAPS]
        for number, gap in enumerate(shown, 1):
            _gap(out, number, gap, times)
        if len(shown) < len(page.missing):
            out.row(speak.count("more", len(page.missing) - len(shown)), style="dim")
    if page.unread:
        out.heading(speak.count("problems.unknown-files-listed", len(page.unread)))
        for problem in page.unread if show_all else page.unread[:MOST_GAPS]:
            out.end_row(problem.where, indent=4)
        if not show_all and len(page.unread) > MOST_GAPS:
            out.row(speak.count("more", len(page.unread) - MOST_GAPS), style="dim")
    for problem in page.problems:
        out.prose(f"{problem.where}: {problem.what}", first="- ")
    out.lines.append("")
    out.prose(speak.say("gaps.collect", system=page.bundle.os if page.bundle.os != "unknown" else "linux|windows"), indent=0)
    return out.text()


def _gap(out: Page, number: int, gap: Gap, times: Times) -> None:
    speak = times.tongue
    state = speak.word("gaps", gap.state if gap.state == "partial" else "usual" if gap.usual else "missing")
    out.prose(speak.say("gaps.row", source=gap.source, state=state), first=f"{number:2}. ")
    if gap.why:
        out.prose(gap.why, indent=6)
    if told := gap.settles or gap.causes:
        names = ", ".join(told[:MOST_NAMED])
        names = speak.say("next.and-more", causes=names, n=len(told) - MOST_NAMED) if len(told) > MOST_NAMED else names
        out.prose(speak.say("gaps.settles" if gap.settles else "gaps.tells", causes=names), indent=6)
    if gap.command:
        out.line(gap.command, indent=6)
