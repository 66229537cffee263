"""The evaluator answers as the brute-force reference does, and a definite answer never depends on what was not seen."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    Or,
    Scoped,
    Silence,
    Then,
    ThenNo,
    Union,
    Unless,
    When,
    nodes,
)
from backuptrace.model import SECOND
from backuptrace.reason.evaluate import evaluate
from backuptrace.timeline.history import History, Spans, Window

from .reference import Event, Reference, collapse, in_columns, spans_cover

NAMES = ("a", "b", "c", "d")
LONGEST = 24

stamps = st.builds(lambda second, part: second * SECOND + part, st.integers(0, LONGEST), st.sampled_from([0, 1, 400_000, 999_999]))
keys = st.tuples(stamps, st.integers(0, 1), st.integers(0, 2))
events = st.lists(st.tuples(keys, st.sampled_from(["", "p", "q", "r"])), max_size=7, unique_by=lambda event: event[0]).map(sorted)
all_hits = st.fixed_dictionaries(dict.fromkeys(NAMES, events))


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    """Mostly wide coverage, with holes; sometimes none."""
    edges = draw(st.one_of(st.just([-40 * SECOND, 80 * SECOND]), st.lists(stamps, max_size=6, unique=True).map(sorted)))
    widened = [edges[0] - draw(st.sampled_from([0, 30])) * SECOND, *edges[1:-1], edges[-1] + draw(st.sampled_from([0, 30])) * SECOND] if len(edges) > 1 else []
    return tuple(zip(widened[::2], widened[1::2], strict=False))


windows = st.builds(Window, stamps, stamps.map(lambda stamp: stamp + 3 * SECOND))
durations = st.sampled_from([SECOND, 2 * SECOND, 5 * SECOND, 12 * SECOND])
limits = st.one_of(st.none(), durations)
hits = st.builds(Hit, st.sampled_from(NAMES))
plains = st.one_of(hits, hits, st.builds(Union, st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True).map(tuple)))
compared = st.sampled_from([">=", ">=", ">", "==", "<", "<="])
small = st.integers(0, 4)
bys = st.sampled_from([None, "field"])


def leaves(operands: st.SearchStrategy[When]) -> st.SearchStrategy[When]:
    return st.one_of(
        operands,
        st.sampled_from([Hit("state_on"), Hit("state_off"), Hit("state_lost"), Union(("a", "state_lost"))]),
        st.builds(Then, st.lists(operands, min_size=2, max_size=4).map(tuple), limits),
        st.builds(ThenNo, operands, plains, durations),
        st.builds(Near, operands, operands, durations),
        st.builds(NoBefore, operands, plains, durations),
        st.builds(Count, plains, compared, small, limits, bys),
        st.builds(Distinct, st.sampled_from(NAMES), st.just("field"), compared, small, limits),
    )


def trees(leaf: st.SearchStrategy[When], excuses: bool) -> st.SearchStrategy[When]:
    def grown(inner: st.SearchStrategy[When]) -> st.SearchStrategy[When]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        joined = [st.builds(And, several), st.builds(Or, several), st.builds(Not, inner), st.builds(Scoped, inner, st.sampled_from(["attempt", "failure"]))]
        joined.append(st.builds(Defined, st.just("name"), inner))
        return st.one_of(*joined, st.builds(Unless, inner, inner)) if excuses else st.one_of(*joined)

    return st.recursive(leaf, grown, max_leaves=4)


operands = st.one_of(plains, plains, st.builds(First, plains), st.builds(Last, plains))
silences = st.builds(Silence, st.just("log"), compared, durations)
expressions = trees(st.one_of(leaves(operands), silences), excuses=True)
strict_expressions = trees(leaves(plains), excuses=False)

STATES = {"state_on": True, "state_off": False, "state_lost": None}


coverages = st.fixed_dictionaries(dict.fromkeys(NAMES, spans()))
maybe_windows = st.one_of(st.none(), windows)


class Case(NamedTuple):
    """What an evaluation reads."""

    node: When
    found: dict[str, list[Event]]
    coverage: dict[str, Spans]
    window: Window
    attempt: Window | None
    failure: Window | None
    quiet: Spans = ()
    read: Spans = ()
    excerpt: bool = False


cases = st.builds(Case, expressions, all_hits, coverages, windows, maybe_windows, maybe_windows, spans(), spans(), st.booleans())
strict_cases = st.builds(Case, strict_expressions, all_hits, coverages, windows, maybe_windows, st.none())


def check_against_reference(case: Case) -> None:
    node, found = case.node, case.found
    told = case.coverage, STATES, {"log": case.quiet}, {"log": case.read}, case.excerpt
    history = History(collapse(found, node), *told)
    outcome = evaluate(node, history, case.window, attempt=case.attempt, failure=case.failure)
    assert outcome == evaluate(node, History(in_columns(found, node), *told), case.window, attempt=case.attempt, failure=case.failure)
    assert (outcome.truth, outcome.last_support) == Reference(found, history, case.attempt, case.failure).judge(node, case.window)
    assert outcome.truth is not None or outcome.needs, "an unknown says what is missing"
    assert outcome.truth is not False or not (outcome.needs or outcome.support)
    for support in outcome.support:
        assert support.name in STATES or history.rows_in(support.name, support.window)
    if any(isinstance(part, Unless) for part in nodes(node)) is False and outcome.truth is not None:
        assert not outcome.needs


def check_unseen(case: Case) -> None:
    """Hide all hits outside the coverage: an answer that is not unknown is the one that the full logs give."""
    node, found, coverage, window, attempt = case[:5]
    seen = {name: [event for event in found[name] if spans_cover(coverage[name], event[0][0] // SECOND)] for name in NAMES}
    everything = dict.fromkeys(NAMES, ((-100 * SECOND, 200 * SECOND),))
    partly = evaluate(node, History(collapse(seen, node), coverage, STATES), window, attempt=attempt, failure=window)
    fully = evaluate(node, History(collapse(found, node), everything, STATES), window, attempt=attempt, failure=window)
    assert partly.truth in (None, fully.truth)


@given(cases)
@settings(max_examples=400, deadline=None)
def test_evaluator_equals_reference(case: Case) -> None:
    check_against_reference(case)


@given(strict_cases)
@settings(max_examples=400, deadline=None)
def test_what_was_not_seen_never_overturns_an_answer(case: Case) -> None:
    check_unseen(case)


@pytest.mark.slow
@given(cases)
@settings(max_examples=6_000, deadline=None)
def test_evaluator_equals_reference_at_length(case: Case) -> None:
    check_against_reference(case)


@pytest.mark.slow
@given(strict_cases)
@settings(max_examples=6_000, deadline=None)
def test_what_was_not_seen_never_overturns_an_answer_at_length(case: Case) -> None:
    check_unseen(case)


@given(node=expressions)
@settings(deadline=None)
def test_every_tree_survives_json(node: When) -> None:
    assert msgspec.json.decode(msgspec.json.encode(node), type=When) == node
