"""Newlines of a block are counted where line numbers need them."""

from __future__ import annotations

from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.scanning import texts


@settings(deadline=None)
@given(st.binary(max_size=300).map(lambda data: data.replace(b"a", b"\n")), st.integers(1, 70), st.integers(0, 20))
def test_marks_tell_what_stands_before_them(data: bytes, step: int, behind: int) -> None:
    """Bytes behind the size, left from another block, do not count."""
    buffer = bytearray(data + b"\n" * behind)
    with mock.patch.object(texts, "MARK", step):
        assert texts.marks(buffer, len(data)) == [data.count(b"\n", 0, end) for end in range(0, len(data), step)] + [data.count(b"\n")]
    assert buffer == data + b"\n" * behind
