"""Exports made to hurt, in every form: a named problem, the rest is read, bounded time, never an error."""

from __future__ import annotations

import io
import os
import random
import re
import time
from collections.abc import Callable, Iterable, Mapping

import eventforms
import pytest
from eventday import day

from backuptrace.readers.eventdict import EventDictionary
from backuptrace.readers.exports import Form, Reading, as_posted, read, sniff
from backuptrace.readers.winevent import WinEvent, line_of

POSTED = "Log: System\nSource: Service Control Manager\nEvent ID: 7034\nLevel: Error\n\nThe RdAgent service terminated unexpectedly.\n\n"
FORMS: dict[str, Callable[[], str]] = {
    "xml": lambda: eventforms.viewer_xml(day("de"), rendered="de-DE", language="de"),
    "wevtutil.xml": lambda: eventforms.wevtutil_xml(day("en")),
    "csv": lambda: eventforms.viewer_table(day("de"), "de", culture="de-DE"),
    "txt": lambda: eventforms.viewer_table(day("en"), delimiter="\t"),
    "winevent.csv": lambda: eventforms.get_winevent_csv(day("en")),
    "eventlog.csv": lambda: eventforms.get_eventlog_csv(day("de"), "de", culture="de-DE", delimiter=";"),
    "list": lambda: eventforms.format_list(day("en"), width=80),
    "clixml": lambda: eventforms.clixml(day("de"), "de"),
    "wevtutil": lambda: eventforms.wevtutil_text(day("en")),
    "details": lambda: eventforms.details(day("en")),
    "posted": lambda: POSTED * 12,
}
PIECES = (
    b'"', b'""', b",", b"\t", b";", b"\n", b"\r\n\r\n", b"\0", b"<", b">", b"&", b"&#0;", b"&lol;", b"<!--", b"]]>", b"<![CDATA[", b"</Event>", b"<Event>", b"<Obj>", b"</Objs>",
    b'<!DOCTYPE a [<!ENTITY lol "lol">]>', b"Event[0]:\r\n", b"Message : ", b"Id : 9999999999999999999999", b"Date: 99/99/9999 99:99:99", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80",
    b" " * 100_000, b"\n" * 100_000, b"_xD800_", b"0x" + b"f" * 40, b"9" * 5000, b"a" * 5000, b" " * 5000, b'","' * 500, b": " * 500,
)  # fmt: skip
BOMB = '<!DOCTYPE Objs [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)) + "]>"  # fmt: skip
SECONDS = 20
"""Of the processor, for one small file; the slowest of sound ones takes a hundredth of a second."""
_SEEN = re.compile(rb"7034")


def wanted(block: bytearray, _: Mapping[str, int] | None) -> Iterable[int]:
    return [found.end() for found in _SEEN.finditer(block)]


def held(raw: bytes, form: Form, dictionary: EventDictionary) -> tuple[list[WinEvent], Reading]:
    """All events of the bytes; the account adds up, what was not read is told, and each event is one line."""
    begun = time.process_time()
    reading = Reading("case/export")
    events = [dictionary.complete(event) for event in read(io.BytesIO(raw), form, reading, words=dictionary.words)]
    assert len(events) == reading.records
    assert all(problem.kind and problem.what and problem.where.startswith("case/export") for problem in reading.problems)
    assert events or reading.problems
    assert not any("\n" in line_of(event) for event in events)
    if form.kind == "xml":
        few = list(read(io.BytesIO(raw), form, Reading("case/export"), words=dictionary.words, wanted=wanted))
        assert len(few) <= len(events)
        assert sum(event.event_id == 7034 for event in few) == sum(event.event_id == 7034 for event in events)
    assert time.process_time() - begun < SECONDS
    return events, reading


def form_of(raw: bytes) -> Form:
    form = sniff(raw) or as_posted(raw)
    assert form is not None
    return form


