"""CSV that is safe in a spreadsheet, Parquet with types, JSON lines for Timesketch: the same events, none left out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime

import msgspec
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backuptrace.report.document import Report
from backuptrace.report.forms import FORMS, written
from backuptrace.report.tables import COLUMNS, _cell, events, to_csv, to_parquet
from backuptrace.report.timesketch import NO_TIME, to_jsonl


def rows_of(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def undated(report: Report) -> Report:
    """With one piece of evidence that has no time, such as a setting."""
    first = report.causes[0]
    state = msgspec.structs.replace(first.evidence[0], time=None, source="etc/waagent.conf", line=12, text="Extensions.Enabled=n", hit_from=None, hit_to=None)
    return msgspec.structs.replace(report, causes=[msgspec.structs.replace(first, evidence=[*first.evidence, state]), *report.causes[1:]])


def test_csv_holds_every_entry_of_the_timeline_with_its_original_line(report: Report) -> None:
    head, *rows = rows_of(to_csv(report))
    assert tuple(head) == COLUMNS
    assert [row[0] for row in rows[: len(report.timeline)]] == [entry.time for entry in report.timeline]
    hit = dict(zip(head, rows[1]))
    assert hit["text"] == report.causes[0].evidence[0].text
    assert (hit["source"], hit["line"], hit["causes"], hit["host"]) == ("var/log/waagent.log", "1200", "wireserver-unreachable", "vm1")


def test_evidence_without_a_time_is_in_every_table(report: Report) -> None:
    report = undated(report)
    (row,) = [dict(zip(COLUMNS, row)) for row in rows_of(to_csv(report)) if "etc/waagent.conf" in row]
    assert (row["time"], row["text"]) == ("", "Extensions.Enabled=n")
    frame = pd.read_parquet(io.BytesIO(to_parquet(report)))
    assert frame[frame.source == "etc/waagent.conf"].time.isna().all()
    (line,) = [json.loads(line) for line in to_jsonl(report).splitlines() if "etc/waagent.conf" in line]
    assert line["datetime"] == "2026-11-22T03:30:00.000000+00:00"
    assert line["timestamp_desc"].startswith("State at the end of the logs")


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", '"=1', "＝1", "a;=1", 'a; "@x', "x\n+1"])
def test_nothing_in_csv_is_a_formula_in_any_country(start: str, report: Report) -> None:
    """Spreadsheets split at commas or, as in Germany, at semicolons, whatever quotes stand inside."""
    entry = msgspec.structs.replace(report.timeline[0], summary=start)
    data = to_csv(msgspec.structs.replace(report, timeline=[entry, *report.timeline[1:]], bundle=msgspec.structs.replace(report.bundle, name=start)))
    for delimiter in ",;\t":
        for row in rows_of(data, delimiter):
            for cell in row:
                assert cell.lstrip(" \"'")[:1] not in set("=+-@＝＋－＠") or cell.startswith("'") or cell.lstrip(' "')[:1] == "'", cell


@given(st.text())
def test_any_cell_is_one_line_and_no_formula(value: str) -> None:
    cell = str(_cell(value))
    assert not set("\r\n\t\x00") & set(cell)
    assert cell.strip(' "')[:1] not in set("=+-@＝＋－＠")


def test_pandas_reads_the_csv_as_numbers_and_times(report: Report) -> None:
    frame = pd.read_csv(io.BytesIO(to_csv(report)), parse_dates=["time"])
    assert str(frame.time.dt.tz) == "UTC"
    assert frame.line.iloc[1] == 1200
    assert frame.uncertainty_s.dtype == "float64"


def test_parquet_has_types(report: Report) -> None:
    frame = pd.read_parquet(io.BytesIO(to_parquet(report)))
    assert tuple(frame.columns) == COLUMNS
    assert str(frame.time.dtype) == "datetime64[us, UTC]"
    assert len(frame) == len(events(report))
    assert list(frame.causes.iloc[1]) == ["wireserver-unreachable"]


def test_parquet_of_nothing_has_the_same_types(report: Report) -> None:
    from pyarrow import parquet

    empty = msgspec.structs.replace(report, timeline=[], causes=[])
    assert parquet.read_schema(io.BytesIO(to_parquet(empty))) == parquet.read_schema(io.BytesIO(to_parquet(report)))


def test_timesketch_gets_its_three_fields_in_order_of_time(report: Report) -> None:
    lines = [json.loads(line) for line in to_jsonl(report).splitlines()]
    assert all(line["message"] and line["timestamp_desc"] for line in lines)
    moments = [datetime.fromisoformat(line["datetime"]) for line in lines]
    assert moments == sorted(moments)
    assert all(moment.utcoffset() is not None for moment in moments)
    kinds = [line["kind"] for line in lines]
    assert kinds.count("attempt") == 2 * len(report.attempts)
    assert kinds.count("verdict") == 1
    assert kinds.count("evidence") >= 7


def test_timesketch_without_any_time_says_so(report_of: Callable[..., Report], report: Report) -> None:
    bare = undated(msgspec.structs.replace(report, timeline=[], attempts=[], bundle=msgspec.structs.replace(report.bundle, from_=None, to=None)))
    line = next(line for line in map(json.loads, to_jsonl(bare).splitlines()) if line.get("source_file") == "etc/waagent.conf")
    assert line["datetime"].startswith(NO_TIME[:10])
    assert line["timestamp_desc"] == "Not a time"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_form_is_the_same_each_time_and_survives_strange_text(form: str, language: str, report: Report) -> None:
    strange = msgspec.structs.replace(
        report, language=language, timeline=[msgspec.structs.replace(entry, summary="\udcff\x00\u202e\x1b[2J") for entry in report.timeline]
    )
    data = written(strange, form)
    assert data == written(strange, form)
    if form != "parquet":
        assert not {"\x00", "\x1b", "\u202e"} & set(data.decode())


def test_no_form_needs_what_it_does_not_use() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from backuptrace.report.forms import written; from backuptrace.report.document import *;"
        "r = Report(tool=Tool(version='1', signatures='x'), bundle=BundleInfo(name='b', kind='zip'), verdict=Verdict(outcome='cannot-tell', sentence='s'), focus=Focus(basis='b'));"
        "[written(r, form) for form in ('text', 'json', 'html', 'md', 'csv', 'jsonl')];"
        "sys.stdout.write(','.join(m for m in ('pandas', 'pyarrow', 'numpy', 'yaml') if m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b""
