"""Every verdict of every signature at the focus, and from them the status of every cause of the catalogue. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

import msgspec

from backuptrace.knowledge.compiled import Pack, Verdict
from backuptrace.knowledge.derived import Derived
from backuptrace.knowledge.shapes import CauseShape
from backuptrace.knowledge.texts import Text
from backuptrace.model import HOUR, SECOND
from backuptrace.reason.evaluate import Outcome, Support, evaluate
from backuptrace.reason.focus import Focus
from backuptrace.reason.unseen import AtFocus
from backuptrace.timeline.history import History, Window

Status = Literal["supported", "contradicted", "unknown", "not-visible", "no-evidence", "not-applicable"]
STATUSES: tuple[Status, ...] = ("supported", "contradicted", "unknown", "not-visible", "no-evidence", "not-applicable")
Reason = Literal["verdict", "over", "other-system", "lacking", "not-visible", "no-signature", "no-sign", "no-sign-but-open"]
"""Why a cause has its status, for the words of the report: `lacking` and `no-sign-but-open` for want of the formats in `needs`."""
CONFIDENCE = ("high", "medium", "low")
STALE = 6 * HOUR
NEVER = -(1 << 60)
"""When a cause began of which only a state tells."""


class Decision(msgspec.Struct, frozen=True):
    """One verdict at the focus. `refuted`: the selection that shows the fault was over, "" if none."""

    verdict: Verdict
    outcome: Outcome
    refuted: str = ""


class CauseState(msgspec.Struct, frozen=True):
    """A cause at the focus: its status, the decisions behind it, and `needs`: the format ids whose absence left something open.

    `why`: what the verdict that decided says, "" where none did.
    """

    cause: CauseShape
    status: Status
    reason: Reason
    why: Text = ""
    confidence: str | None = None
    root: bool = True
    decisions: list[Decision] = []
    needs: tuple[str, ...] = ()
    first: int = NEVER

    @property
    def newest(self) -> int | None:
        """The newest event that speaks for it, microseconds UTC; None where only a state does."""
        return max([d.outcome.last_support[0] for d in self.decisions if d.outcome.last_support is not None], default=None)

    @property
    def support(self) -> list[Support]:
        """Where the events lie that decided."""
        return list(dict.fromkeys(support for decision in self.decisions for support in decision.outcome.support))


def decide(verdict: Verdict, history: History, focus: Focus, begin: int | None = None) -> Decision:
    """The verdict's `when` in the focus, and whether a refuter is newer than its newest support.

    `begin`: start of coverage (microseconds UTC), from which a lasting fault is looked for.
    """
    outcome = evaluate(verdict.when, history, window_of(verdict, focus, begin), attempt=focus.attempt_window, failure=focus.failure_window)
    return Decision(verdict, outcome, _refuted(verdict, outcome, history, focus))


def _refuted(verdict: Verdict, outcome: Outcome, history: History, focus: Focus) -> str:
    if not outcome.truth or outcome.last_support is None:
        return ""
    until = focus.window.end // SECOND
    return next((name for name in verdict.refuted_by if history.follows(name, outcome.last_support, until)), "")


def window_of(verdict: Verdict, focus: Focus, begin: int | None) -> Window:
    """The time in which evidence for the verdict counts."""
    return _lasting(focus, begin) if verdict.lasting else focus.window


def _lasting(focus: Focus, begin: int | None) -> Window:
    """The time in which evidence of a lasting fault counts: from the start of coverage."""
    return focus.window if begin is None else Window(min(begin, focus.window.start), focus.window.end)


def judge(pack: Pack, history: History, focus: Focus, *, system: str, order: list[str], excerpt: bool, begin: int | None = None) -> list[CauseState]:
    """All causes, ranked. `system`: linux, windows or unknown; `order`: the documented causes of the reported code, if there is one."""
    judged = AtFocus(pack, history, focus.window, _lasting(focus, begin), focus.attempt_window, focus.failure_window)

    def at_focus(cause: CauseShape, places: Collection[int], *, documented: bool) -> CauseState:
        if system != "unknown" and system not in cause.os:
            return CauseState(cause, "not-applicable", "other-system")
        decisions, thinkable = _decisions(places, judged, history, focus)
        return _state(cause, decisions, pack, history, thinkable=thinkable or documented, excerpt=excerpt)

    states = []
    for cause, places in _tellers(pack)[system]:
        documented = cause.id in order
        if not judged.touched.isdisjoint(places):
            states.append(at_focus(cause, places, documented=documented))
            continue
        key = cause.id, system, documented, excerpt
        state = judged.found.states.get(key)
        if state is None:
            state = judged.found.states[key] = at_focus(cause, places, documented=documented)
        states.append(state)
    line = _stale_line(states, focus)
    ranks = {cause: rank for rank, cause in enumerate(order)}
    states.sort(
        key=lambda s: (
            STATUSES.index(s.status),
            not s.root,
            (newest := s.newest) is not None and newest < line,
            CONFIDENCE.index(s.confidence) if s.confidence else len(CONFIDENCE),
            ranks.get(s.cause.id, len(ranks)),
            s.first == NEVER,
            s.first,
            s.cause.id,
        ),
    )
    return states


def counts(verdict: Verdict, system: str) -> bool:
    """Whether logs of a machine with this system could tell: what only those of the other one could leaves nothing open."""
    other = {"linux": "windows.", "windows": "linux."}.get(system)
    return other is None or not verdict.signature.startswith(other)


def _by_cause(pack: Pack) -> dict[str, list[tuple[CauseShape, tuple[int, ...]]]]:
    """By system: every cause with the places of the verdicts on it that count there."""
    return {
        system: [(cause, tuple(n for n, verdict in enumerate(pack.verdicts) if verdict.cause == cause.id and counts(verdict, system))) for cause in pack.causes]
        for system in ("linux", "windows", "unknown")
    }


_tellers = Derived(_by_cause)


def _decisions(places: Iterable[int], judged: AtFocus, history: History, focus: Focus) -> tuple[list[Decision], bool]:
    """What the verdicts at these places come to, and whether one that is open gives reason to think of its cause."""
    decisions, thinkable = [], False
    for place in places:
        reading, outcome = judged.readings.verdicts[place], judged.outcome(place)
        decisions.append(Decision(reading.verdict, outcome, _refuted(reading.verdict, outcome, history, focus)))
        if outcome.truth is None and _any_seen(reading.positive & judged.seen, history, focus):
            thinkable = True
    return decisions, thinkable


def _state(cause: CauseShape, decisions: list[Decision], pack: Pack, history: History, *, thinkable: bool, excerpt: bool) -> CauseState:
    """thinkable: there is reason to think of the cause, though a verdict is open."""
    held = [d for d in decisions if d.outcome.truth]
    standing = [d for d in held if not d.refuted]
    if standing:
        best = min(standing, key=lambda d: (not d.verdict.root, CONFIDENCE.index(d.verdict.confidence), d.verdict.signature))
        sure = "medium" if excerpt and best.verdict.confidence == "high" else best.verdict.confidence
        first = min((s.window.start for d in standing for s in d.outcome.support if s.name not in history.states), default=NEVER)
        root = any(d.verdict.root for d in standing)
        return CauseState(cause, "supported", "verdict", best.verdict.why, sure, root, standing, first=first)
    if held:
        return CauseState(cause, "contradicted", "over", held[0].verdict.why, decisions=held)
    open_ = [d for d in decisions if d.outcome.truth is None]
    needs = tuple(dict.fromkeys(pack.source_of.get(name, name) for d in open_ for name in d.outcome.needs))
    if open_ and thinkable:
        return CauseState(cause, "unknown", "lacking", decisions=open_, needs=needs)
    if not decisions:
        if cause.observable != "guest":
            return CauseState(cause, "not-visible", "not-visible")
        return CauseState(cause, "unknown", "no-signature")
    if cause.observable == "control-plane" and open_ and not any(d.outcome.truth is False for d in decisions):
        return CauseState(cause, "not-visible", "not-visible", needs=needs)
    return CauseState(cause, "no-evidence", "no-sign-but-open" if open_ else "no-sign", needs=needs)


def _stale_line(states: list[CauseState], focus: Focus) -> int:
    """Events before this time speak less: before the judged attempt, or long before the newest event of any supported cause.

    A cause with events nearer to the failure stands before one that only older ones support.
    """
    window = focus.attempt_window
    if focus.attempt is not None and window is not None:
        return window.start
    newest = [when for state in states if state.status == "supported" and (when := state.newest) is not None]
    return max(newest) - STALE if newest else NEVER


def _any_seen(names: Iterable[str], history: History, focus: Focus) -> bool:
    """Whether one of the selections was seen inside the window, or is a state that holds: reason enough to think of the cause."""
    return any(history.states.get(name) or history.rows_in(name, focus.window) for name in names)
