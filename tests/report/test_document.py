"""The document keeps the contract and comes back as it went out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backuptrace.model import utc_text
from backuptrace.report.document import MOST_TEXT, BundleInfo, Focus, Report, Tool, Verdict
from backuptrace.report.jsontext import json_bytes, json_text
from backuptrace.report.safe import no_surrogates
from backuptrace.report.shortening import shorten

UTC_PATTERN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
TOP = [
    "schema",
    "tool",
    "bundle",
    "verdict",
    "focus",
    "reported",
    "facts",
    "identifiers",
    "causes",
    "next",
    "attempts",
    "timeline",
    "coverage",
    "missing",
    "unexplained",
    "redaction",
    "problems",
    "capped",
    "changed",
    "language",
]


def test_keys_stand_in_the_order_of_the_contract(report: Report) -> None:
    document = json.loads(report.to_json())
    assert list(document) == TOP
    assert document["schema"] == "backuptrace.report/1"
    assert document["bundle"]["from"] == "2026-11-22T00:00:01.000000Z"
    assert {"from", "to", "basis"} <= set(document["focus"])
    assert {"signature", "time", "uncertainty_s", "source", "line", "record", "offset", "text", "context", "role"} <= set(document["causes"][0]["evidence"][0])


def test_json_is_the_same_each_time_and_comes_back(report: Report) -> None:
    text = report.to_json()
    assert text.endswith("}\n")
    assert report.to_json() == text
    assert Report.from_json(text) == report


def test_a_report_of_a_later_version_with_more_keys_is_readable(report: Report) -> None:
    document = json.loads(report.to_json())
    document["bundle"]["colour"] = "blue"
    assert Report.from_json(json.dumps(document)) == report


def test_bytes_that_are_no_text_do_not_break_the_json() -> None:
    report = Report(
        tool=Tool(version="1", signatures="x"),
        bundle=BundleInfo(name="caf\udce9.zip", kind="zip"),
        verdict=Verdict(outcome="cannot-tell", sentence="\x9b31m\u202e"),
        focus=Focus(basis="none"),
    )
    text = report.to_json()
    assert json.loads(text)["bundle"]["name"] == "caf\ufffd.zip"
    assert json.loads(text)["verdict"]["sentence"] == "\x9b31m\u202e"
    assert "\x9b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("text", ["plain", "a\x7fb", "a\x1bb", "ä …", "\u202e", "x\ud800", "\U000e0001"])
def test_json_holds_what_is_dangerous_as_an_escape_only(text: str) -> None:
    """Also where everything else is plain, which is passed on as it is."""
    shown = json_text({"text": text})
    assert json.loads(shown) == {"text": no_surrogates(text)}
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800\U000e0001]", shown)
    assert json_bytes({"text": text}) == shown.encode()


@given(st.integers(-(10**18), 10**18))
@example(-62_135_596_800_000_000)
@example(253_402_300_799_999_999)
@example(-62_135_596_800_000_001)
@example(253_402_300_800_000_000)
def test_every_time_that_is_told_has_the_form_of_the_contract_and_is_that_time(stamp: int) -> None:
    told = utc_text(stamp)
    if told is None:
        assert not -62_135_596_800_000_000 <= stamp <= 253_402_300_799_999_999
        return
    assert re.fullmatch(UTC_PATTERN, told)
    assert datetime.fromisoformat(told[:-1] + "+00:00") - datetime(1970, 1, 1, tzinfo=timezone.utc) == timedelta(microseconds=stamp)


def test_timeline_frame_has_the_promised_columns(report: Report) -> None:
    frame = report.timeline_frame()
    assert list(frame.columns) == ["time", "uncertainty_s", "source", "line", "record", "kind", "summary", "causes"]
    assert str(frame["time"].dtype) == "datetime64[us, UTC]"
    assert frame["time"].iloc[0].isoformat() == "2026-11-22T03:10:00+00:00"
    assert frame["line"].tolist() == [row.line for row in report.timeline]
    assert frame["record"].isna().all()
    assert frame["causes"].iloc[1] == ["wireserver-unreachable"]


def test_timeline_frame_without_entries_has_the_same_types(report: Report, report_of: Callable[..., Report]) -> None:
    empty = report_of(timeline=[]).timeline_frame()
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == report.timeline_frame().dtypes.to_dict()


def test_timeline_frame_takes_times_that_nanoseconds_cannot_hold(report: Report, report_of: Callable[..., Report]) -> None:
    import msgspec

    row = msgspec.structs.replace(report.timeline[0], time="0001-01-01T00:00:00.000001Z")
    frame = report_of(timeline=[row, msgspec.structs.replace(row, time="9999-12-31T23:59:59.999999Z")]).timeline_frame()
    assert [moment.year for moment in frame["time"]] == [1, 9999]


def test_the_document_loads_no_pandas() -> None:
    code = "import sys, backuptrace.report.document; sys.exit(any(name in sys.modules for name in ('pandas', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.text(st.sampled_from("ab \n…"), max_size=200), st.integers(0, 210), st.integers(0, 210), st.integers(16, 60))
def test_shorten_keeps_the_hit(text: str, one: int, other: int, limit: int) -> None:
    begin, end = sorted((min(one, len(text)), min(other, len(text))))
    short = shorten(text, begin, end, limit)
    assert len(short.text) <= limit
    kept = short.text[short.hit_from : short.hit_to]
    assert kept == text[begin:end][: len(kept)]
    assert len(kept) >= min(end - begin, limit - 2)
    if len(text) <= limit:
        assert short == (text, begin, end)


@pytest.mark.parametrize("line", [0, 1, 50, 99])
def test_shorten_keeps_the_whole_line_that_hit(line: int) -> None:
    lines = [f"line {number} " + "x" * 90 for number in range(100)]
    text = "\n".join(lines)
    begin = text.index(f"line {line} ")
    short = shorten(text, begin + 2, begin + 6)
    assert lines[line] in short.text
    assert MOST_TEXT - 2 <= len(short.text) <= MOST_TEXT


def test_shorten_of_one_endless_line_shows_both_sides_of_the_hit() -> None:
    short = shorten("a" * 50_000 + "HIT" + "b" * 50_000, 50_000, 50_003)
    assert short.text[short.hit_from : short.hit_to] == "HIT"
    assert min(short.text.count("a"), short.text.count("b")) > 900
    assert short.text[0] == short.text[-1] == "…"
