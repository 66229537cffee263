"""The template of a record as a plan: which of its values the event is made of. Made once for a template, however many records use it.

The template is read by `binxml` with a mark in place of each value, so that the element tree, and what an event takes from it, are the same as for a
record that is read whole. A template of a shape that ordinary records do not have gets no plan, and its records are read in another way.

The names in a template stand where the chunk used them first; apart from these places it is the same bytes in every chunk. So a plan that was made
in one chunk serves the next if all its bytes and names are the same there.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from backuptrace.readers.evtx.binxml import VALUE, Reader, Values
from backuptrace.readers.evtx.layout import CHUNK, FIRST_RECORD
from backuptrace.readers.evtx.tree import Element, data_of

DEFINITION = 24
"""Bytes before the content of a template: the next one's place, its id of 16 bytes, the size of the content."""
MOST_DATA = 256
"""Data of one template; it may stand in a chunk once and be used a thousand times."""
MOST_LITERAL = 4096
"""Characters of data that stand in the template itself."""
MOST_READ = 8 << 20
"""Bytes of templates that are read in one file; a template that comes again is not. Real files: half a megabyte."""
MOST_KEPT = 4 << 20
"""Bytes of templates whose plans are kept."""
MOST_FORMS = 4
"""Forms of one template that differ in which names stand in it."""

_MARK = 0xD800
_MARKS = 0x800
"""A value's mark is a lone surrogate, which no decoded text holds."""
_MARKED = re.compile("[\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?", re.ASCII).fullmatch
_ODD = re.compile("[&<\ufffd]").search
_U32 = struct.Struct("<I")

Piece = int | str
"""The number of a value, or the text that stands in the template."""
Data = list[tuple[str, Piece]]


@dataclass(slots=True)
class System:
    """Where an event's own fields are; the numbers are those of values."""

    provider: Piece
    event_id: int
    level: int
    time: int
    number: int
    channel: Piece
    computer: Piece


@dataclass(slots=True, eq=False)
class Plan:
    """Of the template of an event, which has `system`: nested: the value that holds the data; in_user: it stands in UserData. Of a template of data:
    data: what it tells by itself, None if nothing; user_data: what it tells inside of UserData.
    """

    system: System | None
    nested: int = -1
    in_user: bool = False
    data: Data | None = None
    user_data: Data | None = None


@dataclass(slots=True)
class _Form:
    """A template as it stood in a chunk. fixed: gives all its bytes but the places of names, which are `rest`; here: gives the places of names that stand
    in it, at `offsets`; there: gives the places of the others, which are written as `names`.
    """

    plan: Plan | None
    fixed: struct.Struct
    rest: tuple[bytes, ...]
    here: struct.Struct
    offsets: list[int]
    there: struct.Struct
    names: list[bytes]

    def fits(self, chunk: bytes, start: int) -> bool:
        """Whether the same template stands at a place of a chunk."""
        if self.fixed.unpack_from(chunk, start) != self.rest or [place - start for place in self.here.unpack_from(chunk, start)] != self.offsets:
            return False
        for place, name in zip(self.there.unpack_from(chunk, start), self.names, strict=True):  # noqa: SIM110  # a generator costs as much as all the rest
            if not chunk.startswith(name, place + 6):
                return False
        return True


@dataclass(slots=True)
class Shelf:
    """The forms of templates that any chunk of any file may have, by id and size of the template."""

    forms: dict[bytes, list[_Form]] = field(default_factory=dict)
    size: int = 0

    def clear(self) -> None:
        """Forgets all."""
        self.forms.clear()
        self.size = 0

    def put(self, key: bytes, form: _Form, size: int) -> None:
        """Another form of a template; the first one makes room if there are many."""
        self.size += size
        if self.size > MOST_KEPT:
            self.clear()
            self.size = size
        known = self.forms.setdefault(key, [])
        if len(known) == MOST_FORMS:
            known.pop(0)
        known.append(form)


SHELF = Shelf()


@dataclass(slots=True)
class Plans:
    """Makes plans for the templates of one file. left: bytes of templates that may still be read."""

    left: int = MOST_READ

    def at(self, chunk: bytes, place: int) -> Plan | None:
        """The plan of the template that is defined at a place of a chunk of 65,536 bytes; None if it has none."""
        if not FIRST_RECORD <= place <= CHUNK - DEFINITION:
            return None
        start = place + DEFINITION
        size = _U32.unpack_from(chunk, place + 20)[0]
        if not 0 < size <= CHUNK - start:
            return None
        key = chunk[place + 4 : start]
        for form in SHELF.forms.get(key, ()):
            if form.fits(chunk, start):
                return form.plan
        self.left -= size
        made = _made(chunk, start, size) if self.left >= 0 else None
        if made is None:
            return None
        SHELF.put(key, made, size)
        return made.plan


