"""`Export-Clixml`: objects of PowerShell as XML, their times with the offset of the zone. Read as a stream; what a document type declares is refused."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NoReturn
from xml.parsers import expat

from backuptrace.readers.exports.account import Reading
from backuptrace.readers.exports.powershell import row_of
from backuptrace.readers.exports.rows import Row
from backuptrace.readers.exports.viewer import MOST_MESSAGE
from backuptrace.readers.stream import Readable

BLOCK = 64 << 10
MOST_BETWEEN = 2 << 20
"""Bytes that may pass without an object being complete."""
MOST_DEPTH = 60
MOST_DATA = 500
MOST_BLANKS = 200
_NEXT = re.compile(rb"</MS>\s{0,60}</Obj>\s{0,60}(?=<Obj )")
"""Where an event ends and the next begins: its message stands in MS, which no value inside of it has."""
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class _RefusedError(Exception):
    """Why the rest is not read."""


class _Objects:
    """Elements while they open and close.

    An event is an `Obj` directly below `Objs`; its properties are named elements in it, its inserts the values in `Properties`.
    """

    def __init__(self) -> None:
        self.done: list[tuple[int, dict[str, str], list[tuple[str, str]]]] = []
        self.depth = 0
        self._path: list[tuple[str, str]] = []
        self._values: dict[str, str] = {}
        self._data: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._size = 0
        self._line = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler, self.parser.CharacterDataHandler = self._begin, self._end, self._character
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = self._refuse
        self.refused = False

    def _refuse(self, *_: object) -> NoReturn:
        self.refused = True
        raise _RefusedError("it declares a document type or entities")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise _RefusedError(f"more than {MOST_DEPTH} levels")
        if self.depth == 2:
            self._values, self._data, self._line = {}, [], self.parser.CurrentLineNumber
        self._path.append((name, attributes.get("N", "")))
        self._text, self._size = [], 0

    def _character(self, text: str) -> None:
        if self._size <= MOST_MESSAGE:
            self._text.append(text)
            self._size += len(text)

    def _end(self, _: str) -> None:
        name, key = self._path.pop()
        self.depth -= 1
        text = "".join(self._text)[:MOST_MESSAGE]
        if "_x" in text:
            text = _ESCAPED.sub(_unescaped, text)
        inside = [parent for _, parent in self._path]
        if self.depth == 1:
            self.done.append((self._line, self._values, self._data))
        elif name not in ("Obj", "Props", "MS", "LST", "TN", "T", "TNRef") and self.depth >= 2:
            if "Properties" in inside or "ReplacementStrings" in inside:
                if (key == "Value" or "ReplacementStrings" in inside) and len(self._data) < MOST_DATA and name != "ToString":
                    self._data.append(("", text))
            elif key and self.depth == 3 and self._path[-1][0] in ("Props", "MS"):
                self._values.setdefault(key.casefold(), text)
        self._text, self._size = [], 0


class _Pieces:
    """The stream in pieces, of which a part can be given back."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._buffer = bytearray(BLOCK)
        self._back = b""
        self.first = True

    def next(self) -> bytes:
        """The next piece, empty at the end."""
        if self._back:
            piece, self._back = self._back, b""
            return piece
        got = self._stream.readinto(memoryview(self._buffer))
        return bytes(memoryview(self._buffer)[:got])

    def give_back(self, rest: bytes) -> None:
        self._back = rest

    def skip(self) -> bool:
        """Goes on to the next object; False if there is none."""
        before = b""
        while piece := self.next():
            piece = before + piece
            if found := _NEXT.search(piece):
                self.give_back(piece[found.end() :])
                return True
            before = piece[-MOST_BLANKS:]
        return False


def rows(stream: Readable, reading: Reading) -> Iterator[Row]:
    """Every event among the objects. A damaged one is left out and told; reading goes on behind the next one that ends."""
    pieces = _Pieces(stream)
    objects = _Objects()
    while (why := (yield from _parsed(objects, pieces))) is not None:
        if objects.refused:
            reading.tell("entities")
        if objects.refused or not pieces.skip():
            reading.tell("cut", None, why)
            return
        reading.tell("broken-event", None, why)
        objects = _Objects()
        objects.parser.Parse(b"<Objs>", False)
        pieces.first = False


def _parsed(objects: _Objects, pieces: _Pieces) -> Generator[Row, None, str | None]:
    """The events up to the end (None is returned) or to damage (the reason is)."""
    fed = objects.parser.CurrentByteIndex if not pieces.first else 0
    between = 0
    while True:
        piece = pieces.next()
        if pieces.first:
            piece, pieces.first = piece.lstrip(b"\xef\xbb\xbf \r\n\t"), False
        why = None
        try:
            objects.parser.Parse(piece, not piece)
        except (expat.ExpatError, _RefusedError) as error:
            why = str(error)
            pieces.give_back(piece[max(0, objects.parser.ErrorByteIndex - fed) :])
        fed += len(piece)
        between = 0 if objects.done else between + len(piece)
        yield from _events(objects)
        if why is None and between > MOST_BETWEEN:
            why = "an object without an end"
        if why is not None or not piece:
            return why


def _events(objects: _Objects) -> Iterator[Row]:
    for line, values, data in objects.done:
        row = row_of(line, values)
        if row is not None:
            row.data = row.data or data
            yield row
    objects.done = []


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)
