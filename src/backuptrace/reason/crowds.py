"""How much happened inside a window of time that slides over the rows of hits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from backuptrace.model import SECOND
from backuptrace.timeline.rows import NO_KEY, Columns, Key, Row, Rows

ALWAYS = 1 << 42
"""Seconds: longer than any distance between two stamps."""
_second = attrgetter("second")


def dense(rows: Rows, within: int, n: int) -> tuple[int, Key] | None:
    """Where the first window of `within` seconds with at least `n` hits begins (microseconds), and the newest hit of the last such window.

    As `running` would tell, but the search ends where it has found them; None where there is no such window. There must be rows.
    """
    if rows.total < n:
        return None
    if within == ALWAYS:
        return rows[0].first[0], rows.newest
    begin = _first_dense(*rows.ordered(), within, n)
    if begin is None:
        return None
    second = _last_dense(*rows.ordered(), within, n)
    return begin, rows.between(second, second).newest


def _first_dense(columns: Columns, low: int, high: int, within: int, n: int) -> int | None:
    """The begin of the first dense window, microseconds."""
    first, counts = columns.first, columns.counts
    size, left = 0, low
    for at in range(low, high):
        size += counts[at]
        if size >= n:
            begin = (first[at] // SECOND - within) * SECOND
            while first[left] < begin:
                size -= counts[left]
                left += 1
            if size >= n:
                return first[left]
    return None


def _last_dense(columns: Columns, low: int, high: int, within: int, n: int) -> int:
    """The second in which the last dense window ends; there must be one."""
    first, counts = columns.first, columns.counts
    size, right = 0, high - 1
    for at in reversed(range(low, high)):
        size += counts[at]
        if size >= n:
            end = (first[at] // SECOND + within + 1) * SECOND
            while first[right] >= end:
                size -= counts[right]
                right -= 1
            if size >= n:
                break
    return first[right] // SECOND


def running(rows: Sequence[Row], within: int, *, distinct: bool) -> Iterator[tuple[int, Key, int]]:
    """(begin in microseconds, newest hit, size) of the widest window that ends in each second; size in hits, or in different values of the field."""
    if isinstance(rows, Rows) and not distinct:
        yield from _counts(*rows.ordered(), within)
        return
    values: Counter[str] = Counter()
    total = left = 0
    for second, together in groupby(rows, key=_second):
        newest = NO_KEY
        for row in together:
            values[row.field] += 1
            total += row.count
            newest = max(newest, row.last)
        while rows[left].second < second - within:
            gone = rows[left]
            left += 1
            total -= gone.count
            values[gone.field] -= 1
            if not values[gone.field]:
                del values[gone.field]
        yield rows[left].first[0], newest, len(values) if distinct else total


def _counts(columns: Columns, low: int, high: int, within: int) -> Iterator[tuple[int, Key, int]]:
    """The same by columns, for long storms."""
    first, rank, _, last, last_at, counts, _ = columns
    total, left, at = 0, low, low
    while at < high:
        end = (first[at] // SECOND + 1) * SECOND
        newest = NO_KEY
        while at < high and first[at] < end:
            total += counts[at]
            newest = max(newest, (last[at], rank[at], last_at[at]))
            at += 1
        while first[left] < end - (within + 1) * SECOND:
            total -= counts[left]
            left += 1
        yield first[left], newest, total
