"""Verdicts of which nothing was seen, and that are most of them.

What such an expression comes to follows from which of its selections' sources cover the window, the attempt and its end: nothing else of a bundle
is read for it. So it is evaluated once for each such case, whatever bundle it comes from.
"""

from __future__ import annotations

import msgspec

from backuptrace.knowledge.compiled import Pack, Verdict
from backuptrace.knowledge.derived import Derived
from backuptrace.knowledge.when import Silence, names_of, nodes, positive_names
from backuptrace.reason.evaluate import Outcome, evaluate
from backuptrace.timeline.history import History, Spans, Window

Cover = tuple[bool | None, ...]
"""Of a selection: whether the window, the attempt and its end are covered (None: there is none)."""
MOST_CASES = 100
"""Cases of one verdict that are remembered."""


class Reading(msgspec.Struct, frozen=True):
    """A verdict and what it reads. plain: it does not look at silences, so that without hits it depends on coverage alone."""

    verdict: Verdict
    names: tuple[str, ...]
    positive: frozenset[str]
    plain: bool
    cases: dict[tuple[Cover, ...], Outcome] = {}


def _read(pack: Pack) -> list[Reading]:
    found = []
    for verdict in pack.verdicts:
        plain = not any(isinstance(part, Silence) for part in nodes(verdict.when))
        found.append(Reading(verdict, tuple(sorted(names_of(verdict.when))), frozenset(positive_names(verdict.when)), plain))
    return found


readings = Derived(_read)
"""Pack -> a reading for each of its verdicts, in their order."""


class AtFocus:
    """Expressions at one focus: `attempt` and `failure` as of `evaluate`, the failure within the attempt."""

    def __init__(self, history: History, attempt: Window | None, failure: Window | None) -> None:
        self._history, self._attempt, self._failure = history, attempt, failure
        self.seen = {*history.rows, *(name for name, holds in history.states.items() if holds)}
        """Selections that were hit at any time, and states that hold."""
        self._covers: dict[Window, dict[str, Cover]] = {}
        self._known: dict[tuple[Window, bool | Spans | None], Cover] = {}

    def outcome(self, reading: Reading, window: Window) -> Outcome:
        """What `evaluate` gives."""
        if not reading.plain or not self.seen.isdisjoint(reading.names):
            return self._evaluated(reading, window)
        covers = self._covers.setdefault(window, {})
        case = tuple([covers.get(name) or self._cover(name, window) for name in reading.names])
        outcome = reading.cases.get(case)
        if outcome is None:
            if len(reading.cases) >= MOST_CASES:
                reading.cases.clear()
            outcome = reading.cases[case] = self._evaluated(reading, window)
        return outcome

    def _evaluated(self, reading: Reading, window: Window) -> Outcome:
        return evaluate(reading.verdict.when, self._history, window, attempt=self._attempt, failure=self._failure)

    def _cover(self, name: str, window: Window) -> Cover:
        history = self._history
        if name in history.states:
            key: tuple[Window, bool | Spans | None] = window, history.states[name]
        else:
            key = window, history.coverage.get(name, ())
        cover = self._known.get(key)
        if cover is None:
            parts = [part and part.narrowed(window) for part in (self._attempt, self._failure)]
            narrow = [None if part is None or part.end < part.start else history.covered(name, part) for part in parts]
            cover = self._known[key] = (history.covered(name, window), *narrow)
        self._covers[window][name] = cover
        return cover
