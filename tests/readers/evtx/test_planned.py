"""What is read by the plan of its template is the same event, and the same account, as what the other readers make of it; or it is left to them."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from evtxbombs import bomb, chunk_of
from evtxlogs import START, entries, real_files
from evtxwriter import CHUNK, HEADER, NESTED, SID, TEXT, TEXTS, ChunkWriter, Entry, Gap, Node, Value, file_of, sealed, written
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backuptrace.readers.evtx import Reading, fast, plans, read
from backuptrace.readers.evtx.layout import chunk_header, is_chunk, made_header
from backuptrace.readers.evtx.planned import Planned
from backuptrace.readers.winevent import WinEvent

FILES = real_files()
PLANNED = Planned.events
Told = tuple[list[WinEvent], dict[str, Any]]


def told(raw: bytes) -> Told:
    reading = Reading()
    return list(read(raw, reading)), asdict(reading)


def otherwise(raw: bytes) -> Told:
    """By the other readers alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Planned, "events", lambda *_: None)
        return told(raw)


def share(raw: bytes) -> tuple[int, int]:
    """(records that are read by plans, records of sound chunks)."""
    planned, count, all_of = Planned(), 0, 0
    for at in range(HEADER, len(raw) - CHUNK + 1, CHUNK):
        chunk = raw[at : at + CHUNK]
        if is_chunk(chunk) and chunk_header(chunk).whole:
            events = PLANNED(planned, chunk, chunk_header(chunk)) or []
            count += len(events) - len(planned.missing)
            all_of += chunk_header(chunk).last - chunk_header(chunk).first + 1
    return count, all_of


