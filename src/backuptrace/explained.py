"""Why a cause has its status: every verdict on it as a tree of clauses with the lines that were seen for each."""

from __future__ import annotations

from typing import Literal

from backuptrace.answer import report
from backuptrace.caused import ends, evidence_of, refuting
from backuptrace.judged import Judged
from backuptrace.knowledge.compiled import Verdict
from backuptrace.knowledge.derived import formats_of
from backuptrace.knowledge.durations import duration_text
from backuptrace.knowledge.when import Count, Defined, Distinct, Near, NoBefore, Not, Silence, Then, ThenNo, Unless
from backuptrace.model import SECOND, utc_text
from backuptrace.reason.judgement import CauseState, counts, decide, window_of
from backuptrace.reason.truth import Truth
from backuptrace.reason.why import Clause, Seen, clause_of
from backuptrace.redact.redactor import Redactor
from backuptrace.report import document as doc
from backuptrace.report import why_page as page
from backuptrace.report.clauses import clause_text, selection_name
from backuptrace.report.redacting import redacted_page
from backuptrace.timeline.assembly import kept_in
from backuptrace.timeline.rows import Key

FIRST, LAST = 2, 2
"""Lines shown of a selection: the first and the last so many."""


def why(judged: Judged, state: CauseState) -> page.WhyPage:
    """The page of one cause. Pure."""
    document = report(judged)
    cause = next(cause for cause in document.causes if cause.id == state.cause.id)
    verdicts = [verdict for verdict in judged.pack.verdicts if verdict.cause == state.cause.id and counts(verdict, judged.system)]
    ranked = sorted(((_clause(verdict, judged), verdict) for verdict in verdicts), key=lambda pair: (-pair[0].nearness, pair[1].signature))
    out = page.WhyPage(
        bundle=document.bundle,
        focus=document.focus,
        cause=cause.id,
        title=cause.title,
        status=cause.status,
        confidence=cause.confidence,
        why=cause.why,
        doc=cause.doc,
        verdicts=[_verdict(verdict, clause, judged) for clause, verdict in ranked],
        needs=cause.needs,
        language=judged.language,
    )
    return redacted_page(out, judged.redactor or Redactor()) if judged.redactor else out


def _clause(verdict: Verdict, judged: Judged) -> Clause:
    focus, history = judged.focus, judged.timeline.history
    window = window_of(verdict, focus, judged.timeline.start)
    return clause_of(verdict.when, history, window, attempt=focus.attempt_window, failure=focus.failure_window)


def _verdict(verdict: Verdict, clause: Clause, judged: Judged) -> page.VerdictPage:
    speak, failed = judged.tongue, clause.failed
    decision = decide(verdict, judged.timeline.history, judged.focus, judged.timeline.start)
    against = [evidence_of(item, verdict.signature, "contradicts", judged) for item in refuting(decision, judged)]
    return page.VerdictPage(
        signature=verdict.signature,
        title=speak.text(verdict.title),
        why=speak.text(verdict.why),
        when=verdict.text,
        truth=_truth(clause.truth),
        root=verdict.root,
        tree=_part(clause, verdict, judged),
        failed="" if failed is None else _failed_text(failed, judged),
        miss="" if failed is None else _miss(failed, judged),
        refuted_by=against[0] if against else None,
    )


def _failed_text(clause: Clause, judged: Judged) -> str:
    if isinstance(clause.node, Unless):
        excuse = clause.parts[1].telling.node
        return judged.tongue.say("clause.excused", what=excuse.text if isinstance(excuse, Defined) else clause_text(excuse, judged.tongue))
    text = clause_text(clause.node, judged.tongue)
    if isinstance(clause.node, Not):
        text = f"{text} {clause_text(clause.parts[0].node, judged.tongue)}"
    return text


def _part(clause: Clause, verdict: Verdict, judged: Judged) -> page.Part:
    """A name of `define` stands on the line of what it stands for."""
    inner = clause
    while isinstance(inner.node, Defined):
        inner = inner.parts[0]
    return page.Part(
        text=clause_text(clause.node, judged.tongue),
        truth=_truth(clause.truth),
        selections=[_selection(one, inner, verdict, judged) for one in inner.seen],
        miss="" if inner.truth or inner.parts else _miss(inner, judged),
        parts=[_part(part, verdict, judged) for part in inner.parts],
    )


