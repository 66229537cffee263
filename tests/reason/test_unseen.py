"""What is remembered of verdicts of which nothing was seen is what an evaluation gives, in whatever order bundles come."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.knowledge.compiled import Pack, Verdict
from backuptrace.knowledge.shapes import CauseShape
from backuptrace.knowledge.when import And, Count, Hit, Not, Or, Scoped, Silence, When
from backuptrace.model import SECOND
from backuptrace.reason import unseen
from backuptrace.reason.evaluate import evaluate
from backuptrace.reason.focus import Focus
from backuptrace.reason.judgement import CauseState, judge
from backuptrace.timeline.history import History, Spans, Window
from backuptrace.timeline.rows import Row

from .test_against_reference import NAMES, coverages, expressions, maybe_windows, spans, windows


class Bundle(NamedTuple):
    """What is read of one, and the windows that it is judged in."""

    coverage: dict[str, Spans]
    states: dict[str, bool | None]
    seen: set[str]
    quiet: Spans
    read: Spans
    window: Window
    lasting: Window
    attempt: Window | None
    failure: Window | None


states = st.fixed_dictionaries(dict.fromkeys(("state_on", "state_off", "state_lost"), st.sampled_from([True, False, None])))
seldom = st.one_of(st.just(set[str]()), st.just(set[str]()), st.sets(st.sampled_from(NAMES)))
bundles = st.builds(Bundle, coverages, states, seldom, spans(), spans(), windows, windows, maybe_windows, maybe_windows)


def ends_within(bundle: Bundle) -> Bundle:
    """The failure lies in the attempt, as that of every focus does."""
    if bundle.attempt is None or bundle.failure is None:
        return bundle._replace(failure=None)
    return bundle._replace(failure=bundle.failure.narrowed(bundle.attempt))


def pack_of(*nodes: When) -> Pack:
    """Each expression as that of a verdict, and as that of one on a lasting fault."""
    verdicts = [Verdict("linux.x", "x", "c", node, "", "y", [], True, [], "low", lasting) for node in nodes for lasting in (False, True)]
    return Pack("test", [], verdicts, [], [], {}, {}, [])


def agree(nodes: list[When], several: list[Bundle]) -> None:
    pack = pack_of(*nodes)
    for one in map(ends_within, several):
        rows = {name: [Row((5 * SECOND, 0, 0), (5 * SECOND, 0, 0))] for name in one.seen}
        history = History(rows, one.coverage, one.states, {"log": one.quiet}, {"log": one.read})
        at_focus = unseen.AtFocus(pack, history, one.window, one.lasting, one.attempt, one.failure)
        for place, verdict in enumerate(pack.verdicts):
            window = one.lasting if verdict.lasting else one.window
            assert at_focus.outcome(place) == evaluate(verdict.when, history, window, attempt=one.attempt, failure=one.failure)


@settings(deadline=None, max_examples=1500)
@given(st.lists(expressions, min_size=1, max_size=3), st.lists(bundles, min_size=2, max_size=5))
def test_it_is_what_an_evaluation_gives(nodes: list[When], several: list[Bundle]) -> None:
    agree(nodes, several)


ALL = Window(0, 9 * SECOND)
NOTHING = Bundle({}, {}, set(), (), (), ALL, ALL, Window(2 * SECOND, 6 * SECOND), Window(5 * SECOND, 6 * SECOND))
WHOLE = ((0, 9 * SECOND),)
CASES = [
    NOTHING,
    NOTHING._replace(coverage={"a": WHOLE}),
    NOTHING._replace(coverage={"a": WHOLE, "b": WHOLE}),
    NOTHING._replace(coverage={"a": ((2 * SECOND, 6 * SECOND),), "b": WHOLE}),
    NOTHING._replace(coverage={"a": ((5 * SECOND, 6 * SECOND),), "b": WHOLE}),
    NOTHING._replace(coverage={"a": WHOLE}, attempt=None, failure=None),
    NOTHING._replace(coverage={"a": WHOLE}, attempt=Window(20 * SECOND, 30 * SECOND), failure=Window(25 * SECOND, 30 * SECOND)),
    NOTHING._replace(coverage={"b": WHOLE}, window=Window(1, 0)),
    NOTHING._replace(coverage={"a": ((2 * SECOND, 9 * SECOND),), "b": WHOLE}, window=Window(3 * SECOND, 9 * SECOND)),
    NOTHING._replace(coverage={"a": WHOLE, "b": WHOLE}, seen={"b"}),
    NOTHING._replace(coverage={"a": WHOLE}, states={"b": False}),
    NOTHING._replace(coverage={"a": WHOLE}, states={"b": None}),
    NOTHING._replace(coverage={"a": WHOLE}, states={"b": True}),
    NOTHING._replace(coverage={"a": WHOLE}, read=WHOLE),
    NOTHING._replace(coverage={"a": WHOLE}, read=WHOLE, quiet=((SECOND, 8 * SECOND),)),
]


def test_each_thing_that_it_depends_on_is_told_apart() -> None:
    a, b = Hit("a"), Hit("b")
    for node in (
        *(a, Not(a), And((Not(a), Not(b))), Or((a, b)), Count(a, "<", 3), Scoped(a, "attempt"), Not(Scoped(a, "attempt")), Not(Scoped(a, "failure"))),
        *(Scoped(Not(Scoped(a, "failure")), "attempt"), Scoped(Not(a), "attempt"), And((Silence("log", ">=", 3 * SECOND), Not(a)))),
    ):
        for first in range(len(CASES)):
            agree([node], CASES[first:] + CASES[:first])


def test_it_is_evaluated_once() -> None:
    pack = pack_of(Not(Hit("a")))
    for _ in range(3):
        unseen.AtFocus(pack, History({}, {"a": WHOLE}), ALL, ALL, None, None).outcome(0)
    assert [list(found.outcomes) for found in unseen.readings(pack).cases.values()] == [[0]]


def test_selections_of_one_source_share_what_covers_them() -> None:
    """Of each source one selection is asked, whichever of its selections a verdict reads."""
    pack = msgspec.structs.replace(pack_of(Not(Hit("a")), Not(Hit("b"))), source_of={"a": "log", "b": "log"})
    for covered in ((), WHOLE):
        history = History({}, {"a": covered, "b": covered})
        at_focus = unseen.AtFocus(pack, history, ALL, ALL, None, None)
        for place, verdict in enumerate(pack.verdicts):
            assert at_focus.outcome(place) == evaluate(verdict.when, history, ALL)


PLAIN = {"schema": 1, "explanation": "", "steps": [], "doc": {"url": "https://example.org/"}, "source": {"id": "example"}}
CAUSES = [
    msgspec.convert(PLAIN | {"id": cause, "title": cause, "observable": observable, "os": systems}, CauseShape)
    for cause, observable, systems in (("c", "guest", ["linux"]), ("d", "control-plane", ["linux", "windows"]), ("e", "guest", ["windows"]))
]
asked = st.tuples(st.sampled_from(["linux", "windows", "unknown"]), st.lists(st.sampled_from("cde"), unique=True), st.booleans(), st.integers(0, 9))


@settings(deadline=None, max_examples=500)
@given(
    st.lists(st.tuples(expressions, st.sampled_from("cde"), st.sampled_from(["linux.x", "windows.x"]), st.booleans()), min_size=1, max_size=5),
    st.lists(st.tuples(bundles, asked), min_size=2, max_size=5),
)
def test_causes_are_judged_as_if_no_other_bundle_had_been(
    told: list[tuple[When, str, str, bool]], several: list[tuple[Bundle, tuple[str, list[str], bool, int]]]
) -> None:
    verdicts = [Verdict(signature, "x", cause, node, "", "y", [], True, [], "high", lasting) for node, cause, signature, lasting in told]
    pack = Pack("test", [], verdicts, CAUSES, [], {}, {}, [])
    for one, (system, order, excerpt, begin) in several:
        history = History({name: [Row((5 * SECOND, 0, 0), (5 * SECOND, 0, 0))] for name in one.seen}, one.coverage, one.states)
        focus = Focus(one.window, None, "", (0, 0), any_attempt=False)

        def states(pack: Pack) -> list[CauseState]:
            return judge(pack, history, focus, system=system, order=order, excerpt=excerpt, begin=begin * SECOND)  # noqa: B023  called at once

        assert states(pack) == states(msgspec.structs.replace(pack))
