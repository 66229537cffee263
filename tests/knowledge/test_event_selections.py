"""Conditions on the values of an event, against what they mean; and the raw bytes that must show them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backuptrace.knowledge.loading import FieldMatcher
from backuptrace.knowledge.needles import needles
from backuptrace.knowledge.selections import Layout, SelectionError, byte_patterns, conditions, field_tests
from backuptrace.matcher import compile_patterns
from backuptrace.model import UTC_CLOCK
from backuptrace.readers.winevent import PAIRS, SEPARATOR, START, TEMPLATES, WITHOUT_CASE, WinEvent, line_of

LAYOUT = Layout(TEMPLATES, PAIRS, SEPARATOR, WITHOUT_CASE)
HEAD = re.compile(START.encode())
WORDS = st.text("ab=.\\x Ä", max_size=6)
VALUES = st.text("abc=.\\x Ä\t\n", max_size=12)


def event(*data: tuple[str, str], provider: str = "Some Provider") -> WinEvent:
    return WinEvent(1_795_393_984_123_456, UTC_CLOCK, 7, "System", provider, 1000, 2, "vm01", list(data))


def holds(selection: dict[str, object], told: WinEvent) -> bool:
    """As the scan decides: the engine finds a candidate, the exact tests decide. A record that holds must be a candidate."""
    found = conditions({"source": "x", "event_id": 1000, **selection}, LAYOUT)  # type: ignore[dict-item]
    line = line_of(told).encode()
    head = HEAD.match(line)
    assert head is not None
    exact = all(
        FieldMatcher(test).holds(line[head.end() :] if test.field == "message" else line if test.field == "text" else head[test.field])
        for test in field_tests(found)
    )
    sought, decided = byte_patterns(found, LAYOUT)
    hits = [sought[index] for index, _ in compile_patterns([one.pattern for one in sought], engine="re").scan(memoryview(line + b"\n"))]
    assert hits or not exact
    if decided >= 0:
        by_patterns = any(re.search(one.line.encode(), line if one.whole else line[head.end() :], re.IGNORECASE if one.ignore_case else 0) for one in hits)
        assert by_patterns or not exact
        assert not by_patterns or FieldMatcher(field_tests(found)[decided]).holds(line if found[decided].field == "text" else line[head.end() :])
    return exact


REFERENCE: dict[str, Callable[[str, str], bool]] = {
    "": lambda value, wanted: value == wanted,
    "|contains": lambda value, wanted: wanted in value,
    "|startswith": lambda value, wanted: value.startswith(wanted),
    "|endswith": lambda value, wanted: value.endswith(wanted),
}


@pytest.mark.parametrize("how", REFERENCE)
@given(value=VALUES, other=VALUES, wanted=WORDS.filter(bool))
@example(value="a", other="b=a", wanted="b")
def test_a_condition_stays_inside_its_value(how: str, value: str, other: str, wanted: str) -> None:
    told = event(("First", other), ("Value", value), ("ValueTwo", other))
    shown = line_of(told).split("\t")[8].removeprefix("Value=")
    assert holds({f"data.Value{how}": wanted}, told) is REFERENCE[how](shown, wanted)


@given(value=VALUES)
def test_an_empty_value_is_not_an_absent_one(value: str) -> None:
    assert holds({"data.Value": "", "data.First": "x"}, event(("First", "x"), ("Value", value), ("Last", "y"))) is (value == "")
    assert not holds({"data.Value": "", "data.First": "x"}, event(("First", "x")))


@pytest.mark.parametrize(
    "pattern, value, expected",
    [
        ("^a.*b$", "a x b", True),
        ("^a.*b$", "xa b", False),
        ("a.*b", "a", False),
        ("^(?:one|two)$", "two", True),
        ("^one$|^two$", "two", True),
        ("^one$|^two$", "two more", False),
        (r"a\s", "a", False),
        (r"a[^x]", "a", False),
        (r"(?P<code>[0-9]+)$", "error 42", True),
        (r"\bword\b", "a word here", True),
        (r"\bword\b", "a sword here", False),
    ],
)
def test_a_regular_expression_stays_inside_its_value(pattern: str, value: str, expected: bool) -> None:
    assert holds({"data.Value|re": pattern}, event(("Value", value), ("Next", "b one two 7"))) is expected
    assert holds({"data.Value|re": pattern}, event(("Value", value))) is expected


def test_named_groups_take_only_the_value() -> None:
    (_, test) = field_tests(conditions({"event_id": 1000, "data.Value|re": "^(?P<rest>.+)$"}, LAYOUT))
    assert FieldMatcher(test).named(b"\tValue=all of it\tNext=not this") == {"rest": "all of it"}


def test_a_name_with_blanks_and_one_that_only_begins_so() -> None:
    told = event(("File Name", "a.exe"), ("File Name Two", "b.exe"))
    assert holds({"data.File Name": "a.exe"}, told)
    assert not holds({"data.File Name": "b.exe"}, told)


def test_provider_channel_and_computer_are_compared_without_case_values_are_not() -> None:
    assert holds({"provider": "SOME provider", "channel": "system", "computer": "VM01"}, event())
    assert not holds({"data.Value": "abc", "provider": "Some Provider"}, event(("Value", "ABC")))
    assert holds({"data.Value|i": "abc", "provider": "Some Provider"}, event(("Value", "ABC")))


def test_negated_and_every() -> None:
    told = event(("Value", "one two"), ("Next", "three"))
    assert holds({"data.Value|contains|all": ["one", "two"]}, told)
    assert not holds({"data.Value|contains|all": ["one", "three"]}, told)
    assert holds({"provider": "Some Provider", "data.Value|contains|not": "three"}, told)


def test_a_caret_inside_a_group_is_refused_with_its_place() -> None:
    with pytest.raises(SelectionError) as error:
        field_tests(conditions({"data.Value|re": "(?:a|^b)"}, LAYOUT))
    assert error.value.column == 5


# needles


@pytest.mark.parametrize(
    "selection, expected",
    [
        ({"provider": "VSS", "event_id": 38}, ["VSS"]),
        ({"provider": "Service Control Manager", "data.param1": ["WindowsAzureGuestAgent", "RdAgent"]}, ["WindowsAzureGuestAgent", "RdAgent"]),
        ({"provider": "P-Provider", "data.Path|re|i": r"(?:\\IaaSBcdrExtension\.exe|\\Plugins\\)"}, ["IaaSBcdrExtension.exe", "Plugins"]),
        ({"provider|re": "symantec|sophos"}, ["symantec", "sophos"]),
        # what a file may keep as a number or write in another way is none
        ({"provider": "P-Provider", "data.hr": "0x80042314"}, ["P-Provider"]),
        ({"provider": "P-Provider", "data.Guid": "{3e02620c-e180-44f3-b154-2473646e4cb8}"}, ["P-Provider"]),
        ({"provider": "P-Provider", "data.Flag": "true"}, ["P-Provider"]),
        ({"provider": "P-Provider", "data.Binary": "530079007300740065006d00"}, ["P-Provider"]),
        ({"provider": "P-Provider", "data.X|not": "something long"}, ["P-Provider"]),
        ({"provider": "P-Provider", "data.X": ["something", "0x1"]}, ["P-Provider"]),
        ({"provider": "P-Provider", "message|contains": "param1=RdAgent"}, ["P-Provider"]),
        ({"event_id": 7, "data.X|re": "[a-z]+"}, None),
        ({"provider|re": "symantec|so"}, None),
    ],
)
def test_needles(selection: dict[str, object], expected: list[str] | None) -> None:
    found = needles(conditions(selection))  # type: ignore[arg-type]
    assert (None if found is None else [needle.text for needle in found]) == expected
