"""The same events saved in every form, language and encoding are the same events."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import eventforms
import msgspec
import pytest
from eventday import Language, day
from eventforms import Told

from backuptrace.model import LOCAL_CLOCK, SECOND, UTC_CLOCK
from backuptrace.readers.eventdict import EventDictionary
from backuptrace.readers.winevent import WinEvent

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600 * SECOND
CULTURE = {"en": "en-US", "de": "de-DE"}

LOCAL_FORMS: dict[str, Any] = {
    "viewer-csv": lambda told, lang: eventforms.viewer_table(told, lang, culture=CULTURE[lang], zone=BERLIN),
    "viewer-txt": lambda told, lang: eventforms.viewer_table(told, lang, culture=CULTURE[lang], zone=BERLIN, delimiter="\t"),
    "wevtutil-text": lambda told, lang: eventforms.wevtutil_text(told, lang, zone=BERLIN),
    "get-winevent": lambda told, lang: eventforms.get_winevent_csv(told, lang, culture=CULTURE[lang], zone=BERLIN),
    "get-winevent-culture": lambda told, lang: eventforms.get_winevent_csv(told, lang, culture=CULTURE[lang], zone=BERLIN, delimiter=";", type_line=False),
    "get-winevent-selected": lambda told, lang: eventforms.get_winevent_csv(
        told, lang, culture=CULTURE[lang], zone=BERLIN, names=("TimeCreated", "Id", "LevelDisplayName", "ProviderName", "LogName", "Message")
    ),
    "get-eventlog": lambda told, lang: eventforms.get_eventlog_csv(told, lang, culture=CULTURE[lang], zone=BERLIN),
    "format-list": lambda told, lang: eventforms.format_list(told, lang, culture=CULTURE[lang], zone=BERLIN),
    "details": lambda told, lang: eventforms.details(told, lang, culture=CULTURE[lang], zone=BERLIN),
    "details-without-xml": lambda told, lang: eventforms.details(told, lang, culture=CULTURE[lang], zone=BERLIN, xml=False),
}
UTC_FORMS: dict[str, Any] = {
    "viewer-xml": lambda told, lang: eventforms.viewer_xml(told),
    "viewer-xml-rendered": lambda told, lang: eventforms.viewer_xml(told, rendered=CULTURE[lang], language=lang),
    "wevtutil-xml": lambda told, lang: eventforms.wevtutil_xml(told),
    "wevtutil-text-utc": lambda told, lang: eventforms.wevtutil_text(told, lang, zone=None, colon=False),
    "clixml": lambda told, lang: eventforms.clixml(told, lang, zone=BERLIN),
    "clixml-shallow": lambda told, lang: eventforms.clixml(told, lang, zone=BERLIN, properties=False),
}
FORMS = LOCAL_FORMS | UTC_FORMS
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8 with mark": "utf-8-sig",
    "utf-16 with mark": "utf-16",
    "utf-16 without mark": "utf-16-le",
    "Windows-1252": "cp1252",
    "OEM 850": "cp850",
    "OEM 437": "cp437",
}


def known(dictionary: EventDictionary, events: list[WinEvent], shift: int = 0) -> list[tuple[Any, ...]]:
    """What every form tells of an event, in order of time."""
    found = [(event.time // SECOND - shift // SECOND, event.channel, event.level, dictionary.identity(event)) for event in events if event.time is not None]
    return sorted(found, key=lambda one: (one[0], one[3][1]))


@pytest.fixture(scope="module")
def expected(dictionary: EventDictionary) -> list[tuple[Any, ...]]:
    """The day as an English machine keeps it in its own log."""
    events = [
        dictionary.complete(WinEvent(told.time, UTC_CLOCK, told.number, told.channel, told.provider, told.event_id, told.level, told.computer, list(told.data)))
        for told in day("en")
    ]
    return known(dictionary, events)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_same_events(
    form: str, language: Language, read_export: Any, dictionary: EventDictionary, expected: list[tuple[Any, ...]]
) -> None:
    events, reading = read_export(FORMS[form](day(language), language).encode("utf-8"))
    local = form in LOCAL_FORMS
    if form == "get-eventlog":  # it knows no level above error
        events = [msgspec.structs.replace(event, level=1) if event.event_id == 41 else event for event in events]
    assert known(dictionary, events, HOUR if local else 0) == expected
    assert reading.zoneless is local
    assert {event.clock for event in events} == {LOCAL_CLOCK if local else UTC_CLOCK}
    assert not reading.problems
    assert not [event.message for event in events if event.message]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["viewer-csv", "viewer-txt", "wevtutil-text", "get-winevent", "format-list", "details", "viewer-xml-rendered"])
def test_every_encoding_tells_the_same_events(form: str, encoding: str, read_export: Any, dictionary: EventDictionary, expected: list[tuple[Any, ...]]) -> None:
    text = FORMS[form](day("de"), "de")
    if form == "viewer-xml-rendered":
        text = text.replace('encoding="utf-8"', 'encoding="x"')
    events, reading = read_export(text.encode(ENCODINGS[encoding]))
    assert known(dictionary, events, HOUR if form in LOCAL_FORMS else 0) == expected
    assert not reading.problems
    assert not [event.message for event in events if event.message]


@pytest.mark.parametrize("form", ["wevtutil-text", "format-list", "details-without-xml"])
def test_lines_that_were_copied_from_a_web_page(form: str, read_export: Any, dictionary: EventDictionary, expected: list[tuple[Any, ...]]) -> None:
    text = FORMS[form](day("en"), "en").replace("\r\n", "\n")
    events, reading = read_export("".join(f"{line}<br>\n" for line in text.split("\n")).encode())
    assert known(dictionary, events, HOUR) == expected
    assert not reading.problems


def test_export_csv_of_powershell_5_loses_every_umlaut(read_export: Any, dictionary: EventDictionary, expected: list[tuple[Any, ...]]) -> None:
    text = eventforms.get_winevent_csv(day("de"), "de", culture="de-DE", zone=BERLIN)
    events, _ = read_export(text.encode("ascii", "replace"))
    assert known(dictionary, events, HOUR) == expected


def test_a_list_cut_at_the_width_of_the_console(read_export: Any, dictionary: EventDictionary, expected: list[tuple[Any, ...]]) -> None:
    """Where no word is longer than the line, the pieces are joined again."""
    events, _ = read_export(eventforms.format_list(day("en"), "en", zone=BERLIN, width=200).encode())
    assert known(dictionary, events, HOUR) == expected


@pytest.mark.parametrize("culture", list(eventforms.CULTURES))
def test_dates_of_every_culture(culture: str, read_export: Any, dictionary: EventDictionary, expected: list[tuple[Any, ...]]) -> None:
    events, reading = read_export(eventforms.viewer_table(day("en"), "en", culture=culture, zone=BERLIN).encode())
    assert known(dictionary, events, HOUR) == expected
    assert not reading.problems


def test_a_german_viewer_on_an_english_log(read_export: Any) -> None:
    """Words around in the language of the viewer, inserts in that of the machine."""
    told = Told(
        1, "Service Control Manager", 7040, "System", texts={"de": 'Der Starttyp des Diensts "Windows Update" wurde von disabled in demand start geändert.'}
    )
    (event,), _ = read_export(eventforms.viewer_table([told], "de", culture="de-DE").encode())
    assert event.data == [("param1", "wuauserv"), ("param2", "disabled"), ("param3", "demand start")]


JAPANESE = [
    Told(1, "Service Control Manager", 7031, "System", 2, texts={"ja": "RdAgent サービスは予期せず終了しました。このサービスの強制終了は 3 回目です。次の修正操作が 60000 ミリ秒以内に実行されます: サービスの再開。"}),
    Told(2, "Application Error", 1000, "Application", 2, texts={"ja": (
        "障害が発生しているアプリケーション名: IaaSBcdrExtension.exe、バージョン: 1.0.0.0、タイム スタンプ: 0x60f1fdae\n障害が発生しているモジュール名: ntdll.dll、バージョン: 10.0.17763.1、タイム スタンプ: 0x5f7d2c1e\n"
        "例外コード: 0xc0000409\n障害オフセット: 0x000000000003a1b9\n障害が発生しているプロセス ID: 0x1a2c\n障害が発生しているアプリケーションの開始時刻: 0x01dc5c1e2b3f4a55\n"
        "障害が発生しているアプリケーション パス: C:\\Packages\\Plugins\\x\\IaaSBcdrExtension.exe\n障害が発生しているモジュール パス: C:\\Windows\\SYSTEM32\\ntdll.dll\nレポート ID: 1f2e")}),
    Told(3, "Microsoft-Windows-AppLocker", 8004, "Microsoft-Windows-AppLocker/EXE and DLL", 2, source="AppLocker", texts={"ja": "%OSDRIVE%\\PACKAGES\\PLUGINS\\X\\IAASBCDREXTENSION.EXE の実行が禁止されました。"}),
    Told(4, "VSS", 12298, "Application", 2, texts={"ja": "ボリューム シャドウ コピー サービス エラー: ... エラーの詳細: Open[0x00000000, x\n], Flush[0x00000000, x\n], Release[0x80042314, x\n], OnRun[0x00000000, x\n]"}),
]  # fmt: skip


def test_a_language_without_templates_is_read_by_shape(read_export: Any) -> None:
    events, reading = read_export(eventforms.viewer_table(JAPANESE, "ja", culture="ja-JP", newest_first=False).encode())
    found = {event.event_id: dict(event.data) for event in events}
    assert found[7031] == {"param1": "RdAgent", "param2": "3", "param3": "60000"}
    assert found[1000]["AppName"] == "IaaSBcdrExtension.exe" and found[1000]["ExceptionCode"] == "c0000409" and found[1000]["ModuleName"] == "ntdll.dll"
    assert found[8004] == {"FilePath": "%OSDRIVE%\\PACKAGES\\PLUGINS\\X\\IAASBCDREXTENSION.EXE"}
    assert found[12298]["Release"] == "0x80042314"
    assert [event.level for event in events] == [2, 2, 2, 2] and events[2].channel == "Microsoft-Windows-AppLocker/EXE and DLL"
    assert not reading.problems


def test_details_in_a_language_nobody_knows(read_export: Any) -> None:
    events, _ = read_export(eventforms.details(JAPANESE, "ja", culture="ja-JP").encode())
    assert [(event.event_id, event.computer, bool(event.data)) for event in events] == [
        (7031, "vm1", True),
        (1000, "vm1", True),
        (8004, "vm1", True),
        (12298, "vm1", True),
    ]
    assert [event.channel for event in events] == [told.channel for told in JAPANESE]


def test_an_event_whose_text_is_not_installed_keeps_its_inserts(read_export: Any) -> None:
    text = (
        "The description for Event ID 7034 from source Service Control Manager cannot be found. Either the component that raises this event is not installed on your local computer or the installation is corrupted.\n\n"
        "If the event originated on another computer, the display information had to be saved with the event.\n\nThe following information was included with the event: \n\nRdAgent\n4\n\nThe specified resource type cannot be found in the image file\n"
    )
    (event,), _ = read_export(eventforms.viewer_table([Told(1, "Service Control Manager", 7034, "System", texts={"en": text})]).encode())
    assert event.data == [("param1", "RdAgent"), ("param2", "4")]


def test_an_unknown_text_is_kept(read_export: Any) -> None:
    (event,), _ = read_export(eventforms.viewer_table([Told(1, "Contoso", 9, "Application", texts={"en": 'It said "no",\nand stopped.'})]).encode())
    assert event.message == 'It said "no",\nand stopped.' and event.data == [] and event.provider == "Contoso"


def test_the_place_is_the_record_number_or_the_line(read_export: Any) -> None:
    with_number, _ = read_export(eventforms.viewer_xml(day("en")).encode())
    assert [event.number for event in with_number][:2] == [500 + len(day("en")) - 1, 500 + len(day("en")) - 2]
    table, _ = read_export(
        b'Level,Date and Time,Source,Event ID,Task Category\r\nError,1/13/2026 1:00:00 AM,A,1,None,"x\r\ny"\r\nError,1/13/2026 1:00:00 AM,A,2,None,z\r\n'
    )
    assert [(event.event_id, event.number) for event in table] == [(1, 2), (2, 4)]


@pytest.mark.parametrize(
    ("head", "computer"),
    [
        ("Log Name: Application\nSource: Application Error\nDate: 3/5/2026 1:12:07 AM\nEvent ID: 1000\nLevel: Error\nDescription:\n", ""),
        ("日志名称: Application\n来源: Application Error\n日期: 2026/3/5 1:12:07\n事件 ID: 1000\n级别: 错误\n计算机: vm1\n描述:\n", "vm1"),
        ("Log Name: Application\nSource: Application Error\nDate: 3/5/2026 1:12:07 AM\nEvent ID: 1000\nLevel: Error\n", ""),
    ],
    ids=["no category", "Chinese", "no label of the text"],
)
def test_copied_details_of_which_labels_were_left_out(head: str, computer: str, read_export: Any) -> None:
    text = "Faulting application name: x.exe, version: 1.0.0.0\nFaulting module name: ntdll.dll, version: 10.0.1.1\nException code: 0xc0000005\n"
    (event,), _ = read_export((head + text + "\n").encode())
    assert (event.level, event.computer) == (2, computer)
    assert {("AppName", "x.exe"), ("ModuleName", "ntdll.dll"), ("ExceptionCode", "c0000005")} <= set(event.data)
