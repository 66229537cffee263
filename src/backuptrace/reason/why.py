"""Why a `when` is true, or which part of it failed and by how little: the tree of its clauses with what was seen for each. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

import msgspec

from backuptrace.knowledge.when import (
    And,
    Count,
    Defined,
    Distinct,
    Near,
    NoBefore,
    Not,
    Or,
    Scoped,
    Silence,
    Then,
    ThenNo,
    Unless,
    When,
    absences,
    names_of,
    operand_names,
)
from backuptrace.model import SECOND
from backuptrace.reason.evaluate import evaluate
from backuptrace.reason.truth import Truth
from backuptrace.timeline.history import History, Window
from backuptrace.timeline.rows import Key, at_second, total

NOT_YET = 1 << 40
"""More hits or microseconds than any bundle holds."""


class Seen(msgspec.Struct, frozen=True):
    """What was seen of a selection in the window of a clause.

    absent: the clause wants it to be absent; state: for a selection on a state source whether it holds (None: the source is missing);
    nearest: where there is no hit in the window, the hit nearest to it.
    """

    name: str
    total: int
    covered: bool
    absent: bool = False
    timeless: bool = False
    state: bool | None = None
    nearest: Key | None = None


class Clause(msgspec.Struct, frozen=True):
    """A part of a `when` in its window. `largest`: the quantity that was reached (hits, different values, microseconds);
    `distance`: seconds between the events of a relation that came nearest to each other, negative where their order was wrong.
    """

    node: When
    truth: Truth
    window: Window
    parts: tuple[Clause, ...] = ()
    seen: tuple[Seen, ...] = ()
    largest: int | None = None
    distance: int | None = None

    @property
    def nearness(self) -> float:
        """From 0 (nothing of it was seen) to 1 (true), to compare failed clauses."""
        if self.truth:
            return 1.0
        scores = [part.nearness for part in self.parts]
        match self.node:
            case And():
                return sum(scores) / len(scores)
            case Or() | Scoped() | Defined():
                return max(scores)
            case Unless():
                return scores[0] * 0.9
            case Not():
                return 0.0 if self.truth is False else 0.2
        wanted = [one for one in self.seen if not one.absent]
        told = [0.8 if one.total or one.state else 0.3 if one.nearest else 0.1 if self.truth is None else 0.0 for one in wanted]
        return sum(told) / len(told) if told else 0.0

    @property
    def failed(self) -> Clause | None:
        """The innermost clause that kept it from being true, None where it is true."""
        if self.truth:
            return None
        match self.node:
            case And():
                return min((part for part in self.parts if not part.truth), key=lambda part: part.truth is None).failed
            case Or():
                return max(self.parts, key=lambda part: part.nearness).failed
            case Scoped() | Defined():
                return self.parts[0].failed if self.parts else self
            case Unless():
                return self.parts[0].failed or self
        return self

    @property
    def telling(self) -> Clause:
        """Of a true clause what makes it so: down to a name of `define`, or to what joins no other clauses."""
        match self.node:
            case Or():
                return next(part for part in self.parts if part.truth).telling
            case Scoped() | Unless():
                return self.parts[0].telling
        return self


def clause_of(node: When, history: History, window: Window, *, attempt: Window | None, failure: Window | None) -> Clause:
    """The clause and all clauses in it. `attempt`, `failure`: as for `evaluate`."""

    def part(item: When, window: Window) -> Clause:
        truth = evaluate(item, history, window, attempt=attempt, failure=failure).truth
        match item:
            case And(items) | Or(items):
                return Clause(item, truth, window, tuple(part(one, window) for one in items))
            case Not(inner) | Defined(_, inner):
                return Clause(item, truth, window, (part(inner, window),))
            case Unless(base, but):
                return Clause(item, truth, window, (part(base, window), part(but, window)))
            case Scoped(inner, scope):
                bounds = attempt if scope == "attempt" else failure
                narrow = bounds.narrowed(window) if bounds else Window(0, -SECOND)
                return Clause(item, truth, narrow, (part(inner, narrow),))
        gone = absences(item)
        seen = tuple(_seen(name, history, window, absent=name in gone) for name in sorted(names_of(item)))
        return Clause(item, truth, window, (), seen, _largest(item, history, window), _distance(item, history, window))

    return part(node, window)


def _seen(name: str, history: History, window: Window, *, absent: bool) -> Seen:
    if name in history.states:
        state = history.states[name]
        return Seen(name, 0, state is not None, absent, timeless=True, state=state)
    rows = history.rows_in(name, window)
    return Seen(name, total(rows), history.covered(name, window), absent, nearest=None if rows else _nearest(name, history, window))


def _nearest(name: str, history: History, window: Window) -> Key | None:
    """The hit that lies nearest to the window, before or behind it."""
    rows = history.rows.get(name, ())
    if not rows:
        return None
    low, high = window.seconds
    if high < low:
        return None
    before, behind = at_second(rows, low), at_second(rows, high + 1)
    found = [rows[before - 1].last] if before else []
    found += [rows[behind].first] if behind < len(rows) else []
    return min(found, key=lambda key: max(low - key[0] // SECOND, key[0] // SECOND - high), default=None)


def _largest(item: When, history: History, window: Window) -> int | None:
    """How many hits, different values or microseconds of silence there were in the widest stretch."""

    def reached(make: Callable[[int], When]) -> int:
        low, high = 0, 1
        while high < NOT_YET and evaluate(make(high), history, window).truth:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if evaluate(make(middle), history, window).truth else (low, middle)
        return low

    match item:
        case Count(op, _, _, within, by):
            return reached(lambda n: Count(op, ">=", n, within, by))
        case Distinct(name, field, _, _, within):
            return reached(lambda n: Distinct(name, field, ">=", n, within))
        case Silence(shape, _, _):
            return reached(lambda n: Silence(shape, ">=", n * SECOND)) * SECOND
    return None


def _distance(item: When, history: History, window: Window) -> int | None:
    """Seconds from an event of the first to the nearest one of the last operand; of a `then` the wrong order is negative."""
    match item:
        case Then(steps):
            first, last = steps[0], steps[-1]
        case Near(a, b):
            first, last = a, b
        case ThenNo(a, gone):
            first, last = a, gone
        case NoBefore(a, before):
            first, last = before, a
        case _:
            return None
    begins, ends = (sorted({row.second for name in operand_names(op) for row in history.rows_in(name, window)}) for op in (first, last))
    distances = []
    for second in begins:
        at = bisect_left(ends, second)
        distances += [ends[at] - second] if at < len(ends) else []
        distances += [ends[at - 1] - second] if at else []
    if not isinstance(item, Near) and any(found >= 0 for found in distances):
        return min(found for found in distances if found >= 0)
    return min(distances, key=abs, default=None)
