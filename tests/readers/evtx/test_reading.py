"""Sound logs: every event, with its fields as every other form of the log has them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from Evtx.Evtx import Evtx
from evtxlogs import MINUTE, START, entries
from evtxwriter import Entry, entry_of, written

from backuptrace.model import UTC_CLOCK
from backuptrace.readers.evtx import Reading, looks_like_evtx, read
from backuptrace.readers.winevent import WinEvent

Told = Callable[[bytes], tuple[list[int | None], Reading]]


class Dribble:
    """A stream that gives few bytes at a time."""

    def __init__(self, raw: bytes) -> None:
        self._file = io.BytesIO(raw)

    def readinto(self, view: memoryview) -> int:
        return self._file.readinto(view[:7919])


def test_an_event_has_all_its_fields(log: bytes) -> None:
    events = list(read(log, Reading()))
    assert events[0] == WinEvent(
        START + 100 * MINUTE, UTC_CLOCK, 100, "System", "VSS", 12298, 2, "VM01",
        [("", "100"), ("", ""), ("", "0x80042314"), ("Binary", "2D20436F64653A2031")],
    )  # fmt: skip
    assert events[1].data == [("param1", "Service 101"), ("param2", "101"), ("Binary", "5300760063003100300031002F003400")]
    assert [event.number for event in events] == list(range(100, 130))


@pytest.mark.parametrize("minor", [1, 2])
def test_both_versions_and_a_stream_of_small_pieces_read_alike(minor: int, log: bytes) -> None:
    reading = Reading()
    assert list(read(Dribble(written(entries(), most=10, minor=minor)), reading)) == list(read(log, Reading()))
    assert (reading.version, reading.records, reading.chunks, reading.problems("x"), reading.notes()) == (f"3.{minor}", 30, 3, [], [])


def test_what_was_written_comes_back() -> None:
    events = [
        WinEvent(START, UTC_CLOCK, 7, "Application", "Application Error", 1000, 2, "VM01", [("", "IaaSBcdrExtension.exe"), ("", "1.0"), ("", "<&>\"'ä€😀")]),
        WinEvent(START + 1, UTC_CLOCK, 8, "System", "Service Control Manager", 7000, 2, "VM01", [("param1", "x"), ("param2", "%%1053")]),
        WinEvent(START + 2, UTC_CLOCK, 9, "Setup", "Servicing", 2, 4, "VM01", []),
    ]
    assert list(read(written(entry_of(event) for event in events), Reading())) == events


def test_user_data_are_named_by_their_path_without_what_wraps_them() -> None:
    entry = Entry(
        "Microsoft-Windows-AppLocker", 8004, START, 1, channel="Microsoft-Windows-AppLocker/EXE and DLL",
        user=("RuleAndFileData", [("PolicyName", "EXE"), ("FilePath", "%OSDRIVE%\\PACKAGES\\X.EXE"), ("Rule", [("Id", "1"), ("Name", "-")])]),
    )  # fmt: skip
    (event,) = read(written([entry]), Reading())
    assert event.data == [("PolicyName", "EXE"), ("FilePath", "%OSDRIVE%\\PACKAGES\\X.EXE"), ("Rule.Id", "1"), ("Rule.Name", "-")]
    assert event.channel == "Microsoft-Windows-AppLocker/EXE and DLL"


def test_a_guid_and_line_ends_read_as_in_exports() -> None:
    data = [("a", "00112233-4455-6677-8899-AABBCCDDEEFF"), ("b", "one\r\ntwo\rthree"), ("c", "zz112233-4455-6677-8899-AABBCCDDEEFF")]
    (event,) = read(written([Entry("P", 1, START, 1, data=data)]), Reading())
    assert event.data == [("a", "{00112233-4455-6677-8899-aabbccddeeff}"), ("b", "one\ntwo\nthree"), data[2]]


def test_the_time_of_the_event_counts_not_that_of_the_record(told: Told) -> None:
    saved = [replace(entry, header_time=-11_644_473_600_000_000, header_number=n) for n, entry in enumerate(entries(6), 1)]
    events = list(read(written(saved), Reading()))
    assert [event.time for event in events] == [entry.time for entry in saved]
    numbers, reading = told(written(saved))
    assert numbers == [100, 101, 102, 103, 104, 105]
    assert reading.renumbered
    assert any("selection of the log" in note for note in reading.notes())


def test_a_ring_is_read_from_its_oldest_chunk(log: bytes, told: Told) -> None:
    from evtxdamage import chunks_moved

    numbers, reading = told(chunks_moved(log, [1, 2, 0]))
    assert numbers == list(range(100, 130))
    assert reading.shuffled
    assert not reading.problems("x")


def test_missing_record_numbers_are_told(told: Told) -> None:
    kept = [entry for entry in entries(40) if not 110 <= entry.number < 130]
    numbers, reading = told(written(kept, most=10))
    assert len(numbers) == 20
    assert (reading.gaps, reading.missing) == ([(110, 129)], 20)
    assert any("20 record numbers are not in the file: 110 to 129" in note for note in reading.notes())


@pytest.mark.parametrize(
    ("number", "user", "channel"), [(104, [("SubjectUserName", "x"), ("Channel", "Application")], "Application"), (1102, [("SubjectUserName", "x")], "System")]
)
def test_a_cleared_log_is_told(number: int, user: Any, channel: str, told: Told) -> None:
    cleared = Entry("Microsoft-Windows-Eventlog", number, START, 1, user=("LogFileCleared", user))
    _, reading = told(written([cleared, *entries(3, first=2)]))
    assert [(one.channel, one.time, one.number) for one in reading.cleared] == [(channel, START, 1)]
    assert any(f"the log {channel} was cleared at 2026-11-23T00:33:04.123456Z" in note for note in reading.notes())


def test_another_sources_104_clears_nothing(told: Told) -> None:
    assert told(written([Entry("ESENT", 104, START, 1)]))[1].cleared == []


def test_a_log_without_events_is_no_damage(told: Told) -> None:
    numbers, reading = told(written([], spare=1))
    assert numbers == []
    assert [(problem.kind, problem.what) for problem in reading.problems("x")] == [("note", "the event log holds no events")]


def test_a_file_is_known_by_its_bytes(log: bytes) -> None:
    assert looks_like_evtx(log[:64])
    assert looks_like_evtx(log[4096 : 4096 + 64])
    assert looks_like_evtx(bytes(4096) + log[4096 : 4096 + 64])
    assert not looks_like_evtx(b"")
    assert not looks_like_evtx(b"ElfChnk\0" + b"x" * 100)


def test_python_evtx_reads_what_was_written(log: bytes, tmp_path: Any) -> None:
    path = tmp_path / "x.evtx"
    path.write_bytes(log)
    with Evtx(str(path)) as other:
        assert other.get_file_header().verify()
        assert [chunk.verify() for chunk in other.chunks()] == [True] * 3
        texts = [record.xml() for record in other.records()]
    assert len(texts) == 30
    assert "<EventRecordID>101</EventRecordID>" in texts[1] and '<Data Name="param1">Service 101</Data>' in texts[1]


def test_evtx_reads_what_was_written_with_its_checksums(log: bytes) -> None:
    from evtx import PyEvtxParser

    records: Any = PyEvtxParser(io.BytesIO(log), number_of_threads=1, indent=False, validate_checksums=True).records()
    texts = [record["data"] for record in records]
    assert len(texts) == 30
    assert texts[0].count("<Data>") == 3 and "<EventRecordID>100</EventRecordID>" in texts[0]
