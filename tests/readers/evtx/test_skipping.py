"""Only chunks that hold something wanted are parsed: the same events that hold it are found, and the span of the log stays the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import evtxdamage as damage
import pytest
from evtxlogs import START, entries, real_files
from evtxwriter import Entry, written

from backuptrace.matcher import Pattern, compile_patterns
from backuptrace.readers.evtx import Reading, read
from backuptrace.readers.winevent import WinEvent

FILES = real_files()
NO_TEXT = re.compile(r"[-{}0-9A-Fa-fx:.]*|S-1[-0-9]*|\d{4}-\d\d-\d\dT[-0-9:.]*Z|true|false", re.IGNORECASE)
"""What a log may keep as a number, and only its reader writes as text: numbers, GUIDs, SIDs, times."""


def wanted(*texts: str) -> Callable[[bytes], bool]:
    """Whether a chunk holds one of the ASCII texts, in any case, as UTF-16 or in single bytes."""
    forms = [raw for text in texts for raw in (text.encode("utf-16-le"), text.encode("ascii"))]
    matcher = compile_patterns([Pattern("".join(f"\\x{byte:02x}" for byte in raw), ignore_case=True) for raw in forms])
    return lambda chunk: bool(matcher.scan(memoryview(chunk)))


def texts_of(event: WinEvent) -> list[str]:
    return [event.provider, event.channel, event.computer, *(value for _, value in event.data)]


def holding(events: list[WinEvent], text: str) -> list[WinEvent]:
    return [event for event in events if any(text.lower() in held.lower() for held in texts_of(event))]


def test_chunks_without_a_wanted_text_are_not_parsed() -> None:
    raw = written([*entries(50), Entry("Rare Provider", 1, START, 150), *entries(49, first=151)], most=10)
    reading = Reading()
    events = list(read(raw, reading, wanted("rare provider")))
    assert [event.number for event in events] == [*range(100, 110), *range(150, 160), *range(190, 200)]
    assert (reading.chunks, reading.skipped, reading.skipped_records) == (10, 7, 70)
    assert reading.gaps == []
    assert any("about 70 records" in note and "7 of 10 chunks" in note for note in reading.notes())


def test_nothing_wanted_leaves_the_first_and_the_last_chunk() -> None:
    assert [event.number for event in read(written(entries(50), most=10), Reading(), wanted("nowhere"))] == [*range(100, 110), *range(140, 150)]


def test_damaged_chunks_and_cleared_logs_are_read_all_the_same() -> None:
    cleared = Entry("Microsoft-Windows-Eventlog", 104, START, 120, user=("LogFileCleared", [("Channel", "Application")]))
    raw = written([*entries(20), cleared, *entries(29, first=121)], most=10)
    reading = Reading()
    events = list(read(damage.record_size(raw, 3, 4, 0), reading, wanted("nowhere")))
    assert [event.number for event in events] == [*range(100, 110), *range(120, 134), *range(135, 150)]
    assert [one.channel for one in reading.cleared] == ["Application"]
    assert reading.lost == 1


@pytest.mark.skipif(not FILES, reason="the real event logs are not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[-30:])
def test_of_real_logs_the_same_events_are_found(path: Path) -> None:
    raw = path.read_bytes()
    every = list(read(raw, Reading()))
    # Texts of each kind that stands in the log, and some that stand in few chunks or none.
    texts = {event.provider for event in every} | {event.computer for event in every}
    texts |= {value for event in every[::23] for name, value in event.data if name != "Binary" and value.isascii() and not NO_TEXT.fullmatch(value)}
    texts |= {"IaaSBcdrExtension", "volsnap", "Guest Agent", "wuauserv"}
    for text in sorted(text for text in texts if 3 <= len(text) < 200)[:60]:
        found = list(read(raw, Reading(), wanted(text)))
        assert holding(found, text) == holding(every, text), text
        assert (found[0], found[-1]) == (every[0], every[-1])
        assert set(map(str, found)) <= set(map(str, every))


def test_several_texts_at_once() -> None:
    raw = written(entries(100), most=10)
    found = list(read(raw, Reading(), wanted("Service 123", "service 177", "nowhere")))
    assert {123, 177} <= {event.number for event in found}
    assert len(found) == 40
