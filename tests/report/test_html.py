"""The HTML file as a text: what it must hold, that it is one file, and that nothing but our own functions makes markup. Browsers look at it in tests/browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.report import html_causes, html_page, html_tables, html_timeline
from backuptrace.report.document import Doc, Hits, Report
from backuptrace.report.html import render
from backuptrace.report.html_page import asset, digest
from backuptrace.report.html_tags import EMPTY, Html, Mould, join, link, path, prose, tag, text
from backuptrace.report.phrases_de import PHRASES as GERMAN
from backuptrace.report.phrases_en import PHRASES as ENGLISH

OUTCOMES = ["explained", "recovered", "no-failure-seen", "unexplained", "cannot-tell"]


class Reader(HTMLParser):
    """Elements with their attributes, the text, and whether every element ends where it should."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_gives_a_whole_page_with_the_verdict_first(outcome: str, report_of: Callable[..., Report]) -> None:
    report = report_of(outcome)
    page = read(render(report))
    words = " ".join("".join(page.words).split())
    assert words.index(report.verdict.sentence.split(". ", maxsplit=1)[0]) < words.index("Backup attempts") if report.attempts else True
    names = [attributes["id"] for name, attributes in page.elements if name == "section" and "id" in attributes]
    expected = ["attempts", "timeline", "causes", "missing", "coverage", "facts", "problems"]
    assert [name for name in names if name in expected] == [name for name in expected if name != "attempts" or report.attempts]
    assert ("why" in names) is (outcome == "explained")


def test_the_sections_stand_in_the_order_in_which_they_are_needed(report: Report) -> None:
    order = re.findall(r'<section id="([\w-]+)"', render(report))
    assert order == ["why", "to-do", "next", "others", "attempts", "timeline", "unexplained", "over", "causes", "missing", "coverage", "facts", "problems"]


def test_the_hit_is_marked_in_the_original_line_between_its_context(report: Report) -> None:
    first = report.causes[0]
    item = msgspec.structs.replace(first.evidence[0], text="one <two> three", hit_from=4, hit_to=9, context=["before", "after", "later"], context_before=1)
    page = render(msgspec.structs.replace(report, causes=[msgspec.structs.replace(first, evidence=[item]), *report.causes[1:]]))
    start = page.index("<pre")
    block = page[start : page.index("</pre>", start)]
    assert "one <mark>&lt;two&gt;</mark> three" in block
    assert block.index("before") < block.index("<mark>") < block.index("after") < block.index("later")


def test_every_cause_has_a_row_with_status_and_reason(report: Report) -> None:
    page = render(report)
    table = page[page.index('<section id="causes"') : page.index('<section id="missing"')]
    for cause in report.causes:
        assert f">{cause.id}</span>" in table
        assert cause.why.split("`")[0] in table
    assert re.findall(r'<tbody class="status ([\w-]+)">', table) == ["supported", "contradicted", "unknown", "not-visible", "no-evidence", "not-applicable"]


def test_nothing_that_is_kept_back_is_silent(report: Report) -> None:
    page = render(report)
    for item in report.problems:
        assert item.where.rsplit("/", 1)[-1] in page
    for told in report.capped:
        assert told in page
    assert "29 more were counted" in page
    assert "Secrets were not replaced" in page


