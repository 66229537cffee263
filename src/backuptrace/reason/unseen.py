"""Verdicts of which nothing was seen, and that are most of them.

What such an expression comes to follows from which sources cover the window, the attempt and its end, and from the states: nothing else of a bundle
is read for it. So it is evaluated once for each such case, whatever bundle it comes from.
"""

from __future__ import annotations

import msgspec

from backuptrace.knowledge.compiled import Pack, Verdict
from backuptrace.knowledge.derived import Derived
from backuptrace.knowledge.when import Silence, names_of, nodes, positive_names
from backuptrace.reason.evaluate import Outcome, evaluate
from backuptrace.timeline.history import History, Spans, Window

Cover = tuple[bool, ...]
"""Of a source: whether the window, the attempt and its end are covered, as far as there are such."""
Case = tuple[tuple[bool, ...], tuple[Cover, ...], tuple[tuple[str, bool | None], ...]]
"""Which of the three are no empty time; the covers of all sources (empty for states); the states."""
MOST_CASES = 100
"""Cases of a pack that are remembered."""


class Reading(msgspec.Struct, frozen=True):
    """A verdict and what it reads. plain: it does not look at silences, so that without hits it depends on coverage alone."""

    verdict: Verdict
    names: tuple[str, ...]
    positive: frozenset[str]
    plain: bool


class Readings(msgspec.Struct, frozen=True):
    """The verdicts of a pack in their order. sources: of all selections that they read one for each source;
    cases: what was found out, by the place of the verdict.
    """

    verdicts: list[Reading]
    sources: tuple[str, ...]
    cases: dict[Case, dict[int, Outcome]] = {}


def _read(pack: Pack) -> Readings:
    found = []
    for verdict in pack.verdicts:
        plain = not any(isinstance(part, Silence) for part in nodes(verdict.when))
        found.append(Reading(verdict, tuple(sorted(names_of(verdict.when))), frozenset(positive_names(verdict.when)), plain))
    return Readings(found, tuple({pack.source_of.get(name, name): name for reading in found for name in reading.names}.values()))


readings = Derived(_read)
"""Pack -> Readings."""


class AtFocus:
    """The verdicts of a pack at one focus: `attempt` and `failure` as of `evaluate`, the failure within the attempt."""

    def __init__(self, pack: Pack, history: History, attempt: Window | None, failure: Window | None) -> None:
        self.readings = readings(pack)
        self._history, self._attempt, self._failure = history, attempt, failure
        self.seen = {*history.rows, *(name for name, holds in history.states.items() if holds)}
        """Selections that were hit at any time, and states that hold."""
        self._known: dict[Window, dict[int, Outcome]] = {}

    def outcome(self, number: int, window: Window) -> Outcome:
        """What `evaluate` gives for the verdict at this place."""
        reading = self.readings.verdicts[number]
        if not reading.plain or not self.seen.isdisjoint(reading.names):
            return self._evaluated(reading, window)
        known = self._known.get(window)
        if known is None:
            known = self._known[window] = self._case(window)
        outcome = known.get(number)
        if outcome is None:
            outcome = known[number] = self._evaluated(reading, window)
        return outcome

    def _evaluated(self, reading: Reading, window: Window) -> Outcome:
        return evaluate(reading.verdict.when, self._history, window, attempt=self._attempt, failure=self._failure)

    def _case(self, window: Window) -> dict[int, Outcome]:
        """What is known of the case that this window is."""
        history, known = self._history, self.readings
        parts = [window, *(part and part.narrowed(window) for part in (self._attempt, self._failure))]
        told = [part for part in parts if part is not None and part.end >= part.start]
        there = tuple([part is not None and part.end >= part.start for part in parts])
        covers: dict[Spans, Cover] = {}
        found: list[Cover] = []
        for name in known.sources:
            if name in history.states:
                found.append(())
                continue
            spans = history.coverage.get(name, ())
            if spans not in covers:
                covers[spans] = tuple([history.covered(name, part) for part in told])
            found.append(covers[spans])
        case = there, tuple(found), tuple(history.states.items())
        if case not in known.cases and len(known.cases) >= MOST_CASES:
            known.cases.clear()
        return known.cases.setdefault(case, {})
