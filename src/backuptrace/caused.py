"""A cause at the focus as the report tells it: its status in words, the evidence for it, the line that refutes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from itertools import groupby, islice
from typing import Literal, NamedTuple, TypeVar, cast

import msgspec

from backuptrace.judged import Judged, quoted
from backuptrace.knowledge.derived import Derived, formats_of
from backuptrace.knowledge.shapes import CauseShape
from backuptrace.knowledge.texts import concerns
from backuptrace.model import utc_text
from backuptrace.reason.judgement import CauseState, Decision
from backuptrace.report import document as doc
from backuptrace.report.citing import number_text
from backuptrace.report.shortening import shorten
from backuptrace.settling import needs_of, wanted_of
from backuptrace.timeline.assembly import kept_in
from backuptrace.timeline.placed import Placed
from backuptrace.timeline.rows import total as count_of

FIRST, LAST = 10, 30
"""Pieces of evidence shown per cause: the first and the last so many."""
QUOTED = ("supported", "contradicted")
"""The statuses of causes for which lines are quoted."""
MOST_SILENT = 1000
"""Rows of other causes that are remembered."""
T = TypeVar("T")
Role = Literal["supports", "contradicts", "context"]


class _Piece(NamedTuple):
    """What may be shown as evidence; it is quoted only if it is."""

    item: Placed
    signature: str
    role: Role


def cause_of(state: CauseState, judged: Judged) -> doc.Cause:
    """One row of the table of causes. Of most causes nothing is quoted, and each is silent or open in few ways: their rows are made once for all bundles,
    but for the times in their needs.
    """
    wanted = wanted_of(state, judged)
    if state.status in QUOTED:
        return _made(state, judged, needs_of(wanted, state, judged))
    known = _silent(judged.pack)
    key = state.cause.id, state.status, state.reason, state.needs, state.confidence, state.root, wanted, judged.language, judged.system
    row = known.get(key)
    needs = needs_of(wanted, state, judged) if wanted else []
    if row is None:
        if len(known) >= MOST_SILENT:
            known.clear()
        row = known[key] = _made(state, judged, needs)
    return msgspec.structs.replace(row, needs=needs) if needs else row


_silent: Derived[dict[Hashable, doc.Cause]] = Derived(lambda _: {})
"""Rows of causes for which nothing is quoted, by all that they depend on."""


def _made(state: CauseState, judged: Judged, needs: list[doc.Need]) -> doc.Cause:
    cause = state.cause
    found: list[_Piece] = []
    total, moments = 0, []
    for decision in state.decisions:
        if state.status not in QUOTED:
            break
        for support in decision.outcome.support:
            rows = judged.timeline.history.rows_in(support.name, support.window)
            total += count_of(rows) or 1
            moments += [rows[0].first[0], rows[-1].last[0]] if rows else []
            role: Role = "supports" if state.status == "supported" else "context"
            kept = ends(list(kept_in(judged.timeline, support.name, *support.window)), FIRST, LAST)
            found += [_Piece(item, decision.verdict.signature, role) for item in kept]
    over = [_Piece(item, decision.verdict.signature, "contradicts") for decision in state.decisions for item in refuting(decision, judged)]
    pieces = _distinct(found + over)
    total -= len(found) + len(over) - len(pieces)  # one line may be the hit of several selections
    shown = [evidence_of(*piece, judged) for piece in ends(_sorted(pieces), FIRST, LAST)]
    against = [evidence_of(*piece, judged) for piece in over[:1]]
    undated = not any(e.time for e in shown)
    speak = judged.tongue
    return doc.Cause(
        id=cause.id,
        status=state.status,
        confidence=cast("doc.Confidence | None", state.confidence),
        title=speak.text(cause.title),
        explanation=speak.text(cause.explanation),
        error_codes=cause.error_codes,
        doc=doc.Doc(url=cause.doc.url, anchor=cause.doc.anchor, section=cause.doc.section),
        steps=_steps(cause, judged),
        why=_why(state, judged, needs, against),
        hits=doc.Hits(
            total=total,
            shown=len(shown),
            first=None if undated else utc_text(min(moments, default=None)),
            last=None if undated else utc_text(max(moments, default=None)),
        ),
        evidence=shown,
        needs=needs,
        root=state.root,
        caveats=speak.text(cause.caveats),
        lacking=list(state.needs),
    )


def _distinct(pieces: list[_Piece]) -> list[_Piece]:
    """One piece a line and role: the last one, where the first stood. Lines are looked at only where several hits of a record may be meant."""
    hits: dict[tuple[str, int, str], set[int]] = defaultdict(set)
    for item, _, role in pieces:
        hits[item.log.path, item.event.offset, role].add(id(item.event))
    lines: dict[tuple[str, int, str, int], _Piece] = {}
    for piece in pieces:
        log, event = piece.item.log, piece.item.event
        offset = 0 if log.made else event.offset
        lone = not log.made and len(hits[log.path, offset, piece.role]) == 1
        lines[log.path, offset, piece.role, 0 if lone else _line(piece)] = piece
    return list(lines.values())


def _sorted(pieces: list[_Piece]) -> list[_Piece]:
    """What speaks for the cause first, then by time, source and line; lines are looked at only where the rest is the same."""
    out = []
    for _, alike in groupby(sorted(pieces, key=_moment), _moment):
        several = list(alike)
        out += several if len(several) == 1 else sorted(several, key=_line)
    return out


def _moment(piece: _Piece) -> tuple[bool, bool, int, str]:
    item = piece.item
    return piece.role != "supports", not item.dated, item.utc if item.dated else 0, item.log.path


def _line(piece: _Piece) -> int:
    return piece.item.event.told.line or 0


def _steps(cause: CauseShape, judged: Judged) -> list[doc.Step]:
    """What to do, as far as it concerns this system; made once for all bundles."""
    known = _told(judged.pack)
    key = cause.id, judged.language, judged.system
    if key not in known:
        known[key] = [doc.Step(text=judged.tongue.text(step)) for step in cause.steps if concerns(step, judged.system)]
    return known[key]


_told: Derived[dict[tuple[str, str, str], list[doc.Step]]] = Derived(lambda _: {})
"""(cause, language, system) -> its steps."""


def _why(state: CauseState, judged: Judged, needs: list[doc.Need], against: list[doc.Evidence]) -> str:
    """The status in words."""
    speak = judged.tongue
    if state.reason == "verdict":
        return speak.text(state.why)
    if state.reason == "over" and against:
        return speak.say("why.over-by", why=speak.text(state.why), place=_place(against[0], judged))
    known = formats_of(judged.pack)
    sources = speak.listed(speak.text(known[name].title) if name in known else name for name in state.needs)
    if not sources:
        sources = speak.listed(need.what for need in needs[:1]) or speak.say("why.a-log")
    systems = speak.say("or").join(speak.word("os", name) for name in state.cause.os)
    return speak.say(f"why.{state.reason}", why=speak.text(state.why), systems=systems, sources=sources)


def _place(item: doc.Evidence, judged: Judged) -> str:
    """`var/log/waagent.log:17 at 2026-11-22 03:12 UTC`."""
    where = item.source + number_text(item, judged.tongue)
    return where if item.time is None else judged.tongue.say("why.place", place=where, time=judged.times.moment(item.time))


def ends(items: list[T], first: int, last: int) -> list[T]:
    """The first and the last of many."""
    return items if len(items) <= first + last else items[:first] + items[-last:]


def evidence_of(item: Placed, signature: str, role: Role, judged: Judged) -> doc.Evidence:
    """A kept hit, quoted without secrets."""
    quote, (line, record) = quoted(item.event, judged), item.number
    short = shorten(quote.text, *quote.hit)
    return doc.Evidence(
        signature=signature,
        time=utc_text(item.utc) if item.dated else None,
        uncertainty_s=item.uncertainty_s,
        source=item.log.path,
        line=line,
        record=record,
        offset=None if item.log.made else item.event.offset,
        text=short.text,
        context=[*quote.before, *quote.after],
        role=role,
        hit_from=short.hit_from,
        hit_to=short.hit_to,
        context_before=len(quote.before),
    )


def refuting(decision: Decision, judged: Judged) -> list[Placed]:
    """The first hit behind the newest support that shows that the fault was over, if it is refuted and the hit was kept."""
    newest = decision.outcome.last_support
    if newest is None or not decision.refuted:
        return []
    later = kept_in(judged.timeline, decision.refuted, newest[0], judged.focus.window.end)
    return list(islice((item for item in later if item.key > newest), 1))
