"""The first and the last window with so many hits are those that a look at every window finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.model import SECOND
from backuptrace.reason.crowds import ALWAYS, dense, running
from backuptrace.timeline.rows import Key

from .reference import Event, in_columns

stamps = st.builds(lambda second, part: second * SECOND + part, st.integers(0, 12), st.sampled_from([0, 1, 999_999]))
keys = st.tuples(stamps, st.integers(0, 1), st.integers(0, 3))
events = st.lists(keys, min_size=1, max_size=20, unique=True).map(lambda keys: [(key, "") for key in sorted(keys)])


@given(events, st.sampled_from([0, 1, 2, 5, ALWAYS]), st.integers(0, 8))
@settings(deadline=None, max_examples=300)
def test_dense_windows(found: list[Event], within: int, n: int) -> None:
    rows = in_columns({"a": found})["a"]
    full: list[tuple[int, Key]] = [(begin, newest) for begin, newest, size in running(list(rows), within, distinct=False) if size >= n]
    assert dense(rows, within, n) == ((full[0][0], full[-1][1]) if full else None)
    view = rows.between(3, 9)
    if view:
        full = [(begin, newest) for begin, newest, size in running(list(view), within, distinct=False) if size >= n]
        assert dense(view, within, n) == ((full[0][0], full[-1][1]) if full else None)
    assert list(running(rows, within, distinct=False)) == list(running(list(rows), within, distinct=False))
