from datetime import datetime, timedelta, timezone

import pytest

from backuptrace.model import LOCAL_CLOCK, UTC_CLOCK
from backuptrace.readers.winevent import CUT, MOST_VALUE, WinEvent, event_of, level_word, line_of, time_text, visible

AT = (datetime(2026, 11, 23, 3, 10, 1, 123456, tzinfo=timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)


def event(**more: object) -> WinEvent:
    return WinEvent(**({"time": AT, "clock": UTC_CLOCK, "number": 7, "channel": "Application", "provider": "VSS", "event_id": 8229} | more))  # type: ignore[arg-type]


def test_a_line_holds_the_head_and_every_datum() -> None:
    line = line_of(event(level=3, computer="vm01", data=[("param1", "0x800423f4"), ("Binary", "2d20")]))
    assert line == "2026-11-23T03:10:01.123456Z\t7\tApplication\tVSS\t8229\twarning\tvm01\tparam1=0x800423f4\tBinary=2d20"


def test_positional_data_are_counted_among_themselves() -> None:
    line = line_of(event(data=[("", "first"), ("Named", "x"), ("", "second")]))
    assert line.split("\t")[7:] == ["1=first", "Named=x", "2=second"]


def test_an_event_is_one_line_and_its_values_hold_no_tab() -> None:
    line = line_of(event(provider="a\tb", data=[("na\tme=1", "one\r\ntwo\tthree\x85\u2028\x00"), ("", "C:\\temp\\new")]))
    assert len(line.splitlines()) == 1
    assert line.count("\t") == 8
    assert line.endswith("\tna\\tme_1=one\\r\\ntwo\\tthree\\x85\\u2028\\x00\t1=C:\\temp\\new")


def test_a_message_that_says_more_than_the_data_comes_last() -> None:
    line = line_of(event(message="rendered\ntext", data=[("", "x")]))
    assert line.endswith("\t1=x\tMessage=rendered\\ntext")
    back = event_of(line)
    assert (back.data, back.message) == ([("1", "x")], "rendered\\ntext")
    assert event_of(line_of(event(message="only"))).message == "only"


def test_a_huge_value_is_cut_and_says_so() -> None:
    assert visible("x" * (MOST_VALUE + 1)) == "x" * MOST_VALUE + CUT


@pytest.mark.parametrize(
    "time, clock, expected",
    [(AT, LOCAL_CLOCK, "2026-11-23T03:10:01.123456"), (None, UTC_CLOCK, "-"), (10**30, UTC_CLOCK, "-"), (-1, UTC_CLOCK, "1969-12-31T23:59:59.999999Z")],
)
def test_times(time: int | None, clock: int, expected: str) -> None:
    assert time_text(time, clock) == expected


def test_levels_in_words() -> None:
    assert [level_word(level) for level in (None, 0, 1, 2, 3, 4, 5, 9)] == [
        "",
        "information",
        "critical",
        "error",
        "warning",
        "information",
        "verbose",
        "verbose",
    ]
