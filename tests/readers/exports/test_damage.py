"""Damaged and hostile exports: a named problem, the rest is read, memory stays bounded."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import eventforms
import pytest
from eventday import day
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.model import Problem
from backuptrace.readers.exports import Form, Reading, read, sniff
from backuptrace.readers.exports.account import NAMES, Kind

HEAD = b"Level,Date and Time,Source,Event ID,Task Category\r\n"
ROW = b"Error,1/13/2026 1:00:%02d AM,Service Control Manager,7034,None,The RdAgent service terminated unexpectedly.  It has done this %d time(s).\r\n"
EVERY: dict[str, Callable[..., str]] = dict(eventforms.FORMS)


class Bytes:
    """A stream that is made while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readinto(self, view: memoryview) -> int:
        if not self._rest:
            self._rest = next(self._pieces, b"")
        take = min(len(view), len(self._rest))
        view[:take] = self._rest[:take]
        self._rest = self._rest[take:]
        return take


def kinds(problems: list[Problem]) -> set[str]:
    return {problem.kind for problem in problems}


def test_a_quote_that_never_closes_costs_one_record(read_export: Any) -> None:
    raw = HEAD + ROW % (1, 1) + b'Error,1/13/2026 1:00:02 AM,X,5,None,"half a message\r\nwith "" and lines\r\n' + ROW % (3, 3) + ROW % (4, 4)
    events, reading = read_export(raw)
    assert [(event.event_id, event.data[1:]) for event in events] == [(7034, [("param2", "1")]), (5, []), (7034, [("param2", "3")]), (7034, [("param2", "4")])]
    assert [(problem.kind, problem.where) for problem in reading.problems] == [("export-broken-quote", "case/export:3")]


@pytest.mark.parametrize(("found", "put", "told"), [(b",7034,", b',7034",', False), (b",7034,", b',"7034,', True), (b",1/13/", b',"1/13/', True)])
def test_a_stray_quote_at_the_date_or_the_id_costs_no_record(found: bytes, put: bytes, told: bool, read_export: Any) -> None:
    events, reading = read_export(HEAD + ROW % (1, 1) + (ROW % (2, 2)).replace(found, put) + ROW % (3, 3))
    assert [(event.event_id, event.time is not None) for event in events] == [(7034, True)] * 3
    assert [problem.where for problem in reading.problems] == ["case/export:3"] * told


def test_a_lost_quote_of_export_csv_costs_its_record(read_export: Any) -> None:
    lines = eventforms.get_winevent_csv(day("en")).split("\r\n")
    at = next(n for n, line in enumerate(lines) if '"7034"' in line)
    lines[at] = lines[at].replace('time(s).",', "time(s).,")
    events, reading = read_export("\r\n".join(lines).encode())
    assert len(events) == len(day("en")) - 1 and 7034 not in {event.event_id for event in events}
    assert kinds(reading.problems) == {"export-broken-record"} and reading.unreadable == 1


def test_a_quote_too_many_of_export_csv_costs_nothing(read_export: Any) -> None:
    raw = eventforms.get_winevent_csv(day("en")).replace('"The RdAgent service', '"The "RdAgent service').encode()
    events, reading = read_export(raw)
    assert len(events) == len(day("en")) and not reading.problems


@pytest.mark.parametrize("columns", [b'"1",' * 500_000, b"," * 1_000_000, b'"' * 1_000_000])
def test_a_row_of_a_million_columns(columns: bytes, read_export: Any) -> None:
    told = day("en")
    lines = eventforms.get_winevent_csv(told, type_line=False).encode().split(b"\r\n")
    events, reading = read_export(b"\r\n".join([lines[0], columns, *lines[1:]]))
    assert len(events) == len(told)
    assert kinds(reading.problems) & {"export-broken-record", "export-broken-quote"}
    events, reading = read_export(HEAD + ROW % (1, 1) + columns + b"\r\n" + ROW % (3, 3))
    assert events[-1].data[-1] == ("param2", "3")


def test_an_xml_that_is_cut_is_read_to_the_cut(read_export: Any) -> None:
    raw = eventforms.viewer_xml(day("en")).encode()
    cut = raw.rindex(b"<EventData>")
    events, reading = read_export(raw[:cut])
    assert len(events) == len(day("en")) - 1
    assert kinds(reading.problems) == {"export-cut"} and reading.unreadable == 1