def _truth(truth: Truth) -> page.Truth:
    return "unknown" if truth is None else "true" if truth else "false"


def _selection(one: Seen, clause: Clause, verdict: Verdict, judged: Judged) -> page.Selection:
    source = judged.pack.source_of.get(one.name, "")
    shape = formats_of(judged.pack).get(source)
    wanted: Literal["present", "absent"] = "absent" if one.absent else "present"
    kept = list(kept_in(judged.timeline, one.name, *clause.window)) if one.total or one.state else []
    role: Literal["supports", "contradicts"] = "contradicts" if one.absent else "supports"
    return page.Selection(
        name=selection_name(one.name),
        format=source,
        source=judged.tongue.text(shape.title) if shape else source,
        wanted=wanted,
        total=one.total,
        covered=one.covered,
        timeless=one.timeless,
        holds=one.state,
        evidence=[evidence_of(item, verdict.signature, role, judged) for item in ends(kept, FIRST, LAST)],
        nearest=None if one.nearest is None else _at(one.name, one.nearest, verdict, judged),
    )


def _at(name: str, key: Key, verdict: Verdict, judged: Judged) -> doc.Evidence:
    """The hit at a place; only where it stands if its text was not kept."""
    stamp, rank, offset = key
    for item in kept_in(judged.timeline, name, stamp - SECOND, stamp + SECOND):
        if (item.log.rank, item.event.offset) == (rank, offset):
            return evidence_of(item, verdict.signature, "context", judged)
    log = next((log for log in judged.scanned.logs if log.rank == rank), None)
    place = None if log is None or log.made else offset
    return doc.Evidence(signature=verdict.signature, time=utc_text(stamp), source=log.path if log else "", offset=place, text="", role="context")


def _miss(clause: Clause, judged: Judged) -> str:
    """By how little a clause failed."""
    say, node = judged.tongue.say, clause.node
    if clause.window.end < clause.window.start:
        return say("miss.no-attempt")
    match node:
        case Count(_, _, n) | Distinct(_, _, _, n):
            return say("miss.quantity", seen=judged.tongue.number(clause.largest or 0), n=judged.tongue.number(n))
        case Silence(_, _, length):
            return say("miss.silence", seen=_rough((clause.largest or 0) // SECOND), span=duration_text(length))
        case Then(_, within) if clause.distance is not None and all(one.total for one in clause.seen):
            far = _rough(abs(clause.distance))
            return say("miss.order", far=far) if clause.distance < 0 else say("miss.far", far=far, span=duration_text(within or 0))
        case Near(_, _, within) if clause.distance is not None:
            return say("miss.far", far=_rough(abs(clause.distance)), span=duration_text(within))
        case ThenNo() | NoBefore() if clause.distance is not None:
            return say("miss.followed", far=_rough(abs(clause.distance)))
        case Unless():
            return ""
        case Not():
            return say("miss.there") if clause.truth is False else say("miss.not-known")
    lacking = [selection_name(one.name) for one in clause.seen if not one.absent and not one.total and not one.state]
    near = [one for one in clause.seen if one.nearest is not None and not one.absent]
    if near:
        best = min(near, key=lambda one: _away(one, clause))
        side = "miss.before" if best.nearest and best.nearest[0] < clause.window.start else "miss.after"
        return say(side, name=selection_name(best.name), far=_rough(_away(best, clause)))
    if clause.truth is None:
        return say("miss.uncovered", names=judged.tongue.listed(lacking))
    return say("miss.none", names=judged.tongue.listed(lacking))


def _rough(seconds: int) -> str:
    """`3 d`, `5 h`, `12 min`, `40 s`: whole units, rounded down."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _away(one: Seen, clause: Clause) -> int:
    """Seconds between the window and the nearest hit."""
    low, high = clause.window.seconds
    second = (one.nearest or (0, 0, 0))[0] // SECOND
    return max(low - second, second - high, 0)
