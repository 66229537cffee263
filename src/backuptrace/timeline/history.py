"""What the evaluator reads of one bundle: the hits of each selection in time order and the times that the logs cover.

Order is by `Key`, exact to the microsecond and the place in the file; distances and windows are compared in whole UTC
seconds (floor), so that a run of hits inside one second answers exactly as its single hits would.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, overload

from backuptrace.model import SECOND
from backuptrace.timeline.rows import Key, Row, Rows, at_key, at_second, between, united

Spans = tuple[tuple[int, int], ...]
"""Sorted, disjoint (from, to) in microseconds since 1970 UTC, both ends included."""
_last = itemgetter(1)

_V = TypeVar("_V")
_T = TypeVar("_T")


class OnDemand(Mapping[str, _V]):
    """Values that are made when they are first asked for: of most selections nothing is."""

    def __init__(self, makers: Mapping[str, Callable[[], _V]]) -> None:
        self._makers = makers
        self._made: dict[str, _V] = {}

    def __getitem__(self, key: str) -> _V:
        if key not in self._made:
            self._made[key] = self._makers[key]()
        return self._made[key]

    @overload
    def get(self, key: str, /) -> _V | None: ...
    @overload
    def get(self, key: str, default: _V | _T, /) -> _V | _T: ...
    def get(self, key: str, default: Any = None, /) -> Any:
        """As of every mapping, without an error on the way: it is asked for much that is not there."""
        return self[key] if key in self._makers else default

    def __contains__(self, key: object) -> bool:
        return key in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class Window(NamedTuple):
    """From `start` to `end`, microseconds since 1970 UTC, both seconds included whole; empty if `end` lies before `start`."""

    start: int
    end: int

    @property
    def seconds(self) -> tuple[int, int]:
        """First and last second; (0, -1) when empty."""
        return (0, -1) if self.end < self.start else (self.start // SECOND, self.end // SECOND)

    def narrowed(self, other: Window) -> Window:
        """What both contain."""
        return Window(max(self.start, other.start), min(self.end, other.end))


class OfSources(Mapping[str, Spans]):
    """The coverage of each selection: that of its source."""

    def __init__(self, source_of: Mapping[str, str], spans: Mapping[str, Spans]) -> None:
        self._source_of, self._spans = source_of, spans

    def __getitem__(self, name: str) -> Spans:
        return self._spans.get(self._source_of[name], ())

    @overload
    def get(self, name: str, /) -> Spans | None: ...
    @overload
    def get(self, name: str, default: Spans | _T, /) -> Spans | _T: ...
    def get(self, name: str, default: Any = None, /) -> Any:
        """As of every mapping, in less time: each case of the verdicts without hits asks for all."""
        return self._spans.get(self._source_of[name], ()) if name in self._source_of else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._source_of)

    def __len__(self) -> int:
        return len(self._source_of)


class History:
    """`rows` sorted by first hit, `coverage` per selection, `states` of the selections on state sources (None: source missing),
    `silences` and `format_coverage` per format. `excerpt`: somebody chose these lines, nothing after their end is missing.

    A selection without coverage and state is covered nowhere. What is derived is remembered.
    """

    def __init__(
        self,
        rows: Mapping[str, Sequence[Row]],
        coverage: Mapping[str, Spans] | None = None,
        states: Mapping[str, bool | None] | None = None,
        silences: Mapping[str, Sequence[tuple[int, int]]] | None = None,
        format_coverage: Mapping[str, Spans] | None = None,
        excerpt: bool = False,
    ) -> None:
        self.rows, self.coverage, self.states = rows, coverage or {}, states or {}
        self.silences, self.format_coverage, self.excerpt = silences or {}, format_coverage or {}, excerpt
        self._spans: dict[str, Spans] = {}
        self._whole: dict[Spans, Spans] = {}
        self._unions: dict[tuple[str, ...], Sequence[Row]] = {}
        self._lasts: dict[str, list[Key]] = {}

    def rows_in(self, name: str, window: Window) -> Sequence[Row]:
        """The rows of the selection whose second lies in the window, in order."""
        rows = self.rows.get(name)
        return () if rows is None else between(rows, *window.seconds)

    def united_in(self, names: tuple[str, ...], window: Window) -> Sequence[Row]:
        """As `rows_in`, of several selections together."""
        if (rows := self._unions.get(names)) is None:
            rows = self._unions[names] = united([self.rows.get(name, ()) for name in names])
        return between(rows, *window.seconds)

    def covered(self, name: str, window: Window) -> bool:
        """Whether the selection's source was read for every second of the window, so that no hit there means none happened."""
        return self.covers(name, *window.seconds)

    def covers(self, name: str, low: int, high: int) -> bool:
        """Whether no second from `low` to `high` is uncovered."""
        if name in self.states:
            return self.states[name] is not None or high < low
        return _covers(self.covered_seconds(name), low, high)

    def covered_after(self, name: str, low: int, high: int) -> bool:
        """As `covered`, for the seconds after an event; in an excerpt also the time after the last covered second counts."""
        if self.excerpt and (spans := self.covered_seconds(name)):
            high = min(high, spans[-1][1])
        return self.covers(name, low, high)

    def format_covered(self, name: str, window: Window) -> bool:
        """As `covered`, for all records of a format."""
        return _covers(in_seconds(self.format_coverage.get(name, ())), *window.seconds)

    def gaps(self, name: str, low: int, high: int) -> Spans:
        """The uncovered (first, last) seconds among the seconds `low` to `high`."""
        if name in self.states:
            return () if self.states[name] is not None or high < low else ((low, high),)
        return _gaps(self.covered_seconds(name), low, high)

    def covered_seconds(self, name: str) -> Spans:
        """The covered (first, last) seconds of a selection."""
        if (spans := self._spans.get(name)) is None:
            told = self.coverage.get(name, ())
            if (spans := self._whole.get(told)) is None:  # many selections share a source
                spans = self._whole[told] = in_seconds(told)
            self._spans[name] = spans
        return spans

    def follows(self, name: str, key: Key, second: int) -> bool:
        """Whether a hit of the selection lies after `key` and not after `second`. All hits are looked at, whatever the window."""
        return self.follower(name)(key, second)

    def follower(self, name: str) -> Callable[[Key, int], bool]:
        """`follows` of one selection, for who asks it for many hits."""
        rows = self.rows.get(name, ())
        if isinstance(rows, Rows):
            return rows.follows
        if (lasts := self._lasts.get(name)) is None:
            lasts = self._lasts[name] = list(accumulate(map(_last, rows), max))

        def follows(key: Key, second: int) -> bool:
            end = at_second(rows, second + 1)
            return end > 0 and lasts[end - 1] > key

        return follows

    def precedes(self, name: str, key: Key, second: int) -> bool:
        """Whether a hit of the selection lies before `key` and not before `second`. All hits are looked at."""
        rows = self.rows.get(name, ())
        if isinstance(rows, Rows):
            return rows.precedes(key, second)
        end = at_key(rows, key)
        return end > 0 and rows[end - 1].second >= second


def in_seconds(spans: Spans) -> Spans:
    """Spans in whole seconds; spans in the same or in neighbouring seconds become one."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        low, high = start // SECOND, end // SECOND
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def _covers(spans: Spans, low: int, high: int) -> bool:
    """One span must hold all of it: spans that touch are one (see `in_seconds`)."""
    at = bisect_left(spans, (low + 1,)) - 1
    return high < low or (at >= 0 and spans[at][1] >= high)


def _gaps(spans: Spans, low: int, high: int) -> Spans:
    found: list[tuple[int, int]] = []
    for at in range(max(bisect_left(spans, (low,)) - 1, 0), len(spans)):
        start, end = spans[at]
        if start > high:
            break
        if start > low:
            found.append((low, start - 1))
        low = max(low, end + 1)
    if low <= high:
        found.append((low, high))
    return tuple(found)
