"""From what was judged to the report document: the verdict in a sentence, evidence, timeline, coverage, what is missing, what to run next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

import backuptrace
from backuptrace.knowledge.compiled import Format, Milestone, Pack
from backuptrace.knowledge.shapes import CodeShape
from backuptrace.model import MINUTE, UTC_CLOCK, Problem, utc_text
from backuptrace.reason.focus import Focus
from backuptrace.reason.history import Window
from backuptrace.reason.judgement import CauseState, Decision
from backuptrace.report import document as doc
from backuptrace.scanning.bundles import Scanned
from backuptrace.timeline.assembly import Family, Placed, Timeline, kept_in
from backuptrace.timeline.clock import Clocks
from backuptrace.timeline.attempts import Attempt, summary

FIRST, LAST = 10, 30
"""Pieces of evidence shown per cause: the first and the last so many."""
MOST_TIMELINE = 400
LANGUAGE = "en"
_STAMP = re.compile(r"^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?\s*")


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that the report is made of."""

    name: str
    kind: str
    system: Literal["linux", "windows", "unknown"]
    pack: Pack
    scanned: Scanned
    timeline: Timeline
    attempts: list[Attempt]
    focus: Focus
    states: list[CauseState]
    earlier: dict[int, list[str]]
    """index of an attempt -> causes supported at its end"""
    code: CodeShape | None
    code_text: str | None
    at: int | None
    notes: list[str]


def report(judged: Judged) -> doc.Report:
    """The document. Pure: the same input gives the same bytes."""
    milestones = {m.key: m for shape in judged.pack.formats for m in shape.milestones}
    causes = [_cause(state, judged) for state in judged.states]
    missing = _missing(judged)
    outcome = _outcome(judged, missing)
    return doc.Report(
        tool=doc.Tool(version=backuptrace.__version__, signatures=judged.pack.version),
        bundle=doc.BundleInfo(name=judged.name, kind=judged.kind, os=judged.system, from_=utc_text(judged.timeline.start), to=utc_text(judged.timeline.end)),
        verdict=doc.Verdict(outcome=outcome, cause=causes[0].id if outcome == "explained" else None, sentence=_sentence(outcome, judged, missing)),
        focus=doc.Focus(from_=utc_text(judged.focus.shown[0]), to=utc_text(judged.focus.shown[1]), basis=judged.focus.basis),
        reported=doc.Reported(code=judged.code.code if judged.code else judged.code_text, at=utc_text(judged.at), message=judged.code.message.get(LANGUAGE) if judged.code else None),
        facts=_facts(judged, milestones),
        identifiers=_identifiers(judged, milestones),
        causes=causes,
        next=_next(judged, causes),
        attempts=[_attempt(n, attempt, judged) for n, attempt in enumerate(judged.attempts)],
        timeline=_timeline(judged, milestones),
        coverage=[_coverage(family, judged.timeline.clocks) for family in judged.timeline.families],
        missing=missing,
        problems=judged.scanned.problems + [Problem("unknown-file", path, f"not read: {why}", "") for path, _, why in judged.scanned.unknown],
        capped=[text for log in judged.scanned.logs for text in log.capped] + judged.notes,
    )


# causes


def _cause(state: CauseState, judged: Judged) -> doc.Cause:
    cause = state.cause
    shown: list[doc.Evidence] = []
    total, moments = 0, []
    for decision in state.decisions:
        if state.status not in ("supported", "contradicted"):
            break
        for support in decision.outcome.support:
            rows = judged.timeline.history.rows_in(support.name, support.window)
            total += sum(row.count for row in rows) or 1
            moments += [row.first[0] for row in rows[:1]] + [row.last[0] for row in rows[-1:]]
            role: Literal["supports", "context"] = "supports" if state.status == "supported" else "context"
            shown += [_evidence(item, decision.verdict.signature, role) for item in _sample(list(kept_in(judged.timeline, support.name, *support.window)))]
        if decision.refuted:
            shown += _refuting(decision, judged)
    shown = list({(e.source, e.line, e.offset, e.role): e for e in shown}.values())
    shown.sort(key=lambda e: (e.role != "supports", e.time or "", e.source, e.line or 0))
    shown = _sample(shown)
    undated = not any(e.time for e in shown)
    return doc.Cause(
        id=cause.id, status=state.status, confidence=cast("doc.Confidence | None", state.confidence), title=cause.title[LANGUAGE], explanation=cause.explanation[LANGUAGE],
        error_codes=cause.error_codes, doc=doc.Doc(url=cause.doc.url, anchor=cause.doc.anchor, section=cause.doc.section),
        steps=[doc.Step(text=step[LANGUAGE]) for step in cause.steps], why=state.why,
        hits=doc.Hits(total=total, shown=len(shown), first=None if undated else utc_text(min(moments, default=None)), last=None if undated else utc_text(max(moments, default=None))),
        evidence=shown, needs=_needs(state, judged.pack), root=state.root, caveats=cause.caveats.get(LANGUAGE, ""),
    )  # fmt: skip


