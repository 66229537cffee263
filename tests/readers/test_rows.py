"""Lines without times, and the headlines that hold for the lines below them."""

from __future__ import annotations

import re

from backuptrace.readers.rows import rows

SHAPES = [re.compile(text) for text in (r"^RULE (?P<rule>\w+)", r"^ dir (?P<direction>\w+)", r"^ ip (?P<address>\S+)", r"^ action (?P<action>\w+)")]
TEXT = "RULE a\n dir out\n ip 168.63.129.16\n action block\nnoise\nRULE b\n dir out\n action block\n"


def test_without_carry_every_line_stands_alone() -> None:
    assert [row.fields for row in rows(TEXT, SHAPES) if "action" in row.fields] == [{"action": "block"}] * 2


def test_a_headline_holds_for_the_lines_below_until_the_next_one() -> None:
    found = [row for row in rows(TEXT, SHAPES, ["rule", "direction", "address"]) if "action" in row.fields]
    assert [row.fields for row in found] == [
        {"rule": "a", "direction": "out", "address": "168.63.129.16", "action": "block"},
        {"rule": "b", "direction": "out", "action": "block"},
    ]
    assert [row.line for row in found] == [4, 8]
    assert found[1].text == "RULE b\n dir out\n action block"


def test_a_value_on_its_own_line_is_not_shown_twice() -> None:
    assert [row.text for row in rows("RULE a\n", SHAPES, ["rule"])] == ["RULE a"]


def test_lines_that_were_copied_from_a_web_page_lose_the_mark_of_their_end() -> None:
    text = "RULE a<br>\n dir out<BR />  \n action block<br/>\n"
    assert [row.fields for row in rows(text, [re.compile(shape.pattern + "$") for shape in SHAPES], ["rule", "direction"])][-1] == {
        "rule": "a",
        "direction": "out",
        "action": "block",
    }
