"""No event that a selection is on is missed by the search of raw bytes, whatever kind of value the file keeps."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from evtxwriter import NAMESPACE, ChunkWriter, Gap, Node, Value, file_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backuptrace.knowledge.loading import FieldMatcher, load
from backuptrace.knowledge.needles import data_names, needles, raw_patterns
from backuptrace.knowledge.selections import Layout, conditions, field_tests
from backuptrace.matcher import compile_patterns
from backuptrace.readers.eventdict import EventDictionary
from backuptrace.readers.evtx import Reading, read
from backuptrace.readers.winevent import PAIRS, SEPARATOR, TEMPLATES, WITHOUT_CASE, WinEvent, line_of

LAYOUT = Layout(TEMPLATES, PAIRS, SEPARATOR, WITHOUT_CASE)
WORDS = load().pack.words
DICTIONARY = EventDictionary(WORDS)
NAMES = data_names(WORDS)
TEXT, ANSI = 0x01, 0x02
SCM = "Service Control Manager"


def sid(parts: list[int]) -> bytes:
    return bytes([1, len(parts)]) + (5).to_bytes(6, "big") + struct.pack(f"<{len(parts)}I", *parts)


NUMBERS = st.binary(min_size=8, max_size=8)
VALUES = st.one_of(
    st.tuples(st.just(TEXT), st.text("abcSTxyz0123456789-:./\\ Ä", min_size=1, max_size=20).map(lambda text: text.encode("utf-16-le"))),
    st.tuples(st.just(ANSI), st.text("abcSTxyz01 Ä", min_size=1, max_size=20).map(lambda text: text.encode("cp1252"))),
    st.tuples(st.just(0x13), st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=5).map(sid)),
    st.tuples(st.just(0x11), st.integers(0, 3 * 10**17).map(lambda ticks: struct.pack("<Q", ticks))),
    st.tuples(st.just(0x12), st.integers(1, 12).map(lambda month: struct.pack("<8H", 2026, month, 0, 23, 3, 10, 1, 500))),
    st.tuples(st.just(0x0F), st.binary(min_size=16, max_size=16)),
    st.tuples(st.just(0x0D), st.sampled_from([bytes(4), b"\1\0\0\0"])),
    st.tuples(st.sampled_from([0x09, 0x0A, 0x0C, 0x15]), NUMBERS),
    st.tuples(st.sampled_from([0x07, 0x08, 0x0B, 0x14]), NUMBERS.map(lambda raw: raw[:4])),
    st.tuples(st.just(0x0C), st.sampled_from([float("nan"), float("inf"), -1e300]).map(lambda number: struct.pack("<d", number))),
    st.tuples(st.just(0x0E), st.binary(max_size=12)),
    st.tuples(st.just(0x91), st.lists(st.integers(0, 10**17), min_size=2, max_size=3).map(lambda all_of: struct.pack(f"<{len(all_of)}Q", *all_of))),
)


def file_with(provider: str, event_id: int, data: list[tuple[str, int, bytes]]) -> bytes:
    """An .evtx file of one event whose data are (name, kind, bytes)."""
    values = [Value(kind, raw) for _, kind, raw in data]
    fields = [Node("Data", [Gap(n, value.kind)], [("Name", name)] if name else []) for n, ((name, _, _), value) in enumerate(zip(data, values))]
    system = Node(
        "System",
        [
            Node("Provider", [], [("Name", provider)]),
            Node("EventID", [str(event_id)]),
            Node("TimeCreated", [], [("SystemTime", "2026-11-23T00:33:04Z")]),
            Node("EventRecordID", ["1"]),
            Node("Channel", ["System"]),
        ],
    )
    root = Node("Event", [system, Node("EventData", fields)], [("xmlns", NAMESPACE)])
    writer = ChunkWriter()
    assert writer.record(1, 0, lambda chunk: chunk.fragment("k", root, values))
    return file_of([writer.closed(1)])


def event_in(raw: bytes) -> WinEvent:
    (event,) = read(raw, Reading())
    return DICTIONARY.complete(event)


def holds(selection: dict[str, object], event: WinEvent) -> bool:
    line = line_of(event).encode()
    parts = line.split(b"\t", 7)
    fields = {"provider": parts[3], "event_id": parts[4], "message": b"\t" + parts[7] if len(parts) > 7 else b"", "text": line}
    return all(FieldMatcher(test).holds(fields[test.field]) for test in field_tests(conditions(selection, LAYOUT)))  # type: ignore[arg-type]


def is_found(selection: dict[str, object], raw: bytes) -> bool:
    """Whether the search of raw bytes leads to the event."""
    found = needles(conditions(selection), NAMES)  # type: ignore[arg-type]
    if found is None:
        return True
    patterns = [one.pattern for one in raw_patterns({needle: [0] for needle in found}, WORDS)]
    return bool(compile_patterns(patterns, engine="re").scan(memoryview(raw)))


@settings(max_examples=300, deadline=None)
@given(VALUES, st.sampled_from(["", "|contains", "|startswith", "|endswith", "|re", "|i"]), st.data())
@example((0x13, sid([20])), "", None)
@example((0x11, struct.pack("<Q", 132_000_000_123_456_789)), "", None)
@example((0x12, struct.pack("<8H", 2026, 11, 0, 23, 3, 10, 1, 500)), "|contains", None)
def test_a_value_of_any_kind_is_found_by_any_part_of_its_text(kept: tuple[int, bytes], how: str, data: st.DataObject | None) -> None:
    raw = file_with("P-Q", 1, [("Value", *kept)])
    event = event_in(raw)
    text = dict(event.data)["Value"] if event.data else ""
    start, end = 0, len(text)
    if data is not None and how in {"|contains", "|startswith", "|endswith", "|re"}:
        start, end = sorted((data.draw(st.integers(0, end)), data.draw(st.integers(0, end))))
        start, end = (0, end) if how == "|startswith" else (start, len(text)) if how == "|endswith" else (start, end)
    wanted = text[start:end]
    if not wanted:
        return
    if how == "|re":
        wanted = "".join(f"\\{letter}" if letter in "\\.+*?()[]{}|^$-" else letter for letter in wanted)
    value_is: dict[str, object] = {f"data.Value{how}": wanted}
    assert holds(value_is, event)
    assert is_found({"provider": "P-Q", **value_is}, raw)
    assert is_found(value_is, raw)
    if "=" not in wanted and how in {"|contains", "|re"}:
        assert is_found({f"message{how}": wanted}, raw)


@pytest.mark.parametrize(
    "selection, data",
    [
        # the dictionary's own words and names, which the file writes in another way or not at all
        ({"data.param1": "RdAgent", "data.param2": "stopped"}, ["RDAGENT", "beendet"]),
        ({"data.param1": "WindowsAzureGuestAgent"}, ["windows azure guest agent", "Running"]),
        ({"data.param1|re": "Guest"}, ["WINDOWS AZURE GUEST AGENT", "running"]),
        ({"data.param1": "COMSysApp", "data.param2|re": "runn"}, ["COM+-Systemanwendung", "AUSGEFÜHRT"]),
        ({"message|contains": "param1"}, ["x", "y"]),
        ({"message|re": "param[0-9]=VSS"}, ["Volumeschattenkopie", "y"]),
        ({"message|contains": "param1=VSS"}, ["Volume Shadow Copy", "y"]),
    ],
)
def test_words_of_the_dictionary_are_found_as_the_file_writes_them(selection: dict[str, object], data: list[str]) -> None:
    raw = file_with(SCM, 7036, [("", TEXT, value.encode("utf-16-le")) for value in data])
    assert holds({"provider": SCM, **selection}, event_in(raw))
    assert is_found(selection, raw)
    assert is_found({"provider": SCM, **selection}, raw)


def test_the_dictionary_in_all_its_spellings() -> None:
    """Every service in every spelling, in every case."""
    for key, shown in WORDS.services.items():
        for name in (key, *shown):
            for spelling in {name, name.upper(), name.lower()}:
                raw = file_with(SCM, 7036, [("", TEXT, spelling.encode("utf-16-le")), ("", TEXT, "running".encode("utf-16-le"))])
                event = event_in(raw)
                selection: dict[str, object] = {"provider": SCM, "data.param1": dict(event.data)["param1"]}
                assert is_found(selection, raw), (key, spelling)


def test_parts_of_words_that_stand_for_numbers_are_none() -> None:
    for word in ("S-1-5-20", "S-1-5-21-1", "2026-11-23T03:10", "T03:10:01", "true", "rue", "als", "NaN", "nfin", "0x80042314", "beef", "12:30"):
        assert needles(conditions({"data.X|contains": word})) is None, word
    for one, two in pairwise(["volsnap", "VSS", "stats", "tests", "zzz", "SST"]):
        assert needles(conditions({"data.X|contains": [one, two]})) is not None
