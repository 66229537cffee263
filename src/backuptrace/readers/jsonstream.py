"""The objects of a JSON text, one after the other, whatever its size: the items of a list, of the `value` list of a REST answer, or single documents.

A file may hold several documents (two commands wrote into it) and lines that are no JSON (warnings of the program). Only one item is in memory at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from backuptrace.readers.stream import Readable

BLOCK = 1 << 20
MOST_ITEM = 16 << 20
"""Bytes of one item; a longer one ends the reading."""
_BRACKET = re.compile(rb'[^"{}\[\]]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^"{}\[\]]*)*([{}\[\]])', re.DOTALL)
"""Up to the next bracket that stands in no string."""
_BEGIN = re.compile(rb"(?:^|(?<=[}\]]))[ \t\xef\xbb\xbf]*([\[{])", re.MULTILINE)
_WRAPPER = re.compile(
    rb'\{\s*(?:"(?:nextLink|skipToken|count|totalCount|@odata[^"\\]{0,40})"\s*:\s*(?:"[^"\\]*"|[0-9.]+|null)\s*,\s*){0,8}"value"\s*:\s*\[', re.IGNORECASE
)
_OPEN = b"{["


class Item(NamedTuple):
    """The bytes of one item; `line` (1-based) and `offset` of its first byte; `listed`: it is one of a list."""

    raw: bytes
    line: int
    offset: int
    listed: bool


class CutShortError(ValueError):
    """The text ends inside an item, or an item is too long. What came before was given."""


def items(stream: Readable, block: int = BLOCK) -> Iterator[Item]:
    """Every object or nested list at the level of items. An empty list gives nothing. Raises CutShortError at the end, after all whole items."""
    return _Reading(stream, block).items()


class _Reading:
    def __init__(self, stream: Readable, block: int) -> None:
        self._stream = stream
        self._scratch = bytearray(block)
        self.buffer = b""
        self.done = 0
        """place in the buffer up to which nothing is needed any more"""
        self.passed = 0
        """bytes that left the buffer"""
        self.ended = False
        self._line, self._counted = 1, 0

    def more(self) -> int | None:
        """Reads on and forgets what is done: how far places in the buffer moved to the left; None at the end."""
        view = memoryview(self._scratch)
        got = self._stream.readinto(view)
        if not got:
            self.ended = True
            return None
        moved = self.done
        self.line(moved)
        self._counted -= moved
        self.buffer = self.buffer[moved:] + bytes(view[:got])
        self.passed += moved
        self.done = 0
        return moved

    def line(self, at: int) -> int:
        """The number of the line of a place in the buffer; places are asked for in order."""
        if at > self._counted:
            self._line += self.buffer.count(b"\n", self._counted, at)
            self._counted = at
        return self._line

    def items(self) -> Iterator[Item]:
        while True:
            begin = _BEGIN.search(self.buffer, self.done)
            if begin is None:
                if self.ended:
                    return
                self.done = max(self.buffer.rfind(b"\n", self.done) + 1, self.done)
                if len(self.buffer) - self.done > MOST_ITEM:
                    return
                self.more()
                continue
            self.done = begin.start(1)
            while len(self.buffer) - self.done < 4096 and self.more() is not None:
                pass
            wrapper = _WRAPPER.match(self.buffer, self.done)
            if wrapper or self.buffer[self.done : self.done + 1] == b"[":
                yield from self.document(wrapper.end() if wrapper else self.done + 1, 2 if wrapper else 1)
            else:
                yield from self.document(self.done, 0)

    def document(self, at: int, base: int) -> Iterator[Item]:
        """The items of one document: what opens at depth `base`; scanning begins at `at`."""
        depth, start, indented = base, -1, b""
        while True:
            found = None if indented else _BRACKET.match(self.buffer, at)
            if found is None:
                end = self.buffer.find(indented, at) + len(indented) if indented else 0
                if end > len(indented):
                    item = self.item(start, end, base)
                    if item is None:  # its lines are not indented as the first ones: bracket by bracket
                        indented = b""
                        continue
                    yield item
                    self.done, at, start, depth, indented = end, end, -1, base, b""
                    continue
                self.done = start if start >= 0 else self.done
                if len(self.buffer) - self.done > MOST_ITEM:
                    self.done, self.ended = len(self.buffer), True
                    raise CutShortError(f"an item above {MOST_ITEM} bytes")
                moved = self.more()
                if moved is None and not indented:
                    self.done = len(self.buffer)
                    raise CutShortError("it ends in the middle")
                if moved is None:
                    indented, moved = b"", 0
                at -= moved
                start -= moved if start >= 0 else 0
                continue
            at = found.end()
            byte = found[1]
            if byte in _OPEN:
                if depth == base and start < 0:
                    start = at - 1
                    indented = self.indented(start) if base else b""
                depth += 1
            else:
                depth -= 1
                if depth == base and start >= 0:
                    yield Item(self.buffer[start:at], self.line(start), self.passed + start, base > 0)
                    self.done, start = at, -1
                if depth <= 0:
                    self.done = at
                    return

    def indented(self, start: int) -> bytes:
        """How the end of an object that begins here looks in a document with indented lines: JSON has no line breaks inside strings."""
        begin = self.buffer.rfind(b"\n", max(self.done - 1, 0), start) + 1
        lead = self.buffer[begin:start]
        return b"\n" + lead + b"}" if begin and lead.isspace() and self.buffer[start : start + 1] == b"{" else b""

    def item(self, start: int, end: int, base: int) -> Item | None:
        """The item between two places; None where it is no JSON."""
        raw = self.buffer[start:end]
        try:
            msgspec.json.decode(raw, type=msgspec.Raw)
        except (ValueError, msgspec.DecodeError, RecursionError):
            return None
        return Item(raw, self.line(start), self.passed + start, base > 0)
