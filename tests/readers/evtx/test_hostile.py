"""Files made to hurt, and files that are no logs: a named problem, bounded time and memory, never an error."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import evtxdamage as damage
import pytest
from evtxbombs import Write, bomb, chunk_of, divided, literal, masked, overlapping, overrun, repeated
from evtxlogs import entries
from evtxwriter import CHUNK, HEADER, TEXTS, ChunkWriter, Entry, Gap, Node, Value, file_of, sealed, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backuptrace.readers.evtx import Reading, read
from backuptrace.readers.evtx.binxml import decode
from backuptrace.readers.evtx.fast import bare, without
from backuptrace.readers.evtx.screening import harmful
from backuptrace.readers.evtx.tree import Element


def read_all(raw: bytes) -> Reading:
    """Reads everything and holds the account to what any file must keep: it adds up, and what is no sound log has a problem."""
    reading = Reading()
    count = sum(1 for _ in read(raw, reading))
    assert count == reading.records
    reading.notes()
    problems = reading.problems("x.evtx")
    assert all(problem.what and problem.where == "x.evtx" for problem in problems)
    assert count or problems
    return reading


@pytest.mark.parametrize("size", [0, 1, 127, 4095, 4096, 4097, 65_536, 70_000, 3_000_000])
@pytest.mark.parametrize("head", [b"", b"ElfFile\0", b"ElfChnk\0"])
def test_random_bytes_are_named(size: int, head: bytes) -> None:
    raw = (head + random.Random(size).randbytes(size))[:size]
    reading = read_all(raw)
    assert reading.records == 0
    assert reading.problems("x")[0].kind in {"unreadable", "note", "damaged"}


@pytest.mark.parametrize("raw", [b"\0" * 200_000, b"ElfChnk\0" * 50_000, b"**\0\0" * 60_000, b"ElfFile\0" + b"\xff" * 100_000, b"\xff" * 300_000])
def test_monotonous_bytes_are_named(raw: bytes) -> None:
    assert read_all(raw).records == 0


def test_two_gigabytes_of_declared_chunks_cost_nothing() -> None:
    started = time.process_time()
    reading = read_all(damage.count_told(written(entries(5)), 32_768))
    assert reading.records == 5
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "write", [bomb(60, 2, "x"), bomb(20, 4, "x"), bomb(0, 6000, "x" * 10_000), bomb(2, 100, "x" * 1000)], ids=["deep", "bushy", "wide", "both"]
)
def test_a_template_that_multiplies_itself_is_refused_and_the_rest_read(write: Write) -> None:
    chunk = chunk_of(write)
    assert harmful(bare(chunk))
    reading = read_all(file_of([chunk]))
    assert (reading.records, reading.lost) == (1, 1)
    assert "more than" in reading.unreadable[0].why


HIDDEN = {"masked": masked(), "divided": divided(30), "literal": literal(30), "repeated": repeated(), "overlapping": overlapping(), "overrun": overrun()}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_multiplies_in_a_way_that_no_real_record_has_is_kept_from_the_package(name: str) -> None:
    started = time.process_time()
    chunk = HIDDEN[name]
    assert harmful(bare(chunk))
    reading = read_all(file_of([chunk]))
    assert reading.records + reading.lost >= 2
    assert time.process_time() - started < 10


def test_only_the_harmful_record_of_a_chunk_is_kept_from_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others would else be read a hundred times slower, and in a large log not all."""
    writer = ChunkWriter()
    values = [Value(TEXTS, b"x\0\0\0" * 500)] * 3
    assert writer.record(1, 0, lambda chunk: chunk.fragment("arrays", Node("Event", [Node("Data", [Gap(n, TEXTS) for n in range(3)])]), values))
    for n in range(2, 40):
        assert writer.record(n, 0, lambda chunk: chunk.fragment("ok", Node("Event", [Node("System", [Node("EventID", ["7"])])]), []))
    asked: list[int] = []

    def counted(*given: Any) -> Element:
        asked.append(given[1])
        return decode(*given)

    monkeypatch.setattr("backuptrace.readers.evtx.reading.decode", counted)
    reading = read_all(file_of([writer.closed(1)]))
    assert (reading.records, reading.lost, len(asked)) == (38, 1, 1)


def test_an_emptied_record_is_harmless() -> None:
    chunk = bare(chunk_of(bomb(0, 6000, "x" * 10_000)))
    assert not harmful(without(chunk, harmful(chunk)))


def test_elements_in_elements_without_end() -> None:
    node = Node("a")
    for _ in range(400):
        node = Node("a", [node])
    reading = read_all(file_of([chunk_of(lambda chunk: chunk.fragment("deep", Node("Event", [node]), []))]))
    assert (reading.records, reading.lost) == (1, 1)


def test_arrays_that_repeat_an_element_do_not_multiply() -> None:
    values = [Value(TEXTS, ("x\0" * 5000).encode("utf-16-le"))] * 3
    reading = read_all(file_of([chunk_of(lambda chunk: chunk.fragment("arrays", Node("Event", [Node("Data", [Gap(n, TEXTS) for n in range(3)])]), values))]))
    assert reading.records == 1


