"""From what was judged to the report document: the verdict in a sentence, evidence, timeline, coverage, what is missing, what to run next."""

from __future__ import annotations

from heapq import nsmallest
from typing import Literal, NamedTuple

import backuptrace
from backuptrace.caused import QUOTED, cause_of
from backuptrace.facts import HOST, facts_of
from backuptrace.judged import Judged, quoted
from backuptrace.knowledge.catalogue import close_names
from backuptrace.knowledge.collecting import fits
from backuptrace.knowledge.compiled import Milestone
from backuptrace.model import MINUTE, UTC_CLOCK, Problem, utc_text
from backuptrace.reason.changes import compare
from backuptrace.reason.unexplained import Group, group
from backuptrace.report import document as doc
from backuptrace.report.alike import hit_line
from backuptrace.report.phrases import Tongue
from backuptrace.report.redacting import redacted
from backuptrace.report.shortening import shorten
from backuptrace.sentence import outcome_of, sentence_of
from backuptrace.settling import run_next
from backuptrace.timeline.assembly import kept_in
from backuptrace.timeline.attempts import Attempt, summary
from backuptrace.timeline.clock import Clocks
from backuptrace.timeline.families import Family
from backuptrace.timeline.placed import Placed

MOST_TIMELINE = 400
IDENTIFIERS = ("job", "task", "activity", "correlation", "container")
"""Keys of milestones that the report names for the whole window, others only with their attempt."""
MOST_IDENTIFIERS = 20
"""Values of each."""


def report(judged: Judged) -> doc.Report:
    """The document. Pure: the same input gives the same bytes."""
    speak = judged.tongue
    causes = [cause_of(state, judged) for state in judged.states]
    missing = _missing(judged)
    outcome = outcome_of(judged, missing)
    facts = facts_of(judged.timeline, judged.focus.window.end + MINUTE, judged.pack.releases, speak)
    document = doc.Report(
        language=judged.language,
        tool=doc.Tool(version=backuptrace.__version__, signatures=judged.pack.version),
        bundle=doc.BundleInfo(
            name=judged.name,
            kind=judged.kind,
            os=judged.system,
            host=next((fact.value for fact in facts if fact.name == HOST), None),
            from_=utc_text(judged.timeline.start),
            to=utc_text(judged.timeline.end),
            zone=judged.zone,
            zone_basis=speak.told(judged.timeline.clocks.zone.basis) if judged.zone else "",
        ),
        verdict=doc.Verdict(
            outcome=outcome,
            cause=causes[0].id if outcome == "explained" else None,
            sentence=sentence_of(outcome, judged, missing, causes[0].why if causes else ""),
        ),
        focus=doc.Focus(from_=utc_text(judged.focus.shown[0]), to=utc_text(judged.focus.shown[1]), basis=speak.told(judged.focus.basis)),
        reported=doc.Reported(
            code=judged.code.code if judged.code else judged.code_text, at=utc_text(judged.at), message=speak.text(judged.code.message) if judged.code else None
        ),
        facts=facts,
        identifiers=_identifiers(judged),
        causes=causes,
        next=run_next(judged, causes),
        attempts=[_attempt(n, attempt, judged) for n, attempt in enumerate(judged.attempts)],
        changed=_changed(judged),
        timeline=_timeline(judged),
        coverage=[_coverage(family, judged.timeline.clocks, speak) for family in judged.timeline.families],
        missing=missing,
        unexplained=[_unexplained(one, judged) for one in group(judged.timeline)],
        problems=_problems(judged),
        capped=[speak.told(text) for log in judged.scanned.logs for text in log.capped],
    )
    return redacted(document, judged.redactor) if judged.redactor else document


def _changed(judged: Judged) -> doc.Changed | None:
    found = compare(judged.timeline, judged.attempts)
    if found is None:
        return None
    changes = [doc.Change(name=one.name, before=one.before, after=one.after, time=_time(one.item), source=one.item.log.path) for one in found.changes]
    changes += [doc.Change(name="boot", after=summary(m, item, judged.language), time=_time(item), source=item.log.path) for m, item in found.boots]
    good, failed = (str(judged.attempts.index(attempt) + 1) for attempt in (found.good, found.failed))
    return doc.Changed(good=good, failed=failed, changes=changes)


def _unexplained(one: Group, judged: Judged) -> doc.Unexplained:
    first, last = one.items[0], one.items[-1]
    quote = quoted(last.event, judged)
    sample = shorten(quote.text, *quote.hit).text
    return doc.Unexplained(template=one.template, count=len(one.items), first=_time(first), last=_time(last), sample=sample)


def _time(item: Placed) -> str | None:
    return utc_text(item.utc) if item.dated else None


def _problems(judged: Judged) -> list[Problem]:
    speak, scanned = judged.tongue, judged.scanned
    told = [Problem(item.kind, item.where, speak.told(item.what), speak.told(item.fix)) for item in scanned.problems]
    told += [Problem("note", "", speak.told(note)) for note in judged.notes]
    told += [Problem("limit", "", speak.told(text)) for log in scanned.logs for text in log.capped if text.startswith(f"{log.path}: ")]
    if judged.code_text and judged.code is None:
        close = close_names(judged.code_text, [], judged.pack.codes)
        fix = speak.say("problems.unknown-code-like", names=speak.say("or").join(close)) if close else speak.say("problems.unknown-code-check")
        told.append(Problem("note", judged.code_text, speak.say("problems.unknown-code"), fix))
    return told + [Problem("unknown-file", path, speak.told(why)) for path, _, why in scanned.unknown]