def _sample(items: list) -> list:  # type: ignore[type-arg]  # of whatever the caller has
    return items if len(items) <= FIRST + LAST else items[:FIRST] + items[-LAST:]


def _evidence(item: Placed, signature: str, role: Literal["supports", "contradicts", "context"]) -> doc.Evidence:
    event = item.event
    short = doc.shorten(event.text, *event.hit)
    return doc.Evidence(
        signature=signature, time=utc_text(item.utc) if item.dated else None, uncertainty_s=item.uncertainty_s, source=item.log.path, line=event.line,
        offset=event.offset, text=short.text, context=[*event.before, *event.after], role=role, hit_from=short.hit_from, hit_to=short.hit_to,
    )  # fmt: skip


def _refuting(decision: Decision, judged: Judged) -> list[doc.Evidence]:
    newest = decision.outcome.last_support
    if newest is None:
        return []
    later = [i for i in kept_in(judged.timeline, decision.refuted, newest[0], judged.focus.window.end) if (i.utc, i.log.rank, i.event.offset) > newest]
    return [_evidence(item, decision.verdict.signature, "contradicts") for item in later[:1]]


def _needs(state: CauseState, pack: Pack) -> list[doc.Need]:
    if state.status not in ("supported", "unknown") or not state.decisions:
        return []
    needs = [doc.Need(what=what, command=command or None) for d in state.decisions for what, command in d.verdict.needs]
    formats = {shape.id: shape for shape in pack.formats}
    for name in state.needs:
        if name in formats and (expected := formats[name].expected):
            needs.append(doc.Need(what=formats[name].title, command=expected.command))
    if state.status == "unknown" and not needs:
        needs = [doc.Need(what=need.what[LANGUAGE], command=need.command) for need in state.cause.needs]
    return list({(need.what, need.command): need for need in needs}.values())


def _next(judged: Judged, causes: list[doc.Cause]) -> list[doc.Next]:
    """One row a command, the one that settles most causes first."""
    settles: dict[str, list[str]] = {}
    what: dict[str, str] = {}
    for state, cause in zip(judged.states, causes, strict=True):
        needs = list(cause.needs)
        if state.status == "supported":
            needs += [doc.Need(what=n.what[LANGUAGE], command=n.command) for n in state.cause.needs if n.command and _fits(n.command, judged.system)][:2]
        for need in needs:
            if need.command:
                settles.setdefault(need.command, []).append(cause.id)
                what.setdefault(need.command, need.what)
    rows = [doc.Next(command=command, settles=list(dict.fromkeys(ids)), what=what[command]) for command, ids in settles.items()]
    return sorted(rows, key=lambda row: -len(row.settles))


def _fits(command: str, system: str) -> bool:
    """Whether a command of the catalogue is meant for this system: PowerShell on Windows, a shell on Linux, az anywhere."""
    powershell = command.split("-", 1)[0] in ("Get", "Test") or command.startswith(("vssadmin", "icacls", "wevtutil", "sc "))
    return system == "unknown" or command.startswith("az ") or powershell == (system == "windows")


# the sentence


def _outcome(judged: Judged, missing: list[doc.Missing]) -> doc.Outcome:
    if any(state.status == "supported" for state in judged.states):
        return "explained"
    attempts = judged.attempts
    if not any(family.first is not None or family.logs[0].states for family in judged.timeline.families):
        return "cannot-tell"
    if attempts and (judged.focus.attempt is not None and judged.focus.attempt.result == "failed"):
        return "unexplained"
    if judged.code is not None or judged.code_text or judged.at is not None:
        return "cannot-tell"
    failed = any(a.result == "failed" for a in attempts)
    if failed or any(state.status == "contradicted" for state in judged.states):
        return "recovered"
    told = any(family.format in ("waagent", "vmsnapshot-log") and family.first is not None for family in judged.timeline.families)
    return "no-failure-seen" if told or not missing else "cannot-tell"


