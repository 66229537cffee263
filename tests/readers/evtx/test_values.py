"""The built-in reader writes every kind of value as the `evtx` package does, and gives up where it must."""

from __future__ import annotations

import struct

import pytest
from evtxwriter import CHUNK, ChunkWriter, Gap, Node, Value
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.readers.evtx import fast
from backuptrace.readers.evtx.binxml import Damage, decode
from backuptrace.readers.evtx.eventxml import event_from, tree_of
from backuptrace.readers.evtx.layout import RECORD_HEADER, walk
from backuptrace.readers.evtx.tree import Element, whole_number
from backuptrace.readers.evtx.values import items_of, text_of

SID = bytes([1, 2]) + (5).to_bytes(6, "big") + struct.pack("<2I", 32, 544)
KINDS = {
    0x00: b"", 0x01: "Größe <&> \"'".encode("utf-16-le"), 0x02: "Größe".encode("cp1252"), 0x03: b"\x80", 0x04: b"\xff", 0x05: b"\x00\x80",
    0x06: b"\xff\xff", 0x07: b"\0\0\0\x80", 0x08: b"\xff" * 4, 0x09: b"\0" * 7 + b"\x80", 0x0A: b"\xff" * 8, 0x0D: b"\1\0\0\0", 0x0E: b"\0\x12\xab",
    0x0F: bytes(range(16)), 0x10: b"\1\2\3\4\5\6\7\x08", 0x11: struct.pack("<Q", 132_000_000_123_456_789), 0x13: SID, 0x14: b"\1\2\0\0", 0x15: b"\1" * 8,
}  # fmt: skip
arrays = {0x81: "one\0\0three\0".encode("utf-16-le"), 0x86: b"\1\0\2\0\3\0", 0x88: struct.pack("<3I", 1, 2, 3)}


def chunk_with(kind: int, raw: bytes) -> bytes:
    writer = ChunkWriter()
    writer.record(
        1, 0, lambda chunk: chunk.fragment("k", Node("Event", [Node("System"), Node("EventData", [Node("Data", [Gap(0, kind)])])]), [Value(kind, raw)])
    )
    return writer.closed(1)


def both(kind: int, raw: bytes) -> tuple[list[str], list[str]]:
    """The texts of Data by the package and by the built-in reader."""
    chunk = chunk_with(kind, raw)
    (place,) = walk(chunk, CHUNK).places
    ((_, xml),), _ = fast.read_xml([chunk])
    return _texts(tree_of(xml)), _texts(decode(chunk, place.offset + RECORD_HEADER, place.offset + place.size - 4))


def _texts(root: Element) -> list[str]:
    data = root.child("EventData")
    assert data is not None
    return [child.text for child in data.children]


@pytest.mark.parametrize("kind", [*KINDS, *arrays])
def test_each_kind_of_value_reads_alike(kind: int) -> None:
    package, own = both(kind, (KINDS | arrays)[kind])
    assert own == package


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0F, 0x14, 0x15]), st.binary(min_size=16, max_size=16))
def test_numbers_read_alike(kind: int, raw: bytes) -> None:
    size = {0x03: 1, 0x04: 1, 0x05: 2, 0x06: 2, 0x09: 8, 0x0A: 8, 0x0F: 16, 0x15: 8}.get(kind, 4)
    package, own = both(kind, raw[:size])
    assert own == package


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-16-le", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=50))
def test_texts_read_alike(text: str) -> None:
    package, own = both(0x01, text.encode("utf-16-le"))
    assert own == package == [text]


@pytest.mark.parametrize(("kind", "raw"), [(0x0F, b"123"), (0x13, b"\1\2\3"), (0x06, b"\1"), (0x99, b"x"), (0x11, b"\xff" * 8), (0x10, b"\1")])
def test_a_value_that_does_not_fit_its_kind_is_refused(kind: int, raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"GUID|SID|number|unknown|time"):
        text_of(kind, raw)


def test_an_array_of_odd_length_is_refused() -> None:
    with pytest.raises(ValueError, match="array"):
        items_of(0x08, b"12345")


def test_what_was_read_before_the_damage_is_kept() -> None:
    chunk = chunk_with(0x0F, b"too short")
    (place,) = walk(chunk, CHUNK).places
    with pytest.raises(Damage, match="GUID") as caught:
        decode(chunk, place.offset + RECORD_HEADER, place.offset + place.size - 4)
    assert caught.value.root.child("EventData") is not None


XML = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="P &amp; Q" Guid="{1}"></Provider><EventID Qualifiers="1">7</EventID>'
    '<Version>0</Version><Level>2</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x80</Keywords><TimeCreated SystemTime="2026-11-23T03:10:01.1234567Z"></TimeCreated>'
    '<EventRecordID>5</EventRecordID><Correlation></Correlation><Execution ProcessID="1" ThreadID="2"></Execution><Channel>System</Channel><Computer>c</Computer>'
    "<Security></Security></System>%s</Event>"
)  # fmt: skip


@pytest.mark.parametrize(
    ("inside", "data"),
    [
        ("", []),
        ("<EventData></EventData>", []),
        (
            '<EventData Name="X"><Data Name="a">1 &lt; 2 &#8364; &#x20AC; &#xD800;</Data><Data Name="b"></Data></EventData>',
            [("a", "1 < 2 € € \ufffd"), ("b", "")],
        ),
        ("<EventData><Data>x</Data><Data></Data><Binary>00FF</Binary></EventData>", [("", "x"), ("", ""), ("Binary", "00FF")]),
        ("<EventData><Binary></Binary></EventData>", [("Binary", "")]),
        ('<EventData><Data Name="a">1</Data><ComplexData Name="c">01</ComplexData></EventData>', [("a", "1"), ("c", "01")]),
        ('<EventData><Data Name="a">1</Data><Data Name="e"/></EventData>', [("a", "1"), ("e", "")]),
        ("<EventData><Data>x</Data><Binary>00</Binary><Data>y</Data></EventData>", [("", "x"), ("Binary", "00"), ("", "y")]),
        ('<EventData><Data Name="t"><b>1</b><c>2</c></Data></EventData>', [("t.b", "1"), ("t.c", "2")]),
        ("<UserData><W><a>1</a><b><c>2</c></b></W></UserData>", [("a", "1"), ("b.c", "2")]),
        ("<UserData><a>1</a></UserData>", [("a", "1")]),
        ("<ProcessingErrorData><ErrorCode>15003</ErrorCode></ProcessingErrorData>", [("ErrorCode", "15003")]),
    ],
)
def test_data_of_every_shape(inside: str, data: list[tuple[str, str]]) -> None:
    xml = XML % inside
    if "&#xD800;" in xml:  # no XML: only the quick way reads it
        event = event_from(xml)
    else:
        event = event_from(xml)
        assert event == event_from(xml.replace("<System>", "<System >"))  # the slow way
    assert event.data == data
    assert (event.provider, event.event_id, event.level, event.number, event.time) == ("P & Q", 7, 2, 5, 1_795_403_401_123_456)


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        ("", "no element"),
        ("<Event>", "no element"),
        ("<Event></Event>", "no System"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><Event>&a;</Event>', "document type"),
        ("<a>" * 100 + "</a>" * 100, "levels"),
    ],
)
def test_what_is_no_event_is_refused(xml: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        event_from(xml)


@pytest.mark.parametrize(("text", "number"), [("7", 7), (" 0x1f ", 31), ("", None), ("x", None), ("-1", None), ("٣", None), ("9" * 30, None), ("0x", None)])
def test_numbers_of_the_system_part(text: str, number: int | None) -> None:
    assert whole_number(text) == number
