"""Markdown for a ticket: short whatever the report holds, and no log makes a link, a heading, a mention or a cell."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backuptrace.report.document import Report, Step
from backuptrace.report.markdown import FEWER_THAN, code, escaped, fenced, render

OUTCOMES = ["explained", "recovered", "no-failure-seen", "unexplained", "cannot-tell"]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_it_is_short_and_begins_with_the_answer(outcome: str, language: str, report_of: Callable[..., Report]) -> None:
    report = msgspec.structs.replace(report_of(outcome), language=language)
    lines = render(report).splitlines()
    assert len(lines) < FEWER_THAN
    assert lines[0].startswith("**")
    assert report.verdict.sentence.split(".")[0] in lines[0]


def test_a_report_full_of_everything_stays_short_and_keeps_its_end(report: Report) -> None:
    first = report.causes[0]
    items = [msgspec.structs.replace(first.evidence[0], text=f"{'x' * n} ``` | <b>", hit_from=None, hit_to=None, line=n) for n in range(1, 9)]
    full = msgspec.structs.replace(first, evidence=items, steps=[Step(text=f"Do {n}") for n in range(30)])
    text = render(msgspec.structs.replace(report, causes=[full, *report.causes[1:]], next=report.next * 20, attempts=report.attempts * 20))
    assert len(text.splitlines()) < FEWER_THAN
    assert "Made by backuptrace" in text.splitlines()[-1]
    assert "````text" in text, "a block that holds three backticks is fenced by four"


def test_evidence_stands_in_a_block_of_code_with_its_place(report: Report) -> None:
    lines = render(report).splitlines()
    at = lines.index("```text")
    assert "No route to host" in lines[at + 1]
    assert lines[at + 2] == "```"
    assert "`var/log/waagent.log:1200`" in lines[at - 1]
    assert "7 lines like this" in lines[at - 1]


def test_commands_and_steps_are_code_and_the_documentation_is_a_link(report: Report) -> None:
    text = render(report)
    assert '`sudo curl -sS -m 10 "http://168.63.129.16/?comp=versions" && sudo curl -sS -m 10 http://168.63.129.16:32526/versions`' in text
    assert "[Step 4: Check Azure Backup Extension health](<https://learn.microsoft.com/" in text
    evil = msgspec.structs.replace(report.causes[0].doc, url="javascript:alert(1)", anchor="")
    causes = [msgspec.structs.replace(report.causes[0], doc=evil), *report.causes[1:]]
    assert "](" not in render(msgspec.structs.replace(report, causes=causes))


@pytest.mark.parametrize(
    "text, shown",
    [
        ("[x](https://evil.example)", r"\[x\](https:\//evil.example)"),
        ("![x](y)", r"!\[x\](y)"),
        ("<img src=x>", r"\<img src=x>"),
        ("a | b", r"a \| b"),
        ("# heading", r"\# heading"),
        ("> quote", r"\> quote"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("*b* _i_ ~~s~~", r"\*b\* \_i\_ \~\~s\~\~"),
        ("no_proxy 168.63.129.16", "no_proxy 168.63.129.16"),
        ("`code`", r"\`code\`"),
        ("&lt; &#60;", r"\&lt; \&#60;"),
        ("www.evil.example", r"www\.evil.example"),
        ("one\ntwo\x1b[0m", r"one\\ntwo\\x1b\[0m"),
    ],
)
def test_prose_shows_what_it_says(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(st.text(alphabet="`| ab\n"))
def test_code_cannot_be_left(text: str) -> None:
    span = code(text)
    ticks = len(span) - len(span.lstrip("`"))
    assert "\n" not in span
    assert span.endswith("`" * ticks)
    assert all(len(run) < ticks for run in re.findall("`+", span[ticks:-ticks]))
    assert not re.search(r"(?<!\\)\|", span), "a cell of a table would end there"
    opening, shown, closing = fenced(text)
    assert opening == closing + "text"
    assert closing not in shown
