"""Rows in parts answer as one sorted list of them does, whether they were put in one order yet or not."""

from __future__ import annotations

from array import array
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.model import SECOND
from backuptrace.timeline import rows as rows_module
from backuptrace.timeline.rows import Columns, Key, Row, Rows, at_key, at_second, between, in_order, newest, total, united

SECONDS = range(-1, 8)
stamps = st.builds(lambda second, part: second * SECOND + part, st.integers(0, 6), st.sampled_from([0, 1, 500_000, 999_999]))


@st.composite
def columns(draw: st.DrawFn, rank: int) -> tuple[Columns, list[Row]]:
    """One part in the order of its file, its clock may go back; and its rows as a list. An offset is that of a hit, so it is there once."""
    found = []
    for place, (stamp, length, count) in enumerate(draw(st.lists(st.tuples(stamps, st.integers(0, 999_999), st.integers(1, 3)), max_size=6))):
        last = min(stamp + length, stamp // SECOND * SECOND + SECOND - 1) if count > 1 else stamp
        first_at = 10 * place + 1000 * rank
        found.append(Row((stamp, rank % 2, first_at), (last, rank % 2, first_at + (count > 1)), count))
    numbers = [(*row.first, row.last[0], row.last[2], row.count) for row in found]
    return Columns._make([*(array("q", [row[n] for row in numbers]) for n in range(6)), None]), found


@st.composite
def parted(draw: st.DrawFn) -> tuple[list[Columns], list[Row]]:
    parts = [draw(columns(rank)) for rank in range(draw(st.integers(0, 3)))]
    return [in_order(part) for part, _ in parts], sorted(row for _, found in parts for row in found)


def check(rows: Rows, wanted: list[Row]) -> None:
    """Everything that can be asked."""
    keys: list[Key] = [key for row in wanted for key in (row.first, row.last)] + [(3 * SECOND, 0, 0)]
    assert (len(rows), total(rows), bool(rows)) == (len(wanted), sum(row.count for row in wanted), bool(wanted))
    if wanted:
        assert (rows[0], rows[-1], newest(rows)) == (wanted[0], wanted[-1], max(row.last for row in wanted))
    for key, second in product(keys, SECONDS):
        assert rows.follows(key, second) == any(row.last > key and row.second <= second for row in wanted)
        assert rows.precedes(key, second) == any(row.first < key and row.second >= second for row in wanted)
    assert [at_second(rows, second) for second in SECONDS] == [sum(row.second < second for row in wanted) for second in SECONDS]


@given(parted(), st.booleans())
@settings(deadline=None)
def test_parts_answer_as_one_list_does(case: tuple[list[Columns], list[Row]], ordered: bool) -> None:
    parts, wanted = case
    rows = Rows.joined(parts)
    if ordered:
        rows.ordered()
    check(rows, wanted)
    for low, high in product(SECONDS, SECONDS):
        inside = [row for row in wanted if low <= row.second <= high]
        view = between(rows, low, high)
        assert isinstance(view, Rows)
        check(view, inside)
        assert list(between(view, low + 1, high)) == [row for row in inside if row.second > low]
        assert list(view) == inside
        assert list(reversed(view)) == inside[::-1]
        assert list(view[1:3]) == inside[1:3]
        assert [at_key(view, row.first) for row in inside] == list(range(len(inside)))
        check(view, inside)
    assert list(united([rows, rows.between(2, 4)])) == sorted([*wanted, *(row for row in wanted if 2 <= row.second <= 4)])


def test_a_crowded_second_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where thousands of rows stand in one second, thousands of questions about it would take for ever."""
    looked = 0
    found = rows_module._newest

    def watched(part: Columns, low: int, high: int) -> Key:
        nonlocal looked
        looked += high - low
        return found(part, low, high)

    monkeypatch.setattr(rows_module, "_newest", watched)
    size = 1000
    first = array("q", range(size))
    rows = Rows.joined([Columns(first, array("q", [0]) * size, first, first, first, array("q", [1]) * size)])
    assert not any(rows.follows((size, 0, stamp), 0) for stamp in range(size))
    assert rows.follows((size - 1, 0, size - 2), 0)
    assert looked <= size


def test_walking_makes_rows_by_the_chunk() -> None:
    size = 3 * rows_module.CHUNK + 1
    first = array("q", range(size))
    rows = Rows.joined([Columns(first, array("q", [0]) * size, first, first, first, array("q", [1]) * size)])
    assert [row.first[0] for row in rows] == list(range(size))
    assert [row.first[0] for row in reversed(rows)] == list(range(size))[::-1]