def test_entities_are_never_expanded(read_export: Any) -> None:
    bomb = '<!DOCTYPE Events [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)) + "]>"  # fmt: skip
    sound = eventforms.event_xml(day("en")[0])
    broken = sound.replace("<EventData>", "<EventData><Data>&j;</Data>")
    events, reading = read_export(f'<?xml version="1.0"?>{bomb}<Events>{sound}{broken}{sound}</Events>'.encode())
    assert [event.event_id for event in events] == [6005, 6005]
    assert kinds(reading.problems) == {"export-entities", "export-broken-event"}


def test_a_broken_event_costs_itself(read_export: Any) -> None:
    told = day("en")
    raw = eventforms.wevtutil_xml(told).replace("<EventID Qualifiers='0'>7031<", "<EventID Qualifiers='0'>7031</EventID><").encode()
    events, reading = read_export(raw)
    assert len(events) == len(told) - 1
    assert next(problem.what for problem in reading.problems if problem.kind == "export-broken-event").startswith(
        "1 events that are no sound XML, first at event 5"
    )


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("form", EVERY)
def test_every_form_is_read_to_a_cut(form: str, cut: float, read_export: Any) -> None:
    raw = EVERY[form](day("en")).encode()
    raw = raw[: int(len(raw) * cut)]
    events, _ = read_export(raw)
    assert len(events) >= int(len(day("en")) * cut) - 2


@pytest.mark.parametrize(
    ("kind", "begin", "piece"),
    [
        ("xml", b"<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>", b"x" * 65_536),
        ("xml", b"<Events>", b"<Event xmlns='a'><System>" * 4096),
        ("viewer", HEAD, b"a" * 65_536),
        ("viewer", HEAD + ROW % (1, 1), b'"' + (b"a," * 50 + b"\n") * 640),
        ("powershell", b'"Message","Id","TimeCreated"\r\n', (b"a" * 90 + b'"\n') * 700),
        ("powershell", b'"Message","Id","TimeCreated"\r\n"', (b"a" * 90 + b"\n") * 700),
        ("wevtutil", b"Event[0]:\r\n  Description: \r\n", (b"a b" * 30 + b"\r\n") * 700),
        ("list", b"TimeCreated : 1/13/2026 1:00:00 AM\r\nId : 1\r\nMessage : ", (b"a b" * 30 + b"\r\n") * 700),
        ("details", b"", b"Log Name: System\r\n" * 4096),
        ("clixml", b'<Objs Version="1.1.0.1"><Obj><Props><S N="', b"a" * 65_536),
        ("clixml", b'<Objs Version="1.1.0.1"><Obj><Props><S N="Message">', b"a" * 65_536),
        ("clixml", b'<Objs Version="1.1.0.1">', b"<Obj>" * 10_000),
    ],
)
def test_memory_stays_bounded_whatever_never_ends(kind: Kind, begin: bytes, piece: bytes, read_export: Any) -> None:
    """8 MB without the end of anything."""
    form = Form(
        kind, "utf-8", ",", ("Message", "Id", "TimeCreated") if kind == "powershell" else ("Level", "Date and Time", "Source", "Event ID", "Task Category")
    )
    reading = Reading("x")
    tracemalloc.start()
    found = sum(1 for _ in read(Bytes(iter([begin, *([piece] * 125)])), form, reading))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 7 << 20
    assert reading.problems or found


@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=300), kind=st.sampled_from(list(NAMES)), encoding=st.sampled_from(["utf-8", "utf-16-le", "cp850"]))
def test_any_bytes_in_any_form(raw: bytes, kind: Any, encoding: str) -> None:
    sniff(raw)
    reading = Reading("x")
    events = list(read(Bytes(iter([raw])), Form(kind, encoding, ",", ("Message", "Id", "TimeCreated", "a", "b")), reading))
    assert len(events) == reading.records


@settings(max_examples=80, deadline=None)
@given(data=st.data(), form=st.sampled_from(sorted(EVERY)))
def test_damage_at_any_place(data: st.DataObject, form: str) -> None:
    """Bytes exchanged, taken out, put in: nothing is raised, and most events are still read."""
    raw = bytearray(EVERY[form](day("de"), language="de"), "utf-8")
    begin = data.draw(st.integers(len(raw) // 3, len(raw) - 1))
    size = data.draw(st.integers(0, 40))
    raw[begin : begin + size] = data.draw(st.binary(max_size=20) | st.sampled_from([b'"', b"<", b"\n", b"</Event>", b"\r\n\r\n", b"&", b'",']))
    form_found = sniff(bytes(raw))
    assert form_found is not None
    reading = Reading("x")
    events = list(read(Bytes(iter([bytes(raw)])), form_found, reading))
    lost = len(day("de")) - len(events)
    if form == "clixml.xml":
        assert lost <= len(day("de")) * 0.7
    else:
        assert lost <= 2
