"""Real logs, sound and damaged: at least what either reader gives alone, event for event what the fast reader says; what is lost is named."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import pytest
from evtx import PyEvtxParser
from Evtx.Evtx import Evtx
from evtxlogs import real_files

from backuptrace.readers.evtx import Reading, fast, read
from backuptrace.readers.evtx.eventxml import event_from
from backuptrace.readers.evtx.planned import Planned
from backuptrace.readers.winevent import WinEvent

FILES = real_files()
pytestmark = pytest.mark.skipif(not FILES, reason="the real event logs are not here")
real = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[-30:])

# name: (records read, of them only the beginning, lost) where the file is damaged
DAMAGED = {
    "2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx": (1775, 1, 0),
    "Microsoft-Windows-LanguagePackSetup%4Operational.evtx": (17, 1, 3),
    "sample-with-zero-data-size-event.evtx": (449, 0, 1),
    "sample_with_a_bad_chunk_magic.evtx": (384, 4, 166),
    "System2.evtx": (284, 1, 0),
}


def by_package(raw: bytes) -> dict[int, WinEvent]:
    """What the `evtx` package gives of the file as it is, if one goes on after an error."""
    out: dict[int, WinEvent] = {}
    records = iter(PyEvtxParser(io.BytesIO(raw), number_of_threads=1, indent=False).records())
    while True:
        try:
            record: Any = next(records)
        except StopIteration:
            return out
        except RuntimeError:
            continue
        out[record["event_record_id"]] = event_from(record["data"], record["event_record_id"])


def by_python(path: Path) -> set[int]:
    """The record numbers that python-evtx can write as XML."""
    out: set[int] = set()
    with warnings.catch_warnings(), Evtx(str(path)) as log:
        warnings.simplefilter("ignore")
        for number, record in enumerate(log.records()):
            if number % 40:  # finding a record is cheap, writing it is not
                out.add(record.record_num())
                continue
            try:
                record.xml()
            except Exception:  # noqa: BLE001  # whatever it stumbles on
                continue
            out.add(record.record_num())
    return out


@real
def test_at_least_what_either_reader_gives_alone(path: Path) -> None:
    reading = Reading()
    events = list(read(path.read_bytes(), reading))
    package = by_package(path.read_bytes())
    assert len(events) == reading.records >= max(len(package), len(by_python(path)))
    known = {(event.number, event.time, event.provider) for event in events}
    assert {(event.number, event.time, event.provider) for event in package.values()} <= known


@real
def test_the_same_events_as_the_package(path: Path) -> None:
    read_by_us = {(event.number, event.provider): event for event in read(path.read_bytes(), Reading())}
    for event in by_package(path.read_bytes()).values():
        assert read_by_us[event.number, event.provider] == event


@real
def test_damage_is_told_and_only_damage(path: Path) -> None:
    reading = Reading()
    list(read(path.read_bytes(), reading))
    assert (reading.records, reading.partial, reading.lost) == DAMAGED.get(path.name, (reading.records, 0, 0))
    assert bool(reading.problems(path.name)) == (path.name in DAMAGED)
    assert bool(reading.unreadable) == (path.name in DAMAGED)


@real
def test_the_built_in_reader_reads_what_the_package_reads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_package = list(read(path.read_bytes(), Reading()))
    monkeypatch.setattr(fast, "available", lambda: False)
    monkeypatch.setattr(Planned, "events", lambda *_: None)
    assert [_plain(event) for event in read(path.read_bytes(), Reading())] == [_plain(event) for event in with_package]


def _plain(event: WinEvent) -> tuple[object, ...]:
    """Without the values' characters that XML forbids: the package passes some on, and expat, which reads its unusual records, does not."""
    return event.time, event.number, event.channel, event.provider, event.event_id, event.level, event.computer, [name for name, _ in event.data]


def test_the_log_without_checksums_is_not_called_damaged() -> None:
    path = next(path for path in FILES if path.name == "Application_no_crc32.evtx")
    reading = Reading()
    assert len(list(read(path.read_bytes(), reading))) == 17
    assert (reading.without_crc, reading.crc_errors, reading.problems("x")) == (True, 0, [])
