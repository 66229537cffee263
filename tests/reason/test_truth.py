"""Three truth values, as Kleene joins them, and comparisons with what was seen only in part."""

from __future__ import annotations

from itertools import product

import pytest

from backuptrace.knowledge.when import Cmp
from backuptrace.reason.truth import Truth, both, compare, compare_known, either, negation

TABLE: list[tuple[Truth, Truth, Truth, Truth]] = [
    # a, b, a and b, a or b
    (True, True, True, True),
    (True, None, None, True),
    (True, False, False, True),
    (None, None, None, None),
    (None, False, False, None),
    (False, False, False, False),
]


@pytest.mark.parametrize(("a", "b", "conjunction", "disjunction"), TABLE)
def test_and_or(a: Truth, b: Truth, conjunction: Truth, disjunction: Truth) -> None:
    assert both([a, b]) is both([b, a]) is conjunction
    assert either([a, b]) is either([b, a]) is disjunction
    assert negation(both([a, b])) is either([negation(a), negation(b)])


def test_nothing_and_not() -> None:
    assert both([]) is True
    assert either([]) is False
    assert [negation(item) for item in (True, None, False)] == [False, None, True]


COMPARISONS: list[tuple[Cmp, list[bool]]] = [
    (">=", [False, True, True]),
    (">", [False, False, True]),
    ("==", [False, True, False]),
    ("<", [True, False, False]),
    ("<=", [True, True, False]),
]


@pytest.mark.parametrize(("cmp", "expected"), COMPARISONS)
def test_comparisons(cmp: Cmp, expected: list[bool]) -> None:
    assert [compare(value, cmp, 3) for value in (2, 3, 4)] == expected
    assert [compare_known(value, cmp, 3, complete=True) for value in (2, 3, 4)] == expected


@pytest.mark.parametrize("cmp", [cmp for cmp, _ in COMPARISONS])
def test_a_lower_bound_decides_only_what_more_cannot_change(cmp: Cmp) -> None:
    for seen, n in product(range(5), range(5)):
        possible = {compare(seen + more, cmp, n) for more in range(10)}
        assert compare_known(seen, cmp, n, complete=False) is (possible.pop() if len(possible) == 1 else None)
