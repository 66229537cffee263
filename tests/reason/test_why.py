"""The tree of a `when`: the same truth as the evaluator's, the clause that failed, and by how little."""

from __future__ import annotations

import pytest

from backuptrace.knowledge.definitions import definitions
from backuptrace.knowledge.when import Defined, names_of
from backuptrace.knowledge.when_parser import parse
from backuptrace.model import SECOND
from backuptrace.reason.evaluate import evaluate
from backuptrace.reason.why import Clause, clause_of
from backuptrace.timeline.history import History, Window
from backuptrace.timeline.rows import Row

NAMES = ["a", "b", "c", "x_1", "x_2"]
WINDOW = Window(100 * SECOND, 200 * SECOND)


def history(**seconds: list[int]) -> History:
    """All names are read from second 0 to 1000."""
    rows = {name: [Row((s * SECOND, 0, s), (s * SECOND, 0, s)) for s in at] for name, at in seconds.items()}
    return History(
        rows, dict.fromkeys(NAMES, ((0, 1000 * SECOND),)), silences={"log": [(120 * SECOND, 160 * SECOND)]}, format_coverage={"log": ((0, 1000 * SECOND),)}
    )


DEFINED, _ = definitions(
    {"any_x": "any(x_1, x_2)", "twice(y)": "count(y) >= 2", "late(y)": "(last(y) then c) unless (last(y) near c within 10s)"}, NAMES, ["log"]
)


def tree(text: str, seen: History, window: Window = WINDOW, attempt: Window | None = None) -> Clause:
    return clause_of(parse(text, NAMES, ["log"], DEFINED), seen, window, attempt=attempt, failure=None)


def all_parts(clause: Clause) -> list[Clause]:
    return [clause, *(part for inner in clause.parts for part in all_parts(inner))]


@pytest.mark.parametrize(
    "text",
    [
        "a and (b or not c)",
        "a then b within 10s unless c",
        "count(a) >= 3 within 1m",
        "(a and b) in attempt",
        "silence(log) >= 30s",
        "1 of x_*",
        "twice(a) unless late(a)",
    ],
)
def test_each_clause_has_the_truth_of_the_evaluator(text: str) -> None:
    seen, attempt = history(a=[110, 115, 150], b=[118], c=[300]), Window(140 * SECOND, 200 * SECOND)
    top = tree(text, seen, attempt=attempt)
    assert len(all_parts(top)) >= 1
    for part in all_parts(top):
        assert part.truth == evaluate(part.node, seen, part.window, attempt=attempt).truth
        assert {one.name for one in part.seen} == (set() if part.parts else names_of(part.node))


def test_the_innermost_clause_that_failed_is_named() -> None:
    top = tree("a and (b or c)", history(a=[110], c=[90]))
    assert top.failed is top.parts[1].parts[1], "c came nearer than b, which was never seen"
    assert top.failed.seen[0].nearest == (90 * SECOND, 0, 90)
    assert tree("a", history(a=[110])).failed is None


def test_a_name_is_a_clause_of_its_own() -> None:
    seen = history(a=[110], c=[150])
    top = tree("(a or b) unless (twice(a) or late(a))", seen)
    assert (top.truth, top.failed) == (False, top)
    excuse = top.parts[1].telling
    assert isinstance(excuse.node, Defined)
    assert (excuse.node.text, excuse.truth) == ("late(a)", True)
    assert [part.truth for part in excuse.parts[0].parts] == [True, False]
    assert tree("twice(any_x)", history(x_1=[110])).failed is not None
    assert tree("twice(any_x)", history(x_1=[110], x_2=[120])).truth


@pytest.mark.parametrize(("text", "telling"), [("b or a", "a"), ("a unless b", "a"), ("(b or a) in attempt", "a"), ("a and c", "a and c")])
def test_what_made_it_true_is_told(text: str, telling: str) -> None:
    attempt = Window(100 * SECOND, 200 * SECOND)
    assert tree(text, history(a=[110], c=[120]), attempt=attempt).telling.node == parse(telling, NAMES, [])


def test_the_nearest_hit_is_the_one_nearest_to_the_window_on_either_side() -> None:
    assert tree("a", history(a=[10, 80, 230])).seen[0].nearest == (80 * SECOND, 0, 80)
    assert tree("a", history(a=[10, 80, 205])).seen[0].nearest == (205 * SECOND, 0, 205)
    assert tree("a", history(a=[150, 205])).seen[0].nearest is None, "there is one inside"


def test_quantities_tell_how_far_they_got() -> None:
    assert tree("count(a) >= 5 within 20s", history(a=[110, 115, 120, 180])).largest == 3
    assert tree("count(a) >= 5", history()).largest == 0
    assert tree("silence(log) >= 2m", history()).largest == 40 * SECOND


@pytest.mark.parametrize(
    ("text", "seconds", "expected"),
    [
        ("a then b within 10s", {"a": [110], "b": [150]}, 40),
        ("a then b within 10s", {"a": [150], "b": [110]}, -40),
        ("a near b within 10s", {"a": [150], "b": [110, 180]}, 30),
        ("a then no b within 10s", {"a": [150], "b": [110, 155]}, 5),
        ("a then b within 10s", {"a": [150]}, None),
    ],
)
def test_relations_tell_how_near_they_came(text: str, seconds: dict[str, list[int]], expected: int | None) -> None:
    assert tree(text, history(**seconds)).distance == expected


def test_what_must_be_absent_and_is_there_is_told() -> None:
    top = tree("a then no b within 10s", history(a=[150], b=[155]))
    assert {one.name: one.absent for one in top.seen} == {"a": False, "b": True}
    there = tree("a and not c", history(a=[150], c=[155]))
    assert there.failed is there.parts[1]


def test_without_an_attempt_the_clause_looks_nowhere() -> None:
    top = tree("a in attempt", history(a=[150]))
    assert top.truth is False
    assert top.parts[0].window.end < top.parts[0].window.start
    assert top.parts[0].seen[0].nearest is None
