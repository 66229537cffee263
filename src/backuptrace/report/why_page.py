"""The answer of `backuptrace why`: the tree of evidence of a cause down to file, line and byte, or which clause failed and by how little."""

from __future__ import annotations

from typing import Literal

import msgspec

from backuptrace.knowledge.texts import Language
from backuptrace.report.citing import number_text
from backuptrace.report.document import BundleInfo, Count, Doc, Evidence, Focus, Need, Redaction, Status
from backuptrace.report.layout import Page
from backuptrace.report.phrases import tongue
from backuptrace.report.redacting import KEPT
from backuptrace.report.times import Times, zone_of

Truth = Literal["true", "false", "unknown"]
MOST_VERDICTS = 3
"""Verdicts that the text shows of a cause that is not supported."""


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a selection in the window of its clause. `wanted`: whether its presence or its absence speaks for the clause;
    covered: the source was read for the whole window; holds: of a source without times whether it says so (None: the source is missing);
    nearest: where there is no hit, the one nearest to the window.
    """

    name: str
    format: str
    source: str
    wanted: Literal["present", "absent"]
    total: Count = 0
    covered: bool = False
    timeless: bool = False
    holds: bool | None = None
    evidence: list[Evidence] = []
    nearest: Evidence | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A clause in words, its truth, the selections that it reads and the clauses in it; `miss`: by how little it failed."""

    text: str
    truth: Truth
    selections: list[Selection] = []
    miss: str = ""
    parts: list[Part] = []


class VerdictPage(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict on the cause. `when`: as the signature has it; `failed`: the clause that kept it from being true, in words;
    refuted_by: the line that shows that the fault was over.
    """

    signature: str
    title: str
    why: str
    when: str
    truth: Truth
    root: bool
    tree: Part
    failed: str = ""
    miss: str = ""
    refuted_by: Evidence | None = None


class WhyPage(msgspec.Struct, frozen=True, kw_only=True):
    """All verdicts of a cause: the true ones first, then those that came nearest to it."""

    schema: Literal["backuptrace.why/1"] = "backuptrace.why/1"
    bundle: BundleInfo
    focus: Focus
    cause: str
    title: str
    status: Status
    confidence: str | None = None
    why: str = ""
    doc: Doc
    verdicts: list[VerdictPage] = []
    needs: list[Need] = []
    redaction: Redaction = Redaction()
    language: Language = "en"


KEPT.update(
    {
        WhyPage: {"schema", "cause", "title", "status", "confidence", "doc", "language", "redaction"},
        VerdictPage: {"signature", "title", "when", "truth"},
        Part: {"truth"},
        Selection: {"name", "format", "wanted"},
    }
)


def why_text(page: WhyPage, *, width: int = 80, color: bool = False, show_all: bool = False) -> str:
    """The page as text of `width` columns; `show_all` shows every verdict."""
    out, speak = Page(width, color=color), tongue(page.language)
    times = Times(speak, zone_of(page.bundle.zone))
    out.prose(f"{page.cause}: {page.title}", indent=0, style="heading")
    status = speak.word("causes", page.status)
    if page.confidence:
        status += ", " + speak.say("confidence", level=speak.word("confidence", page.confidence))
    out.prose(status, first=f"{speak.say('why-page.status')}  ")
    if page.why:
        out.prose(page.why, first=f"{speak.say('why-page.reason')}  ")
    out.prose(f"{times.span(page.focus.from_, page.focus.to, local=True)}: {page.focus.basis}", first=f"{speak.say('head.judged')}  ")
    told = [verdict for verdict in page.verdicts if verdict.truth == "true"]
    shown = page.verdicts if show_all else told or page.verdicts[:MOST_VERDICTS]
    for verdict in shown:
        _verdict(out, verdict, times)
    if len(shown) < len(page.verdicts):
        out.lines.append("")
        out.row(speak.count("why-page.more", len(page.verdicts) - len(shown)), style="dim")
    if not page.verdicts:
        out.lines.append("")
        out.prose(speak.say("why-page.no-verdict"))
    if page.needs:
        out.heading(speak.say("why-page.needs"))
        for need in page.needs:
            out.prose(need.what, first="- ")
            if need.command:
                out.line(need.command, indent=4)
    return out.text()


def _verdict(out: Page, verdict: VerdictPage, times: Times) -> None:
    speak = times.tongue
    out.heading(f"{verdict.signature}: {speak.word('truth', verdict.truth)}")
    out.prose(verdict.why or verdict.title)
    out.prose(verdict.when, first=f"{speak.say('why-page.when')}  ", style="dim")
    if verdict.failed:
        out.prose(verdict.failed, first=f"{speak.say('why-page.failed')}  ", style="warn")
        if verdict.miss:
            out.prose(verdict.miss, first=f"{speak.say('why-page.miss')}  ")
    _part(out, verdict.tree, times, 2)
    if verdict.refuted_by is not None:
        out.prose(speak.say("why-page.refuted"), style="warn")
        _line(out, verdict.refuted_by, times, 4)


def _part(out: Page, part: Part, times: Times, indent: int) -> None:
    speak = times.tongue
    out.prose(part.text, indent=indent, first=f"[{speak.word('truth', part.truth)}] ")
    for one in part.selections:
        _selection(out, one, times, indent + 2)
    for inner in part.parts:
        _part(out, inner, times, indent + 2)


def _selection(out: Page, one: Selection, times: Times, indent: int) -> None:
    speak = times.tongue
    if one.timeless:
        told = speak.say("seen.holds" if one.holds else "seen.gone" if one.holds is None else "seen.not-so", source=one.source)
    elif one.total:
        told = speak.count("seen.hits", one.total, source=one.source)
    else:
        told = speak.say("seen.none" if one.covered else "seen.uncovered", source=one.source)
    mark = speak.say("seen.unwanted") if one.wanted == "absent" else ""
    out.prose(f"{one.name}{mark}: {told}", indent=indent, first="- ")
    for item in one.evidence:
        _line(out, item, times, indent + 2)
    if one.nearest is not None:
        out.prose(speak.say("seen.nearest"), indent=indent + 2)
        _line(out, one.nearest, times, indent + 2)


def _line(out: Page, item: Evidence, times: Times, indent: int) -> None:
    speak = times.tongue
    where = item.source + number_text(item, speak)
    if item.offset is not None:
        where += speak.say("seen.byte", offset=speak.number(item.offset))
    stamp = times.moment(item.time) if item.time else ""
    if stamp:
        out.row(stamp, indent=indent, style="dim")
    out.end_row(where, indent=indent, style="dim")
    if item.text:
        out.quote(item.text, item.hit_from, item.hit_to, indent=indent + 2)