@pytest.mark.parametrize("form", FORMS)
def test_random_bytes_in_every_form(form: str, dictionary: EventDictionary) -> None:
    told = form_of(FORMS[form]().encode())
    for seed in range(4):
        events, reading = held(random.Random(seed).randbytes(200_000), told, dictionary)
        assert reading.problems
        assert told.kind == "posted" or len(events) < 5


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "line", [b'"1",' * 500_000, b"," * 1_000_000, b"\t" * 1_000_000, b'"' * 1_000_001, b": " * 500_000, b"<a>" * 300_000], ids=lambda line: repr(line[:4])
)
def test_a_line_of_a_million_columns_in_every_form(form: str, line: bytes, dictionary: EventDictionary) -> None:
    """In the middle, between two lines: what stands before and far behind it is read."""
    raw = FORMS[form]().encode()
    count = len(held(raw, form_of(raw), dictionary)[0])
    at = raw.find(b"\n", len(raw) // 2) + 1
    events, _ = held(raw[:at] + line + b"\n" + raw[at:], form_of(raw), dictionary)
    assert len(events) >= count - 2


@pytest.mark.parametrize("blank", [" ", "\n", "\t"])
@pytest.mark.parametrize("form", ["xml", "wevtutil.xml", "clixml"])
def test_a_hundred_thousand_blanks_at_any_place_between_two_elements(form: str, blank: str, dictionary: EventDictionary) -> None:
    raw = FORMS[form]().encode()
    told = form_of(raw)
    count = len(held(raw, told, dictionary)[0])
    second = raw.index(b"<Obj ", raw.index(b"<Obj ") + 1) if form == "clixml" else raw.index(b"</Event>")
    for found in re.finditer(b"><", raw[:second]):
        for ending in (b"</", b"<!"):  # as it is, and with an event that is broken behind it
            events, _ = held(raw[: found.start() + 1] + blank.encode() * 100_000 + raw[found.start() + 1 :].replace(b"</", ending, 1), told, dictionary)
            assert len(events) >= count - 2


def test_blanks_without_end_inside_a_text(dictionary: EventDictionary) -> None:
    """In the middle of every text that the dictionary knows, in place of its middle blank."""
    begun = time.process_time()
    for provider in dictionary.words.providers:
        for number, known in provider.events.items():
            for text in known.texts[:1]:
                words = text.split(" ")
                for blank in " \n":
                    message = " ".join(words[: len(words) // 2]) + blank * 60_000 + " ".join(["x", *words[len(words) // 2 :]])
                    dictionary.complete(WinEvent(0, 0, 1, "System", provider.name, number, 2, "vm", [], message))
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize("form", ["clixml", "xml"])
def test_a_bomb_of_entities_is_told_and_never_expanded(form: str, dictionary: EventDictionary) -> None:
    raw = FORMS[form]()
    at = raw.index("<Obj") if form == "clixml" else raw.index("<Events>")
    _, reading = held((raw[:at] + BOMB + raw[at:].replace("RdAgent", "&j;")).encode(), form_of(raw.encode()), dictionary)
    assert "export-entities" in {problem.kind for problem in reading.problems}


@pytest.mark.parametrize("form", ["csv", "txt", "winevent.csv", "eventlog.csv"])
def test_a_lost_quote_in_every_table(form: str, dictionary: EventDictionary) -> None:
    """One at a time, behind the names: at most two records are lost, and that is told if one is."""
    raw = FORMS[form]().encode()
    told = form_of(raw)
    count = len(held(raw, told, dictionary)[0])
    behind = raw.index(b"\n", raw.index(b"\n") + 1)
    places = [found.start() for found in re.finditer(b'"', raw) if found.start() > behind]
    for at in places[:: len(places) // 40 + 1]:
        events, reading = held(raw[:at] + raw[at + 1 :], told, dictionary)
        assert count - 2 <= len(events) <= count
        assert len(events) == count or reading.problems


@pytest.mark.slow
def test_an_hour_of_changed_exports(dictionary: EventDictionary) -> None:
    """$BACKUPTRACE_FUZZ_SECONDS, 3600 if not set. A failure names the seed and the form."""
    until = time.monotonic() + float(os.environ.get("BACKUPTRACE_FUZZ_SECONDS", "3600"))
    seed = int(os.environ.get("BACKUPTRACE_FUZZ_SEED", "1"))
    whole = {name: made().encode() for name, made in FORMS.items()}
    forms = {name: form_of(raw) for name, raw in whole.items()}
    while time.monotonic() < until:
        seed += 1
        chance = random.Random(seed)
        name = chance.choice(list(FORMS))
        raw = changed(bytearray(whole[name]), chance)
        if chance.random() < 0.2:
            raw = raw.decode("utf-8", "replace").encode(chance.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"]), "replace")
        form = sniff(raw) or forms[name]
        try:
            held(raw, form, dictionary)
        except Exception as error:
            raise AssertionError(f"seed {seed}, {name}") from error


def changed(raw: bytearray, chance: random.Random) -> bytes:
    """The bytes with some of them exchanged, doubled, taken out or put in, and sometimes cut."""
    for _ in range(chance.choice([1, 2, 5, 30, 200])):
        at = chance.randrange(len(raw) + 1)
        match chance.randrange(6):
            case 0 if at < len(raw):
                raw[at] ^= 1 << chance.randrange(8)
            case 1:
                raw[at:at] = chance.choice(PIECES)
            case 2:
                other = chance.randrange(len(raw) + 1)
                raw[at:at] = raw[other : other + chance.choice([10, 300, 5000])]
            case 3:
                del raw[at : at + chance.randrange(300)]
            case 4:
                raw[at : at + 8] = chance.choice(PIECES)
            case _:
                raw[at:at] = chance.randbytes(chance.randrange(40))
    return bytes(raw[: chance.randrange(len(raw) + 1)] if chance.random() < 0.2 else raw)
