"""Lines fit the terminal, and the hit of a long line stays visible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backuptrace.report.layout import Page, around, columns, cut, cut_start, wrap

WORDS = st.text(st.sampled_from("ab備é🙂 "), max_size=80)


@pytest.mark.parametrize("text, width", [("abc", 3), ("備份", 4), ("e\u0301", 1), ("🙂", 2), ("", 0)])
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width


@given(WORDS, st.integers(2, 30))
def test_wrapping_fits_and_loses_no_word(text: str, room: int) -> None:
    lines = wrap(text, room)
    assert all(columns(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_command_stays_on_one_line() -> None:
    assert wrap("Run `sudo nft list ruleset` as root", 24) == ["Run", "`sudo nft list ruleset`", "as root"]
    assert wrap("Run `sudo nft list ruleset` as root", 12) == ["Run", "`sudo nft list ruleset`", "as root"]


def test_an_address_is_not_broken() -> None:
    assert wrap("see https://learn.microsoft.com/azure/backup/ there", 10) == ["see", "https://learn.microsoft.com/azure/backup/", "there"]


@given(WORDS, st.integers(2, 30))
def test_cutting_fits(text: str, room: int) -> None:
    assert columns(cut(text, room)) <= room
    assert columns(cut_start(text, room)) <= room
    if columns(text) <= room:
        assert cut(text, room) == cut_start(text, room) == text


@given(st.text(st.sampled_from("ab備\t\x1b\n "), max_size=120), st.integers(0, 120), st.integers(0, 12), st.integers(12, 60))
def test_the_hit_is_visible_whatever_surrounds_it(text: str, begin: int, length: int, room: int) -> None:
    begin = min(begin, len(text))
    text = text[:begin] + "H" * min(length, room - 2) + text[begin:]
    before, hit, after = around(text, begin, begin + min(length, room - 2), room)
    assert hit == "H" * min(length, room - 2)
    assert columns(before + hit + after) <= room


def test_only_the_line_that_hit_is_quoted() -> None:
    text = "first line\n  second HIT line\nthird"
    begin = text.index("HIT")
    assert around(text, begin, begin + 3, 80) == ("second ", "HIT", " line")


def test_a_hit_wider_than_the_room_shows_its_beginning() -> None:
    before, hit, after = around("x" * 50 + "HIT" + "y" * 100, 50, 153, 20)
    assert (before, after) == ("…", "")
    assert hit.startswith("HIT")
    assert columns(before + hit) == 20


def test_without_a_known_hit_the_first_line_is_shown() -> None:
    assert around("\n  Traceback (most recent call last)\n  more", None, None, 20) == ("Traceback (most rec…", "", "")


def test_a_page_never_gets_narrower_than_40_columns() -> None:
    page = Page(5)
    page.prose("word " * 30)
    assert max(map(len, page.lines)) > 30
