"""Damaged logs: what is there is read, what is lost is counted and named. Each kind alone, so that the account can be exact."""

from __future__ import annotations

from collections.abc import Callable

import evtxdamage as damage
import pytest
from evtxlogs import entries
from evtxwriter import written

from backuptrace.readers.evtx import Reading, fast, read
from backuptrace.readers.evtx import reading as reading_module

Told = Callable[[bytes], tuple[list[int | None], Reading]]
ALL = list(range(100, 130))


def without(*numbers: int) -> list[int]:
    return [number for number in ALL if number not in numbers]


def kinds(reading: Reading) -> list[str]:
    return [problem.kind for problem in reading.problems("System.evtx")]


@pytest.mark.parametrize("count", [0, 1, 65_535])
def test_the_number_of_chunks_in_the_header_is_not_believed(count: int, log: bytes, told: Told) -> None:
    numbers, reading = told(damage.header_checksum_wrong(damage.count_told(log, count)))
    assert numbers == ALL
    assert kinds(reading) == ["damaged"]


def test_a_log_copied_while_in_use_is_read_beyond_what_its_header_tells(told: Told) -> None:
    numbers, reading = told(written(entries(), most=10, dirty=True, told=1, spare=2))
    assert numbers == ALL
    assert (reading.dirty, reading.header, kinds(reading)) == (True, "stale", [])
    assert reading.notes()[:2] == ["the log was copied while it was in use", "the file header tells fewer chunks than the file holds; all were read"]


@pytest.mark.parametrize("harm", [damage.header_wiped, damage.header_missing, damage.header_junk])
def test_chunks_are_found_without_the_file_header(harm: Callable[[bytes], bytes], log: bytes, told: Told) -> None:
    numbers, reading = told(harm(log))
    assert numbers == ALL
    assert reading.header == "rebuilt"
    assert "damaged" in kinds(reading)


@pytest.mark.parametrize("lost", [1, 700, 60_000])
def test_a_last_chunk_cut_short_is_read_as_far_as_it_goes(lost: int, log: bytes, told: Told) -> None:
    numbers, reading = told(damage.cut(log, len(log) - lost))
    assert numbers == ALL  # ten records fill a small part of the chunk
    assert reading.short_tail == lost
    assert kinds(reading)[0] == "cut"


