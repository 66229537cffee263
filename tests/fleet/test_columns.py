"""Columns made of buffers are those that pyarrow makes of the same values, and need no pandas."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.fleet.columns import column
from backuptrace.fleet.tables import COLUMNS, schema
from backuptrace.model import utc_text

pa = pytest.importorskip("pyarrow")
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
MOMENTS = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999).map(utc_text)
KINDS: dict[str, tuple[Any, Any]] = {
    "text": (pa.string(), TEXT),
    "texts": (pa.list_(pa.string()), st.lists(st.none() | TEXT)),
    "whole": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "float": (pa.float64(), st.floats(allow_nan=False)),
    "truth": (pa.bool_(), st.booleans()),
    "time": (pa.timestamp("us", tz="UTC"), MOMENTS),
}


@pytest.mark.parametrize("name", KINDS)
@settings(deadline=None)
@given(data=st.data())
def test_a_column_is_what_pyarrow_makes_of_the_values(name: str, data: st.DataObject) -> None:
    kind, values = KINDS[name]
    rows = data.draw(st.lists(st.none() | values, max_size=40))
    made = column(rows, kind)
    made.validate(full=True)
    wanted = pa.array(rows, pa.string()).cast(kind) if name == "time" else pa.array(rows, kind)
    assert made.equals(wanted)
    assert made.null_count == rows.count(None)


def test_there_is_a_column_for_every_type_of_the_tables() -> None:
    for names in COLUMNS.values():
        for field in schema(names):
            assert len(column([None, None], field.type)) == 2


def test_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="no column of the type date32"):
        column([], pa.date32())


def test_the_tables_are_written_without_pandas(tmp_path: object) -> None:
    code = f"""
import sys
from pathlib import Path
from backuptrace.fleet import tables
from backuptrace.fleet.rows import Entry
tables.write(Path({str(tmp_path)!r}), [tables.Named("a", "/a", "vm", "", 5, Entry(key="k", state="scanned", notes=["n"]))])
sys.exit("pandas" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
