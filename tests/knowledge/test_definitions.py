"""`define`: a name means its text, wherever it stands; mistakes are told at their place, and nothing grows without end."""

from __future__ import annotations

import re
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.knowledge import when as ast
from backuptrace.knowledge.definitions import definitions, unused
from backuptrace.knowledge.when import And, Count, Defined, Distinct, First, Hit, Last, Near, NoBefore, Not, Or, Scoped, Then, Union, Unless, When
from backuptrace.knowledge.when_parser import WhenError, parse
from backuptrace.model import HOUR, MINUTE

SELECTIONS = ["a", "b", "c", "net_up"]
A, B, C = Hit("a"), Hit("b"), Hit("c")
AB = Union(("a", "b"))
DEFINE = {
    "both": "any(a, b)",
    "newest": "last(both)",
    "busy": "count(c) >= 3 within 1h",
    "alone(x)": "last(x) with no c before within 5m",
    "spread(x)": "distinct(x.host) >= 2",
    "stale(x)": "(last(x) then c) unless (last(x) near c within 1h)",
    "everyday(x)": "not c or stale(x) or alone(x)",
}


def read(text: str, define: dict[str, str] = DEFINE) -> When:
    known, mistakes = definitions(define, SELECTIONS, ["log"])
    assert mistakes == []
    return parse(text, SELECTIONS, ["log"], known)


def stale(op: Hit | Union) -> When:
    return Unless(Then((Last(op), C)), Near(Last(op), C, HOUR))


MEANINGS: list[tuple[str, When]] = [
    ("both", AB),
    ("both and c", And((AB, C))),
    ("last(both) then c", Then((Last(AB), C))),
    ("any(c, both, a)", Union(("c", "a", "b"))),
    ("count(both) >= 2", Count(AB, ">=", 2)),
    ("first(c) then newest", Then((First(C), Last(AB)))),
    ("c near newest within 1h", Near(C, Last(AB), HOUR)),
    ("busy unless a", Unless(Defined("busy", Count(C, ">=", 3, HOUR)), A)),
    ("busy in attempt", Scoped(Defined("busy", Count(C, ">=", 3, HOUR)), "attempt")),
    ("alone(a)", Defined("alone(a)", NoBefore(Last(A), C, 5 * MINUTE))),
    ("alone(both)", Defined("alone(both)", NoBefore(Last(AB), C, 5 * MINUTE))),
    ("alone(any(a, b))", Defined("alone(any(a, b))", NoBefore(Last(AB), C, 5 * MINUTE))),
    ("alone(1 of net_*)", Defined("alone(1 of net_*)", NoBefore(Last(Hit("net_up")), C, 5 * MINUTE))),
    ("spread(a)", Defined("spread(a)", Distinct("a", "host", ">=", 2))),
    ("a unless stale(a)", Unless(A, Defined("stale(a)", stale(A)))),
    (
        "everyday(both)",
        Defined("everyday(both)", Or((Not(C), Defined("stale(both)", stale(AB)), Defined("alone(both)", NoBefore(Last(AB), C, 5 * MINUTE))))),
    ),
]