def _attempt(number: int, attempt: Attempt, judged: Judged) -> doc.Attempt:
    return doc.Attempt(
        id=str(number + 1),
        kind=attempt.kind,
        started=utc_text(attempt.started),
        ended=utc_text(attempt.ended),
        result=attempt.result,
        code=attempt.code or None,
        reached=summary(*attempt.step, judged.language) if attempt.step else None,
        keys=attempt.keys,
        causes=judged.earlier.get(number, []),
    )


def _timeline(judged: Judged) -> list[doc.TimelineEntry]:
    """The dated evidence and milestones in order; of too many the evidence and what lies nearest to the judged moment. Text is made last."""
    centre, cited = judged.focus.window.end, _cited(judged)
    chosen = list(cited.values())
    for milestone in judged.timeline.milestones:
        told = judged.timeline.placed[milestone.key] if milestone.show else ()
        chosen += [_Candidate(item, "milestone", [], milestone) for item in told if item.dated and item.key[1:] not in cited]
    if len(chosen) > MOST_TIMELINE:
        chosen = nsmallest(MOST_TIMELINE, chosen, key=lambda one: (one.kind != "evidence", abs(one.item.utc - centre), one.item.key))
    chosen.sort(key=lambda one: one.item.key)
    return [_entry(one, judged) for one in chosen]


class _Candidate(NamedTuple):
    """What may stand on the timeline; `milestone`: whose words it gets, None for the line that hit."""

    item: Placed
    kind: Literal["evidence", "milestone", "context"]
    causes: list[str]
    milestone: Milestone | None


def _cited(judged: Judged) -> dict[tuple[int, int], _Candidate]:
    """The dated hits that speak for causes, or spoke for them until they were refuted, by (rank of the log, offset)."""
    found: dict[tuple[int, int], _Candidate] = {}
    for state in judged.states:
        if state.status not in QUOTED:
            continue
        kind: Literal["evidence", "context"] = "evidence" if state.status == "supported" else "context"
        dated = (item for support in state.support for item in kept_in(judged.timeline, support.name, *support.window) if item.dated)
        for item in dated:
            known = found.setdefault(item.key[1:], _Candidate(item, kind, [], None))
            if state.cause.id not in known.causes:
                known.causes.append(state.cause.id)
    return found


def _entry(one: _Candidate, judged: Judged) -> doc.TimelineEntry:
    item, (line, record) = one.item, one.item.number
    if one.milestone is None:
        quote = quoted(item.event, judged)
        text = hit_line(quote.text, quote.hit[0])
    else:
        text = summary(one.milestone, item, judged.language)
        text = judged.redactor.text(text) if judged.redactor else text
    return doc.TimelineEntry(
        time=utc_text(item.utc) or "1970-01-01T00:00:00.000000Z",
        uncertainty_s=item.uncertainty_s,
        source=item.log.path,
        line=line,
        record=record,
        kind=one.kind,
        summary=text[:300],
        causes=one.causes,
    )


def _identifiers(judged: Judged) -> doc.Identifiers:
    keys = judged.focus.attempt.keys if judged.focus.attempt else {}
    return doc.Identifiers(**{name: _values(judged, name, [keys[name]] if name in keys else []) for name in IDENTIFIERS})


def _values(judged: Judged, name: str, own: list[str]) -> list[str]:
    """The newest values of a key in the window, in the order of time, those of the judged attempt last. Records are read from the newest on."""
    window, placed = judged.focus.window, judged.timeline.placed
    told = [(item, mark.keys[name]) for mark in judged.timeline.milestones if name in mark.keys for item in placed[mark.key]]
    told.sort(key=lambda one: one[0].key, reverse=True)
    others: list[str] = []
    for item, source in told:
        if len(own) + len(others) >= MOST_IDENTIFIERS:
            break
        if window.start <= item.utc <= window.end and (value := item.event.fields.get(source, "")) and value not in own + others:
            others.append(value)
    return others[::-1] + own


def _coverage(family: Family, clocks: Clocks, speak: Tongue) -> doc.Coverage:
    logs = family.logs
    live = next((log for log in logs if log.path == log.base), logs[-1])
    until = family.covered[-1][1] if family.covered else family.last
    records = [log.records for log in logs if log.records is not None]
    utc = all(clock == UTC_CLOCK for log in logs for clock in log.spans)
    clock = doc.Clock(zone=clocks.zone.name, basis=speak.told(clocks.zone.basis))
    if family.first is None or utc:
        clock = doc.Clock(zone="UTC", basis=speak.say("clock.no-stamps" if family.first is None else "clock.by-stamps"))
    notes = [speak.told(note) for note in dict.fromkeys(note for log in logs for note in log.notes)]
    notes += [speak.say("coverage.jump", seconds=seconds, time=utc_text(when) or "") for when, seconds in family.jumps]
    if family.unwritten:
        notes.append(speak.count("coverage.unwritten", family.unwritten))
    return doc.Coverage(
        source=live.path,
        format=family.format,
        recognised=speak.told(live.recognised),
        parts=len(logs),
        from_=utc_text(family.first),
        to=utc_text(until),
        complete=family.complete,
        records=sum(records) if len(records) == len(logs) else None,
        suppressed=family.suppressed,
        holes=[doc.Hole(from_=utc_text(low), to=utc_text(high), why=speak.say("coverage.silence")) for low, high in family.silences[-20:]],
        clock=clock,
        notes=notes,
    )


def _missing(judged: Judged) -> list[doc.Missing]:
    """Formats that a collector usually takes and that the bundle lacks; for an excerpt nothing is missing."""
    seen = {log.format for log in judged.scanned.logs}
    out = []
    for shape in judged.pack.formats:
        if shape.expected is not None and shape.expected.always and shape.id not in seen and fits(shape, judged.system):
            speak = judged.tongue
            out.append(doc.Missing(source=speak.text(shape.title), why_it_matters=speak.text(shape.expected.why), command=shape.expected.command))
    return out
