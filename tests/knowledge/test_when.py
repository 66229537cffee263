"""What other parts ask of a parsed `when`."""

from __future__ import annotations

import msgspec
import pytest

from backuptrace.knowledge import when
from backuptrace.knowledge.when_parser import parse

ALL = ["a", "b", "c", "d", "e"]


def read(text: str) -> when.When:
    return parse(text, ALL, ["log"])


@pytest.mark.parametrize(
    ("text", "names", "positive", "absent"),
    [
        ("a", "a", "a", ""),
        ("not a", "a", "", "a"),
        ("not not a", "a", "a", ""),
        ("a then no b within 1m", "ab", "a", "b"),
        ("not (a then no b within 1m)", "ab", "b", "a"),
        ("a with no any(b, c) before within 1m", "abc", "a", "bc"),
        ("count(a) >= 2 and count(b) < 2 and count(c) == 0 and count(d) == 1", "abcd", "ad", "bc"),
        ("distinct(a.x) <= 2", "a", "", "a"),
        ("a unless b then c", "abc", "a", ""),
        ("(a or b) in attempt", "ab", "ab", ""),
        ("silence(log) > 2h", "", "", ""),
        ("first(a) near last(b) within 1m", "ab", "ab", ""),
    ],
)
def test_whose_presence_and_whose_absence_speaks_for_it(text: str, names: str, positive: str, absent: str) -> None:
    node = read(text)
    assert when.names_of(node) == set(names)
    assert when.positive_names(node) == set(positive)
    assert when.absences(node) == set(absent)


@pytest.mark.parametrize(
    ("text", "timed"),
    [("a and not b or any(c, d)", ""), ("a unless b then c", "bc"), ("first(a) and b", "a"), ("count(a) > 1 in attempt", "a"), ("distinct(a.x) > 1", "a")],
)
def test_plain_operands_alone_need_no_time(text: str, timed: str) -> None:
    assert when.timed_names(read(text)) == set(timed)


@pytest.mark.parametrize(
    ("text", "middles"),
    [("a then b", ""), ("a then b then c", "b"), ("a then any(b, c) then d then e", "bcd"), ("a then first(b) then c", ""), ("not (a then b then a)", "b")],
)
def test_the_middle_of_a_chain_is_stored_hit_by_hit(text: str, middles: str) -> None:
    assert when.ordered_middles(read(text)) == set(middles)


def test_keys() -> None:
    node = read("count(any(a, b)) > 2 by taskId and not distinct(c.code) > 3 and count(d) > 1")
    assert when.keyed(node) == {"a": "taskId", "b": "taskId", "c": "code"}


EVERYTHING = """
(first(a) then b then last(any(b, c)) within 5m) and (a then no b within 1m or a near b within 1h) and
not (a with no b before within 1d) unless count(any(a, b)) > 2 within 5m by x or distinct(c.y) == 2 or silence(log) >= 2h or d in attempt or 1 of them at failure
"""


def test_every_selection_is_renamed_and_nothing_else() -> None:
    node = read(EVERYTHING)
    renamed = when.renamed(node, lambda name: f"k/{name}")
    assert when.names_of(renamed) == {f"k/{name}" for name in ALL}
    assert when.renamed(renamed, lambda name: name.removeprefix("k/")) == node


def test_the_tree_goes_through_the_cache() -> None:
    node = read(EVERYTHING)
    assert msgspec.json.decode(msgspec.json.encode(node), type=when.When) == node
