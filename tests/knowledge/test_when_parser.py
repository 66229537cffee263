"""The text of a `when`: every operator, and the advice for every mistake."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backuptrace.knowledge import when_parser
from backuptrace.knowledge.when import (
    KEYWORDS,
    And,
    Count,
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
)
from backuptrace.knowledge.when_parser import WhenError, parse
from backuptrace.model import DAY, HOUR, MINUTE, SECOND

SELECTIONS = ["net_down", "net_up", "a", "b", "c", "last_error", "not_found"]
FORMATS = ["waagent", "linux-extension.log"]
A, B, C = Hit("a"), Hit("b"), Hit("c")


def read(text: str) -> When:
    return parse(text, SELECTIONS, FORMATS)


PARSED: list[tuple[str, When]] = [
    ("a", A),
    ("any(a, b)", Union(("a", "b"))),
    ("any(a, a)", A),
    ("1 of net_*", Union(("net_down", "net_up"))),
    ("1 of a", A),
    ("1 of them", Union(tuple(SELECTIONS))),
    ("all of net_*", And((Hit("net_down"), Hit("net_up")))),
    ("first(a)", First(A)),
    ("last(any(a, b))", Last(Union(("a", "b")))),
    ("a then b", Then((A, B))),
    ("a then b then c within 5m", Then((A, B, C), 5 * MINUTE)),
    ("first(a) then last(b) within 90s", Then((First(A), Last(B)), 90 * SECOND)),
    ("a then no b within 10m", ThenNo(A, B, 10 * MINUTE)),
    ("a near b within 1h", Near(A, B, HOUR)),
    ("a with no any(b, c) before within 1d", NoBefore(A, Union(("b", "c")), DAY)),
    ("count(a) >= 3", Count(A, ">=", 3)),
    ("count(any(a, b)) > 2 within 5m by taskId", Count(Union(("a", "b")), ">", 2, 5 * MINUTE, "taskId")),
    ("count(1 of net_*) == 0", Count(Union(("net_down", "net_up")), "==", 0)),
    ("count(a) < 1", Count(A, "<", 1)),
    ("count(a) <= 0", Count(A, "<=", 0)),
    ("distinct(a.task-id[0].x) == 2 within 3h", Distinct("a", "task-id[0].x", "==", 2, 3 * HOUR)),
    ("silence(waagent) >= 2h", Silence("waagent", ">=", 2 * HOUR)),
    ("silence(linux-extension.log) > 1s", Silence("linux-extension.log", ">", SECOND)),
    ("a and b and c", And((A, B, C))),
    ("a or b or c", Or((A, B, C))),
    ("a or b and c", Or((A, And((B, C))))),
    ("(a or b) and c", And((Or((A, B)), C))),
    ("not a", Not(A)),
    ("not not a", Not(Not(A))),
    ("not a then b", Not(Then((A, B)))),
    ("a unless b", Unless(A, B)),
    ("a and b unless c", Unless(And((A, B)), C)),
    ("a unless b unless c", Unless(Unless(A, B), C)),
    ("a in attempt", Scoped(A, "attempt")),
    ("not a at failure", Not(Scoped(A, "failure"))),
    ("(a and b) in attempt", Scoped(And((A, B)), "attempt")),
    ("count(a) > 1 in attempt", Scoped(Count(A, ">", 1), "attempt")),
    ("last_error and not_found", And((Hit("last_error"), Hit("not_found")))),
    (" a\n  and\tb \n", And((A, B))),
    ("((((a))))", A),
]


@pytest.mark.parametrize(("text", "tree"), PARSED, ids=[text for text, _ in PARSED])
def test_operators(text: str, tree: When) -> None:
    assert read(text) == tree


def test_globs_keep_the_order_of_the_file() -> None:
    assert parse("1 of net_*", ["net_up", "x", "net_down"], []) == Union(("net_up", "net_down"))


MISTAKES: list[tuple[str, int, str, str]] = [
    # text, column from 1, part of what, part of the advice
    ("", 1, "empty", "selection"),
    (" \n ", 1, "empty", "selection"),
    ("(a", 1, "never closed", "`)`"),
    ("a and (b or (c)", 7, "never closed", "`)`"),
    ("a)", 2, "closes nothing", "remove"),
    ("a" * 4001, 4000, "longer than 4000", "verdicts"),
    ("not " * 100 + "a", 241, "nested more than 60", "verdicts"),
    ("a b", 3, "`b` does not fit", "join"),
    ("a AND b", 3, "`AND` does not fit", "did you mean `and`?"),
    ("a thn b", 3, "`thn` does not fit", "did you mean `then`?"),
    ("a && b", 3, "`&`", "`and`"),
    ("a | b", 3, "`|`", "`or`"),
    ("!a", 1, "`!`", "`not`"),
    ("a, b", 2, "`,`", "`and`"),
    ('"a"', 1, '`"`', "without quotes"),
    ("ä and b", 1, "`ä`", "letters"),
    ("a.b", 2, "`.`", "letters"),
    ("a and", 6, "needs an expression on its right", "drop"),
    ("and a", 1, "needs an expression on its left", "drop"),
    ("a or (and b)", 7, "needs an expression on its left", "drop"),
    ("not", 4, "needs an expression on its right", "drop"),
    ("a unless", 9, "needs an expression on its right", "drop"),
    ("a then", 7, "`then` needs a selection", "any(b, c)"),
    ("a then (b or c)", 8, "`then` needs a selection", "any(b, c)"),
    ("(a or b) then c", 10, "left side of `then`", "any(a, b)"),
    ("(a or b) near c", 10, "left side of `near`", "any(a, b)"),
    ("(a or b) with no c before", 10, "left side of `with no`", "any(a, b)"),
    ("a then not b", 8, "behind `then`", "a then no b"),
    ("a near", 7, "`near` needs a selection", "within 10m"),
    ("a then no", 10, "`no` needs a selection", "within 10m"),
    ("a no b", 3, "only after `then` and `with`", "not a"),
    ("no a", 1, "only after `then` and `with`", "not a"),
    ("a with b", 8, "`with` goes on with `no`", "before within"),
    ("a then no b", 8, "`then no` needs a `within`", "within 10m"),
    ("a near b", 8, "`near` needs a `within`", "within 10m"),
    ("a with no b before", 8, "needs a `within`", "within 10m"),
    ("a within 5m", 3, "nothing to limit", "then, near"),
    ("a then b within 1m within 1m", 20, "nothing to limit", "then, near"),
    ("a then b within", 16, "`within` needs a duration", "30s"),
    ("a then b within 5", 17, "no unit", "30s"),
    ("a then b within 5x", 18, "unknown unit `x`", "30s"),
    ("a then b within 5 m", 19, "a blank between", "`5m`"),
    ("a then b within 0s", 17, "zero", "1s"),
    ("a then b within 4000d", 17, "ten years", "30s"),
    ("count(a)", 9, "needs a comparison", ">= 3"),
    ("count(a) and b", 10, "needs a comparison", ">= 3"),
    ("distinct(a.x)", 14, "needs a comparison", ">= 3"),
    ("silence(waagent)", 17, "needs a comparison", ">= 2h"),
    ("count(a) >=", 12, "`>=` needs a number", ">= 3"),
    ("count(a) >= b", 13, "`>=` needs a number", ">= 3"),
    ("count(a) >= 3x", 13, "not a number", "whole number"),
    ("count(a) >= 0", 10, "always true", "== 0"),
    ("count(a) < 0", 10, "never true", "== 0"),
    ("count(a) >= 99999999999", 13, "no log holds", "smaller"),
    ("count(a) = 3", 10, "`=` does not fit", ">= > =="),
    ("count(a) != 3", 10, "`!=` does not fit", ">= > =="),
    ("count(a) => 3", 10, "`=>` does not fit", ">= > =="),
    ("a >= 3", 3, "`>=` does not fit", "count(a)"),
    ("count(a and b) > 1", 9, "`and` does not fit", "any(a, b)"),
    ("count a > 1", 7, "`count` needs", "count(a)"),
    ("any()", 5, "`)` does not fit", "names of selections"),
    ("any(a b)", 7, "`b` does not fit", "names of selections"),
    ("any(first, b)", 5, "a word of the language", "rename"),
    ("first a", 7, "`first` needs", "first(a)"),
    ("first(first(a))", 12, "`first` needs", "first(a)"),
    ("last", 5, "`last` needs", "last(a)"),
    ("distinct(a) > 2", 11, "`)` does not fit", "a.taskId"),
    ("count(a) > 1 by", 16, "`by` needs the name", "taskId"),
    ("a by x", 3, "`by` has nothing", "count(a)"),
    ("count(a) > 1 by x and count(a) > 2 by y", 39, "told apart by `x` already", "second selection"),
    ("count(a) > 1 by x and distinct(a.y) > 2", 34, "told apart by `x` already", "second selection"),
    ("silence > 2h", 9, "needs a format", "silence(waagent)"),
    ("silence(wagent) > 2h", 9, "unknown format", "did you mean `waagent`?"),
    ("silence(a) > 2h", 9, "unknown format", "not a selection"),
    ("silence(waagent) >= 3", 21, "no unit", "30s"),
    ("a and nett_down", 7, "unknown selection", "did you mean `net_down`?"),
    ("zzz", 1, "unknown selection", "known are: net_down"),
    ("1 of zz*", 6, "no selection matches", "known are: net_down"),
    ("1 of", 5, "`of` needs selections", "net_*"),
    ("all of", 7, "`of` needs selections", "net_*"),
    ("all net_*", 5, "`all` goes on with `of`", "all of"),
    ("net_* and a", 5, "`*` does not fit", "1 of"),
    ("2 of net_*", 1, "`2` does not fit", "1 of"),
    ("10 of net_*", 1, "`10` does not fit", "1 of"),
    ("1", 2, "too early", "1 of"),
    ("a in", 5, "`in` goes on with `attempt`", "in attempt"),
    ("a in atempt", 6, "`in` goes on with `attempt`", "in attempt"),
    ("a at", 5, "`at` goes on with `failure`", "at failure"),
    ("a after b", 3, "`after` is a word", "rename"),
    ("them", 1, "`them` is a word", "rename"),
]


@pytest.mark.parametrize(("text", "column", "what", "fix"), MISTAKES, ids=[row[0][:40] for row in MISTAKES])
def test_every_mistake_has_its_place_and_advice(text: str, column: int, what: str, fix: str) -> None:
    with pytest.raises(WhenError) as refused:
        read(text)
    error = refused.value
    assert what in error.what
    assert fix in error.fix
    assert error.column == column
    line, mark = error.caret().split("\n")
    assert len(line) <= when_parser.LONGEST_TEXT
    assert mark == " " * (column - 1) + "^"


def test_no_word_of_the_language_is_a_selection() -> None:
    for word in KEYWORDS:
        with pytest.raises(WhenError):
            parse(word, [word], [])


def test_without_selections_the_advice_is_to_declare_one() -> None:
    with pytest.raises(WhenError, match="unknown selection") as refused:
        parse("a", [], [])
    assert refused.value.fix == "declare it under `select`"


def test_the_longest_and_the_deepest_that_is_taken() -> None:
    assert read(" or ".join(["a"] * 660))
    assert read("not " * 58 + "a")
    assert read("(" * 1500 + "a" + ")" * 1500) == A


WORDS = [
    *sorted(KEYWORDS),
    *SELECTIONS,
    "net_*",
    "x",
    "1",
    "2",
    "5m",
    "3",
    "0",
    "9" * 30,
    "(",
    ")",
    "(",
    ")",
    ",",
    ".",
    ">=",
    "==",
    "<",
    "waagent",
    "\xa0",
    "\n",
    "ä",
    "*",
    "taskId",
]
hostile = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join), st.lists(st.sampled_from(WORDS), max_size=15).map("".join)
)


@given(hostile)
@settings(max_examples=600, deadline=None)
@example("(" * 2000 + ")" * 2000)
@example("\x00\x1f\u2028a\ufeff")
@example("a then " * 500 + "b")
@example("not " * 999 + "a")
@example("a" + " in attempt" * 300)
@example("1 of " + "*" * 3000)
@example("count(a) >= " + "9" * 3900)
@example("a within " + "9" * 3900 + "d")
@example("x" * 1_000_000)
def test_hostile_text_raises_nothing_but_when_errors(text: str) -> None:
    columns = []
    try:
        read(text)
    except WhenError as error:
        columns.append(error.column)
        assert len(error.caret()) < 3 * when_parser.LONGEST_TEXT  # noqa: PT017  # not every text is a mistake
    assert all(1 <= column <= len(text) + 1 for column in columns)
