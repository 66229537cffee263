"""Event files as a scan reads them: every form, several files of one log, local times, and what is skipped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import eventforms
import evtxlogs
import evtxwriter
import pytest
from eventday import START, Language, day
from eventforms import Told

from backuptrace.api import ScanOptions, scan_with
from backuptrace.bundle.opening import open_bundle
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.model import Log
from backuptrace.readers.winevent import WinEvent, line_of
from backuptrace.scanning import events as events_module
from backuptrace.scanning.bundles import Scanned, declared_by, scan_bundle
from backuptrace.scanning.eventroutes import Routes

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = 60_000_000
CULTURE = {"en": "en-US", "de": "de-DE"}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def evtx(events: list[Told], most: int = 10_000) -> bytes:
    plain = [WinEvent(e.time, 0, e.number, e.channel, e.provider, e.event_id, e.level, e.computer, list(e.data)) for e in events]
    return evtxwriter.written([evtxwriter.entry_of(event) for event in plain], most=most)


def scanned(root: Path, knowledge: Knowledge, **files: bytes) -> Scanned:
    for name, raw in files.items():
        (root / name.replace("__", ".")).write_bytes(raw)
    with open_bundle(root) as bundle:
        return scan_bundle(bundle, knowledge)


FIELDS = ("1.0", "5e0d1a2b", "ntdll.dll", "10.0", "5e0d1a2c", "c0000005", "1234", "1a2b", "1", "C:\\a.exe", "C:\\b.dll", "7", "", "")


def crash(n: int, number: int | None = None) -> Told:
    """A crash of the extension's program, n minutes after the start."""
    values = ("IaaSBcdrExtension.exe", *FIELDS)
    text = (
        "Faulting application name: {}, version: {}, time stamp: 0x{}\nFaulting module name: {}, version: {}, time stamp: 0x{}\nException code: 0x{}\n"
        "Fault offset: 0x{}\nFaulting process id: 0x{}\nFaulting application start time: 0x{}\nFaulting application path: {}\nFaulting module path: {}\n"
        "Report Id: {}\nFaulting package full name: {}\nFaulting package-relative application ID: {}"
    ).format(*values)
    at = n + 1 if number is None else number
    return Told(START + n * MINUTE, "Application Error", 1000, "Application", 2, at, data=[("", value) for value in values], texts={"en": text})


def hits(log: Log) -> dict[str, int]:
    return {slot: found.total for slot, found in log.hits.items()}


# one report for every form

FORMS: dict[str, Any] = {
    "xml": lambda told, lang: eventforms.viewer_xml(told).encode(),
    "xml-rendered": lambda told, lang: eventforms.viewer_xml(told, rendered=CULTURE[lang], language=lang).encode(),
    "wevtutil-xml": lambda told, lang: eventforms.wevtutil_xml(told).encode("utf-16"),
    "csv": lambda told, lang: eventforms.viewer_table(told, lang, culture=CULTURE[lang], zone=BERLIN).encode("utf-8-sig"),
    "txt": lambda told, lang: eventforms.viewer_table(told, lang, culture=CULTURE[lang], zone=BERLIN, delimiter="\t").encode("cp1252"),
    "wevtutil-text": lambda told, lang: eventforms.wevtutil_text(told, lang, zone=BERLIN).encode("cp850"),
    "get-winevent": lambda told, lang: eventforms.get_winevent_csv(told, lang, culture=CULTURE[lang], zone=BERLIN).encode(),
    "get-eventlog": lambda told, lang: eventforms.get_eventlog_csv(told, lang, culture=CULTURE[lang], zone=BERLIN).encode("utf-8-sig"),
    "wevtutil-xml-without-bom": lambda told, lang: eventforms.wevtutil_xml(told).encode(),
    "csv-utf-16": lambda told, lang: eventforms.viewer_table(told, lang, culture=CULTURE[lang], zone=BERLIN).encode("utf-16"),
    "csv-cp1252": lambda told, lang: eventforms.viewer_table(told, lang, culture=CULTURE[lang], zone=BERLIN, newest_first=False).encode("cp1252"),
    "format-list": lambda told, lang: eventforms.format_list(told, lang, culture=CULTURE[lang], zone=BERLIN).encode("utf-16"),
    "clixml": lambda told, lang: eventforms.clixml(told, lang, zone=BERLIN).encode("utf-16"),
    "details": lambda told, lang: eventforms.details(told, lang, culture=CULTURE[lang], zone=BERLIN).encode(),
}
WITHOUT_COMPUTER = {name for name in FORMS if name.startswith(("csv", "txt"))}
"""The tables of the Event Viewer have no column for it."""


