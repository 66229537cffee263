"""Binary XML of one record to a tree of elements: the second reader, for what the `evtx` package cannot read and where it is not installed.

Slow beside it, but it bounds what a crafted record may cost (depth, steps, characters), needs no tables of the chunk header, and what it read
before a damage is not lost. A record is a fragment that names a template; the template, an element tree with numbered gaps, is stored once
in the chunk, where it was used first; the values for the gaps follow the name. A value may be a fragment itself (real logs: EventData).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from backuptrace.readers.evtx.tree import Element
from backuptrace.readers.evtx.values import ARRAY, NESTED, NULL, items_of, text_of, wide

MOST_DEPTH = 24
MOST_STEPS = 20_000
"""Tokens of one record; real ones have some hundred."""
MOST_TEXT = 2_000_000
"""Characters of one record."""

END, OPEN, CLOSE_START, CLOSE_EMPTY, CLOSE, VALUE, ATTRIBUTE, CDATA, CHARACTER, ENTITY, TARGET, INSTRUCTION, TEMPLATE, GAP, OPTIONAL, FRAGMENT = range(16)
_MORE = 0x40
_U16, _U32 = struct.Struct("<H"), struct.Struct("<I")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
Values = list[tuple[int, bytes]]


class Damage(ValueError):  # noqa: N818  # the damage of a record is no fault of the program
    """The record cannot be read on; `root` is what was read until then."""

    def __init__(self, why: str, root: Element) -> None:
        super().__init__(why)
        self.root = root


Lend = Callable[[bytes], "tuple[bytes, int] | None"]
"""From the id of a template (4 bytes) to a chunk that defines it and the place of the definition."""


@dataclass(slots=True)
class Effort:
    """Tokens that may still be read in a file; each record takes its own."""

    left: int


def decode(chunk: bytes, start: int, end: int, lend: Lend | None = None, effort: Effort | None = None) -> Element:
    """The root element of the binary XML between two offsets in a chunk. `lend`: where to get a template whose definition is destroyed. Raises Damage."""
    reader = Reader(chunk, lend)
    top = Element("")
    try:
        reader.content(start, end, top, None, 0)
    except (ValueError, struct.error, IndexError) as error:
        root = next((child for child in top.children if child.name == "Event"), top)
        raise Damage("it ends too early" if isinstance(error, struct.error | IndexError) else str(error), root) from error
    finally:
        if effort is not None:
            effort.left -= reader.steps
    if not top.children:
        raise Damage("it holds no element", top)
    return top.children[0]


@dataclass(slots=True)
class Reader:
    """Reads the binary XML in a chunk."""

    chunk: bytes
    lend: Lend | None = None
    home: Reader | None = None
    """The reader of the record, where this one only reads a template in another chunk."""
    steps: int = 0
    characters: int = 0
    names: dict[int, str] = field(default_factory=dict)

    def u16(self, at: int) -> int:
        """The number of two bytes there."""
        return int(_U16.unpack_from(self.chunk, at)[0])

    def u32(self, at: int) -> int:
        """The number of four bytes there."""
        return int(_U32.unpack_from(self.chunk, at)[0])

    def content(self, at: int, end: int, parent: Element, values: Values | None, depth: int) -> int:
        """Tokens up to the end of `parent` (or of the stream); where they end."""
        if depth > MOST_DEPTH:
            raise ValueError(f"more than {MOST_DEPTH} levels")
        while at < end:
            self._step()
            token = self.chunk[at] & ~_MORE
            if token == OPEN:
                at = self._element(at, end, parent, values, depth + 1)
            elif token == FRAGMENT:
                at += 4
            elif token == TEMPLATE:
                at = self._instance(at + 1, end, parent, depth + 1)
            elif token in {CLOSE, END}:
                return at + 1
            elif token in {GAP, OPTIONAL}:
                at = self._gap(at, parent, values, depth)
            elif token in {TARGET, INSTRUCTION}:
                at = self._name(at + 1)[1] if token == TARGET else at + 3 + 2 * self.u16(at + 1)
            else:
                text, at = self._text(at)
                parent.text += text
        return at

    def _element(self, at: int, end: int, parent: Element, values: Values | None, depth: int) -> int:
        with_attributes = bool(self.chunk[at] & _MORE)
        # Inside of a template a number of two bytes comes before the size.
        name, after = self._name(at + (5 if values is None else 7))
        element = Element(name.rpartition(":")[2])
        if with_attributes:
            after = self._attributes(after + 4, element, values)
        token = self.chunk[after] & ~_MORE
        if token not in {CLOSE_START, CLOSE_EMPTY}:
            raise ValueError(f"token 0x{self.chunk[after]:02x} inside the tag of {name!r}")
        parent.children.append(element)
        if token == CLOSE_EMPTY:
            return after + 1
        after += 1
        if (repeated := self._array(after, values)) is not None:
            parent.children.pop()
            parent.children += [Element(element.name, element.attributes, [], text) for text in repeated]
            return after + 5
        return self.content(after, end, element, values, depth)

    def _attributes(self, at: int, element: Element, values: Values | None) -> int:
        while self.chunk[at] & ~_MORE == ATTRIBUTE:
            self._step()
            name, at = self._name(at + 1)
            value = Element("")
            while (token := self.chunk[at] & ~_MORE) in {VALUE, GAP, OPTIONAL, CDATA, CHARACTER, ENTITY}:
                self._step()
                if token in {GAP, OPTIONAL}:
                    at = self._gap(at, value, values, MOST_DEPTH)
                else:
                    text, at = self._text(at)
                    value.text += text
            element.attributes[name] = value.text
        return at

    def _array(self, at: int, values: Values | None) -> list[str] | None:
        """The items, if the element holds nothing but one array: Windows repeats the element for each."""
        if self.chunk[at] & ~_MORE not in {GAP, OPTIONAL} or self.chunk[at + 4] & ~_MORE != CLOSE:
            return None
        number = self.u16(at + 1)
        if values is None or number >= len(values) or not values[number][0] & ARRAY or not values[number][1]:
            return None
        kind, raw = values[number]
        items = items_of(kind & ~ARRAY, raw)
        self._step(len(items))
        self._count(raw)
        return items

    def _gap(self, at: int, parent: Element, values: Values | None, depth: int) -> int:
        number = self.u16(at + 1)
        if values is None or number >= len(values):
            raise ValueError(f"value {number} of {len(values or ())}")
        kind, raw = values[number]
        self._count(raw)
        if kind == NESTED:
            # Only here a value lies elsewhere than in the chunk: its place is kept instead of its bytes.
            start, end = _U32.unpack_from(raw)[0], _U32.unpack_from(raw, 4)[0]
            (self.home or self).content(start, end, parent, None, depth + 1)
        elif kind & ARRAY:
            parent.text += ", ".join(items_of(kind & ~ARRAY, raw))
        elif kind != NULL:
            parent.text += text_of(kind, raw)
        return at + 4

    def _instance(self, at: int, end: int, parent: Element, depth: int) -> int:
        """A template (defined here or before) and its values. Behind the token: 1, its id, the place of its definition."""
        number, place = self.chunk[at + 1 : at + 5], self.u32(at + 5)
        at += 9
        if place == at:
            at += 24 + self.u32(place + 20)
        count = self.u32(at)
        at += 4
        start = at + 4 * count
        if start > end:
            raise ValueError(f"{count} values")
        values: Values = []
        for _ in range(count):
            length, kind = self.u16(at), self.chunk[at + 2]
            if start + length > end:
                raise ValueError(f"a value of {length} bytes at {start}")
            nested = kind == NESTED and length
            values.append((kind if nested or kind != NESTED else NULL, _span(start, length) if nested else self.chunk[start : start + length]))
            at, start = at + 4, start + length
        self._template(number, place, parent, values, depth)
        return start

    def _template(self, number: bytes, place: int, parent: Element, values: Values, depth: int) -> None:
        """The template defined at a place. A definition begins with the next one's place, its id, which the instance tells too, and at 20 its size."""
        size = self.u32(place + 20) if self.chunk[place + 4 : place + 8] == number else 0
        if size and place + 24 + size <= len(self.chunk):
            self.content(place + 24, place + 24 + size, parent, values, depth)
            return
        lent = self.lend(number) if self.lend else None
        if lent is None:
            raise ValueError(f"its template at {place} is destroyed")
        other = Reader(lent[0], None, self.home or self, self.steps, self.characters)
        other.content(lent[1] + 24, lent[1] + 24 + other.u32(lent[1] + 20), parent, values, depth)
        self.steps, self.characters = other.steps, other.characters

    def _text(self, at: int) -> tuple[str, int]:
        token = self.chunk[at] & ~_MORE
        if token == VALUE:
            if self.chunk[at + 1] != 1:
                raise ValueError(f"a literal of the kind 0x{self.chunk[at + 1]:02x}")
            at += 1
        if token in {VALUE, CDATA}:
            end = at + 3 + 2 * self.u16(at + 1)
            if end > len(self.chunk):
                raise ValueError(f"a text of {self.u16(at + 1)} characters at {at}")
            return self._count(wide(self.chunk[at + 3 : end])), end
        if token == CHARACTER:
            return chr(self.u16(at + 1)), at + 3
        if token == ENTITY:
            name, at = self._name(at + 1)
            return _ENTITIES.get(name, f"&{name};"), at
        raise ValueError(f"token 0x{self.chunk[at]:02x} at {at}")

    def _name(self, at: int) -> tuple[str, int]:
        """The name whose offset stands here, and where reading goes on: a name that is used for the first time stands right behind."""
        place = self.u32(at)
        at += 4
        if place not in self.names:
            end = place + 8 + 2 * self.u16(place + 6)
            if end > len(self.chunk):
                raise ValueError(f"a name at {place}")
            self.names[place] = wide(self.chunk[place + 8 : end])
        return self.names[place], (at + 10 + 2 * self.u16(at + 6) if place == at else at)

    def _step(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > MOST_STEPS:
            raise ValueError(f"more than {MOST_STEPS} tokens")

    def _count(self, text: str | bytes) -> str:
        self.characters += len(text)
        if self.characters > MOST_TEXT:
            raise ValueError(f"more than {MOST_TEXT} characters")
        return text if isinstance(text, str) else ""


def _span(start: int, length: int) -> bytes:
    return _U32.pack(start) + _U32.pack(start + length)
