"""The last reader gets what the others cannot, believes nothing else, and costs little whatever it is given."""

from __future__ import annotations

import gc
import signal
import struct
import sys
from typing import Any

import evtxdamage as damage
import pytest
from evtxbombs import bomb, chunk_of
from evtxlogs import entries
from evtxwriter import CHUNK, FIRST, HEADER, NESTED, ChunkWriter, Gap, Node, Value, written
from msgspec.structs import replace

from backuptrace.readers.evtx import Reading, lastresort, read
from backuptrace.readers.evtx.lastresort import CALLS_A_FILE, MOST_CALLS, LastReader
from backuptrace.readers.evtx.layout import Place, place_at

FEW = 200
"""Calls beyond the bound: of what is none of the reader's own, until it goes on."""


def heads_destroyed(raw: bytes) -> bytes:
    """The heads of all templates of the first chunk are overwritten, the templates themselves are not; the records that define them are lost."""
    for place in struct.unpack_from("<32I", raw, HEADER + 384):
        raw = damage.put(raw, HEADER + place + 4, bytes(20)) if place else raw
    return raw


def first_of(chunk: bytes) -> Place:
    place = place_at(chunk, FIRST)
    assert place is not None
    return place


def test_templates_whose_head_is_destroyed() -> None:
    raw = written(entries(10), most=10)
    sound = list(read(raw, Reading()))
    reading = Reading()
    events = list(read(heads_destroyed(raw), reading))
    assert (reading.records, reading.doubtful, reading.lost) == (8, 8, 2)
    # It counts time in floating point, and may miss the microsecond.
    assert [replace(event, time=None) for event in events] == [replace(event, time=None) for event in sound if event.number not in {100, 101}]
    assert all(abs((told.time or 0) - (event.time or 0)) <= 1 for told, event in zip(events, sound[2:]))
    assert any("8 damaged records were read by the last reader" in note for note in reading.notes())


def test_a_record_that_tells_another_number_is_not_taken() -> None:
    raw = heads_destroyed(written(entries(10), most=10))
    at, _ = damage.places(raw, 0)[3]
    reading = Reading()
    events = list(read(damage.put(raw, at + 8, struct.pack("<Q", 4711)), reading))
    assert [event.number for event in events] == [102, *range(104, 110)]
    assert (reading.doubtful, reading.lost) == (7, 3)


@pytest.mark.parametrize("other_token", [False, True], ids=["as usual", "tokens that only this reader takes for templates"])
@pytest.mark.parametrize(
    "depth, gaps, text", [(60, 2, "x"), (20, 4, "x"), (0, 6000, "x" * 10_000), (2, 100, "x" * 1000)], ids=["deep", "bushy", "wide", "both"]
)
def test_what_multiplies_itself_is_ended(depth: int, gaps: int, text: str, other_token: bool) -> None:
    chunk = chunk_of(bomb(depth, gaps, text))
    if other_token:
        chunk = chunk.replace(b"\x0c\x01", b"\x1c\x01")
    reader = LastReader()
    assert reader.event(chunk, first_of(chunk)) is None
    assert CALLS_A_FILE - reader.left <= MOST_CALLS + FEW


@pytest.mark.skipif(sys.platform == "win32", reason="no alarm clock")
def test_the_collector_of_garbage_does_not_take_the_bound_away() -> None:
    """Hypothesis and others have it call functions of theirs; what is raised in one of these is swallowed, and Python forgets who watched."""
    late: list[int] = []

    def too_long(number: int, frame: Any) -> None:
        late.append(number)
        raise TimeoutError

    chunk = chunk_of(bomb(60, 2, "x"))
    watchers = [lambda phase, told: None for _ in range(50)]
    thresholds, handler = gc.get_threshold(), signal.signal(signal.SIGALRM, too_long)
    gc.callbacks.extend(watchers)
    gc.set_threshold(20)
    signal.setitimer(signal.ITIMER_REAL, 20, 0.05)  # again and again: what is raised in a watcher is swallowed
    try:
        for most in range(20_000, 20_400, 40):  # wherever the bound is met
            reader = LastReader(most)
            assert reader.event(chunk, first_of(chunk)) is None
            assert not late, "the reader went on without a bound"
            assert reader.left >= -FEW
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        gc.set_threshold(*thresholds)
        del gc.callbacks[-len(watchers) :]


def test_names_in_a_circle_are_not_followed() -> None:
    raw = damage.names_in_a_circle(written(entries(10), most=10), 0)
    chunk = raw[HEADER : HEADER + CHUNK]
    event = LastReader().event(chunk, first_of(chunk))
    assert event is not None and event.number == 100


def test_a_template_that_holds_itself() -> None:
    writer = ChunkWriter()
    assert writer.record(1, 0, lambda chunk: chunk.fragment("own", Node("Event", [Gap(0, NESTED)]), [Value(NESTED, fragment=bomb(0, 1, "x"))]))
    chunk = bytearray(writer.closed(1))
    place = first_of(bytes(chunk))
    # The nested value becomes the record's own fragment.
    outer = bytes(chunk[place.offset + 24 : place.offset + 38])
    nested = chunk.rfind(b"\x0f\x01\x01\x00\x0c\x01", place.offset, place.offset + place.size)
    chunk[nested : nested + len(outer)] = outer
    assert LastReader().event(bytes(chunk), place) is None


def test_its_effort_for_a_file_is_bounded_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LastReader.__init__, "__defaults__", (100_000, 0, 0))
    reading = Reading()
    events = list(read(heads_destroyed(written(entries(100), most=100)), reading))
    assert 0 < reading.doubtful == len(events)
    assert reading.not_asked > 80
    assert reading.lost == 100 - len(events)
    assert any(f"was not asked for {reading.not_asked} damaged records" in note for note in reading.notes())


def test_a_profiler_that_runs_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def profiler(frame: Any, what: str, given: Any) -> None:
        seen.append(what)

    chunk = written(entries(10), most=10)[HEADER : HEADER + CHUNK]
    sys.setprofile(profiler)
    try:
        assert LastReader().event(chunk, first_of(chunk)) is not None
        assert LastReader().event(bytes(CHUNK), first_of(chunk)) is None
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)


def test_without_the_package_the_record_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    lastresort._record_of.cache_clear()
    monkeypatch.setitem(sys.modules, "Evtx.Evtx", None)
    reading = Reading()
    assert list(read(heads_destroyed(written(entries(10), most=10)), reading)) == []
    assert reading.lost == 10
    lastresort._record_of.cache_clear()