def told(path: Path, knowledge: Knowledge) -> dict[str, Any]:
    """What the report says, without the names of files, their places and their words."""
    report = scan_with(knowledge, path, ScanOptions(tz="Europe/Berlin"))
    return {
        "verdict": (report.verdict.outcome, report.verdict.cause, report.verdict.sentence),
        "facts": sorted((fact.name, fact.value) for fact in report.facts),
        "causes": [
            (c.id, c.status, c.why, c.hits.total, c.hits.first, c.hits.last, sorted((e.signature, e.time or "", e.role) for e in c.evidence))
            for c in report.causes
        ],
        "timeline": [(entry.time, entry.kind, entry.causes, entry.summary if entry.kind == "milestone" else "") for entry in report.timeline],
        "coverage": sorted((c.format, c.from_, c.to, c.complete, c.records, c.unreadable) for c in report.coverage),
    }


@pytest.fixture(scope="module")
def expected(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("evtx")
    (folder / "events.evtx").write_bytes(evtx(day("en")))
    return told(folder, knowledge)


def test_the_day_is_explained(expected: dict[str, Any]) -> None:
    supported = {cause[0] for cause in expected["causes"] if cause[1] == "supported"}
    assert {"antivirus", "vss-writer", "windows-agent-unresponsive", "com-msdtc"} <= supported
    assert any("boots" in entry[3] for entry in expected["timeline"])


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_one_report(form: str, language: Language, expected: dict[str, Any], knowledge: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "a file of events").write_bytes(FORMS[form](day(language), language))
    if form in WITHOUT_COMPUTER:
        expected = expected | {"facts": [fact for fact in expected["facts"] if fact[0] != "host"]}
    assert told(tmp_path, knowledge) == expected


# channels


def test_events_go_to_the_format_of_their_channel(knowledge: Knowledge, tmp_path: Path) -> None:
    events = [
        crash(0),
        Told(START, "EventLog", 6005, "System"),
        Told(START, "X", 1, "Microsoft-Windows-AppLocker/MSI and Script"),
        Told(START, "Y", 1, "Vendor/Operational"),
    ]
    out = scanned(tmp_path, knowledge, mixed__xml=eventforms.viewer_xml(events).encode())
    assert sorted((log.format, log.records) for log in out.logs) == [("event-application", 1), ("event-applocker", 1), ("event-other", 1), ("event-system", 1)]
    assert {log.path for log in out.logs} == {"mixed.xml"}


def test_a_name_with_the_wrong_ending_is_no_matter(knowledge: Knowledge, tmp_path: Path) -> None:
    out = scanned(tmp_path, knowledge, notes__dat=evtx([crash(0)]))
    assert [log.format for log in out.logs] == ["event-application"]
    assert "content" in out.logs[0].recognised


def test_the_name_of_the_file_tells_the_channel_where_nothing_else_does(knowledge: Knowledge, tmp_path: Path) -> None:
    event = Told(START, "A provider nobody knows", 7, "System", texts={"en": "Something happened."})
    out = scanned(tmp_path, knowledge, System__csv=eventforms.viewer_table([event]).encode(), other__csv=eventforms.viewer_table([event]).encode())
    assert {log.path: log.format for log in out.logs} == {"System.csv": "event-system", "other.csv": "event-other"}


def test_an_event_log_without_events_is_listed(knowledge: Knowledge, tmp_path: Path) -> None:
    out = scanned(tmp_path, knowledge, Empty__evtx=evtxwriter.file_of([]))
    assert not out.logs
    assert [(path, "events" in why) for path, _, why in out.unknown] == [("Empty.evtx", True)]


QUOTED = "Event ID: 8229\nSource: VSS\nLevel: Warning\nDescription:\nA VSS writer has rejected an event with error 0x800423f4.\n"


@pytest.mark.parametrize(
    "path, found",
    [
        ("System32/winevt/Logs/Application.txt", True),
        ("from the ticket.txt", True),
        ("WindowsAzure/Logs/Plugins/Contoso.Inventory/1.0/output.log", False),
    ],
)
def test_an_event_without_half_of_its_labels(path: str, found: bool, knowledge: Knowledge, tmp_path: Path) -> None:
    """People paste them; other programs quote them."""
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(QUOTED, encoding="utf-8")
    (tmp_path / "WindowsAzure" / "Logs").mkdir(parents=True, exist_ok=True)
    (tmp_path / "WindowsAzure" / "Logs" / "other.bin").write_bytes(b"\0")
    out = scanned(tmp_path, knowledge)
    assert [log.format for log in out.logs] == ["event-application"] * found


def test_the_logs_of_an_installed_windows_are_opened(knowledge: Knowledge, tmp_path: Path) -> None:
    """And those that no format asks for are only counted among the rest."""
    folder = tmp_path / "Windows" / "System32" / "winevt" / "Logs"
    folder.mkdir(parents=True)
    (folder.parents[1] / "ntoskrnl.exe").write_bytes(b"MZ")
    (folder / "Application.evtx").write_bytes(evtx([crash(0)]))
    blocked = Told(START, "Microsoft-Windows-AppLocker", 8004, "Microsoft-Windows-AppLocker/EXE and DLL", data=[("FilePath", "%OSDRIVE%\\A.EXE")])
    (folder / "Microsoft-Windows-AppLocker%4EXE and DLL.evtx").write_bytes(evtx([blocked]))
    with open_bundle(tmp_path, declared=declared_by(knowledge)) as bundle:
        assert bundle.live
        assert sorted(log.format for log in scan_bundle(bundle, knowledge).logs) == ["event-application", "event-applocker"]


# order and coverage


def test_newest_first_covers_the_same_time(knowledge: Knowledge, tmp_path: Path) -> None:
    events = [crash(n) for n in range(5)]
    out = scanned(tmp_path, knowledge, a__csv=eventforms.viewer_table(events).encode())
    (log,) = out.logs
    ((_, span),) = log.spans.items()
    assert (span.first, span.last, span.end) == (START, START + 4 * MINUTE, START + 4 * MINUTE)
    (slot,) = {slot for slot in log.hits if slot.endswith("extension-crash/crash")}
    assert [event.stamp for event in log.hits[slot].kept] == [START + n * MINUTE for n in range(5)]


def test_an_archived_log_belongs_to_the_live_one(knowledge: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "Archive-Application-2026-11-22-03-10-01-123.evtx").write_bytes(evtx([crash(0)]))
    (tmp_path / "Application.evtx").write_bytes(evtx([crash(9)]))
    out = scanned(tmp_path, knowledge)
    assert [log.base for log in out.logs] == ["Application.evtx"] * 2


# several files of one log


def test_an_event_in_two_files_counts_once(knowledge: Knowledge, tmp_path: Path) -> None:
    events = [crash(n) for n in range(4)]
    files = {
        "a__evtx": evtx(events),
        "b__xml": eventforms.viewer_xml(events[:2]).encode(),
        "c__csv": eventforms.viewer_table([*events[1:], crash(7)]).encode(),
    }
    out = scanned(tmp_path, knowledge, **files)
    slot = next(slot for log in out.logs for slot in log.hits if slot.endswith("extension-crash/crash"))
    assert {log.path: log.hits[slot].total for log in out.logs if slot in log.hits} == {"a.evtx": 4, "c.csv": 1}
    assert [log.records for log in out.logs] == [4, 2, 4]
    assert any("counted" in note for log in out.logs if log.path == "b.xml" for note in log.notes)


def test_equal_events_of_one_file_all_count(knowledge: Knowledge, tmp_path: Path) -> None:
    events = [crash(0, number=1), crash(0, number=2), crash(0, number=3)]
    out = scanned(tmp_path, knowledge, a__evtx=evtx(events), b__xml=eventforms.viewer_xml(events).encode())
    slot = next(slot for log in out.logs for slot in log.hits if slot.endswith("extension-crash/crash"))
    assert [log.hits[slot].total for log in out.logs if slot in log.hits] == [3]


def test_local_times_are_placed_by_a_file_that_tells_utc(knowledge: Knowledge, tmp_path: Path) -> None:
    """The export was saved on a machine in New York; nothing else knows that."""
    events = [crash(n) for n in range(3)]
    local = eventforms.viewer_table([*events, crash(50)], zone=ZoneInfo("America/New_York"))
    out = scanned(tmp_path, knowledge, a__evtx=evtx(events), b__csv=local.encode())
    slot = next(slot for log in out.logs for slot in log.hits if slot.endswith("extension-crash/crash"))
    (late,) = next(log for log in out.logs if log.path == "b.csv").hits[slot].kept
    assert (late.stamp, late.clock) == (START + 50 * MINUTE, 0)
    assert any("UTC-05:00" in note for log in out.logs for note in log.notes)


def test_evidence_names_the_record_or_the_line_of_the_export(knowledge: Knowledge, tmp_path: Path) -> None:
    """A table of the Event Viewer holds no record numbers."""
    for name, raw in {"a": evtx([crash(0, number=4711)]), "b": eventforms.viewer_table([crash(0)]).encode()}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(raw)
    places = []
    for name in "ab":
        (cause,) = (cause for cause in scan_with(knowledge, tmp_path / name).causes if cause.id == "antivirus")
        places += [(e.source, e.record, e.line, e.offset) for e in cause.evidence]
    assert places == [("file", 4711, None, None), ("file", None, 2, None)]


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "-3", "x"])
def test_a_record_number_that_is_none_harms_nothing(number: str, knowledge: Knowledge, tmp_path: Path) -> None:
    text = eventforms.viewer_xml([crash(0)]).replace("<EventRecordID>1<", f"<EventRecordID>{number}<")
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    report = scan_with(knowledge, tmp_path)
    assert [cause.id for cause in report.causes if cause.status == "supported"] == ["antivirus"]
    report.to_json()


