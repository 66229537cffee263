"""Events as lists of `name: value` lines: text of `wevtutil`, lists of PowerShell, details copied from the Event Viewer."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from backuptrace.readers.exports.account import Reading
from backuptrace.readers.exports.dates import SHAPE, plain
from backuptrace.readers.exports.posted import label
from backuptrace.readers.exports.powershell import IDS, PROVIDERS, TIMES, row_of
from backuptrace.readers.exports.rows import Row
from backuptrace.readers.exports.viewer import MOST_MESSAGE

Line = tuple[int, str]
WEVTUTIL = re.compile(r"Event ?\[\d{1,9}\]:?\s*$")
_WEVTUTIL_KEY = re.compile(r" {2}([A-Z][A-Za-z ]{2,14}):(?: (.*))?$")
PROPERTY = re.compile(r"([A-Za-z][A-Za-z]{1,30}) {0,30}: ?(.*)$")
_OTHERS = """
    message leveldisplayname entrytype level logname machinename recordid index replacementstrings version qualifiers task opcode keywords providerid
    processid threadid userid activityid relatedactivityid containerlog matchedqueryids bookmark opcodedisplayname taskdisplayname keywordsdisplaynames
    properties category categorynumber data username site container pscomputername runspaceid psshowcomputername
"""
PROPERTIES = frozenset((*TIMES, *IDS, *PROVIDERS, *_OTHERS.split()))
"""Names of the .NET properties of an event, in small letters."""
_DETAIL = re.compile(r"\s{0,4}([^:：\t]{1,40}?)\s?[:：]\s{0,40}(.*)$")
_DATED = re.compile(SHAPE)
_NUMBER = re.compile(r"\d{1,10}$")
_PLACES = {"log": 0, "source": 1, "date": 2, "id": 3, "category": 4, "level": 5, "keywords": 6, "user": 7, "computer": 8, "text": 9}
"""Kind of label (posted.py) -> its place among copied details."""


class _Text:
    """A message while its lines come, up to a limit."""

    def __init__(self, first: str = "") -> None:
        self._parts = [first[:MOST_MESSAGE]]
        self._size = len(first)
        self.cut = self._size > MOST_MESSAGE

    def add(self, line: str) -> None:
        if self._size <= MOST_MESSAGE:
            self._parts.append(line[: MOST_MESSAGE - self._size])
            self._size += len(line) + 1
            self.cut = self._size > MOST_MESSAGE

    def drop(self, lines: int) -> None:
        """Takes the last lines away again: they turned out to begin the next record."""
        if not self.cut:
            del self._parts[max(1, len(self._parts) - lines) :]

    def text(self) -> str:
        return "\n".join(self._parts).strip()


def wevtutil(lines: Iterable[Line], reading: Reading) -> Iterator[Row]:
    """Text of `wevtutil qe`: names in English everywhere, the description last and free."""
    values: dict[str, str] = {}
    text: _Text | None = None
    start = 0
    for number, line in lines:
        if WEVTUTIL.match(line):
            if values:
                yield from _wevtutil_row(start, values, text, reading)
            values, text, start = {}, None, number
        elif text is not None:
            text.add(line)
        elif (found := _WEVTUTIL_KEY.match(line)) and start:
            name, value = found[1].casefold(), found[2] or ""
            values[name] = value.strip()
            if name == "description":
                text = _Text(value)
    if values:
        yield from _wevtutil_row(start, values, text, reading)


def _wevtutil_row(start: int, values: dict[str, str], text: _Text | None, reading: Reading) -> Iterator[Row]:
    event_id = values.get("event id", "")
    if not _NUMBER.match(event_id):
        reading.tell("broken-record", start, "no event id")
        return
    if text is not None and text.cut:
        reading.tell("long-record", start)
    message = text.text() if text is not None else ""
    yield Row(start, values.get("date", ""), values.get("source", ""), int(event_id) & 0xFFFF, values.get("level", ""), values.get("log name", ""),
              values.get("computer", ""), "" if message == "N/A" else message)  # fmt: skip


def properties(lines: Iterable[Line], reading: Reading) -> Iterator[Row]:
    """Lists of PowerShell: `Name : value`, further lines of a value indented, each object begins with the name that stood first."""
    values: dict[str, _Text] = {}
    start, indent, last = 0, 0, ""
    for number, line in lines:
        found = PROPERTY.match(line)
        name = found[1].casefold() if found else ""
        if found and name in PROPERTIES and (not indent or found.start(2) == indent or not found[2]):
            if name in values:
                yield from _listed_row(start, values, reading)
                values = {}
            if not values:
                start, indent = number, found.start(2)
            values[name] = _Text(found[2])
            last = name
        elif last in values:
            values[last].add(line[indent:] if line[:indent].isspace() else line)
    if values:
        yield from _listed_row(start, values, reading)


def _listed_row(start: int, values: dict[str, _Text], reading: Reading) -> Iterator[Row]:
    row = row_of(start, {name: text.text() for name, text in values.items()})
    if row is None:
        reading.tell("broken-record", start, "no event id")
        return
    if any(text.cut for text in values.values()):
        reading.tell("long-record", start)
    yield row


def details(lines: Iterable[Line], reading: Reading) -> Iterator[Row]:
    """Details as the Event Viewer copies them: log, source, date, id, category, level, keywords, user, computer, description, in every language.

    A record is told by a date in its third line and a number in its fourth; people leave out some of the labels behind. A description may be followed
    by the event's XML, which is passed over.
    """
    window: deque[Line] = deque(maxlen=4)
    record: _Details | None = None
    for number, line in lines:
        window.append((number, line))
        values = details_head(window)
        if values:
            if record is not None:
                if record.text is not None:
                    record.text.drop(3)
                yield from _details_row(record, reading)
            record = _Details(window[0][0], values, known=all(label(first) for _, first in window))
        elif record is not None:
            record.add(line)
    if record is not None:
        yield from _details_row(record, reading)


class _Details:
    """A record of copied details while its lines come.

    known: its first labels are words of a language that is known, so its other labels are told by their words, and some may be left out;
    else the place of a label tells it.
    """

    def __init__(self, start: int, values: list[str], *, known: bool) -> None:
        self.start = start
        self.values = values + [""] * (_PLACES["text"] + 1 - len(values))
        self.text: _Text | None = None
        self._known = known
        self._at = len(values) - 1
        self._guessed: list[str] = []
        """Lines whose label is not known: part of the head if a known label follows, else of the text."""

    def add(self, line: str) -> None:
        if self.text is not None:
            self.text.add(line)
            return
        told = label(line) if self._known else None
        found = _DETAIL.match(line)
        if told is not None and (place := _PLACES[told[0]]) > _PLACES["id"]:
            self._guessed.clear()
            self._place(place, told[1])
        elif found and (not self._known or self._at + 1 < _PLACES["text"]):
            self._guessed.append(line)
            self._place(self._at + 1, found[2].strip())
        elif self._known and line.strip():
            self.end()
            self.add(line)

    def end(self) -> None:
        """There is no label of the text: it begins behind the last known one."""
        if self.text is None and self._known:
            self.values[self._at + 1 - len(self._guessed) :] = [""] * (len(self.values) - 1 - self._at + len(self._guessed))
            self.text = _Text("\n".join(self._guessed))

    def _place(self, place: int, value: str) -> None:
        self.values[place] = value
        self._at = place
        if place == _PLACES["text"]:
            self.text = _Text(value)


def details_head(window: Sequence[Line]) -> list[str]:
    """The first four values of a record that begins with these four lines, [] if none does."""
    if len(window) < 4 or not _DATED.search(plain(window[2][1])) or not window[3][1].rstrip()[-1:].isdigit():
        return []
    found = [_DETAIL.match(plain(line)) for _, line in window]
    values = [match[2].strip() for match in found if match]
    if len(values) < 4 or not _NUMBER.match(values[3]) or not _DATED.match(values[2]):
        return []
    return values


_XML = re.compile(r"\n[^\n:：]{2,40}[:：]\s{0,20}\n?\s{0,20}<Event\s")


def _details_row(record: _Details, reading: Reading) -> Iterator[Row]:
    record.end()
    values, text = record.values, record.text
    message = text.text() if text is not None else ""
    if text is not None and text.cut:
        reading.tell("long-record", record.start)
    if found := _XML.search(message):
        message = message[: found.start()].strip()
    yield Row(record.start, values[2], values[1], int(values[3]) & 0xFFFF, values[5], values[0], values[8], message)
