"""Printed tables and separated values as objects."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backuptrace.readers.tables import name_of, printed, separated

LOCKS = """
Level         Name    Notes    ResourceGroup
------------  ------  -------  -------------
CanNotDelete  keep             rg
ReadOnly      a b     why      None

the rest
"""


def test_columns_begin_where_their_dashes_do() -> None:
    assert [row.data for row in printed(LOCKS)] == [
        {"level": "CanNotDelete", "name": "keep", "resourcegroup": "rg"},
        {"level": "ReadOnly", "name": "a b", "notes": "why"},
    ]
    assert [row.line for row in printed(LOCKS)] == [4, 5]
    assert next(row.text.split() for row in printed(LOCKS)) == ["Level", "Name", "Notes", "ResourceGroup", "CanNotDelete", "keep", "rg"]


@pytest.mark.parametrize("text", ["", "----  ----\nA     B", "Name\n----\nx", "just -- dashes\n"])
def test_what_is_no_table(text: str) -> None:
    assert list(printed(text)) == []


@pytest.mark.parametrize(
    ("title", "name"), [("TimeGenerated [UTC]", "timegenerated"), ("JobStatus_s", "jobstatus"), ("_ResourceId", "resourceid"), ("Item Name", "itemname")]
)
def test_names_lose_what_differs_from_tool_to_tool(title: str, name: str) -> None:
    assert name_of(title) == name


@pytest.mark.parametrize("lead", ["", "\ufeff", "#TYPE Microsoft.X\r\n", "sep=;\r\n"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_signs_and_first_lines(lead: str, sign: str) -> None:
    assert [row.data for row in separated(lead + f"A{sign}B\r\n1{sign}\r\n{sign}2\r\n")] == [{"a": "1"}, {"b": "2"}]


def test_a_cell_with_an_object() -> None:
    row = next(separated('Operation,Properties\nx,"{""error"": {""code"": ""ScopeLocked""}}"\n'))
    assert row.data["properties"] == {"error": {"code": "ScopeLocked"}}
    assert next(separated("A,B\nx,{not json}\n")).data["b"] == "{not json}"


def test_a_row_with_more_cells_than_names_ends_them() -> None:
    assert [row.data for row in separated("A,B\n1,2\n1,2,3\n4,5\n")] == [{"a": "1", "b": "2"}]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r{"), min_size=1, max_size=12).filter(lambda cell: cell.strip() not in ("", "None", "null"))


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=5))
def test_what_a_writer_writes_is_read(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([["First", "Second", "Third"], *rows])
    assert [list(row.data.values()) for row in separated(out.getvalue())] == [[cell.strip() for cell in row] for row in rows]
