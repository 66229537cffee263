"""Events of an XML export: found in the bytes, and only those parsed that somebody wants.

Only what lies between `<Event` and `</Event>` is ever parsed, each event by itself: what a document type declares has no effect, a file that is
cut is read to the cut, a broken event costs itself. Whatever a search through raw bytes could miss (references, comments, CDATA) makes an event wanted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from backuptrace.readers.evtx.eventxml import event_from, unescaped
from backuptrace.readers.exports.account import Reading, Wanted
from backuptrace.readers.exports.xmlshort import short_event
from backuptrace.readers.exports.xmlstream import END, blocks
from backuptrace.readers.stream import Readable
from backuptrace.readers.winevent import WinEvent

_START = re.compile(rb"<Event[\s>]")
_HIDDEN = re.compile(rb"&(?!#(?:10|13|9|x0{0,3}[dDaA9]);)")
"""A reference that may spell a text in another way than plain UTF-8; those to line breaks, which are common, hide no word."""
_ONCE = (b"<TimeCreated SystemTime=", b"</EventRecordID>", END)
"""What stands in every event once; the first is counted in a third of the time of the last, as it is longer."""
_CHANNEL = re.compile(rb"(<Channel>([^<]{0,256})</Channel>\s{0,60}<Computer>)[^<]{0,256}</Computer>")
"""The channel of an event; RenderingInfo shows one, too, in the language of the viewer."""


def xml_events(stream: Readable, encoding: str, reading: Reading, wanted: Wanted | None) -> Iterator[WinEvent]:
    """All events, or with `wanted` those that matter."""
    before = 0
    for block in blocks(stream, reading):
        if not before and (b"<!DOCTYPE" in block[:4096] or b"<!ENTITY" in block[:65536]):
            reading.tell("entities")
        total = next((count for mark in _ONCE if (count := block.count(mark))), 0)
        given = 0
        for begin, end in _all(block) if wanted is None else _some(block, total, wanted):
            given += 1
            event = _parsed(block, begin, end, encoding, reading, before + given)
            if event is not None:
                reading.records += 1
                yield event
        reading.skipped += max(0, total - given)
        before += total
        if _START.search(block, block.rfind(END) + len(END) if END in block else 0):
            reading.tell("cut", before + 1)


def _all(block: bytearray) -> Iterator[tuple[int, int]]:
    at = 0
    while (end := block.find(END, at)) >= 0:
        yield at, end + len(END)
        at = end + len(END)


def _some(block: bytearray, total: int, wanted: Wanted) -> Iterator[tuple[int, int]]:
    """(from, to) of the events with a hit, of the first and the last of each channel, in order; the beginning may lie before `<Event`."""
    edges, channels = _edges(block, total)
    marks = {*edges, *wanted(block, channels), *_hidden(block)}
    at = 0
    for mark in sorted(marks):
        if mark <= at:
            continue
        end = block.find(END, max(at, mark - len(END)))
        if end < 0:
            return
        begin = block.rfind(END, at, end)
        begin = at if begin < 0 else begin + len(END)
        at = end + len(END)
        yield begin, at


def _hidden(block: bytearray) -> Iterator[int]:
    """Places that may hide a word from a search through bytes: references, comments, CDATA."""
    at = block.find(b"&")
    while at >= 0:
        if _HIDDEN.match(block, at):
            yield at + 1
        at = block.find(b"&", at + 1)
    at = block.find(b"<!") if b"!" in block else -1
    while at >= 0:
        yield at + 2
        at = block.find(b"<!", at + 1)


def _edges(block: bytearray, total: int) -> tuple[list[int], dict[str, int] | None]:
    """Places in the first and the last event of each channel, and how many events each has; None where not every event tells its own."""
    first = _CHANNEL.search(block)
    if first is None:
        return [], None if total else {}
    for same in (first[0][:-1], first[1][:-1]):  # a needle that ends in `>`, which is frequent, is counted slower
        if block.count(same) == total:
            return [first.end(), block.rfind(same) + len(same)], {_name(first[2]): total}
    begins: dict[bytes, int] = {}
    ends: dict[bytes, int] = {}
    counts: Counter[str] = Counter()
    for found in _CHANNEL.finditer(block):
        begins.setdefault(found[2], found.end())
        ends[found[2]] = found.end()
        counts[_name(found[2])] += 1
    return [*begins.values(), *ends.values()], counts if counts.total() == total else None


def _name(raw: bytes) -> str:
    return unescaped(raw.decode("utf-8", "replace")).strip()


def _parsed(block: bytearray, begin: int, end: int, encoding: str, reading: Reading, number: int) -> WinEvent | None:
    start = _START.search(block, begin, end)
    if start is None:
        reading.tell("broken-event", number, "no beginning")
        return None
    raw = bytes(block[start.start() : end])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        if encoding.startswith("utf-8"):
            reading.tell("odd-bytes")
        text = raw.decode(encoding if encoding.startswith("cp") else "cp1252", "replace")
    try:
        event = short_event(text)
        return event_from(text) if event is None else event
    except ValueError as error:
        reading.tell("broken-event", number, str(error))
        return None
