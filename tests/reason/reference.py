"""The meaning of every operator once more, on single hits and single seconds, with plain loops: the oracle of the evaluator."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, product

from backuptrace.knowledge.when import (
    And,
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
    keyed,
    operand_names,
    ordered_middles,
)
from backuptrace.model import SECOND
from backuptrace.timeline.history import History, Spans, Window
from backuptrace.timeline.rows import Columns, Key, Row, Rows, in_order

Event = tuple[Key, str]
Answer = tuple["bool | None", "Key | None"]
"""(truth, newest supporting event)"""


def sec(event: Event) -> int:
    return event[0][0] // SECOND


def collapse(hits: Mapping[str, Sequence[Event]], node: When | None = None) -> dict[str, list[Row]]:
    """Single hits -> rows as the scan stores them for this expression."""
    middles = ordered_middles(node) if node else set()
    keys = keyed(node) if node else {}
    rows: dict[str, list[Row]] = {}
    for name, events in hits.items():
        runs: dict[object, Row] = {}
        for key, value in sorted(events):
            value = value if name in keys else ""
            run = key if name in middles else (key[0] // SECOND, value)
            old = runs.get(run)
            runs[run] = Row(old.first, key, old.count + 1, value) if old else Row(key, key, 1, value)
        rows[name] = sorted(runs.values())
    return rows


def in_columns(hits: Mapping[str, Sequence[Event]], node: When | None = None) -> dict[str, Rows]:
    """Single hits -> rows as a scan joins them of several logs (the second number of a key), with two time indexes for each (the offset tells which)."""
    out = {}
    for name, events in hits.items():
        parts = {(key[1], key[2] % 2) for key, _ in events}
        several = [[event for event in events if (event[0][1], event[0][2] % 2) == part] for part in sorted(parts)]
        out[name] = Rows.joined([in_order(_columns(collapse({name: part}, node)[name])) for part in several])
    return out


def _columns(rows: Sequence[Row]) -> Columns:
    ends = [(*row.first, row.last[0], row.last[2], row.count) for row in rows]
    return Columns._make([*(array("q", (end[n] for end in ends)) for n in range(6)), [row.field for row in rows]])


class Reference:
    def __init__(self, hits: Mapping[str, Sequence[Event]], history: History, attempt: Window | None, failure: Window | None) -> None:
        self.hits, self.history, self.attempt, self.failure = hits, history, attempt, failure

    # what was seen, what was covered

    def seconds(self, window: Window) -> range:
        return range(0) if window.end < window.start else range(window.start // SECOND, window.end // SECOND + 1)

    def seen(self, op: Operand, window: Window) -> list[Event]:
        if isinstance(op, First):
            return sorted(self.seen(op.op, window))[:1]
        if isinstance(op, Last):
            return sorted(self.seen(op.op, window))[-1:]
        return [event for name in operand_names(op) for event in self.hits.get(name, ()) if sec(event) in self.seconds(window)]

    def covers(self, name: str, second: int) -> bool:
        if name in self.history.states:
            return self.history.states[name] is not None
        return spans_cover(self.history.coverage.get(name, ()), second)

    def covers_after(self, name: str, second: int) -> bool:
        spans = self.history.coverage.get(name, ())
        beyond = self.history.excerpt and bool(spans) and second > max(end // SECOND for _, end in spans)
        return beyond or self.covers(name, second)

    def complete(self, op: Operand, seconds: Iterable[int]) -> bool:
        return all(self.covers(name, second) for second in seconds for name in operand_names(op))

    # the operators

    def judge(self, node: When, window: Window) -> Answer:
        if isinstance(node, Hit | Union | First | Last):
            events = self.seen(node, window)
            if events:
                return True, max(events)[0]
            states = [self.history.states.get(name) for name in operand_names(node)]
            if True in states:
                return True, None
            return (False if self.complete(node, self.seconds(window)) else None), None
        if isinstance(node, Then):
            return self.relation(node.steps, node.within, window, ordered=True)
        if isinstance(node, Near):
            return self.relation((node.a, node.b), node.within, window, ordered=False)
        if isinstance(node, ThenNo | NoBefore):
            return self.absence(node, window)
        if isinstance(node, Count | Distinct):
            return self.quantity(node, window)
        if isinstance(node, Silence):
            return self.silence(node, window)
        return self.logic(node, window)

    def logic(self, node: When, window: Window) -> Answer:
        if isinstance(node, Scoped):
            bounds = self.attempt if node.scope == "attempt" else self.failure
            if bounds is None:
                return False, None
            narrow = Window(max(bounds.start, window.start), min(bounds.end, window.end))
            return (False, None) if narrow.end < narrow.start else self.judge(node.item, narrow)
        if isinstance(node, Defined):
            return self.judge(node.item, window)
        if isinstance(node, Not):
            truth, _ = self.judge(node.item, window)
            return (None if truth is None else not truth), None
        if isinstance(node, Unless):
            truth, newest = self.judge(node.base, window)
            if self.judge(node.but, window)[0] is True:
                return False, None
            return truth, newest
        assert isinstance(node, And | Or)
        answers = [self.judge(item, window) for item in node.items]
        truths = [truth for truth, _ in answers]
        decisive = isinstance(node, Or)
        truth = decisive if decisive in truths else None if None in truths else not decisive
        keys = [newest for truth, newest in answers if truth and newest is not None]
        return truth, max(keys) if truth and keys else None

    def relation(self, ops: Sequence[Operand], within: int | None, window: Window, ordered: bool) -> Answer:
        limit = 10**9 if within is None else within // SECOND
        events = [self.seen(op, window) for op in ops]
        newest: list[Key] = []
        for combination in product(*events):
            in_order = all(a[0] < b[0] for a, b in pairwise(combination))
            stamps = [sec(event) for event in combination]
            if max(stamps) - min(stamps) <= limit and (in_order or not ordered):
                newest.append(max(combination)[0])
        if newest:
            return True, max(newest)
        for at, anchor in enumerate(ops):
            if self.complete(anchor, self.seconds(window)) and all(
                self.complete(op, [s for s in self.seconds(window) if low <= s <= high])
                for event in events[at]
                for other, op in enumerate(ops)
                if other != at
                for low, high in [
                    (
                        sec(event) - (limit if other < at or not ordered else 0),
                        sec(event) + (limit if other > at or not ordered else 0),
                    )
                ]
            ):
                return False, None
        return None, None

    def absence(self, node: ThenNo | NoBefore, window: Window) -> Answer:
        limit = node.within // SECOND
        truths: list[Answer] = []
        for event in self.seen(node.a, window):
            at = sec(event)
            if isinstance(node, ThenNo):
                gone = [other for name in operand_names(node.b) for other in self.hits.get(name, ())]
                broken = any(other[0] > event[0] and sec(other) <= at + limit for other in gone)
                known = all(self.covers_after(name, s) for name in operand_names(node.b) for s in range(at, at + limit + 1))
            else:
                gone = [other for name in operand_names(node.x) for other in self.hits.get(name, ())]
                broken = any(other[0] < event[0] and sec(other) >= at - limit for other in gone)
                known = self.complete(node.x, range(at - limit, at + 1))
            truths.append((False if broken else True if known else None, event[0]))
        alone = [key for truth, key in truths if truth]
        if alone:
            newest = max(key for key in alone if key is not None)
            # one event that stands alone speaks for its second, see evaluate.Outcome
            return True, max(event[0] for event in self.seen(node.a, window) if sec(event) == newest[0] // SECOND)
        if any(truth is None for truth, _ in truths) or not self.complete(node.a, self.seconds(window)):
            return None, None
        return False, None

    def quantity(self, node: Count | Distinct, window: Window) -> Answer:
        op: Operand = node.op if isinstance(node, Count) else Hit(node.name)
        limit = 10**9 if node.within is None else node.within // SECOND
        events = self.seen(op, window)
        by_value = isinstance(node, Distinct) or node.by is not None
        events = [event for event in events if event[1] or not by_value]
        groups = [[e for e in events if e[1] == value] for value in {e[1] for e in events}] if isinstance(node, Count) and node.by else [events]
        largest, keys = 0, []
        for group in groups:
            for end in group:
                inside = [event for event in group if sec(end) - limit <= sec(event) <= sec(end)]
                size = len({event[1] for event in inside}) if isinstance(node, Distinct) else len(inside)
                largest = max(largest, size)
                if compares(size, node.cmp, node.n):
                    keys.append(max(inside)[0])
        truth: bool | None = compares(largest, node.cmp, node.n)
        if not self.complete(op, self.seconds(window)):
            more = {compares(largest + extra, node.cmp, node.n) for extra in range(12)}
            truth = truth if len(more) == 1 else None
        speaks = node.cmp in (">=", ">") or (node.cmp == "==" and node.n > 0)
        return truth, max(keys) if truth and keys and speaks else None

    def silence(self, node: Silence, window: Window) -> Answer:
        longest = 0
        for start, end in self.history.silences.get(node.format, ()):
            inside = [s for s in self.seconds(window) if start // SECOND <= s <= end // SECOND]
            longest = max(longest, len(inside) - 1)
        truth: bool | None = compares(longest, node.cmp, node.duration // SECOND)
        spans = self.history.format_coverage.get(node.format, ())
        if not all(spans_cover(spans, second) for second in self.seconds(window)):
            more = {compares(longest + extra, node.cmp, node.duration // SECOND) for extra in range(100)}
            truth = truth if len(more) == 1 else None
        return truth, None


def spans_cover(spans: Spans, second: int) -> bool:
    return any(start // SECOND <= second <= end // SECOND for start, end in spans)


def compares(value: int, cmp: str, n: int) -> bool:
    return {">=": value >= n, ">": value > n, "==": value == n, "<": value < n, "<=": value <= n}[cmp]
