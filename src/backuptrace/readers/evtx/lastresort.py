"""The last reader: `python-evtx`, for single records of damaged chunks that neither the `evtx` package nor the own reader can read.

It looks at fewer things than they do, so that it sometimes gets on where they stop, above all where the head of a template is destroyed and no
other chunk has the template. For the same reason what it gives is taken only if the event tells the number that its record's header tells.
It knows no bounds: it follows the tables of names and templates in a chunk, which may run in circles, and writes out whatever a template
says. Here it gets no tables at all, and every call that it makes and every text that it returns are counted; what costs too much is ended.
"""

from __future__ import annotations

import sys
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import Any

from msgspec.structs import replace

from backuptrace.readers.evtx.eventxml import event_from
from backuptrace.readers.evtx.layout import Place
from backuptrace.readers.winevent import WinEvent

MOST_CALLS = 40_000
"""Function calls for one record; real ones need up to 20,000, most of them for the template."""
MOST_TEXT = 4_000_000
"""Characters in all that the calls for one record return."""
CALLS_A_FILE = 2_000_000
"""A few seconds."""
_STRING, _STRING_END = "<string>", "</string>\n"


class _Enough(Exception):  # noqa: N818  # ends the reader, no fault
    """The record costs too much."""


@dataclass(slots=True)
class LastReader:
    """For one file. left: calls that may still be made; read: records that it gave; refused: records that it was not asked for."""

    left: int = CALLS_A_FILE
    read: int = 0
    refused: int = 0

    def event(self, chunk: bytes, place: Place) -> WinEvent | None:
        """The event of a record, None if this reader fails too, or takes other bytes for the record's."""
        if self.left <= 0:
            self.refused += 1
            return None
        watch = _Watch(min(self.left, MOST_CALLS))
        before = sys.getprofile()
        try:
            record_of = _record_of()
            sys.setprofile(watch)
            try:
                xml = record_of(chunk, place.offset)
            finally:
                sys.setprofile(before)
            event = replace(found := event_from(xml), data=list(_usual(found.data)))
        except Exception:  # noqa: BLE001  # of damaged bytes it raises whatever it stumbles on; the record is told as lost
            return None
        finally:
            self.left -= watch.calls
        if event.number != place.id or not event.provider or event.time is None or event.time < 0:
            return None
        self.read += 1
        return event


def _usual(data: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Values as the other readers write them: this one gives bytes in base64 and marks the strings of an array. Raises ValueError."""
    for name, value in data:
        if name == "Binary":
            yield name, b64decode(value, validate=True).hex().upper()
        elif value.startswith(_STRING) and value.endswith(_STRING_END):
            yield from ((name, string) for string in value[len(_STRING) : -len(_STRING_END)].split(_STRING_END + _STRING))
        else:
            yield name, value


class _Watch:
    """Counts calls and returned characters of the code that it is set on, and ends it in a frame of its own: what garbage collection calls meanwhile
    would swallow the end, and Python takes away the watch that raised it.
    """

    def __init__(self, most: int) -> None:
        self.calls = self._characters = 0
        self._most = most

    def __call__(self, frame: FrameType, what: str, given: Any) -> None:
        """The signature of `sys.setprofile`."""
        if what == "call":
            self.calls += 1
        elif what == "return" and isinstance(given, str | bytes):
            self._characters += len(given)
        if (self.calls > self._most or self._characters > MOST_TEXT) and frame.f_globals.get("__name__", "").startswith("Evtx."):
            raise _Enough


@cache
def _record_of() -> Callable[[bytes, int], str]:
    """From a chunk and the place of a record to the record's XML; the package is imported at the first damaged record."""
    from Evtx.Evtx import ChunkHeader, Record
    from Evtx.Nodes import NameStringNode, TemplateNode

    class Nodes(dict[int, Any]):
        """Nodes of a kind by their place, each read when it is asked for."""

        def __init__(self, kind: Callable[..., Any], raw: bytes, chunk: Any) -> None:
            self._made: Callable[[int], Any] = lambda place: kind(raw, place, chunk, chunk)

        def __missing__(self, place: int) -> Any:
            self[place] = node = self._made(place)
            return node

    class Chunk(ChunkHeader):  # type: ignore[misc]  # the package has no types
        """A chunk whose tables are not looked at."""

        def __init__(self, raw: bytes) -> None:
            super().__init__(raw, 0)
            self._strings, self._templates = Nodes(NameStringNode, raw, self), Nodes(TemplateNode, raw, self)

        def strings(self) -> Any:
            return self._strings

        def templates(self) -> Any:
            return self._templates

    return lambda chunk, offset: str(Record(chunk, offset, Chunk(chunk)).xml())
