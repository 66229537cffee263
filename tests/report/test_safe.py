"""Nothing that a log says may act on the terminal, and nothing readable may get lost."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backuptrace.report.safe import no_surrogates, safe_json, safe_line, safe_text

ANY = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("\x1b\x9b\u202e\u2066\u200b\u2028\u2029\x85\ud800\udcff\ufeff\t\r\n\x00\x7f[]m"), max_size=60
)
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def dangerous(char: str) -> bool:
    """By the tables of this Python, not by those of the code under test."""
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp", "Cf"} or unicodedata.bidirectional(char) in BIDI


@given(ANY)
def test_a_line_is_one_harmless_line(text: str) -> None:
    shown = safe_line(text)
    assert not [char for char in shown if dangerous(char)]
    assert safe_line(shown) == shown


@given(ANY)
def test_lines_stay_lines_and_nothing_else_acts(text: str) -> None:
    shown = safe_text(text)
    assert not [char for char in shown if char != "\n" and dangerous(char)]
    assert safe_text(shown) == shown
    assert shown.count("\n") == text.count("\n")


def test_every_dangerous_character_of_unicode_is_escaped() -> None:
    left = [hex(code) for code in range(0x110000) if dangerous(chr(code)) and dangerous(safe_line(chr(code))[0])]
    assert left == []


@pytest.mark.parametrize(
    "text, shown",
    [
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("\u202eexe.txt", "\\u202eexe.txt"),
        ("a\tb", "a    b"),
        ("a\r\nb", "a\\r\\nb"),
        ("\udce9", "\\udce9"),
        ("\U000e0041", "\\U000e0041"),
        ("Größe 備份 резерв ✓ 🙂 é", "Größe 備份 резерв ✓ 🙂 é"),
    ],
)
def test_what_a_person_sees(text: str, shown: str) -> None:
    assert safe_line(text) == shown


@given(ANY)
def test_json_keeps_its_values(text: str) -> None:
    text = no_surrogates(text)
    document = json.dumps({"text": text}, ensure_ascii=False)
    shown = safe_json(document)
    assert json.loads(shown) == {"text": text}
    assert not [char for char in shown if dangerous(char)]
