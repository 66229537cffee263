"""The axis of the picture: order is kept, nothing sticks out, labels do not touch, the judged time has room."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backuptrace.report.times import duration
from backuptrace.report.timescale import LEAST_SHARE, Scale

MOMENTS = st.lists(st.floats(-6e10, 2e11, allow_nan=False), min_size=1, max_size=60)


@given(MOMENTS, st.lists(st.floats(-7e10, 3e11, allow_nan=False), max_size=20))
def test_later_is_never_further_left_and_nothing_sticks_out(moments: list[float], asked: list[float]) -> None:
    scale = Scale(moments, 8.0, 992.0)
    places = [scale.x(time) for time in sorted([*moments, *asked])]
    assert all(one <= other + 1e-6 for one, other in pairwise(places))
    assert all(8.0 - 1e-6 <= place <= 992.0 + 1e-6 for place in places)
    if len(set(moments)) > 1:
        assert (scale.x(min(moments)), round(scale.x(max(moments)), 3)) == (8.0, 992.0)


@given(MOMENTS)
def test_labels_lie_side_by_side_inside_the_picture(moments: list[float]) -> None:
    ticks = Scale(moments, 8.0, 992.0).ticks(78.0)
    assert ticks[0].time == min(moments)
    assert all(other.middle - one.middle >= 78.0 - 1e-6 for one, other in pairwise(ticks))
    assert all(8.0 + 39 - 1e-6 <= tick.middle <= 992.0 - 39 + 1e-6 for tick in ticks)


def test_seconds_stay_visible_beside_days() -> None:
    day, seconds = 86400.0, [86400.0 * 14 + n for n in range(10)]
    scale = Scale([0, day, *seconds], 0.0, 1000.0)
    assert scale.x(seconds[1]) - scale.x(seconds[0]) > 1.5
    assert scale.x(seconds[0]) - scale.x(day) > scale.x(day) - scale.x(0)


def test_the_judged_time_gets_room() -> None:
    days = [86400.0 * n for n in range(30)]
    begin = days[-1] + 3600
    scale = Scale([*days, begin, begin + 5, begin + 18], 0.0, 1000.0, (begin, begin + 18))
    assert scale.x(begin + 18) - scale.x(begin) == pytest.approx(1000 * LEAST_SHARE)


@pytest.mark.parametrize(
    "seconds, told",
    [(0.2, "< 1 s"), (42.9, "42 s"), (187, "3 min 7 s"), (3600, "1 h"), (3605, "1 h"), (40320, "11 h 12 min"), (273_600, "3 d 4 h"), (86_400 * 40, "40 d")],
)
def test_durations_in_words(seconds: float, told: str) -> None:
    assert duration(seconds) == told