# what is skipped


def parse_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Routes, "wanted", lambda self, chunk: True)
    monkeypatch.setattr(Routes, "picked", lambda self, xmls: set(range(len(xmls))))


@pytest.mark.parametrize("channel", ["Application", ""], ids=["told", "only by the name of the file"])
def test_chunks_without_a_wanted_word_are_skipped_and_nothing_is_lost(
    channel: str, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [Told(START + n * MINUTE, "ESENT", 326, channel, 4, n + 1, data=[("", "svchost"), ("", "x" * 300)]) for n in range(600)]
    events[300] = replace(crash(300, number=301), channel=channel)
    raw = evtx(events, most=50)
    taken: list[int] = []
    monkeypatch.setattr(events_module, "line_of", lambda event: taken.append(event.event_id) or line_of(event))  # type: ignore[func-returns-value]
    (some,) = scanned(tmp_path, knowledge, Application__evtx=raw).logs
    assert len(taken) == 101  # the first and the last chunk, and of the one in between only the crash
    parse_everything(monkeypatch)
    (all_of_it,) = scanned(tmp_path, knowledge, Application__evtx=raw).logs
    assert hits(some) == hits(all_of_it) != {}
    assert some.spans == all_of_it.spans
    assert some.records == all_of_it.records == 600
    assert any("not parsed" in note for note in some.notes)


@pytest.mark.parametrize("path", evtxlogs.real_files(), ids=lambda path: path.name)
def test_the_same_is_found_in_real_logs_with_and_without_skipping(path: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_bundle(path) as bundle:
        some = scan_bundle(bundle, knowledge).logs
    parse_everything(monkeypatch)
    with open_bundle(path) as bundle:
        everything = scan_bundle(bundle, knowledge).logs
    assert [(log.format, hits(log), log.spans, log.records) for log in some] == [(log.format, hits(log), log.spans, log.records) for log in everything]


@pytest.mark.parametrize("path", evtxlogs.real_files(), ids=lambda path: path.name)
def test_no_real_log_of_a_machine_without_a_failed_backup_supports_a_cause(path: Path, knowledge: Knowledge) -> None:
    assert [cause.id for cause in scan_with(knowledge, path).causes if cause.status == "supported"] == []
