"""Newlines are counted alike with numpy and without, and numpy is loaded only where it pays."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.scanning import newlines
from backuptrace.scanning.newlines import Counter


@settings(deadline=None)
@given(st.binary(max_size=300).map(lambda data: data.replace(b"a", b"\n")), st.integers(1, 70), st.integers(0, 20))
def test_both_count_what_is_there(data: bytes, step: int, behind: int) -> None:
    """Bytes behind the size, left from another block, do not count."""
    plain, quick = Counter(), Counter()
    quick._load()
    assert quick._numpy is not None
    buffer = bytearray(data + b"\n" * behind)
    wanted = [data.count(b"\n", 0, end) for end in range(0, len(data), step)] + [data.count(b"\n")]
    assert plain.marks(buffer, len(data), step) == quick.marks(buffer, len(data), step) == wanted
    buffer += b"the buffer is not held"


def test_numpy_is_loaded_by_who_is_patient_and_has_counted_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newlines, "ENOUGH", 100)
    one, other = Counter(), Counter()
    one.patient = True
    for counter in (one, other):
        for _ in range(11):
            assert counter._numpy is None
            assert counter.marks(bytearray(b"a\n" * 5), 10, 4) == [0, 2, 4, 5]
    assert one._numpy is not None
    assert other._numpy is None
    assert one.marks(bytearray(b"a\n" * 5), 10, 4) == [0, 2, 4, 5]


def test_without_numpy_it_counts_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newlines, "ENOUGH", 0)
    monkeypatch.setitem(sys.modules, "numpy", None)
    counter = Counter()
    counter.patient = True
    assert [counter.marks(bytearray(b"a\n"), 2, 2) for _ in range(3)] == [[0, 1]] * 3
    assert not counter.patient


def test_a_scan_loads_no_numpy() -> None:
    code = "import sys, backuptrace.api; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
