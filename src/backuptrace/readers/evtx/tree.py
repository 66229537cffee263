"""An event as a small tree of elements, and the event record made from it. Both readers of XML that is not in the usual form end here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from backuptrace.model import UTC_CLOCK
from backuptrace.readers.stamps import parse_iso
from backuptrace.readers.winevent import WinEvent

DATA = "Data"
DEEPEST = 30


@dataclass(slots=True)
class Element:
    """name without its prefix; text: all text directly inside of it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def child(self, name: str) -> Element | None:
        """The first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def text_of(self, name: str) -> str:
        """The text of the first child of that name, "" without one."""
        found = self.child(name)
        return "" if found is None else found.text.strip()


def event_of(root: Element, number: int | None = None) -> WinEvent | None:
    """The event of an `<Event>`, None if it holds no `<System>`. `number` stands in for a record id that is missing.

    Data are: of EventData each Data under its name ("" without one), of UserData and others each innermost element under its name, behind
    the names of those between (`Outer.Inner`); the one element that wraps them all is left out. Attributes of data are not kept.
    """
    system = root.child("System")
    if system is None:
        return None
    provider, created = system.child("Provider"), system.child("TimeCreated")
    level, record = whole_number(system.text_of("Level")), whole_number(system.text_of("EventRecordID"))
    named = {} if provider is None else provider.attributes
    data: list[tuple[str, str]] = []
    message = ""
    for part in root.children:
        if part.name == "RenderingInfo":
            message = part.text_of("Message")
        else:
            data.extend(data_of(part))
    return WinEvent(
        time=None if created is None else time_of(created.attributes.get("SystemTime", "")),
        clock=UTC_CLOCK,
        number=number if record is None else record,
        channel=system.text_of("Channel"),
        provider=named.get("Name") or named.get("EventSourceName", ""),
        event_id=whole_number(system.text_of("EventID")) or 0,
        level=level,
        computer=system.text_of("Computer"),
        data=data,
        message=message,
    )


def data_of(part: Element) -> Iterator[tuple[str, str]]:
    """(name, value) of a part of an event behind System."""
    if part.name in {"EventData", "ProcessingErrorData", "DebugData"}:
        yield from _event_data(part)
    elif part.name == "UserData" and len(part.children) == 1 and part.children[0].children:
        yield from _leaves(part.children[0], "")
    elif part.name in {"UserData", "BinaryEventData"}:
        yield from _leaves(part, "")


def _event_data(part: Element) -> Iterator[tuple[str, str]]:
    for child in part.children:
        if child.children:
            yield from _leaves(child, child.attributes.get("Name", child.name))
        elif child.name == DATA:
            yield child.attributes.get("Name", ""), usual(child.text)
        else:
            yield child.attributes.get("Name", child.name), usual(child.text)


def _leaves(part: Element, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    for child in part.children:
        name = f"{path}.{child.name}" if path else child.name
        if child.children and depth < DEEPEST:
            yield from _leaves(child, name, depth + 1)
        else:
            yield name, usual(child.text)


def usual(value: str) -> str:
    """As the value reads in every other form of an event: lines end in a line feed; a GUID stands in braces and in small letters."""
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    if len(value) == 36 and value[8] == value[13] == value[18] == value[23] == "-" and value.upper() == value:
        try:
            int(value.replace("-", ""), 16)
        except ValueError:
            return value
        return "{" + value.lower() + "}"
    return value


def whole_number(text: str) -> int | None:
    """A number in decimal or, behind `0x`, hexadecimal digits; None for anything else, also for more digits than 64 bits have."""
    text = text.strip()
    if not text.isascii() or len(text) > 20:
        return None
    if text.isdigit():
        return int(text)
    try:
        return int(text, 16) if text[:2].lower() == "0x" else None
    except ValueError:
        return None


def time_of(text: str) -> int | None:
    """Microseconds UTC of `2020-07-28T01:12:07.1234567Z`; digits behind the sixth are dropped. None if it is no time."""
    stamp = parse_iso(text.encode("ascii", "replace"))
    return None if stamp is None else stamp[0]
