"""What one pattern is said to tell of another holds on every line."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backuptrace.matcher import Pattern
from backuptrace.matcher.implied import Spelled
from backuptrace.matcher.lineregex import PatternError, translate

LINES = [bytes(letters) for size in range(6) for letters in product(b"aA1 ", repeat=size)]
ATOMS = ["a", "A", "1", " ", "[a1]", "[^a]", ".", r"\w", "a?", "1+", "[1 ]*", "a{2}", "(?:a|1)", "(?:a1|1a)", "(?:a1)?", "(?:1|a )+", r"\b"]
atoms = st.lists(st.sampled_from(ATOMS), max_size=3)


def made(source: str, *, ignore_case: bool = False) -> Pattern:
    return Pattern(translate(source, ignore_case=ignore_case).block, ignore_case)


def hit(pattern: Pattern) -> set[bytes]:
    found = re.compile(pattern.block.encode(), re.MULTILINE | (re.IGNORECASE if pattern.ignore_case else 0))
    return {line for line in LINES if found.search(line)}


@given(
    inner=st.lists(st.tuples(st.sampled_from(ATOMS), st.none() | st.sampled_from(ATOMS)), min_size=1, max_size=3),
    around=st.tuples(atoms, atoms),
    ends=st.tuples(st.sampled_from(["", "^"]), st.sampled_from(["", "$"]), st.booleans(), st.booleans()),
    cases=st.tuples(st.booleans(), st.booleans()),
)
@settings(max_examples=600, deadline=None)
def test_an_implied_pattern_hits_all_lines_of_the_other(
    inner: list[tuple[str, str | None]], around: tuple[list[str], list[str]], ends: tuple[str, str, bool, bool], cases: tuple[bool, bool]
) -> None:
    """Tried on all short lines. One pattern is the other with some atoms changed and some put around it, so that it often is implied."""
    begin, end, begins, closes = ends
    sources = (
        begin + "".join([*around[0], *(changed or atom for atom, changed in inner), *around[1]]) + end,
        begin * begins + "".join(atom for atom, _ in inner) + end * closes,
    )
    try:
        one, other = (made(source, ignore_case=case) for source, case in zip(sources, cases, strict=True))
    except PatternError:
        assume(False)
    if Spelled(one).implies(Spelled(other)):
        assert hit(one) <= hit(other), (one.block, other.block)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Agent Version: 2", "Agent Version"),
        ("the Agent: [0-9]+ is", "Agent: [0-9]"),
        ("Endpoint: ?168", "Endpoint: ?[0-9]"),
        ("Endpoint: 168", "Endpoint: ?[0-9]"),
        (r"started \[\S+ source", r"(?:started|ended) \["),
        ("GoalState (?:started|ended)", "(?:Extensions)?GoalState (?:started|ended|failed)"),
        ("^Agent failed$", "failed$"),
    ],
)
def test_told(one: str, other: str) -> None:
    assert Spelled(made(one)).implies(Spelled(made(other)))
    assert not Spelled(made(other)).implies(Spelled(made(one)))


@pytest.mark.parametrize(
    ("one", "other", "cases"),
    [
        ("Agent", "agent", (False, False)),
        ("Agent", "Agent", (True, False)),
        ("(?:ab|cd)+ 12", "(?:ab|cd)+ 12", (True, False)),
        ("Agent 1+ failed", "Agent [12] failed", (False, False)),
        ("Agent(?: is)+ up", "Agent is up", (False, False)),
        ("Agent [12]* failed", "Agent [12]", (False, False)),
        ("Agent 1", "^Agent", (False, False)),
        ("Agent failed", "failed$", (False, False)),
        ("Agent[a-z]", "Agent[a-f]", (False, False)),
        ("Agent(?: failed)?!", "Agent failed", (False, False)),
        ("(?:Agent|Daemon) failed", "Agent failed", (False, False)),
    ],
)
def test_not_implied(one: str, other: str, cases: tuple[bool, bool]) -> None:
    assert not Spelled(made(one, ignore_case=cases[0])).implies(Spelled(made(other, ignore_case=cases[1])))
