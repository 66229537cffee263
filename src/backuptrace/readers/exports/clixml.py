"""`Export-Clixml`: objects of PowerShell as XML, their times with the offset of the zone. Read as a stream; what a document type declares is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn
from xml.parsers import expat

from backuptrace.readers.exports.account import Readable, Reading
from backuptrace.readers.exports.powershell import row_of
from backuptrace.readers.exports.rows import Row
from backuptrace.readers.exports.viewer import MOST_MESSAGE

BLOCK = 64 << 10
MOST_BETWEEN = 8 << 20
"""Bytes that may pass without an object being complete."""
MOST_DEPTH = 60
MOST_DATA = 500
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
        self.object_depth = 0
        self._path: list[tuple[str, str]] = []
        self._values: dict[str, str] = {}
        self._data: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._size = 0
        self._line = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler, self.parser.CharacterDataHandler = self._begin, self._end, self._character
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = _refused

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


def rows(stream: Readable, reading: Reading) -> Iterator[Row]:
    """Every event among the objects. Damage ends the reading and is told."""
    objects = _Objects()
    buffer = bytearray(BLOCK)
    view = memoryview(buffer)
    between, count, first = 0, 0, True
    while True:
        got = stream.readinto(view)
        piece = bytes(view[:got])
        if first:
            piece, first = piece.lstrip(b"\xef\xbb\xbf \r\n\t"), False
        trouble = ""
        try:
            objects.parser.Parse(piece, not got)
        except expat.ExpatError as error:
            trouble = str(error)
        except _RefusedError as error:
            trouble = str(error)
        between = 0 if objects.done else between + got
        for line, values, data in objects.done:
            count += 1
            row = row_of(line, values)
            if row is not None:
                row.data = row.data or data
                yield row
        objects.done = []
        if trouble or between > MOST_BETWEEN:
            reading.tell("cut", None, trouble or "an object without an end")
            return
        if not got:
            return


def _refused(*_: object) -> NoReturn:
    raise _RefusedError("it declares a document type or entities")


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)