def test_an_element_whose_name_breaks_the_xml_is_read_all_the_same() -> None:
    entries_of = [Entry("P", 1, 0, 1), Entry("P", 2, 0, 2, user=("W", [("a<b", "v"), ("c", "w")])), Entry("P", 3, 0, 3)]
    reading = Reading()
    events = list(read(written(entries_of), reading))
    assert [event.data for event in events] == [[], [("a<b", "v"), ("c", "w")], []]
    assert reading.records == 3
    assert not reading.problems("x")


def test_ordinary_chunks_are_harmless() -> None:
    raw = written(entries(300))
    assert not any(harmful(bare(raw[at : at + CHUNK])) for at in range(HEADER, len(raw), CHUNK))


@pytest.mark.skipif(sys.platform == "win32", reason="no getrusage")
def test_memory_stays_small_beside_the_file() -> None:
    """A log of 40 MB that comes as a stream: a batch of chunks in memory, not all events."""
    script = textwrap.dedent("""
        import resource, sys
        sys.path.insert(0, sys.argv[1])
        from evtxlogs import entries
        from evtxwriter import HEADER, written
        from backuptrace.readers.evtx import Reading, read
        raw = written(entries(160))
        class Long:
            def __init__(self): self.head, self.left = raw[:HEADER], 600
            def readinto(self, view):
                if self.head:
                    piece, self.head = self.head, b""
                elif self.left:
                    piece, self.left = raw[HEADER:HEADER + 65536], self.left - 1
                else:
                    return 0
                view[:len(piece)] = piece
                return len(piece)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        count = sum(1 for _ in read(Long(), Reading()))
        print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """)
    done = subprocess.run([sys.executable, "-c", script, str(Path(damage.__file__).parent)], capture_output=True, text=True, check=True)
    count, kilobytes = map(int, done.stdout.split())
    assert count > 60_000
    assert kilobytes < 150_000


LOG = written(entries(60), most=30)
places = st.one_of(st.integers(0, 8192), st.integers(0, len(LOG) - 1))
patches = st.lists(st.tuples(places, st.binary(min_size=1, max_size=12)), max_size=12)


def mutated(changes: list[tuple[int, bytes]], end: int, *, seal: bool) -> bytes:
    raw = bytearray(LOG)
    for at, piece in changes:
        raw[at : at + len(piece)] = piece
    out = bytes(raw[:end])
    if seal:
        for at in range(HEADER, len(out) - CHUNK + 1, CHUNK):
            out = damage.put(out, at, sealed(out[at : at + CHUNK]))
    return out


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(patches, st.one_of(st.just(len(LOG)), st.integers(0, len(LOG))), st.booleans())
def test_whatever_is_changed_in_a_log_is_read_and_told(changes: list[tuple[int, bytes]], end: int, seal: bool) -> None:
    read_all(mutated(changes, end, seal=seal))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 29), st.integers(28, 500), st.integers(0, 255))
def test_one_changed_byte_costs_at_most_the_records_that_hold_it(record: int, offset: int, byte: int) -> None:
    at, size = damage.places(LOG, 1)[record]
    raw = damage.put(LOG, at + offset % size, bytes([byte]))
    reading = Reading()
    numbers = [event.number for event in read(raw, reading)]
    # The first two records hold the templates: a change in these may be seen in all that use them.
    if record > 1:
        assert set(range(100, 160)) - set(numbers) <= {130 + record}
        assert len(numbers) + reading.lost >= 60


@pytest.mark.slow
def test_an_hour_of_changed_logs() -> None:
    """$BACKUPTRACE_FUZZ_SECONDS, 3600 if not set. A failure names the seed."""
    until = time.monotonic() + float(os.environ.get("BACKUPTRACE_FUZZ_SECONDS", "3600"))
    seed = int(os.environ.get("BACKUPTRACE_FUZZ_SEED", "1"))
    while time.monotonic() < until:
        seed += 1
        chance = random.Random(seed)
        raw = bytearray(LOG)
        for _ in range(chance.choice([1, 2, 5, 30, 200])):
            at = chance.randrange(len(raw))
            match chance.randrange(5):
                case 0:
                    raw[at] ^= 1 << chance.randrange(8)
                case 1:
                    raw[at : at + 4] = chance.choice([0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, chance.randrange(65_536)]).to_bytes(4, "little")
                case 2:
                    other = chance.randrange(len(raw))
                    raw[at : at + 64] = raw[other : other + 64]
                case 3:
                    del raw[at : at + chance.randrange(200)]
                case _:
                    raw[at:at] = chance.randbytes(chance.randrange(200))
        out = bytes(raw)
        if chance.random() < 0.5:
            for at in range(HEADER, len(out) - CHUNK + 1, CHUNK):
                out = damage.put(out, at, sealed(out[at : at + CHUNK]))
        started = time.process_time()
        try:
            read_all(out)
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
        assert time.process_time() - started < 30, f"seed {seed}"
