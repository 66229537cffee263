"""A million hits with one recovery in the middle: the answers, which a quadratic evaluator would not give before the end of the day.

The expected answers follow from the layout: `a` once in every second 0 .. 999,999 (or a million times within four seconds),
`b` once in the middle.
"""

from __future__ import annotations

import pytest

from backuptrace.knowledge.when import Count, Distinct, Hit, Near, NoBefore, Not, Then, ThenNo, When
from backuptrace.model import SECOND
from backuptrace.reason.evaluate import Outcome, evaluate
from backuptrace.timeline.history import History, Window
from backuptrace.timeline.rows import Key, Row

MILLION = 1_000_000
MIDDLE = MILLION // 2
A, B = Hit("a"), Hit("b")
WIDE = ((-2 * MILLION * SECOND, 4 * MILLION * SECOND),)


def at(second: int, part: int = 0) -> Key:
    return (second * SECOND + part, 0, 0)


@pytest.fixture(scope="module")
def seconds() -> History:
    """`a` at the start of each second, `b` half a second behind the `a` in the middle; everything covered."""
    a = [Row(key, key) for key in map(at, range(MILLION))]
    b = at(MIDDLE, SECOND // 2)
    return History({"a": a, "b": [Row(b, b)]}, {"a": WIDE, "b": WIDE})


def ask(node: When, history: History, start: int = 0, end: int = MILLION) -> tuple[bool | None, Key | None]:
    outcome: Outcome = evaluate(node, history, Window(start * SECOND, end * SECOND))
    return outcome.truth, outcome.last_support


@pytest.mark.parametrize(
    ("node", "start", "end", "truth", "newest"),
    [
        # only the 600 seconds before the recovery are followed by it
        (ThenNo(A, B, 600 * SECOND), 0, MILLION, True, MILLION - 1),
        (ThenNo(A, B, 600 * SECOND), 0, MIDDLE, True, MIDDLE - 601),
        (ThenNo(A, B, 600 * SECOND), MIDDLE - 600, MIDDLE, False, None),
        # every one of half a million hits has to be looked at
        (ThenNo(A, B, MILLION * SECOND), 0, MIDDLE, False, None),
        (NoBefore(A, B, MILLION * SECOND), MIDDLE + 1, MILLION, False, None),
        (NoBefore(A, B, MILLION * SECOND), 0, MILLION, True, MIDDLE),
        (NoBefore(A, A, 5 * SECOND), 0, 100_000, True, 0),
        (NoBefore(A, A, 5 * SECOND), 1, 100_000, False, None),
        (Count(A, ">=", 601, 600 * SECOND), 0, MILLION, True, MILLION - 1),
        (Count(A, ">", 601, 600 * SECOND), 0, MILLION, False, None),
        (Count(A, "==", MILLION), 0, MILLION, True, MILLION - 1),
        (Count(A, "<", 601, 600 * SECOND), 0, 100_000, False, None),
        (Then((A, A, A, A), 3 * SECOND), 0, 100_000, True, 100_000),
        (Then((A, A, A, A), 2 * SECOND), 0, 100_000, False, None),
        (Then((A, B), SECOND), MIDDLE + 1, MILLION, False, None),
        (Near(A, B, 2 * SECOND), 0, MILLION, True, MIDDLE + 2),
        (Near(A, B, 2 * SECOND), MIDDLE + 1, MIDDLE + 100_000, False, None),
        (Not(A), MILLION, 2 * MILLION, True, None),
    ],
)
def test_one_hit_in_each_second(seconds: History, node: When, start: int, end: int, truth: bool, newest: int | None) -> None:
    assert ask(node, seconds, start, end) == (truth, None if newest is None else at(newest))


def test_the_chain_to_the_recovery(seconds: History) -> None:
    assert ask(Then((A, B)), seconds) == (True, at(MIDDLE, SECOND // 2))
    assert ask(Then((B, A, B)), seconds) == (False, None)


def test_the_refuted_search_ends_with_unknown_where_the_logs_do(seconds: History) -> None:
    """The logs end with the last hit: whether something followed the last ten minutes of hits is not known, but for the others it is."""
    cut = History(seconds.rows, {"a": WIDE, "b": ((0, (MILLION - 1) * SECOND),)})
    node = ThenNo(A, B, 600 * SECOND)
    assert ask(node, cut) == (True, at(MILLION - 601))
    outcome = evaluate(node, cut, Window((MILLION - 600) * SECOND, MILLION * SECOND))
    assert (outcome.truth, outcome.needs) == (None, ("b",))


def test_a_coverage_of_many_pieces(seconds: History) -> None:
    """A file of a million seconds with a hole of one second behind every fourth: absences are known in no hour."""
    pieces = tuple((second * SECOND, (second + 2) * SECOND) for second in range(0, MILLION, 4))
    holed = History(seconds.rows, {"a": WIDE, "b": pieces})
    assert ask(ThenNo(A, B, 3600 * SECOND), holed, MIDDLE + 1, MILLION) == (None, None)
    assert ask(ThenNo(A, B, SECOND), holed, MIDDLE + 1, MILLION - 2) == (True, at(MILLION - 3))


STORM_SECONDS = 4
PER_SECOND = MILLION // STORM_SECONDS


def storm(*, runs: bool) -> History:
    """A million hits in four seconds as the scan stores them: one row a second and value, or one a hit; `b` inside the third second."""
    rows: list[Row] = []
    step = SECOND // PER_SECOND
    for second in range(STORM_SECONDS):
        keys = [at(second, part * step) for part in range(PER_SECOND)]
        if runs:
            # the same values x and y by turns
            rows += [Row(keys[0], keys[-2], PER_SECOND // 2, "x"), Row(keys[1], keys[-1], PER_SECOND // 2, "y")]
        else:
            rows += [Row(key, key, 1, "xy"[part % 2]) for part, key in enumerate(keys)]
    b = at(2, SECOND // 2 + 1)
    return History({"a": rows, "b": [Row(b, b)]}, {"a": WIDE, "b": WIDE})


@pytest.fixture(scope="module", params=["runs", "single hits"])
def stormy(request: pytest.FixtureRequest) -> History:
    return storm(runs=request.param == "runs")


LAST = at(3, SECOND - SECOND // PER_SECOND)
LAST_OF_2 = at(2, SECOND - SECOND // PER_SECOND)


@pytest.mark.parametrize(
    ("node", "end", "truth", "newest"),
    [
        (Count(A, ">=", MILLION), 3, True, LAST),
        (Count(A, ">", MILLION), 3, False, None),
        (Count(A, ">=", PER_SECOND * 2, SECOND), 3, True, LAST),
        (Count(A, ">", PER_SECOND * 2, SECOND), 3, False, None),
        (Count(A, ">=", PER_SECOND, SECOND, "field"), 3, True, LAST),
        (Count(A, ">", PER_SECOND, SECOND, "field"), 3, False, None),
        (Distinct("a", "field", "==", 2, SECOND), 3, True, LAST),
        (ThenNo(A, B, 60 * SECOND), 1, False, None),
        (ThenNo(A, B, 60 * SECOND), 2, True, LAST_OF_2),
        (NoBefore(A, B, 60 * SECOND), 3, True, LAST_OF_2),
        (Then((A, B)), 3, True, at(2, SECOND // 2 + 1)),
        (Then((B, A)), 2, True, LAST_OF_2),
        (Then((B, A), 2 * SECOND), 3, True, LAST),
        (Near(A, B, SECOND), 3, True, LAST),
    ],
)
def test_a_storm_inside_few_seconds(stormy: History, node: When, end: int, truth: bool, newest: Key | None) -> None:
    outcome = evaluate(node, stormy, Window(0, end * SECOND))
    assert (outcome.truth, outcome.last_support) == (truth, newest)