def _sentence(outcome: doc.Outcome, judged: Judged, missing: list[doc.Missing]) -> str:
    span = _span(judged.timeline)
    lacking = f" Not in the bundle: {_listed(item.source for item in missing)}." if missing else ""
    first = judged.states[0] if judged.states else None
    if outcome == "explained" and first is not None:
        attempt = judged.focus.attempt
        when = f" at {_minute(attempt.ended or attempt.last)}" if attempt else ""
        lead = f"The backup attempt{when} failed" if attempt and attempt.result == "failed" else "A backup cannot work here"
        return f"{lead}: {first.cause.title[LANGUAGE]}. {first.why}".strip()
    if outcome == "recovered":
        good = [a for a in judged.attempts if a.result == "succeeded"]
        bad = sum(a.result == "failed" for a in judged.attempts)
        earlier = f"{bad} earlier attempt{'s' if bad != 1 else ''} failed" if bad else "Faults were seen"
        after = f", but the backup at {_minute(good[-1].ended or good[-1].last)} succeeded" if good else ", but they were over"
        return f"{earlier}{after} and no fault is open at the end of the logs ({span}).{lacking}"
    if outcome == "no-failure-seen":
        good = [a for a in judged.attempts if a.result == "succeeded"]
        done = f"the last of {len(good)} backup attempt{'s' if len(good) != 1 else ''} succeeded" if good else "no backup attempt"
        return f"No failure is seen: {done}, and no signature matches ({span}).{lacking}"
    if outcome == "unexplained":
        attempt = judged.focus.attempt
        code = f" with code {attempt.code}" if attempt and attempt.code else ""
        when = _minute(attempt.ended or attempt.last) if attempt else ""
        return f"The backup attempt at {when} failed{code}, and no signature explains it ({span}).{lacking}"
    told = f"The portal reported {judged.code.code if judged.code else judged.code_text}, but nothing" if judged.code or judged.code_text else "Nothing"
    return f"Cannot tell: {told[0].lower() + told[1:] if told == 'Nothing' else told} in the bundle shows why ({span}).{lacking}"


def _span(timeline: Timeline) -> str:
    if timeline.start is None or timeline.end is None:
        return "no log with times was found"
    return f"logs from {_minute(timeline.start)} to {_minute(timeline.end)}"


def _minute(stamp: int) -> str:
    text = utc_text(stamp) or "an unknown time"
    return f"{text[:10]} {text[11:16]} UTC"


def _listed(items: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(items))


# the rest


def _attempt(number: int, attempt: Attempt, judged: Judged) -> doc.Attempt:
    return doc.Attempt(
        id=str(number + 1), kind=attempt.kind, started=utc_text(attempt.started), ended=utc_text(attempt.ended), result=attempt.result,
        code=attempt.code or None, reached=attempt.reached or None, keys=attempt.keys, causes=judged.earlier.get(number, []),
    )  # fmt: skip


def _timeline(judged: Judged, milestones: dict[str, Milestone]) -> list[doc.TimelineEntry]:
    rows: list[tuple[int, tuple[int, int, int], doc.TimelineEntry]] = []
    by_place: dict[tuple[str, int], list[str]] = {}
    for state in judged.states:
        if state.status not in ("supported", "contradicted"):
            continue
        for support in state.support:
            for item in kept_in(judged.timeline, support.name, *support.window):
                place = (item.log.path, item.event.offset)
                known = by_place.get(place)
                if known is not None:
                    known += [state.cause.id] if state.cause.id not in known else []
                    continue
                by_place[place] = [state.cause.id]
                line = _hit_line(item)
                kind: Literal["evidence", "context"] = "evidence" if state.status == "supported" else "context"
                rows.append(_row(item, kind, line.strip()[:300], by_place[place], judged))
    for key, milestone in milestones.items():
        if milestone.show:
            rows += [_row(item, "milestone", summary(milestone, item)[:300], [], judged) for item in judged.timeline.placed.get(key, ()) if (item.log.path, item.event.offset) not in by_place]
    rows.sort(key=lambda row: row[:2])
    if len(rows) > MOST_TIMELINE:
        centre = judged.focus.window.end
        rows = sorted(sorted(rows, key=lambda row: (row[2].kind != "evidence", abs(row[0] - centre), row[1]))[:MOST_TIMELINE], key=lambda row: row[:2])
    return [entry for _, _, entry in rows]


