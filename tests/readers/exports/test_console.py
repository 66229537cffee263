"""Tables that people paste from a console."""

from __future__ import annotations

import io

import pytest

from backuptrace.readers.exports import Reading, read, sniff
from backuptrace.readers.winevent import WinEvent

from .conftest import Read

GROUPS = """\
PS C:\\> Get-WinEvent -LogName Application


   ProviderName: VSS

TimeCreated                     Id LevelDisplayName Message
-----------                     -- ---------------- -------
2/23/2025 2:10:07 AM          8229 Warning          A VSS writer has rejected an event with error 0x800423f4, The wri...
2/23/2025 2:09:07 AM          8224 Information      The VSS service is shutting down due to idle timeout. ...


   ProviderName: Contoso Sample

TimeCreated                     Id LevelDisplayName Message
-----------                     -- ---------------- -------
2/22/2025 11:59:58 PM            7 Error            {1, 2}
"""
WRAPPED = """\
TimeCreated         ProviderName   Id Message
-----------         ------------   -- -------
23.02.2025 02:10:07 VSS          8229 A VSS writer has rejected
                                      an event with error
                                      0x800423f4
23.02.2025 02:12:07 VSS            13 second
"""
WIDE = """\
   ProviderName: Service Control Manager

TimeCreated                  Id LevelDisplayName Message
-----------                  -- ---------------- -------
2025/02/23 2:10:07         7036 情報             WMI サービスは停止状態になりました。
2025/02/23 2:11:07         7000 エラー           x サービスを開始できませんでした。
"""
EVENTLOG = """\
   Index Time          EntryType   Source                 InstanceID Message
   ----- ----          ---------   ------                 ---------- -------
   41235 Feb 23 02:10  Warning     VSS                          8229 A VSS writer has rejected an event with...
   41234 Feb 23 02:09  Error       Service Control M...   3221232472 The x service failed...
"""


def events(text: str, encoding: str = "utf-8") -> tuple[list[WinEvent], Reading]:
    raw = text.replace("\n", "\r\n").encode(encoding)
    form = sniff(raw)
    assert form is not None
    assert form.kind == "console"
    reading = Reading("x.txt")
    return list(read(io.BytesIO(raw), form, reading)), reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_each_table_has_the_provider_above_it(encoding: str) -> None:
    found, reading = events(GROUPS, encoding)
    assert [(e.provider, e.event_id, e.message) for e in found] == [
        ("VSS", 8229, "A VSS writer has rejected an event with error 0x800423f4, The wri"),
        ("VSS", 8224, "The VSS service is shutting down due to idle timeout."),
        ("Contoso Sample", 7, "{1, 2}"),
    ]
    assert reading.problems == []
    assert [e.time and e.time // 1_000_000 % 86_400 for e in found] == [7807, 7747, 86_398]


def test_a_message_that_goes_on_below_itself() -> None:
    found, _ = events(WRAPPED)
    assert [(e.provider, e.event_id, e.message) for e in found] == [
        ("VSS", 8229, "A VSS writer has rejected\nan event with error\n0x800423f4"),
        ("VSS", 13, "second"),
    ]


def test_letters_that_take_two_places_move_no_column() -> None:
    found, _ = events(WIDE)
    assert [(e.event_id, e.message) for e in found] == [(7036, "WMI サービスは停止状態になりました。"), (7000, "x サービスを開始できませんでした。")]


def test_times_without_a_year_date_nothing() -> None:
    found, reading = events(EVENTLOG)
    assert [(e.number, e.time, e.provider, e.event_id) for e in found] == [(41235, None, "VSS", 8229), (41234, None, "Service Control M...", 7000)]
    assert [(problem.kind, problem.where) for problem in reading.problems] == [("export-no-time", "x.txt:3")]


def test_a_provider_that_was_cut_is_completed_where_only_one_begins_so(read_export: Read) -> None:
    found, _ = read_export(EVENTLOG.encode())
    assert [event.provider for event in found] == ["VSS", "Service Control Manager"]
    found, _ = read_export(EVENTLOG.replace("Service Control M...", "Microsoft-Windows...").encode())
    assert [event.provider for event in found] == ["VSS", "Microsoft-Windows..."]


@pytest.mark.parametrize(
    "text",
    [
        "Status   Name               DisplayName\n------   ----               -----------\nStopped  VSS                Volume Shadow Copy\n",
        "Id Name State\n-- ---- -----\n 1 Job1 Running\n",
        "TimeCreated Message\n----------- -------\n23.02.2025 x\n",
        "-- -- --\n" * 3,
    ],
)
def test_tables_of_other_things_are_none(text: str) -> None:
    found = sniff(text.encode())
    assert found is None or found.kind != "console"
