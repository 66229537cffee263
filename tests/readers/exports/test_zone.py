"""Local times without a zone: what the events tell of it, and the hour that comes twice."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import eventforms
import pytest
from eventforms import Told

from backuptrace.model import LOCAL_AGAIN_CLOCK, LOCAL_CLOCK, SECOND, UTC_CLOCK
from backuptrace.readers.eventdict import EventDictionary
from backuptrace.readers.winevent import WinEvent, line_of
from backuptrace.readers.winzone import ZoneFacts, moments
from backuptrace.timeline.zone import given, infer_told

BERLIN = ZoneInfo("Europe/Berlin")
AUTUMN = int(datetime(2026, 10, 25, 0, 0, tzinfo=timezone.utc).timestamp()) * SECOND
"""02:00 in Berlin for the first time; an hour later it is 02:00 again."""
MINUTE = 60 * SECOND
REAL_6008 = "DC0704000500060009003B000D001D00DC070400050006000D003B000D001D00600900003C000000010000006009000000000000B004000001000000BF590000"
"""Of system.evtx in the samples of python-evtx (Apache-2.0)."""


def event(data: list[tuple[str, str]], number: int, dictionary: EventDictionary) -> WinEvent:
    return dictionary.complete(WinEvent(1, UTC_CLOCK, 1, "System", "EventLog", number, 4, "vm1", data))


def test_6008_tells_the_offset_in_its_binary(dictionary: EventDictionary) -> None:
    local, utc = moments(REAL_6008) or (0, 0)
    assert (utc - local) // SECOND == 4 * 3600
    facts = ZoneFacts(dictionary.words)
    facts.add(event([("", "9:59:13 AM"), ("", "\u200e4/\u200e6/\u200e2012"), ("", ""), ("", ""), ("", "1846932"), ("Binary", REAL_6008)], 6008, dictionary))
    assert infer_told(facts.told) == 4 * 3600 * SECOND


@pytest.mark.parametrize("binary", ["", "00", "zz", "FF" * 40, "00" * 40])
def test_a_binary_that_is_none_tells_nothing(binary: str) -> None:
    assert moments(binary) is None


@pytest.mark.parametrize(
    ("told", "name", "bias"),
    [
        ("480 Pacific Standard Time", "America/Los_Angeles", 480),
        ("-60 Mitteleuropäische Zeit", "Europe/Berlin", -60),
        ("-60 Romance Standard Time", "Europe/Paris", -60),
        ("-330 Somewhere", None, -330),
    ],
)
def test_6013_names_the_zone(told: str, name: str | None, bias: int, dictionary: EventDictionary) -> None:
    facts = ZoneFacts(dictionary.words)
    facts.add(event([("", ""), ("", ""), ("", ""), ("", ""), ("", "13"), ("", "60"), ("", told), ("Binary", "31")], 6013, dictionary))
    assert facts.names == ([name] if name else []) and facts.bias == bias


def test_names_of_zones_exist(dictionary: EventDictionary) -> None:
    for name in dictionary.words.zones:
        assert given(name).rules is not None or name == "Etc/UTC"


def autumn(step: int = 7) -> list[Told]:
    """Every few minutes from 01:00 to 04:00 in Berlin, which takes four hours."""
    return [Told(AUTUMN + n * step * MINUTE, "Contoso", 100 + n, "Application", number=n, texts={"en": f"event {n}"}) for n in range(-60 // step, 180 // step)]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("step", [7, 29])
def test_the_hour_that_comes_twice_is_told_by_the_order(newest_first: bool, step: int, read_export: Any) -> None:
    told = autumn(step)
    events, reading = read_export(eventforms.viewer_table(told, culture="de-DE", zone=BERLIN, newest_first=newest_first).encode())
    zone = given("Europe/Berlin")
    found = sorted((one.event_id, zone.utc(one.time, again=one.clock == LOCAL_AGAIN_CLOCK)) for one in events)
    assert found == [(one.event_id, one.time) for one in told]
    again = [one for one in events if one.clock == LOCAL_AGAIN_CLOCK]
    assert reading.again == len(again) > 0
    assert line_of(again[0]).split("\t")[0].endswith("~")


@pytest.mark.parametrize("newest_first", [True, False])
def test_an_ordinary_day_has_no_second_pass(newest_first: bool, read_export: Any) -> None:
    told = [Told(AUTUMN + n * 7 * MINUTE + 5 * 24 * 60 * MINUTE, "Contoso", 1 + n, "Application", texts={"en": "x"}) for n in range(100)]
    events, reading = read_export(eventforms.viewer_table(told, culture="de-DE", zone=BERLIN, newest_first=newest_first).encode())
    assert {one.clock for one in events} == {LOCAL_CLOCK} and reading.again == 0


def dated(culture: str, days: list[tuple[int, int]], hours: int = 1) -> bytes:
    told = [
        Told(
            int((datetime(2026, month, date, tzinfo=timezone.utc) + timedelta(hours=hours)).timestamp()) * SECOND,
            "Contoso",
            n + 1,
            "Application",
            texts={"en": "x"},
        )
        for n, (month, date) in enumerate(days)
    ]
    return eventforms.viewer_table(told, culture=culture).encode()


def months(events: list[WinEvent]) -> list[int]:
    return sorted({datetime.fromtimestamp((one.time or 0) / SECOND, timezone.utc).month for one in events})


@pytest.mark.parametrize("culture", ["en-US", "en-GB"])
def test_a_day_above_twelve_settles_the_whole_file(culture: str, read_export: Any) -> None:
    events, reading = read_export(dated(culture, [(3, 2), (3, 4), (3, 13), (3, 5)]))
    assert months(events) == [3] and not reading.problems


@pytest.mark.parametrize("culture", ["en-US", "en-GB"])
def test_else_the_order_of_the_records_does(culture: str, read_export: Any) -> None:
    events, reading = read_export(dated(culture, [(2, 11), (2, 12), (3, 1), (3, 2), (3, 3)]))
    assert months(events) == [2, 3] and not reading.problems


def test_what_nothing_settles_is_told(read_export: Any) -> None:
    events, reading = read_export(dated("en-GB", [(3, 2)]))
    assert [problem.kind for problem in reading.problems] == ["export-date-order"]
    assert months(events) == [3]
    events, _ = read_export(dated("en-US", [(3, 2)]))
    assert months(events) == [3], "with AM or PM it is the American order"


def test_marks_of_direction_and_the_narrow_blank_are_passed_over(read_export: Any) -> None:
    raw = "Level,Date and Time,Source,Event ID,Task Category\r\nError,\u200e7\u200e/\u200e28\u200e/\u200e2020 1:12:07\u202fPM,Contoso,1,None,x\r\n"
    (one,), _ = read_export(raw.encode())
    assert line_of(one).startswith("2020-07-28T13:12:07.000000\t")