def _hit_line(item: Placed) -> str:
    """The line that hit, without its stamp."""
    text, at = item.event.text, item.event.hit[0]
    end = text.find("\n", at)
    return _STAMP.sub("", text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)])


def _row(item: Placed, kind: Literal["evidence", "milestone", "context"], text: str, causes: list[str], judged: Judged) -> tuple[int, tuple[int, int, int], doc.TimelineEntry]:
    utc = item.utc if item.dated or item.utc else judged.timeline.end or 0
    entry = doc.TimelineEntry(
        time=utc_text(utc) or "1970-01-01T00:00:00.000000Z", uncertainty_s=item.uncertainty_s, source=item.log.path, line=item.event.line, kind=kind, summary=text, causes=causes
    )
    return utc, (utc, item.log.rank, item.event.offset), entry


def _facts(judged: Judged, milestones: dict[str, Milestone]) -> list[doc.Fact]:
    """The newest value of every fact up to the focus."""
    found: dict[str, tuple[int, doc.Fact]] = {}
    for key, milestone in milestones.items():
        for name, source in milestone.facts.items():
            for item in judged.timeline.placed.get(key, ()):
                value = item.event.fields.get(source, "")
                if value and item.utc <= judged.focus.window.end + MINUTE and (name not in found or item.utc >= found[name][0]):
                    where = item.log.path + (f":{item.event.line}" if item.event.line else "")
                    found[name] = (item.utc, doc.Fact(name=name, value=value, source=where))
    return [fact for _, (_, fact) in sorted(found.items())]


def _identifiers(judged: Judged, milestones: dict[str, Milestone]) -> doc.Identifiers:
    window = Window(judged.focus.window.start, judged.focus.window.end)
    found: dict[str, list[str]] = {}
    attempt = judged.focus.attempt
    for name, value in (attempt.keys if attempt else {}).items():
        found.setdefault(name, []).append(value)
    for key, milestone in milestones.items():
        for name, source in milestone.keys.items():
            for item in judged.timeline.placed.get(key, ()):
                if (value := item.event.fields.get(source, "")) and window.start <= item.utc <= window.end and value not in found.setdefault(name, []):
                    found[name].append(value)
    known = ("job", "task", "activity", "correlation", "container")
    return doc.Identifiers(**{name: found[name][-20:] for name in known if name in found})


def _coverage(family: Family, clocks: Clocks) -> doc.Coverage:
    logs = family.logs
    live = next((log for log in logs if log.path == log.base), logs[-1])
    until = family.covered[-1][1] if family.covered else None
    records = [log.records for log in logs if log.records is not None]
    utc = all(clock == UTC_CLOCK for log in logs for clock in log.spans)
    clock = doc.Clock(zone="UTC", basis="by the stamps and the format") if utc else doc.Clock(zone=_zone(clocks.zone), basis=clocks.basis)
    if family.first is None:
        clock = doc.Clock(zone="UTC", basis="no stamps")
    notes = [*dict.fromkeys(note for log in logs for note in log.notes)]
    if len(logs) > 1:
        notes.append(f"{len(logs)} parts joined")
    return doc.Coverage(
        source=live.path, format=family.format, from_=utc_text(family.first), to=utc_text(until), complete=family.complete,
        records=sum(records) if len(records) == len(logs) else None,
        holes=[doc.Hole(from_=utc_text(low), to=utc_text(high), why="no record for longer than is usual") for low, high in family.silences[-20:]],
        clock=clock, notes=notes,
    )  # fmt: skip


def _zone(shift: int | None) -> str:
    """`UTC+02:00` for what must be added to local time to get UTC."""
    if not shift:
        return "UTC"
    hours, minutes = divmod(abs(shift) // MINUTE, 60)
    return f"UTC{'-' if shift > 0 else '+'}{hours:02}:{minutes:02}"


def _missing(judged: Judged) -> list[doc.Missing]:
    """Formats that a collector usually takes and that the bundle lacks; for an excerpt nothing is missing."""
    seen = {log.format for log in judged.scanned.logs}
    out = []
    for shape in judged.pack.formats:
        if shape.expected is not None and shape.expected.always and shape.id not in seen and _system_fits(shape, judged.system):
            out.append(doc.Missing(source=shape.title, why_it_matters=shape.expected.why, command=shape.expected.command))
    return out


def _system_fits(shape: Format, system: str) -> bool:
    return shape.os == "any" or system in (shape.os, "unknown")