@pytest.mark.parametrize(("text", "tree"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_what_a_name_stands_for(text: str, tree: When) -> None:
    assert read(text) == tree
    assert msgspec.json.decode(msgspec.json.encode(tree), type=When) == tree


def test_presence_and_absence_are_those_of_the_text() -> None:
    node = read("b and not alone(a)")
    assert (ast.positive_names(node), ast.absences(node)) == ({"b", "c"}, {"a"})
    assert (ast.positive_names(read("b unless alone(a)")), ast.names_of(read("b unless alone(a)"))) == ({"b"}, {"a", "b", "c"})


def expressions(plains: list[str], calls: list[str], others: list[str]) -> st.SearchStrategy[str]:
    """Texts over these names: of selections, with a parameter, of expressions."""
    plain = st.sampled_from([*plains, "a", "c", "any(b, c)"])
    leaves = [
        plain,
        st.builds("last({}) then {}".format, plain, plain),
        st.builds("{} near last({}) within 5m".format, plain, plain),
        st.builds("{} with no {} before within 3h".format, plain, plain),
        st.builds("count({}) < 2".format, plain),
    ]
    leaves += [st.builds("{}({})".format, st.sampled_from(calls), plain)] * 2 if calls else []
    leaves += [st.sampled_from(others)] if others else []
    return st.recursive(
        st.one_of(*leaves),
        lambda inner: st.one_of(*(st.builds(form.format, inner, inner) for form in ("({} or {})", "({} and {})", "({} unless {})", "not ({})"))),
        max_leaves=4,
    )


@st.composite
def files(draw: st.DrawFn) -> tuple[dict[str, str], str]:
    """Definitions, each over those above it, and a `when` that may use them."""
    define = {"p": draw(st.sampled_from(["b", "any(a, b)", "any(c, a)"]))}
    define["f(x)"] = "x and " + draw(expressions(["p", "x"], [], []))
    define["g(y)"] = "y or " + draw(expressions(["p", "y"], ["f"], []))
    define["h"] = "c and " + draw(expressions(["p"], ["f", "g"], []))
    return define, draw(expressions(["p"], ["f", "g"], ["h"]))


def substituted(text: str, define: dict[str, str]) -> str:
    """The oracle: each name is replaced by its text, the last definition first."""
    for key, body in reversed(list(define.items())):
        name, _, parameter = key.rstrip(")").partition("(")
        if parameter:
            text = re.sub(rf"\b{name}\((any\([^()]*\)|\w+)\)", lambda call: f"({re.sub(rf'{chr(92)}b{parameter}{chr(92)}b', call[1], body)})", text)  # noqa: B023
        else:
            text = re.sub(rf"\b{name}\b", body if name == "p" else f"({body})", text)
    return text


def bare(node: When) -> When:
    """Without the names."""
    match node:
        case Defined(_, item):
            return bare(item)
        case And(items):
            return And(tuple(map(bare, items)))
        case Or(items):
            return Or(tuple(map(bare, items)))
        case Not(item):
            return Not(bare(item))
        case Unless(base, but):
            return Unless(bare(base), bare(but))
    return node


@given(files())
@settings(max_examples=60, deadline=None)
def test_a_name_means_its_text(file: tuple[dict[str, str], str]) -> None:
    define, text = file
    found, plain = read(text, define), parse(substituted(text, define), SELECTIONS, ["log"])
    assert bare(found) == plain
    for asked in (ast.names_of, ast.positive_names, ast.absences, ast.timed_names, ast.ordered_middles):
        assert asked(found) == asked(plain)
    assert ast.renamed(ast.renamed(found, lambda name: f"k/{name}"), lambda name: name.removeprefix("k/")) == found


MISTAKES: list[tuple[str, int, str, str]] = [
    # text, column from 1, part of what, part of the advice
    ("alone", 1, "`alone` needs selections", "alone(a)"),
    ("c and both(a)", 7, "`both` takes nothing", "under `define`"),
    ("a(b)", 1, "`a` takes nothing", "declare `a(x): ..`"),
    ("alon(a)", 1, "`alon` takes nothing", "did you mean `alone`?"),
    ("bussy and a", 1, "unknown selection `bussy`", "did you mean `busy`?"),
    ("alone(a or b)", 9, "`or` does not fit", "in `alone(..)` stand names of selections only"),
    ("alone(busy)", 7, "`busy` stands for an expression", "any(a, b)"),
    ("alone(newest)", 7, "`newest` stands for a single event", "leave `first` or `last` out"),
    ("a then busy", 8, "`busy` stands for an expression", "any(a, b)"),
    ("last(newest)", 6, "a single event", "leave"),
    ("1 of both", 6, "`both` is no selection", "alone"),
    ("distinct(both.host) >= 2", 10, "several selections", "one selection"),
    ("c and spread(both)", 7, "in `spread`: `x` stands for several selections", "one selection"),
    ("spread(a) and count(a) >= 2 by user", 32, "told apart by `host` already", "second selection"),
]


@pytest.mark.parametrize(("text", "column", "what", "fix"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_mistakes_in_the_use(text: str, column: int, what: str, fix: str) -> None:
    with pytest.raises(WhenError) as refused:
        read(text)
    assert (refused.value.column, refused.value.caret()) == (column, f"{text}\n{' ' * (column - 1)}^")
    assert what in refused.value.what
    assert fix in refused.value.fix


WRONG: list[tuple[dict[str, str], str, str]] = [
    # definitions, the mistaken key, part of what
    ({"2nd": "a"}, "2nd", "cannot be the name"),
    ({"f(x, y)": "x then y"}, "f(x, y)", "cannot be the name"),
    ({"f()": "a"}, "f()", "cannot be the name"),
    ({"within": "a"}, "within", "cannot be the name"),
    ({"f(last)": "a"}, "f(last)", "cannot be the name"),
    ({"a": "b"}, "a", "cannot be the name"),
    ({"f(a)": "a"}, "f(a)", "cannot be the name"),
    ({"f": "a", "f(x)": "x"}, "f(x)", "cannot be the name"),
    ({"f(x)": "a"}, "f(x)", "`x` is used nowhere"),
    ({"f(x)": "x and y"}, "f(x)", "unknown selection `y`"),
    ({"f": "f"}, "f", "unknown selection `f`"),
    ({"f": "g", "g": "a"}, "f", "unknown selection `g`"),
    ({"f": "a near b"}, "f", "needs a `within`"),
    ({"f": " "}, "f", "is empty"),
]


@pytest.mark.parametrize(("define", "key", "what"), WRONG, ids=[str(row[0]) for row in WRONG])
def test_mistakes_in_a_definition(define: dict[str, str], key: str, what: str) -> None:
    known, mistakes = definitions(define, SELECTIONS, ["log"])
    assert [mistake.key for mistake in mistakes] == [key]
    assert what in mistakes[0].error.what
    assert mistakes[0].error.fix
    assert mistakes[0].in_key is (what == "cannot be the name")
    assert len(known) == len(define) - 1


@pytest.mark.parametrize("form", ["{0} and {0}", "not {0}", "({0} unless {0}) or {0}", "(a or {0}) near a within 1h"])
@pytest.mark.parametrize("argument", ["", "(x)"])
def test_what_grows_without_end_is_refused_at_once(form: str, argument: str) -> None:
    texts = {f"d0{argument}": "x or a" if argument else "a or b"}
    texts |= {f"d{n}{argument}": form.format(f"d{n - 1}{argument}") for n in range(1, 200)}
    began = time.process_time()
    _, mistakes = definitions(texts, SELECTIONS, ["log"])
    assert len(mistakes) == 1, "those that use it are not blamed"
    assert time.process_time() - began < 20


def test_unused_ones_are_found_through_each_other() -> None:
    define = {"a1": "a", "a2": "a1", "b1": "b", "b2(x)": "b1 near x within 1h", "c1": "c"}
    assert unused(define, ["a unless a2"]) == ["b1", "b2(x)", "c1"]
    assert unused(define, ["b2(a)", "c1"]) == ["a1", "a2"]