def test_the_policy_names_the_one_style_and_the_one_script_and_nothing_else(report: Report) -> None:
    page = read(render(report))
    (policy,) = [attributes["content"] for name, attributes in page.elements if attributes.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in str(policy).split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'{digest(asset('page.css'))}'",
        "script-src": f"'{digest(asset('page.js'))}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert [name for name, _ in page.elements].count("script") == 1
    assert not [attributes for _, attributes in page.elements if "style" in attributes or "src" in attributes]


def test_the_assets_cannot_end_their_elements_and_load_nothing() -> None:
    for name in ("page.css", "page.js"):
        content = asset(name)
        assert "</" not in content
        assert not re.search(r"@import|url\((?!#)|https?:|fetch|XMLHttp|eval|innerHTML", content)


def test_the_same_report_gives_the_same_bytes(report: Report) -> None:
    assert render(report) == render(Report.from_json(report.to_json()))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_german_page_holds_no_english_phrase(outcome: str, report_of: Callable[..., Report]) -> None:
    report = report_of(outcome)
    verdict = msgspec.structs.replace(report.verdict, sentence="Ein Satz.")
    page = read(render(msgspec.structs.replace(report, language="de", verdict=verdict)))
    shown = " ".join("".join(page.words).split())
    for key in (key for key in ENGLISH if key.startswith(("page.", "causes.", "coverage.", "attempts."))):
        for piece in re.split(r"\{\w+\}", ENGLISH[key]):
            words = piece.strip(" ,.:;()")
            if len(words.split()) >= 3 and words not in GERMAN[key]:
                assert words not in shown, key


def pieces(value: Html | str) -> Iterator[str]:
    yield from read(value).words


@given(st.text())
def test_any_text_is_text_and_one_harmless_text(value: str) -> None:
    for made in (text(value), tag("p", value), tag("p", title=value), prose(value), path(value), link(value, value)):
        page = read(made)
        assert {name for name, _ in page.elements} <= {"p", "code", "wbr", "a", "span"}
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", made)
    assert "".join(pieces(path(value))) == "".join(pieces(text(value)))


@given(st.text(alphabet="<>&\"'/ab= \n"))
def test_what_is_printable_comes_back_as_it_was(value: str) -> None:
    assert "".join(pieces(tag("p", value))) == value
    assert read(tag("p", title=value.replace("\n", " "))).elements[0][1]["title"] == value.replace("\n", " ")


def test_children_of_every_kind_are_joined() -> None:
    assert join("<", None, tag("b", "x"), (part for part in ("a", tag("i")))) == "&lt;<b>x</b>a<i></i>"
    assert tag("input", type="checkbox", checked=True, hidden=False, value=None, x=1.0) == '<input type="checkbox" checked x="1">'


@pytest.mark.parametrize("attributes", [{"onclick": "x"}, {"style": "color:red"}, {"href": "javascript:x"}, {"href": "http://example.org"}, {"src": "data:,"}])
def test_attributes_that_act_are_refused(attributes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="is not for a report"):
        tag("a", "x", **attributes)


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_mould_gives_what_its_elements_give(one: str, other: str) -> None:
    def row(first: Html | str, second: Html | str) -> Html:
        return tag("tr", tag("td", first, class_="number"), tag("td", "and ", tag("b", second)))

    mould = Mould(row, 2)
    assert mould(one, other) == row(one, other)
    assert mould(prose(one), other) == row(prose(one), other)


def test_a_mould_is_filled_as_it_was_made() -> None:
    mould = Mould(lambda first: tag("p", first), 1)
    with pytest.raises(ValueError, match="argument"):
        mould("a", "b")
    with pytest.raises(ValueError, match="argument"):
        mould()
    with pytest.raises(ValueError, match="1 holes where 2"):
        Mould(lambda first, second: tag("p", first), 2)


def test_what_is_remembered_of_one_page_does_not_show_in_another(report: Report) -> None:
    """Pages that differ in one thing are those that are made when nothing is remembered."""
    changes: list[dict[str, object]] = [{"causes": [msgspec.structs.replace(cause, **change) for cause in report.causes]} for change in CHANGES]
    changes += [
        {"next": [msgspec.structs.replace(item, what="Other", settles=[]) for item in report.next]},
        {"next": [msgspec.structs.replace(item, command="other") for item in report.next]},
        {"timeline": [msgspec.structs.replace(entry, causes=[]) for entry in report.timeline]},
        {"timeline": [msgspec.structs.replace(entry, source="other/waagent.log") for entry in report.timeline]},
        {"facts": []},
        {"language": "de"},
    ]
    pages = [msgspec.structs.replace(report, **change) for change in changes]
    shown = [render(page) for page in pages]
    assert len(set(shown)) == len(pages)
    for page, markup in zip(pages, shown, strict=True):
        for function in REMEMBERING:
            function.cache_clear()
        assert render(page) == markup


CHANGES: list[dict[str, object]] = [
    {},
    {"why": "other"},
    {"title": "Other"},
    {"doc": Doc(url="https://example.org/")},
    {"needs": [], "lacking": ["other"]},
    {"confidence": "low"},
    {"hits": Hits(total=12_345)},
]
REMEMBERING = [html_causes._row_of, html_causes._reason_of, html_causes._cell, html_tables._command_of, html_tables._frame]
REMEMBERING += [html_page._contents, html_page._titled, html_timeline._filters_of]