def test_a_cut_in_the_records_loses_only_those_behind_it(log: bytes, told: Told) -> None:
    at, size = damage.places(log, 2)[7]
    numbers, reading = told(damage.cut(log, at + size // 2))
    assert numbers[:27] == ALL[:27]
    assert reading.lost + reading.partial == 3
    assert "unreadable" in kinds(reading)
    assert f"chunk at {damage.chunk_at(2)}" in reading.problems("x")[-1].what


def test_a_chunk_of_zeros_is_a_gap(log: bytes, told: Told) -> None:
    numbers, reading = told(damage.chunk_zeroed(log, 1))
    assert numbers == ALL[:10] + ALL[20:]
    assert (reading.gaps, reading.empty_chunks) == ([(110, 119)], 1)


@pytest.mark.parametrize("harm", [damage.chunk_magic_wrong, damage.chunk_header_wiped])
@pytest.mark.parametrize("chunk", [0, 1, 2])
def test_a_chunk_without_its_header_is_read(harm: Callable[[bytes, int], bytes], chunk: int, log: bytes, told: Told) -> None:
    numbers, reading = told(harm(log, chunk))
    assert numbers == ALL
    assert reading.crc_errors == 1
    assert reading.rescued == 10


def test_wrong_checksums_alone_lose_nothing(log: bytes, told: Told) -> None:
    numbers, reading = told(damage.chunk_checksum_wrong(log, 1))
    assert numbers == ALL
    assert kinds(reading) == ["damaged"]


def test_records_newer_than_the_header_of_their_chunk_are_read(log: bytes, told: Told) -> None:
    numbers, reading = told(damage.end_told_too_early(log, 2, 3))
    assert numbers == ALL
    assert reading.beyond == 3
    assert any("3 records are newer" in note for note in reading.notes())


@pytest.mark.parametrize("size", [0, 8, 27, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_record_with_a_wrong_size_is_passed_and_the_rest_read(size: int, log: bytes, told: Told) -> None:
    numbers, reading = told(damage.record_size(log, 1, 4, size))
    assert numbers == without(114)
    assert reading.lost == 1
    assert [(lost.number, lost.chunk) for lost in reading.unreadable] == [(114, damage.chunk_at(1))]
    assert reading.rescued == 5


def test_a_record_without_its_magic_is_passed(log: bytes, told: Told) -> None:
    numbers, reading = told(damage.record_magic_wrong(log, 0, 3))
    assert numbers == without(103)
    assert reading.lost == 1


@pytest.mark.parametrize("byte", [0x00, 0x0C, 0x41, 0x55, 0xFF])
def test_a_record_with_a_destroyed_body_is_named(byte: int, log: bytes, told: Told) -> None:
    numbers, reading = told(damage.record_body(log, 1, 7, byte))
    assert numbers == without(117)
    (lost,) = reading.unreadable
    assert lost.number == 117 and lost.why
    assert "record 117" in reading.problems("x")[-1].what


def test_erased_records_are_counted_by_the_numbers_around_them(log: bytes, told: Told) -> None:
    numbers, reading = told(damage.record_erased(log, 1, 6, 2))
    assert numbers == without(116, 117)
    assert (reading.lost, reading.gaps) == (2, [])


def test_erased_records_at_the_end_are_counted_by_the_header_of_the_chunk(log: bytes, told: Told) -> None:
    numbers, reading = told(damage.record_erased(log, 1, 7, 3))
    assert numbers == without(117, 118, 119)
    assert reading.lost == 3


def test_a_lost_piece_costs_only_the_records_in_it(log: bytes, told: Told) -> None:
    numbers, reading = told(damage.bytes_lost(log, damage.places(log, 1)[5][0], 12_345))
    assert numbers == ALL[:15] + ALL[20:]
    assert reading.off_grid == 1


def test_a_circle_of_names_keeps_nobody(log: bytes, told: Told) -> None:
    numbers, reading = told(damage.names_in_a_circle(log, 1))
    assert numbers == ALL
    assert kinds(reading) == []


def test_without_the_evtx_package_everything_is_read_by_the_built_in_reader(log: bytes, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = list(read(log, Reading()))
    monkeypatch.setattr(fast, "available", lambda: False)
    reading = Reading()
    assert list(read(log, reading)) == with_it
    assert reading.slow
    assert told(damage.record_size(log, 1, 4, 0))[0] == without(114)


def test_all_unreadable_records_are_counted_and_some_named(told: Told) -> None:
    raw = written(entries(200), most=200)
    for record in range(10, 190):
        raw = damage.record_body(raw, 0, record, 0xFF)
    numbers, reading = told(raw)
    assert len(numbers) == 20
    assert reading.lost == 180
    assert len(reading.unreadable) == 50
    assert "180 records could not be read" in reading.problems("x")[-1].what and "and 175 further places" in reading.problems("x")[-1].what


def test_records_whose_template_was_destroyed_borrow_it_from_another_chunk(log: bytes, told: Told) -> None:
    raw = damage.record_body(damage.record_body(log, 1, 0, 0x00), 1, 1, 0xFF)  # the first of each source define the templates
    events = list(read(raw, reading := Reading()))
    sound = list(read(log, Reading()))
    assert [event.number for event in events] == without(110, 111)
    assert events == [event for event in sound if event.number not in {110, 111}]
    assert reading.lost == 2


def test_a_template_that_is_nowhere_is_told(told: Told) -> None:
    raw = written(entries(10), most=10)
    numbers, reading = told(damage.record_body(raw, 0, 1, 0xFF))
    assert numbers == [100, 105]
    assert reading.lost == 8
    assert "its template" in reading.unreadable[-1].why


def test_too_many_damaged_records_are_not_all_tried(log: bytes, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "MOST_EFFORT", 1)
    raw = log
    for record in (2, 3, 4):
        raw = damage.record_body(raw, 1, record, 0xFF)
    numbers, reading = told(raw)
    assert numbers == without(112, 113, 114)
    assert (reading.lost, reading.capped) == (3, True)
    assert kinds(reading)[-1] == "capped"


def test_a_full_disk_costs_the_rest_of_the_file_only(log: bytes) -> None:
    class Broken:
        def __init__(self) -> None:
            self.pieces = [log[: damage.chunk_at(2)]]

        def readinto(self, view: memoryview) -> int:
            if not self.pieces:
                raise OSError("No space left on device")
            piece = self.pieces.pop()
            view[: len(piece)] = piece
            return len(piece)

    reading = Reading()
    assert [event.number for event in read(Broken(), reading)] == ALL[:20]
    assert kinds(reading) == ["cut"]
    assert "No space left" in reading.problems("x")[0].what
