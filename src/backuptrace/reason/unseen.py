"""Verdicts of which nothing was seen, and that are most of them.

What such an expression comes to follows from which sources cover the windows, the attempt and its end, and from the states: nothing else of a bundle
is read for it. So it is evaluated once for each such case, whatever bundle it comes from; and so is the status of a cause that only such verdicts tell of.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from backuptrace.knowledge.compiled import Pack, Verdict
from backuptrace.knowledge.derived import Derived
from backuptrace.knowledge.when import Silence, names_of, nodes, positive_names
from backuptrace.reason.evaluate import Outcome, evaluate
from backuptrace.timeline.history import History, Spans, Window

if TYPE_CHECKING:
    from backuptrace.reason.judgement import CauseState

Cover = tuple[bool, ...]
"""Of a source: whether the windows, the attempt and its end are covered, as far as there are such."""
Case = tuple[tuple[bool, ...], tuple[Cover, ...], tuple[tuple[str, bool | None], ...]]
"""Which of them are no empty time; the covers of all sources (empty for states); the states."""
MOST_CASES = 100
"""Cases of a pack that are remembered."""


class Reading(msgspec.Struct, frozen=True):
    """A verdict and what it reads; positive: what makes one think of its cause."""

    verdict: Verdict
    positive: frozenset[str]


class Found(msgspec.Struct):
    """What was found out about a case. outcomes: by the place of the verdict; states: of causes, by all else that they depend on (see `judge`)."""

    outcomes: dict[int, Outcome] = {}
    states: dict[tuple[str, str, bool, bool], CauseState] = {}


class Readings(msgspec.Struct, frozen=True):
    """The verdicts of a pack in their order. readers: selection -> the places of the verdicts that read it; listening: places of those that look at
    silences, so that they depend on more than coverage; sources: of all selections that are read one for each source; cases: what was found out.
    """

    verdicts: list[Reading]
    readers: dict[str, list[int]]
    listening: frozenset[int]
    sources: tuple[str, ...]
    cases: dict[Case, Found] = {}


def _read(pack: Pack) -> Readings:
    readers: dict[str, list[int]] = defaultdict(list)
    for place, verdict in enumerate(pack.verdicts):
        for name in sorted(names_of(verdict.when)):
            readers[name].append(place)
    listening = [place for place, verdict in enumerate(pack.verdicts) if any(isinstance(part, Silence) for part in nodes(verdict.when))]
    return Readings(
        [Reading(verdict, frozenset(positive_names(verdict.when))) for verdict in pack.verdicts],
        dict(readers),
        frozenset(listening),
        tuple({pack.source_of.get(name, name): name for name in readers}.values()),
    )


readings = Derived(_read)
"""Pack -> Readings."""


class AtFocus:
    """The verdicts of a pack at one focus. lasting: the window of those that tell of a lasting fault; `attempt` and `failure` as of `evaluate`,
    the failure within the attempt.
    """

    def __init__(self, pack: Pack, history: History, window: Window, lasting: Window, attempt: Window | None, failure: Window | None) -> None:
        self.readings = readings(pack)
        self._history, self._window, self._lasting, self._attempt, self._failure = history, window, lasting, attempt, failure
        self.seen = {*history.rows, *(name for name, holds in history.states.items() if holds)}
        """Selections that were hit at any time, and states that hold."""
        readers = self.readings.readers
        self.touched = self.readings.listening.union(*(readers[name] for name in self.seen if name in readers))
        """The places of the verdicts for which coverage is not all."""
        self.found = self._found()
        """What is known of this case."""

    def outcome(self, place: int) -> Outcome:
        """What `evaluate` gives for the verdict at this place."""
        if place in self.touched:
            return self._evaluated(place)
        outcome = self.found.outcomes.get(place)
        if outcome is None:
            outcome = self.found.outcomes[place] = self._evaluated(place)
        return outcome

    def _evaluated(self, place: int) -> Outcome:
        verdict = self.readings.verdicts[place].verdict
        window = self._lasting if verdict.lasting else self._window
        return evaluate(verdict.when, self._history, window, attempt=self._attempt, failure=self._failure)

    def _found(self) -> Found:
        history, known = self._history, self.readings
        windows = [self._window] if self._lasting == self._window else [self._window, self._lasting]
        parts = [part and part.narrowed(window) for window in windows for part in (window, self._attempt, self._failure)]
        there = tuple([part is not None and part.end >= part.start for part in parts])
        told = [part for part in parts if part is not None and part.end >= part.start]
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
        return known.cases.setdefault(case, Found())
