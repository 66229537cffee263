"""The verdict: its outcome, and the one sentence that tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backuptrace.model import utc_text
from backuptrace.pending import pending
from backuptrace.reason.focus import EARLIER, succeeded_near
from backuptrace.report import document as doc
from backuptrace.report.covering import unread
from backuptrace.report.phrases import Tongue
from backuptrace.report.times import Times

if TYPE_CHECKING:
    from backuptrace.judged import Judged

AGENT_LOGS = ("waagent", "vmsnapshot-log", "waappagent", "iaasbcdr-log")
"""Formats of which one is enough to say that nothing failed."""


def outcome_of(judged: Judged, missing: Sequence[doc.Missing]) -> doc.Outcome:
    """The outcome by the contract (REPORT.md, "The focus")."""
    if any(state.status == "supported" for state in judged.states):
        return "explained"
    attempts = judged.attempts
    if not any(family.first is not None or family.logs[0].states for family in judged.timeline.families):
        return "cannot-tell"
    if attempts and (judged.focus.attempt is not None and judged.focus.attempt.result == "failed"):
        return "unexplained"
    if pending(judged):
        return "cannot-tell"
    if judged.code is not None or judged.code_text or judged.at is not None:
        return "cannot-tell"
    failed = any(a.result == "failed" for a in attempts)
    if failed or any(state.status == "contradicted" for state in judged.states):
        return "recovered"
    told = bool(attempts) or any(family.format in AGENT_LOGS and family.first is not None for family in judged.timeline.families)
    return "no-failure-seen" if told or not missing else "cannot-tell"


def sentence_of(outcome: doc.Outcome, judged: Judged, missing: Sequence[doc.Missing], why: str) -> str:
    """`why`: what the report says of the first cause."""
    times, tongue, attempt = judged.times, judged.tongue, judged.focus.attempt
    if outcome == "explained":
        title = tongue.text(judged.states[0].cause.title)
        if attempt is not None and attempt.result == "failed":
            lead = tongue.say("sentence.explained-attempt", when=_minute(attempt.ended or attempt.last, times), title=title)
        else:
            lead = tongue.say("sentence.explained", title=title)
        return f"{lead} {why}".strip()
    span = _span(judged, times)
    good = [a for a in judged.attempts if a.result == "succeeded"]
    if outcome == "recovered":
        bad = sum(a.result == "failed" for a in judged.attempts)
        what = tongue.count("sentence.recovered-attempts", bad) if bad else tongue.say("sentence.recovered-faults")
        if good:
            told = tongue.say("sentence.recovered-by-backup", what=what, when=_minute(good[-1].ended or good[-1].last, times), span=span)
        else:
            told = tongue.say("sentence.recovered", what=what, span=span)
    elif outcome == "no-failure-seen":
        few = "sentence.no-failure-excerpt" if judged.timeline.excerpt else "sentence.no-failure"
        told = tongue.count("sentence.no-failure-attempts", len(good), span=span) if good else tongue.say(few, span=span)
    elif outcome == "unexplained":
        when = _minute(attempt.ended or attempt.last, times) if attempt else tongue.say("time.unknown")
        coded = attempt is not None and attempt.code
        told = tongue.say("sentence.unexplained-code" if coded else "sentence.unexplained", when=when, code=attempt.code if attempt else "", span=span)
    elif open_ := pending(judged):
        key = "sentence.unfinished-attempt" if open_.attempt else "sentence.begun"
        told = tongue.say(key, when=_minute(open_.since, times), what=open_.what, span=span)
    else:
        code = judged.code.code if judged.code else judged.code_text
        told = tongue.say("sentence.cannot-tell-code", code=code, span=span) if code else _undecided(judged, span, times)
    parts = (told, unread(judged.scanned.problems, judged.kind, times), _lacking(missing, tongue))
    return " ".join(part for part in parts if part)


def _undecided(judged: Judged, span: str, times: Times) -> str:
    """What the logs hold for the time that was given, if one was."""
    say, begin, end = times.tongue.say, judged.timeline.start, judged.timeline.end
    if judged.at is None or begin is None or end is None:
        return say("sentence.cannot-tell", span=span)
    if not begin - EARLIER <= judged.at <= end + EARLIER:
        return say("sentence.given-outside", when=_minute(judged.at, times), span=span)
    good = succeeded_near(judged.attempts, judged.at)
    if good is not None:
        return say("sentence.given-succeeded", when=_minute(good.ended or good.last, times), span=span)
    return say("sentence.given", when=_minute(judged.at, times), span=span)


def _lacking(missing: Sequence[doc.Missing], tongue: Tongue) -> str:
    return tongue.say("sentence.missing", sources=tongue.listed(item.source for item in missing)) if missing else ""


def _span(judged: Judged, times: Times) -> str:
    begin, end = judged.timeline.start, judged.timeline.end
    if begin is None or end is None:
        return times.tongue.say("sentence.no-span")
    first, last = _minute(begin, times), _minute(end, times)
    return times.tongue.say("sentence.span-moment", begin=first) if first == last else times.tongue.say("sentence.span", begin=first, end=last)


def _minute(stamp: int, times: Times) -> str:
    return times.minute(utc_text(stamp))
