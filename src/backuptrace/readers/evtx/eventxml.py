"""The XML of one event to an event record: one compiled expression for the usual form, expat for every other.

Usual is what the `evtx` package writes without indentation: System first with its elements in the order of the schema, then at most one EventData
or UserData in which each element holds text alone. About 5 microseconds an event, a fifth of what expat takes.
"""

from __future__ import annotations

import re
from typing import NoReturn
from xml.parsers import expat

from backuptrace.model import UTC_CLOCK
from backuptrace.readers.evtx.tree import Element, event_of, time_of, usual
from backuptrace.readers.winevent import WinEvent

MOST_TEXT = 4_000_000
"""Characters of the XML of one event. A record has 64 KiB at most; only a crafted one becomes that long."""
MOST_DEPTH = 60
MOST_MINUTES = 4_096
_GUID = 36
"""Characters of a GUID."""

_HEAD = re.compile(
    r'(?:<\?xml[^>]*>\s*)?<Event(?: xmlns="[^"]*")?><System><Provider Name="([^"]+)"[^>]*></Provider><EventID[^>]*>(\d{1,9})</EventID>'
    r"(?:<Version>\d*</Version>)?<Level>(\d{1,3})</Level>(?:<Task>\d*</Task>)?(?:<Opcode>\d*</Opcode>)?(?:<Keywords>[^<]*</Keywords>)?"
    r'<TimeCreated SystemTime="(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)\.(\d{6})\d*Z"></TimeCreated><EventRecordID>(\d{1,19})</EventRecordID>'
    r"(?:<Correlation[^>]*></Correlation>)?(?:<Execution[^>]*></Execution>)?"
    r"<Channel>([^<]*)</Channel><Computer>([^<]*)</Computer><Security[^>]*></Security></System>(<EventData[^>]*>)?"
).match
_DATA = re.compile(r'<Data(?: Name="([^"]*)")?>([^<]*)</').findall
_USER = re.compile(r"<UserData><[^ />]+(?: [^>]*)?>").match
_LEAF = re.compile(r"<(?:[^ :/>]+:)?([^ :/>]+)(?: [^>]*)?>([^<]*)</").findall
_BINARY, _END = "<Binary>", "</Binary></EventData></Event>"
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not allow."""

_minutes: dict[str, int | None] = {}


def event_from(xml: str, number: int | None = None) -> WinEvent:
    """The event of one `<Event>` element. `number`: the record id where the XML has none.

    Raises ValueError with the reason for what is no XML, no event, or declares a document type or entities.
    """
    head = _HEAD(xml)
    if head is None:
        return _by_expat(xml, number)
    provider, event_id, level, minute, second, micro, record, channel, computer, event_data = head.groups()
    data: list[tuple[str, str]] = []
    at = head.end()
    if event_data:
        data = _DATA(xml, at)
        # Each datum is two tags, as is EventData, of which one was read, and the last is </Event>. Binary, the last if there is one, makes two more.
        tags = xml.count("<", at) - 2 * len(data)
        if tags == 4 and xml.endswith(_END) and (begin := xml.rfind(_BINARY, at)) >= 0:
            data.append(("Binary", xml[begin + len(_BINARY) : -len(_END)]))
        elif tags != 2:
            return _by_expat(xml, number)
    elif (user := _USER(xml, at)) is not None:
        data = _LEAF(xml, user.end())
        # Two tags each, and those that end what wraps them, UserData and Event: there is no level more.
        if not data or xml.count("<", user.end()) != 2 * len(data) + 3:
            return _by_expat(xml, number)
    elif not xml.startswith("</Event>", at):
        return _by_expat(xml, number)
    if "\r" in xml or "&" in xml:
        data = [(unescaped(name), usual(unescaped(value))) for name, value in data]
    elif [pair for pair in data if len(pair[1]) == _GUID]:
        data = [(name, usual(value)) for name, value in data]
    start = _minutes[minute] if minute in _minutes else _minute(minute)
    if "&" in provider or "&" in channel or "&" in computer:
        provider, channel, computer = unescaped(provider), unescaped(channel), unescaped(computer)
    time = None if start is None else start + int(second) * 1_000_000 + int(micro)
    return WinEvent(time, UTC_CLOCK, int(record), channel, provider, int(event_id), int(level), computer, data)


def unescaped(text: str) -> str:
    """The text with the five entities of XML and character references decoded."""
    return _ENTITY.sub(_decoded, text) if "&" in text else text


def _decoded(found: re.Match[str]) -> str:
    name, decimal, digits = found.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(digits, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _minute(minute: str) -> int | None:
    if len(_minutes) >= MOST_MINUTES:
        _minutes.clear()
    _minutes[minute] = time_of(minute + ":00Z")
    return _minutes[minute]


def _by_expat(xml: str, number: int | None) -> WinEvent:
    if len(xml) > MOST_TEXT:
        raise ValueError(f"its XML has {len(xml)} characters")
    event = event_of(tree_of(xml), number)
    if event is None:
        raise ValueError("it has no System part")
    return event


def tree_of(xml: str) -> Element:
    """The root element of an XML text; characters that XML does not allow (they occur in real events) are replaced.

    Raises ValueError as `event_from`.
    """
    building = _Building()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = building.begin, building.end, building.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refused
    try:
        parser.Parse(FORBIDDEN.sub("\ufffd", xml.strip()).encode("utf-8"), True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return building.open[0].children[0]


class _Building:
    def __init__(self) -> None:
        self.open = [Element("")]

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) > MOST_DEPTH:
            raise ValueError(f"more than {MOST_DEPTH} levels")
        element = Element(name.rpartition(":")[2], attributes)
        self.open[-1].children.append(element)
        self.open.append(element)

    def text(self, piece: str) -> None:
        self.open[-1].text += piece

    def end(self, _: str) -> None:
        self.open.pop()


def _refused(*_: object) -> NoReturn:
    raise ValueError("it declares a document type or entities")