def _made(chunk: bytes, start: int, size: int) -> _Form | None:
    reader, top = _Marking(chunk), Element("")
    try:
        end = reader.content(start, start + size, top, [], 0)
        if end > start + size:
            return None
        plan = _plan(top)
    except (ValueError, struct.error, IndexError):
        return None
    fixed = here = there = "<"
    offsets, names, at, after_here, after_there = list[int](), list[bytes](), start, start, start
    for place, name in reader.refs:
        inside = name == place + 4
        if not at <= place <= start + size - (8 if inside else 4):
            return None
        if inside:
            fixed += f"{place - at}s8x"
            here += f"{place - after_here}xI"
            offsets.append(name - start)
            at, after_here = place + 8, place + 4
        else:
            fixed += f"{place - at}s4x"
            there += f"{place - after_there}xI"
            length = int.from_bytes(chunk[name + 6 : name + 8], "little")
            names.append(chunk[name + 6 : name + 8 + 2 * length])
            at = after_there = place + 4
    form = struct.Struct(fixed + f"{start + size - at}s")
    return _Form(plan, form, form.unpack_from(chunk, start), struct.Struct(here), offsets, struct.Struct(there), names)


class _Marking(Reader):
    """Reads a template, of which no value is known. refs: where it names something, and the place of the name."""

    __slots__ = ("refs",)

    def __init__(self, chunk: bytes) -> None:
        super().__init__(chunk)
        self.refs: list[tuple[int, int]] = []

    def _gap(self, at: int, parent: Element, values: Values | None, depth: int) -> int:  # noqa: ARG002  # of Reader
        number = self.u16(at + 1)
        if number >= _MARKS:
            raise ValueError(f"value {number}")
        parent.text += chr(_MARK + number)
        return at + 4

    def _array(self, at: int, values: Values | None) -> None:  # noqa: ARG002  # of Reader
        return None

    def _instance(self, at: int, end: int, parent: Element, depth: int) -> int:  # noqa: ARG002  # of Reader
        raise ValueError("a template in a template")

    def _text(self, at: int) -> tuple[str, int]:
        if self.chunk[at] & 0x0F != VALUE:
            raise ValueError("text in an unusual form")
        text, after = super()._text(at)
        if not text.isprintable() or _ODD(text):
            raise ValueError("text that XML writes in another way")
        return text, after

    def _name(self, at: int) -> tuple[str, int]:
        place = self.u32(at)
        known = place in self.names
        name, after = super()._name(at)
        self.refs.append((at, place))
        if not known and not _NAME(name):
            raise ValueError("a name that XML does not allow")
        return name, after


def _plan(top: Element) -> Plan | None:
    if len(top.children) != 1 or top.text:
        return None
    root = top.children[0]
    if root.name == "Event":
        return _of_event(root)
    if _mixed(root):
        return None
    data = _checked(data_of(root)) if root.name in {"EventData", "UserData"} else None
    return Plan(None, data=data, user_data=_checked(data_of(Element("UserData", children=[root]))))


def _of_event(root: Element) -> Plan | None:
    system, *parts = root.children or [Element("")]
    in_user = len(parts) == 1 and parts[0].name == "UserData" and not parts[0].children and not root.text
    if system.name != "System" or system.text or (parts and not in_user):
        return None
    provider, created = system.child("Provider"), system.child("TimeCreated")
    if provider is None or created is None or any(child.children for child in system.children):
        return None
    name, channel, computer = _piece(provider.attributes.get("Name", "")), _piece(system.text_of("Channel")), _piece(system.text_of("Computer"))
    told = [*map(system.text_of, ("EventID", "Level", "EventRecordID")), created.attributes.get("SystemTime", "")]
    event_id, level, number, time = map(_piece, told)
    nested = _piece(parts[0].text if in_user else root.text)
    if not (isinstance(event_id, int) and isinstance(level, int) and isinstance(number, int) and isinstance(time, int) and isinstance(nested, int)):
        return None
    if name is None or name == "" or channel is None or computer is None:
        return None
    return Plan(System(name, event_id, level, time, number, channel, computer), nested, in_user)


def _mixed(part: Element) -> bool:
    """Whether a value stands beside elements: it might hold further ones."""
    return bool(part.children and _MARKED.search(part.text)) or any(map(_mixed, part.children))


def _checked(data: Iterator[tuple[str, str]]) -> Data | None:
    out: Data = []
    literal, used = 0, set[int]()
    for name, text in data:
        piece = _piece(text)
        if piece is None or _MARKED.search(name) or piece in used or len(out) == MOST_DATA:
            return None
        if isinstance(piece, int):
            used.add(piece)
            literal += len(name)
        else:
            literal += len(name) + len(piece)
        out.append((name, piece))
    return out if literal <= MOST_LITERAL else None


def _piece(text: str) -> Piece | None:
    """None for a text that is made of several pieces."""
    if not _MARKED.search(text):
        return text
    return ord(text) - _MARK if len(text) == 1 else None
