"""The pattern made from conditions on several fields of the head misses no record that fulfils them, however the fields stand side by side."""

from __future__ import annotations

from itertools import combinations

import pytest

from backuptrace.knowledge.selections import Layout, byte_patterns, conditions, field_tests
from backuptrace.knowledge.shapes import Value
from backuptrace.matcher import ENGINES, compile_patterns

LINE = b"2026-03-01 02:10:09,009 [7781] ERROR lvmfreeze root: cannot thaw /srv/data\n"
LAYOUT = Layout({"pid": r"\[{}\] ", "level": " {} ", "part": " {} ", "user": " {}: "})
HEAD: dict[str, Value] = {"pid": 7781, "level": "ERROR", "part": "lvmfreeze", "user": "root"}


def hits(selection: dict[str, Value], line: bytes, engine: str = "re") -> bool:
    sought, _ = byte_patterns(conditions(selection), LAYOUT)
    return bool(compile_patterns([one.pattern for one in sought], engine=engine).scan(memoryview(line)))


@pytest.mark.parametrize("fields", [names for n in range(5) for names in combinations(HEAD, n)])
def test_neighbours_may_share_the_blank_between_them(fields: tuple[str, ...]) -> None:
    selection: dict[str, Value] = {name: HEAD[name] for name in fields} | {"message|startswith": "cannot thaw "}
    assert hits(selection, LINE)


@pytest.mark.parametrize("engine", ENGINES)
def test_on_every_engine(engine: str) -> None:
    assert hits({**HEAD, "message|startswith": "cannot thaw "}, LINE, engine)
    assert not hits({**HEAD, "level": "INFO", "message|startswith": "cannot thaw "}, LINE, engine)


def test_without_a_message_too() -> None:
    assert hits({"level": "ERROR", "part": "lvmfreeze"}, LINE)


@pytest.mark.parametrize(
    "selection",
    [
        {"part|startswith": "lvm", "part|endswith": "freeze", "message|startswith": "cannot"},
        {"part|re": "^lvm", "part|contains": "free", "level": ["WARNING", "ERROR"], "message|startswith": "cannot"},
    ],
)
def test_two_conditions_on_one_field(selection: dict[str, Value]) -> None:
    """The pattern may leave one out; the exact tests decide."""
    assert hits(selection, LINE)
    assert len(field_tests(conditions(selection))) == len(selection)
