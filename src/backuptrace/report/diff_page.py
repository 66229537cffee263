"""The answers of `backuptrace diff` and `backuptrace verify`."""

from __future__ import annotations

from typing import Literal

import msgspec

from backuptrace.knowledge.texts import Language
from backuptrace.report.document import Count, Evidence, Need, Outcome, Redaction, Report, Status, Utc
from backuptrace.report.layout import Page, Style
from backuptrace.report.phrases import Tongue, tongue
from backuptrace.report.redacting import KEPT
from backuptrace.report.times import Times

MOST = 12
"""Rows of a section."""
Result = Literal["fixed", "not-fixed", "other-cause", "still-failing", "not-tried", "cannot-tell", "nothing-to-verify"]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two bundles in short."""

    name: str
    os: str
    from_: Utc | None = msgspec.field(default=None, name="from")
    to: Utc | None = None
    outcome: Outcome
    cause: str | None = None
    sentence: str


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A version, fact or setting that differs; None: the bundle does not tell it. `place`: where the second bundle has it, else the first."""

    name: str
    before: str | None = None
    after: str | None = None
    source: str = ""
    place: str = ""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event that only one of the bundles shows, although both hold its source: how often, and its newest line."""

    signature: str
    selection: str
    title: str
    before: Count = 0
    after: Count = 0
    evidence: Evidence | None = None


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A cause whose status differs."""

    cause: str
    title: str
    before: Status
    after: Status
    why: str = ""


class DiffPage(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from the first bundle (`a`) to the second (`b`). `only_a`, `only_b`: sources that the other one lacks, so that nothing can be compared."""

    schema: Literal["backuptrace.diff/1"] = "backuptrace.diff/1"
    a: Side
    b: Side
    causes: list[Judgement] = []
    facts: list[Changed] = []
    settings: list[Changed] = []
    events: list[Happened] = []
    unknown_lines: list[Happened] = []
    only_a: list[str] = []
    only_b: list[str] = []
    notes: list[str] = []
    redaction: Redaction = Redaction()
    language: Language = "en"


class VerifyPage(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a fix took. `cause`: the one that the first bundle supports; `good`: when the first good backup after it ended."""

    schema: Literal["backuptrace.verify/1"] = "backuptrace.verify/1"
    result: Result
    sentence: str
    cause: str | None = None
    title: str = ""
    good: Utc | None = None
    before: Side
    after: Side
    evidence: list[Evidence] = []
    needs: list[Need] = []
    notes: list[str] = []
    language: Language = "en"


KEPT.update(
    {
        DiffPage: {"schema", "redaction", "language"},
        Side: {"os", "outcome", "cause"},
        Happened: {"signature", "selection", "title"},
        Judgement: {"cause", "title", "before", "after"},
    }
)


def side_of(report: Report) -> Side:
    """The report in short."""
    bundle, verdict = report.bundle, report.verdict
    return Side(
        name=bundle.name, os=bundle.os, from_=bundle.from_, to=bundle.to, outcome=verdict.outcome, cause=verdict.cause, sentence=verdict.sentence
    )  # fmt: skip


def diff_text(page: DiffPage, *, width: int = 80, color: bool = False, show_all: bool = False) -> str:
    """The page as text of `width` columns."""
    out, speak = Page(width, color=color), tongue(page.language)
    say, times = speak.say, Times(speak)
    _sides(out, (("A", page.a), ("B", page.b)))
    for note in page.notes:
        out.prose(note, first=say("note"))
    none = say("diff.none")
    causes = [say("diff.cause", title=one.title, before=speak.word("causes", one.before), after=speak.word("causes", one.after)) for one in page.causes]
    _listed(out, say("diff.causes"), causes, show_all=show_all)
    facts = [say("changed.fact", name=speak.word("fact", one.name), before=one.before or none, after=one.after or none) for one in page.facts]
    _listed(out, say("diff.facts"), facts, show_all=show_all)
    settings = [_setting(one, none, page.language) for one in page.settings]
    _listed(out, say("diff.settings"), settings, show_all=show_all)
    for heading, events in ((say("diff.events"), page.events), (say("diff.unknown"), page.unknown_lines)):
        if not events:
            continue
        out.heading(heading)
        for one in events if show_all else events[:MOST]:
            out.prose(say("diff.event", title=one.title, before=_times(one.before, speak), after=_times(one.after, speak)), first="- ")
            if one.evidence is not None:
                place = one.evidence.source + (f":{one.evidence.line}" if one.evidence.line is not None else "")
                out.end_row(place, indent=4, lead=f"{times.moment(one.evidence.time)}  " if one.evidence.time else "", style="dim")
                out.quote(one.evidence.text, one.evidence.hit_from, one.evidence.hit_to, lines=2)
        _more(out, len(events), page.language, show_all=show_all)
    for key, names in (("diff.only-a", page.only_a), ("diff.only-b", page.only_b)):
        if names:
            out.lines.append("")
            out.prose(say(key, sources=speak.listed(names)), indent=0)
    if not (page.causes or page.facts or page.settings or page.events or page.unknown_lines):
        out.lines.append("")
        out.prose(say("diff.same"), indent=0)
    return out.text()


def verify_text(page: VerifyPage, *, width: int = 80, color: bool = False) -> str:
    """The page as text of `width` columns."""
    out, speak = Page(width, color=color), tongue(page.language)
    times = Times(speak)
    style: Style = "good" if page.result == "fixed" else "warn" if page.result in ("not-tried", "cannot-tell", "nothing-to-verify") else "bad"
    out.prose(page.sentence, indent=0, style=style)
    out.lines.append("")
    for note in page.notes:
        out.prose(note, first=speak.say("note"))
    _sides(out, ((speak.say("verify.before"), page.before), (speak.say("verify.after"), page.after)))
    if page.evidence:
        out.heading(speak.say("evidence"))
        for item in page.evidence:
            place = item.source + (f":{item.line}" if item.line is not None else "")
            out.end_row(place, indent=4, lead=f"{times.moment(item.time)}  " if item.time else "", style="dim")
            out.quote(item.text, item.hit_from, item.hit_to)
    if page.needs:
        out.heading(speak.say("heading.next"))
        for number, need in enumerate(page.needs, 1):
            out.prose(need.what, first=f"{number}. ")
            if need.command:
                out.line(need.command, indent=5)
    return out.text()


def _times(count: int, speak: Tongue) -> str:
    return speak.count("diff.times", count) if count else speak.say("diff.never")


def _sides(out: Page, sides: tuple[tuple[str, Side], ...]) -> None:
    wide = max(len(label) for label, _ in sides)
    for label, side in sides:
        out.prose(f"{side.name}: {side.sentence}", first=f"{label:{wide}}  ")


def _setting(one: Changed, none: str, language: Language) -> str:
    say = tongue(language).say
    before, after = (none if value is None else value for value in (one.before, one.after))
    if one.name in (one.before, one.after):  # a line of a text
        return say("diff.line-gone" if one.after is None else "diff.line-new", source=one.source, line=one.name)
    return say("diff.setting", source=one.source, name=one.name, before=before, after=after)


def _listed(out: Page, heading: str, rows: list[str], *, show_all: bool) -> None:
    if not rows:
        return
    out.heading(heading)
    for row in rows if show_all else rows[:MOST]:
        out.prose(row, first="- ")
    if not show_all and len(rows) > MOST:
        out.row(f"… {len(rows) - MOST} (--all)", style="dim")


def _more(out: Page, count: int, language: Language, *, show_all: bool) -> None:
    if not show_all and count > MOST:
        out.row(tongue(language).count("more", count - MOST), style="dim")