@pytest.mark.skipif(not FILES, reason="the real event logs are not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[-30:])
@pytest.mark.parametrize("package", [True, False], ids=["package", "none"])
def test_real_logs_read_alike(path: Path, package: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = path.read_bytes()
    with_package = told(raw)
    if package:
        assert with_package == otherwise(raw)
    else:
        monkeypatch.setattr(fast, "available", lambda: False)
        # In a damaged log each reader tells its own losses.
        if not with_package[1]["unreadable"]:
            assert told(raw)[0] == with_package[0]


@pytest.mark.skipif(not FILES, reason="the real event logs are not here")
def test_nearly_all_records_of_real_logs_have_a_plan() -> None:
    counts = [share(path.read_bytes()) for path in FILES]
    planned, records = (sum(column) for column in zip(*counts, strict=True))
    assert records > 5000
    assert planned > 0.99 * records


def test_made_logs_read_alike_and_by_plans() -> None:
    user = Entry("P", 5, START, 301, user=("W", [("a", "1"), ("b", [("c", "2")])]))
    raw = written([*entries(200), Entry("Q", 6, START, 300), user, Entry("Q", 7, START, 302, sid="S-1-5-21-1-2-3-500")], most=90)
    assert told(raw) == otherwise(raw)
    assert share(raw) == (203, 203)


SOUND = [
    Value(TEXT, "Größe <&> \"'\r\n😀\tx".encode("utf-16-le")), Value(TEXT), Value(TEXT, b"a\0\0\0b\0"), Value(TEXT, "{ab}".encode("utf-16-le")), Value(0),
    Value(TEXT, "00112233-4455-6677-8899-AABBCCDDEEFF".encode("utf-16-le")), Value(2, b"ab1"), Value(2, b" a <b>&c= \0"), Value(2, b" \0\0"),
    Value(2, b"00112233-4455-6677-8899-AABBCCDDEEFF\0"), Value(3, b"\x80"), Value(4, b"\xff"), Value(5, b"\0\x80"),
    Value(6, b"\xff\xff"), Value(7, b"\0\0\0\x80"), Value(8, b"\xff" * 4), Value(9, b"\0" * 7 + b"\x80"), Value(10, b"\xff" * 8), Value(13, b"\1\0\0\0"),
    Value(13, bytes(4)), Value(14, b"\0\x12\xab"), Value(14, bytes(18)), Value(15, bytes(range(16))), Value(16, b"\1\2\3\4"), Value(16, b"\1" * 8),
    Value(17, struct.pack("<Q", 132_000_000_123_456_789)), Value(SID, bytes([1, 2]) + bytes(5) + b"\5" + struct.pack("<2I", 32, 544)), Value(20, b"\1\2\0\0"),
    Value(21, b"\1" * 8), Value(TEXTS, "one\0\0three\0".encode("utf-16-le")), Value(TEXTS),
]  # fmt: skip
ODD = [
    Value(TEXT, b"a\0\1\0"), Value(TEXT, b"\0\xd8"), Value(TEXT, b"a\0b"), Value(TEXT, b"\xff\xff"), Value(2, b"\x81x"), Value(2, b"a\0b"), Value(13, b"\2\0\0\0"),
    Value(11, b"\1\2\3\4"), Value(12, b"\1" * 8), Value(18, struct.pack("<8H", 2026, 11, 1, 23, 3, 10, 1, 5)), Value(0x99, b"x"), Value(0x86, b"\1\0\2\0"),
    Value(0x88, struct.pack("<3I", 1, 2, 3)), Value(TEXTS, b"x\0"), Value(17, b"\xff" * 8), Value(15, b"short"), Value(6, b"\1"), Value(8, b"\1" * 6),
    Value(SID, b"\1\2\3"), Value(SID, bytes([1, 1]) + bytes(20)), Value(SID, bytes([1, 200]) + bytes(10)), Value(NESTED),
]  # fmt: skip


def with_data(values: Sequence[Value], holder: str = "EventData", spare: Sequence[Value] = (), own: Sequence[Value] = (), more: Sequence[Node] = ()) -> bytes:
    """A chunk with records of usual fields, in which these values are the data. holder: `inside` is UserData, too, of which the outer template has the tag.

    spare: further values, which stand in attributes, own: such in the System part.
    """
    others = [(f"other{n}", Gap(len(values) + n, value.kind)) for n, value in enumerate(spare)]
    names = [Node("Data", [Gap(n, value.kind)], [("Name", f"n{n}"), *others]) for n, value in enumerate(values)]
    leaves = Node("W", [Node(f"n{n}", node.inside) for n, node in enumerate(names)])
    root = {"EventData": Node("EventData", [*names, *more]), "UserData": Node("UserData", [leaves]), "inside": leaves}[holder]
    writer = ChunkWriter()
    for number in (1, 2):
        system = Node("System", [
            Node("Provider", [], [("Name", "P")]), Node("EventID", [Gap(1, 6)]), Node("Level", [Gap(0, 4)]),
            Node("TimeCreated", [], [("SystemTime", Gap(2, 17))]), Node("EventRecordID", [Gap(3, 10)]), Node("Channel", ["C"]), Node("Computer", ["c"]),
            Node("n0"), Node("Keywords", [Gap(4 + n, value.kind) for n, value in enumerate(own)]),
        ])  # fmt: skip
        fields = [Value(4, b"\4"), Value(6, b"\7\0"), Value(17, struct.pack("<Q", 132_000_000_123_456_789)), Value(10, struct.pack("<Q", number))]
        gap = Gap(4 + len(own), NESTED)
        data = Value(NESTED, fragment=partial(ChunkWriter.fragment, key="d", root=root, values=[*values, *spare]))
        assert writer.record(
            number,
            0,
            partial(
                ChunkWriter.fragment,
                key="s",
                root=Node("Event", [system, Node("UserData", [gap]) if holder == "inside" else gap]),
                values=[*fields, *own, data],
            ),
        )
    return writer.closed(1)


@pytest.mark.parametrize("holder", ["EventData", "UserData", "inside"])
@pytest.mark.parametrize("value", SOUND, ids=lambda value: f"{value.kind:02x}-{value.raw.hex()[:12]}")
def test_a_value_of_each_kind_reads_alike(value: Value, holder: str) -> None:
    chunk = with_data([Value(TEXT, b"x\0"), value, Value(TEXT, b"y\0")], holder)
    raw = file_of([chunk])
    assert told(raw) == otherwise(raw)
    assert share(raw) == (2, 2)


@pytest.mark.parametrize("holder", ["EventData", "UserData", "inside"])
@pytest.mark.parametrize("value", ODD, ids=lambda value: f"{value.kind:02x}-{value.raw.hex()[:12]}")
def test_a_value_that_readers_may_write_in_several_ways_reads_alike(value: Value, holder: str) -> None:
    raw = file_of([with_data([Value(TEXT, b"x\0"), value, Value(TEXT, b"y\0")], holder)])
    assert told(raw) == otherwise(raw)


@pytest.mark.parametrize("inner", [True, False])
@pytest.mark.parametrize("value", [*SOUND, *ODD], ids=lambda value: f"{value.kind:02x}-{value.raw.hex()[:12]}")
def test_a_value_that_no_event_holds_reads_alike(value: Value, inner: bool) -> None:
    """A reader may fail at it all the same, and then the others of its record are told by another one."""
    raw = file_of([with_data([Value(TEXT, b"x\0")], spare=[value] if inner else [], own=[] if inner else [value])])
    assert told(raw) == otherwise(raw)


def test_a_value_that_is_used_twice_is_left_to_readers_that_count() -> None:
    chunk = with_data([Value(TEXT, b"x\0"), Value(TEXT, b"y\0")])
    raw = file_of([sealed(chunk.replace(b"\x0e\1\0\1", b"\x0e\0\0\1", 1))])
    assert told(raw) == otherwise(raw)
    assert [event.data for event in told(raw)[0]] == [[("n0", "x"), ("n1", "x")]] * 2
    assert share(raw) == (0, 2)


@pytest.mark.parametrize("token", [0x01, 0x02, 0x04, 0x05, 0x0C, 0x0D, 0x0F, 0xFF])
def test_what_stands_behind_the_values_reads_alike(token: int) -> None:
    chunk = with_data([Value(TEXT, b"x\0")])
    start = chunk.rindex(b"**\0\0")
    end = start + int.from_bytes(chunk[start + 4 : start + 8], "little")
    for at in range(end - 16, end - 4):
        raw = file_of([sealed(chunk[:at] + bytes([token]) + chunk[at + 1 :])])
        assert told(raw) == otherwise(raw)


@pytest.mark.parametrize("text", ["a", "a&b", "a<b", "\x01", "\ufffd", "\r\n", "a\0b", " ", "00112233-4455-6677-8899-AABBCCDDEEFF", "&amp;", "]]>"])
@pytest.mark.parametrize("where", ["name", "text", "both"])
def test_text_of_the_template_reads_alike(text: str, where: str) -> None:
    node = Node("Data", [] if where == "name" else [text], [("Name", "n" if where == "text" else text)])
    chunk = with_data([Value(TEXT, b"x\0")], more=[node])
    assert told(file_of([chunk])) == otherwise(file_of([chunk]))
    broken = file_of([sealed(chunk.replace("a".encode("utf-16-le") + b"\x06", b"\0\xd8\x06"))])
    assert told(broken) == otherwise(broken)


@pytest.mark.parametrize("number", [100, 101, 104, 109, 110, 1, 1 << 40])
def test_a_number_that_is_not_that_of_the_record_reads_alike(number: int) -> None:
    """In its header: the package stops at the number that the chunk tells as its last."""
    log = entries(10)
    raw = written([*log[:3], replace(log[3], header_number=number), *log[4:]])
    assert told(raw) == otherwise(raw)


@pytest.mark.parametrize("when", [0, 1, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 2_650_467_744_000_000_000, 2_650_467_743_999_999_999])
@pytest.mark.parametrize("own", [True, False])
def test_a_time_beyond_all_calendars_reads_alike(when: int, own: bool) -> None:
    """Of the event itself, or in the header of its record."""
    chunk = with_data([Value(TEXT, b"x\0")])
    usual = struct.pack("<Q", 132_000_000_123_456_789)
    changed = chunk.replace(usual, struct.pack("<Q", when), 1) if own else chunk[:528] + struct.pack("<Q", when) + chunk[536:]
    raw = file_of([sealed(changed)])
    assert told(raw) == otherwise(raw)


@pytest.mark.parametrize("name", ["a<b", "a b", 'Data Name="x"', "a>", "a&amp;b", "p:a", "ä", "EventID", "<!--", "a\0b"])
def test_hostile_names_read_alike(name: str) -> None:
    raw = written([Entry("P", 1, 0, 1), Entry("P", 2, 0, 2, user=("W", [(name, "v"), ("c", "w")])), Entry("P", 3, 0, 3, data=[(name, "v")])])
    assert told(raw) == otherwise(raw)


def test_a_template_with_the_id_of_another_is_read_for_itself() -> None:
    """Plans are kept by the ids of templates, and a file may give an id to anything."""
    first, second = with_data([Value(TEXT, b"x\0")]), with_data([Value(TEXT, b"x\0")])
    other = sealed(second.replace("n0".encode("utf-16-le"), "nX".encode("utf-16-le")))
    third = sealed(second.replace(b"\x0e\0\0\1", b"\x0e\0\0\2"))
    longer = with_data([Value(TEXT, b"y\0"), Value(TEXT, b"x\0")])
    events = [told(file_of([chunk]))[0][0].data for chunk in (first, other, longer, third, first)]
    assert events == [[("n0", "x")], [("nX", "x")], [("n0", "y"), ("n1", "x")], [("n0", "x")], [("n0", "x")]]
    # Here the name stands in another template than the one that uses it.
    user = with_data([Value(TEXT, b"x\0")], "UserData")
    again = sealed(user.replace("n0".encode("utf-16-le"), "nX".encode("utf-16-le")))
    assert [told(file_of([chunk]))[0][0].data for chunk in (user, again)] == [[("n0", "x")], [("nX", "x")]]
    # And here a template tells another place than that of the name that stands in it.
    at, other_place = (first.index(name.encode("utf-16-le") + b"\0\0") - 8 for name in ("\4Data", "\5Level"))
    elsewhere = sealed(first[: at - 2] + struct.pack("<I", other_place + 2) + first[at + 2 :])
    assert told(file_of([elsewhere])) == otherwise(file_of([elsewhere])) != told(file_of([first]))
    raw = written(entries(40), most=10)
    renamed = bytearray(raw)
    at = HEADER + CHUNK
    chunk = raw[at : at + CHUNK].replace("param1".encode("utf-16-le"), "param7".encode("utf-16-le"))
    renamed[at : at + CHUNK] = sealed(chunk)
    names = [event.data[0][0] for event in told(bytes(renamed))[0] if event.provider != "VSS"]
    assert names == ["param1"] * 8 + ["param7"] * 8 + ["param1"] * 16


def test_a_template_that_comes_again_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = written(entries(40), most=10)
    told(raw)
    monkeypatch.setattr(plans, "_made", lambda *_: pytest.fail("read again"))
    assert share(raw) == (40, 40)


def test_what_templates_in_templates_may_cost_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of records, each with a template of its own that reaches to the end of the chunk."""
    sizes: list[int] = []
    made = plans._made

    def counted(chunk: bytes, start: int, size: int) -> Any:
        sizes.append(size)
        return made(chunk, start, size)

    monkeypatch.setattr(plans, "_made", counted)
    writer = ChunkWriter()
    for number in range(1, 700):
        instance = b"\x0f\1\1\0\x0c\1" + bytes(4) + struct.pack("<II", 512 + 80 * number, 0) + bytes(20)
        assert writer.record(number, 0, lambda one, raw=instance: one.out.extend(raw))  # type: ignore[misc]  # of the default
    chunk = bytearray(writer.closed(1))
    for number in range(1, 700):
        at = 512 + 80 * number
        struct.pack_into("<I", chunk, min(at + 20, CHUNK - 4), CHUNK - at - 24)
    started = time.process_time()
    assert told(file_of([sealed(bytes(chunk))] * 3))
    assert 0 < sum(sizes) <= 3 * 3 * CHUNK
    assert time.process_time() - started < 10
    sizes.clear()
    monkeypatch.setattr(plans, "SHELF", plans.Shelf())
    spent = plans.Plans(left=100)
    assert spent.at(with_data([Value(TEXT, b"x\0")]), 0x226) is None
    assert sum(sizes) == 0


def test_a_template_that_multiplies_itself_has_no_plan() -> None:
    chunk = chunk_of(bomb(20, 4, "x"))
    assert Planned().events(chunk, chunk_header(chunk)) == [None, None]


CHUNKS = [chunk for raw in (written(entries(60), most=30),) for chunk in (raw[HEADER : HEADER + CHUNK], raw[HEADER + CHUNK : HEADER + 2 * CHUNK])]
CHUNKS += [with_data(SOUND[:13]), with_data(SOUND[13:]), with_data(SOUND, "UserData"), with_data(SOUND, "inside")]
PIECES = [
    b"<\0",
    b"&\0",
    b">\0",
    b"\r\0",
    b"\n\0",
    b"\1\0",
    b"\0\0",
    b"\0\xd8",
    b"\xfe\xff",
    b'"\0',
    b" \0",
    b":\0",
    b"/\0",
    b"\xff\xff",
    b"\x21",
    b"\x81",
    b"\x13",
]


@example(with_data(SOUND[:13]), [(1.0, b"<\0"), (0.546875, b"\0\0")])  # an overwritten end, and a template that the package does not read
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(CHUNKS), st.lists(st.tuples(st.floats(0, 1), st.one_of(st.sampled_from(PIECES), st.binary(min_size=1, max_size=6))), max_size=6))
def test_whatever_is_changed_in_a_chunk_reads_alike(chunk: bytes, changes: list[tuple[float, bytes]]) -> None:
    raw = made_header(1) + sealed(changed(chunk, changes))
    assert told(raw) == otherwise(raw)


def changed(chunk: bytes, changes: list[tuple[float, bytes]]) -> bytes:
    out, free = bytearray(chunk), chunk_header(chunk).free
    for where, piece in changes:
        at = 512 + int(where * (free - 512 - len(piece)))
        out[at : at + len(piece)] = piece
    return bytes(out)


@pytest.mark.slow
def test_many_changed_chunks_read_alike() -> None:
    """Of made and real logs. A failure names the seed."""
    pool = list(CHUNKS)
    for raw in (path.read_bytes() for path in FILES):
        pool += [one for at in range(HEADER, len(raw), CHUNK) if len(one := raw[at : at + CHUNK]) == CHUNK and is_chunk(one) and chunk_header(one).whole]
    for seed in range(2000):
        chance = random.Random(seed)
        changes = [(chance.random(), chance.choice([*PIECES, chance.randbytes(1), chance.randbytes(4)])) for _ in range(chance.choice([1, 2, 5, 30]))]
        raw = made_header(1) + sealed(changed(chance.choice(pool), changes))
        assert told(raw) == otherwise(raw), f"seed {seed}"
