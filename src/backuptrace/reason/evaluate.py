"""Is a `when` true, false or unknown in a window of time? Pure, by bisection over sorted runs of hits.

True rests on what was seen. False needs the logs to cover every time at which an unseen event could have made it true;
else the answer is unknown and `needs` names what is missing. `first` and `last` mean the earliest and latest event *seen*.
What was seen but lies outside the window never makes a term true, but it does break an absence (`then no`, `with no .. before`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from operator import itemgetter

import msgspec

from backuptrace.knowledge.when import (
    And,
    Cmp,
    Count,
    Defined,
    Distinct,
    First,
    Hit,
    Last,
    Near,
    NoBefore,
    Not,
    Operand,
    Or,
    Scoped,
    Silence,
    Then,
    ThenNo,
    Union,
    Unless,
    When,
    compare_sign,
    operand_names,
)
from backuptrace.model import SECOND
from backuptrace.reason.crowds import ALWAYS, dense, running
from backuptrace.reason.truth import Truth, both, compare, compare_known, either, negation
from backuptrace.timeline.history import History, Window
from backuptrace.timeline.rows import NO_KEY, Key, Row, Rows, at_key, at_second, between, newest

_last = itemgetter(1)


class Support(msgspec.Struct, frozen=True):
    """A selection whose events in `window` made the expression true."""

    name: str
    window: Window


class Outcome(msgspec.Struct, frozen=True):
    """The answer. `support` and `last_support` (the newest supporting event, for `with no .. before` the newest of its second)
    are filled where it is true by events;
    `needs` names the selections and formats whose missing coverage left something open.
    """

    truth: Truth
    support: tuple[Support, ...] = ()
    last_support: Key | None = None
    needs: tuple[str, ...] = ()


FALSE = Outcome(False)
Found = tuple[int, Key]
"""Where the events that count begin (microseconds), and the newest of them."""


def evaluate(node: When, history: History, window: Window, *, attempt: Window | None = None, failure: Window | None = None) -> Outcome:
    """Judge the expression on the events in `window`; `attempt` and `failure` are what `in attempt` and `at failure` narrow it to.

    Without an attempt a term with such a suffix is false.
    """
    return _Judge(history, attempt, failure).judge(node, window)


class _Judge(msgspec.Struct, frozen=True):
    history: History
    attempt: Window | None
    failure: Window | None

    def judge(self, node: When, window: Window) -> Outcome:
        match node:
            case Hit() | Union() | First() | Last():
                return self.seen(node, window)
            case And(items):
                return self.every(items, window)
            case Or(items):
                return self.some([self.judge(item, window) for item in items])
            case Then(steps, within):
                return self.then(steps, _seconds(within), window)
            case ThenNo(a, b, within):
                return self.then_no(a, operand_names(b), _seconds(within), window)
            case NoBefore(a, x, within):
                return self.no_before(a, operand_names(x), _seconds(within), window)
            case Near(a, other, within):
                return self.near(a, other, _seconds(within), window)
            case Count():
                return self.count(node, window)
            case Distinct():
                return self.distinct(node, window)
            case Silence():
                return self.silence(node, window)
            case Not(item):
                found = self.judge(item, window)
                return Outcome(negation(found.truth), needs=found.needs if found.truth is None else ())
            case Unless(base, but):
                return self.unless(base, but, window)
            case Scoped(item, scope):
                bounds = self.attempt if scope == "attempt" else self.failure
                narrow = bounds and bounds.narrowed(window)
                return FALSE if narrow is None or narrow.end < narrow.start else self.judge(item, narrow)
            case Defined(_, item):
                return self.judge(item, window)

    # logic

    def every(self, items: Iterable[When], window: Window) -> Outcome:
        found = []
        for item in items:
            one = self.judge(item, window)
            if one.truth is False:
                return FALSE
            found.append(one)
        truth = both(one.truth for one in found)
        return _joined(truth, [one for one in found if one.truth is truth])

    def some(self, found: list[Outcome]) -> Outcome:
        truth = either(one.truth for one in found)
        return _joined(truth, [one for one in found if one.truth is truth])

    def unless(self, item: When, exception: When, window: Window) -> Outcome:
        base = self.judge(item, window)
        if base.truth is False:
            return FALSE
        but = self.judge(exception, window)
        if but.truth is True:
            return FALSE
        return Outcome(base.truth, base.support, base.last_support, _unique(base.needs + but.needs if but.truth is None else base.needs))

    # operands

    def events(self, op: Operand, window: Window) -> Sequence[Row]:
        """The rows of an operand in the window, sorted by their first hit."""
        if isinstance(op, Hit):
            return self.history.rows_in(op.name, window)
        if isinstance(op, Union):
            return self.history.united_in(op.names, window)
        rows = self.events(op.op, window)
        if not rows:
            return rows
        if isinstance(op, First):
            return [Row(rows[0].first, rows[0].first, 1, rows[0].field)]
        last = max(between(rows, rows[-1].second, rows[-1].second), key=_last)
        return [Row(last.last, last.last, 1, last.field)]

    def open_names(self, names: Iterable[str], window: Window) -> tuple[str, ...]:
        """Those of the selections that are not covered over the whole window."""
        return tuple(name for name in names if not self.history.covered(name, window))

    def supported(self, ops: Iterable[Operand], found: Found, needs: tuple[str, ...] = ()) -> Outcome:
        """True by the events between `found`."""
        window = Window(found[0], found[1][0])
        names = _unique(name for op in ops for name in operand_names(op))
        return Outcome(True, tuple(Support(name, window) for name in names if self.history.rows_in(name, window)), found[1], needs)

    def seen(self, op: Operand, window: Window) -> Outcome:
        names = operand_names(op)
        states = self.history.states
        held = [name for name in names if states.get(name)] if states else []
        support = tuple(Support(name, window) for name in held)
        if isinstance(op, First | Last):
            if rows := self.events(op, window):
                outcome = self.supported([op], (rows[0].first[0], newest(rows)))
                return Outcome(True, outcome.support + support, outcome.last_support)
        elif streams := {name: rows for name in names if (rows := self.history.rows_in(name, window))}:
            last = max(map(newest, streams.values()))
            found = Window(min([rows[0].first[0] for rows in streams.values()]), last[0])
            return Outcome(True, (*(Support(name, found) for name in streams), *support), last)
        if held:
            return Outcome(True, support)
        needs = self.open_names(names, window)
        return Outcome(None, needs=needs) if needs else FALSE

    # relations

    def then(self, steps: tuple[Operand, ...], within: int, window: Window) -> Outcome:
        found = _chained([self.events(step, window) for step in steps], within)
        if found:
            return self.supported(steps, found)
        return self.unseen(steps, window, lambda anchor, other: (within, 0) if other < anchor else (0, within))

    def near(self, a: Operand, b: Operand, within: int, window: Window) -> Outcome:
        left, right = self.events(a, window), self.events(b, window)
        if (found := _pairs(left, right, within)) is not None:
            (early, partner), (late, last) = found
            begin = min(left[early].first, right[partner].first)
            end = max(newest(left, left[late].second), newest(right, right[last].second))
            return self.supported((a, b), (begin[0], end))
        return self.unseen((a, b), window, lambda _anchor, _other: (within, within))

    def unseen(self, ops: tuple[Operand, ...], window: Window, reach: Callable[[int, int], tuple[int, int]]) -> Outcome:
        """A relation that no seen events fulfil: false if no unseen ones could.

        If all events of one operand are known, the others must lie close to one of them: only gaps there count.
        `reach(anchor, other)` gives how many seconds (before, after) an anchor's event the other operand's event may lie.
        """
        gaps = [[gap for name in operand_names(op) for gap in self.history.gaps(name, *window.seconds)] for op in ops]
        for anchor, op in enumerate(ops):
            if not gaps[anchor]:
                rows = self.events(op, window)
                reaches = ((*reach(anchor, other), gap) for other in range(len(ops)) for gap in gaps[other])
                if not any(at_second(rows, gap[0] - after) < at_second(rows, gap[1] + before + 1) for before, after, gap in reaches):
                    return FALSE
        return Outcome(None, needs=self.open_names(_unique(name for op in ops for name in operand_names(op)), window))

    def then_no(self, a: Operand, gone: tuple[str, ...], within: int, window: Window) -> Outcome:
        followers = [self.history.follower(name) for name in gone]

        def lonely(row: Row) -> Truth:
            second = row.second
            for follows in followers:
                if follows(row.last, second + within):
                    return False
            return True if all(self.history.covered_after(name, second, second + within) for name in gone) else None

        return self.alone(a, gone, lonely, window)

    def no_before(self, a: Operand, gone: tuple[str, ...], within: int, window: Window) -> Outcome:
        """The first hit of a run is the one that most likely stands alone; it speaks for its whole second (see `last_support`)."""

        def lonely(row: Row) -> Truth:
            second = row.second
            for name in gone:
                if self.history.precedes(name, row.first, second - within):
                    return False
            return True if all(self.history.covers(name, second - within, second) for name in gone) else None

        return self.alone(a, gone, lonely, window)

    def alone(self, a: Operand, gone: tuple[str, ...], lonely: Callable[[Row], Truth], window: Window) -> Outcome:
        """True if some event of `a` is lonely; unknown if one may be, or if one may have been missed."""
        rows = self.events(a, window)
        doubtful = False
        for row in reversed(rows):
            truth = lonely(row)
            if truth:
                begin = next(early for early in rows if lonely(early))
                return self.supported([a], (begin.first[0], newest(rows, row.second)))
            doubtful = doubtful or truth is None
        missed = self.open_names(operand_names(a), window)
        if doubtful:
            return Outcome(None, needs=_unique((*gone, *missed)))
        return Outcome(None, needs=missed) if missed else FALSE

    # quantities

    def count(self, node: Count, window: Window) -> Outcome:
        rows, within = self.events(node.op, window), _seconds(node.within)
        groups: dict[str, list[Row]] = defaultdict(list)
        if node.by is not None:
            for row in rows:
                if row.field:
                    groups[row.field].append(row)
        elif rows and isinstance(rows, Rows) and node.cmp in (">=", ">"):
            return self.many(node.op, dense(rows, within, node.n + (node.cmp == ">")), window)
        streams: Iterable[Sequence[Row]] = [rows] if node.by is None else groups.values()
        return self.quantity(node.op, [running(stream, within, distinct=False) for stream in streams], node.cmp, node.n, window)

    def many(self, op: Operand, found: Found | None, window: Window) -> Outcome:
        """Whether there were so many hits: `found` are the windows that hold them."""
        if found:
            return self.supported([op], found)
        needs = self.open_names(operand_names(op), window)
        return Outcome(None, needs=needs) if needs else FALSE

    def distinct(self, node: Distinct, window: Window) -> Outcome:
        op = Hit(node.name)
        rows = [row for row in self.events(op, window) if row.field]
        return self.quantity(op, [running(rows, _seconds(node.within), distinct=True)], node.cmp, node.n, window)

    def quantity(self, op: Operand, streams: Iterable[Iterator[tuple[int, Key, int]]], cmp: Cmp, n: int, window: Window) -> Outcome:
        """Compare the largest size; the support is where the sizes fulfil the comparison."""
        largest, begin, end = 0, ALWAYS * SECOND, NO_KEY
        for first, last, size in chain.from_iterable(streams):
            largest = max(largest, size)
            if compare(size, cmp, n):
                begin, end = min(begin, first), max(end, last)
        needs = self.open_names(operand_names(op), window)
        truth = compare_known(largest, cmp, n, not needs)
        if truth and end > NO_KEY and compare_sign(cmp, n) > 0:
            return self.supported([op], (begin, end))
        return Outcome(truth, needs=needs if truth is None else ())

    def silence(self, node: Silence, window: Window) -> Outcome:
        low, high = window.seconds
        clipped = (min(end // SECOND, high) - max(start // SECOND, low) for start, end in self.history.silences.get(node.format, ()))
        longest = max(0, max(clipped, default=0))
        truth = compare_known(longest, node.cmp, _seconds(node.duration), self.history.format_covered(node.format, window))
        return Outcome(truth, needs=(node.format,) if truth is None else ())


def _seconds(within: int | None) -> int:
    return ALWAYS if within is None else within // SECOND


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _joined(truth: Truth, found: list[Outcome]) -> Outcome:
    """The outcome of several that decided a truth together."""
    if truth is False:
        return FALSE
    needs = _unique(name for one in found for name in one.needs)
    if truth is None:
        return Outcome(None, needs=needs)
    support = tuple(dict.fromkeys(item for one in found for item in one.support))
    return Outcome(True, support, max((one.last_support for one in found if one.last_support is not None), default=None), needs)


def _pairs(left: Sequence[Row], right: Sequence[Row], within: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Places (in `left`, in `right`) of the first and of the last row of `left` that have a row of `right` at most `within` seconds away.

    Beside the first its earliest partner, beside the last its latest one. The shorter side is walked, the other one is bisected.
    """
    if len(left) <= len(right):
        early = next((at for at in range(len(left)) if _partner(right, left[at].second, within) is not None), None)
    else:
        early = next((at for row in right if (at := _partner(left, row.second, within)) is not None), None)
    if early is None:
        return None
    if len(left) <= len(right):
        late = next(at for at in reversed(range(len(left))) if _partner(right, left[at].second, within) is not None)
    else:
        late = next(at for row in reversed(right) if (at := _partner(left, row.second, within, latest=True)) is not None)
    first, last = _partner(right, left[early].second, within), _partner(right, left[late].second, within, latest=True)
    return ((early, first), (late, last)) if first is not None and last is not None else None


def _partner(rows: Sequence[Row], second: int, within: int, *, latest: bool = False) -> int | None:
    """The place of the first, or of the latest row at most `within` seconds away."""
    at = at_second(rows, second + within + 1) - 1 if latest else at_second(rows, second - within)
    return at if 0 <= at < len(rows) and abs(rows[at].second - second) <= within else None


def _chained(layers: list[Sequence[Row]], within: int) -> Found | None:
    """Events of each layer in order, the last at most `within` seconds after the first.

    For each row the latest possible start of a chain that ends there is carried on; `a < b` holds for some hits of two runs
    if the first of the one lies before the last of the other. Runs in the middle layers hold one hit each.
    """
    rows, starts = layers[0], [row.first[0] for row in layers[0]]
    for layer in layers[1:]:
        reached = [(row, before) for row in layer if (before := at_key(rows, row.last))]
        rows, starts = [row for row, _ in reached], list(accumulate((starts[before - 1] for _, before in reached), max))
    fits = [at for at, (row, start) in enumerate(zip(rows, starts, strict=True)) if row.second - start // SECOND <= within]
    if not fits:
        return None
    begin = layers[0][0].first[0] if within == ALWAYS else starts[fits[0]]
    return begin, newest(rows, rows[fits[-1]].second)
