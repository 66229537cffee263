"""Where the texts of hits come from: of a stream they are taken while its blocks are in memory, of a plain file when they are asked for.

Most hits are never shown, and most of those that are kept at first make room for later ones. Both ways give the same texts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import NamedTuple, Protocol

from backuptrace.model import Log, Problem, Told
from backuptrace.scanning.evidence import Batch, Found
from backuptrace.scanning.places import MOST_TEXT, Place, Window
from backuptrace.scanning.records import NEWLINE, Records, newlines

MARK = 16 << 10
"""Newlines of a block are counted for each so many bytes, so that a line's number needs no second look at the whole block."""
RECENT = 8
"""Blocks of a stream whose bytes are kept until it is seen which of their texts are wanted."""
FEW = 64
"""Hits of a block of which the texts are taken at once: that costs less than to keep the block."""
MOST_PLACES = 1024
"""New texts of a stream after which it is seen which are still wanted."""
BEFORE, BEHIND = 1 << 10, 4 << 10
"""Bytes around a hit that are read at first: mostly they hold its record and the lines around it."""


class Block(NamedTuple):
    """What was scanned at once: from `base` to `cut`, bytes of the log; what follows to `end` was in memory, too. lines: newlines before it;
    marks: newlines in it before each multiple of MARK.
    """

    base: int
    cut: int
    end: int
    lines: int
    marks: list[int]

    def mark(self, offset: int) -> tuple[int, int]:
        """The last mark before a byte of the log: its own place, and the newlines before it."""
        at = (offset - self.base) // MARK
        return self.base + at * MARK, self.lines + self.marks[at]


def marks(buffer: bytearray, size: int) -> list[int]:
    """The marks of a block that begins where the buffer begins; the last one: all newlines in these bytes."""
    return [0, *accumulate(newlines(buffer[at : min(at + MARK, size)]) for at in range(0, size, MARK))]


class Texts(Protocol):
    """What the scanner tells of its blocks, and what an event asks. patience: how many hits a group may have before they are filed."""

    patience: int

    def add(self, block: Block, data: bytes, kept: Iterable[Iterable[Found]], fresh: Sequence[Batch]) -> None:
        """A block with hits and its bytes, up to its end. kept: the hits that are kept so far; fresh: all of this block."""
        ...

    def finish(self, kept: Iterable[Iterable[Found]]) -> None:
        """All was read."""
        ...

    def place(self, hit: Found) -> Place | Gone:
        """The record of a kept hit, with its text."""
        ...


class Held:
    """The texts of a stream."""

    patience = 1
    """Texts must be taken while the block is there."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._recent: list[tuple[Block, bytes]] = []
        self._places: dict[int, Place] = {}
        self._most = MOST_PLACES

    def add(self, block: Block, data: bytes, kept: Iterable[Iterable[Found]], fresh: Sequence[Batch]) -> None:
        """See Texts. Of many hits the texts are taken when so many blocks are there: by then most of them have made room for newer ones."""
        if sum(map(len, fresh)) > FEW:
            self._recent.append((block, data))
        else:
            for hit in chain.from_iterable(fresh):
                if (key := _key(hit)) not in self._places:
                    windows = _windows(hit, block, lambda begin, size: data[begin - block.base : begin - block.base + size])
                    self._places[key] = next(place for window in windows if not (place := Place(hit, window, self._records)).cropped)
        if len(self._recent) > RECENT or len(self._places) > self._most:
            self.finish(kept)

    def finish(self, kept: Iterable[Iterable[Found]]) -> None:
        """Takes the texts that are wanted now, and forgets those that no longer are."""
        wanted = {_key(hit): hit for hits in kept for hit in hits}
        places = {key: place for key, place in self._places.items() if key in wanted}
        bases = [block.base for block, _ in self._recent]
        for key, hit in wanted.items():
            if key not in places:
                block, data = self._recent[bisect_right(bases, hit[1]) - 1]
                places[key] = Place(hit, Window(data, block.base, block.cut, *block.mark(Place.anchor(hit))), self._records)
        self._places, self._recent, self._most = places, [], len(places) + MOST_PLACES

    def place(self, hit: Found) -> Place:
        """See Texts."""
        return self._places[_key(hit)]


def _key(hit: Found) -> int:
    """Hits of one record share its text, but for those that lie far from its start."""
    return hit[1] if hit[3] - hit[1] <= MOST_TEXT else hit[3]


class Gone:
    """A record that can no longer be read."""

    def told(self, hit: Found, tests: object, *, milestone: bool) -> Told:
        """As Place.told."""
        del hit, tests, milestone
        return Told(None, "[the file changed after it was searched]")


def _windows(hit: Found, block: Block, read: Callable[[int, int], bytes]) -> Iterator[Window]:
    """What stands around a hit, which mostly is enough, then its whole block. read: bytes of the log from an offset on."""
    low = block.mark(max(block.base, hit[1] - BEFORE))[0]
    for begin, end in ((low, min(block.end, hit[3] + BEHIND)), (block.base, block.end)):
        whole = (begin == block.base, end == block.end)
        yield Window(read(begin, end - begin), begin, block.cut, *block.mark(Place.anchor(hit)), whole)


class Source(Protocol):
    """A file that can be read at any place."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer where the file ends or cannot be read."""
        ...


class Reread:
    """The texts of a plain file, read again when they are asked for."""

    patience = 2048
    """Filing many hits at once costs half; these take 64 kB of a group."""

    def __init__(self, source: Source, records: Records, log: Log, problems: list[Problem]) -> None:
        self._source, self._records, self._log, self._problems = source, records, log, problems
        self.blocks: list[Block] = []

    def add(self, block: Block, data: bytes, kept: Iterable[Iterable[Found]], fresh: Sequence[Batch]) -> None:
        """See Texts."""
        del data, kept, fresh
        self.blocks.append(block)

    def finish(self, kept: Iterable[Iterable[Found]]) -> None:
        """See Texts."""

    def join(self, blocks: list[Block], lines: int) -> None:
        """Adds the blocks of a later stretch, before which there are so many newlines."""
        self.blocks += (block._replace(lines=block.lines + lines) for block in blocks)

    def place(self, hit: Found) -> Place | Gone:
        """See Texts."""
        block = self.blocks[bisect_right(self.blocks, hit[1], key=itemgetter(0)) - 1]
        for window in _windows(hit, block, self._bytes):
            if not self._same(hit, window):
                break
            if not (place := Place(hit, window, self._records)).cropped:
                return place
        problem = Problem("changed", self._log.path, "the file changed after it was searched", "copy it first, then scan the copy")
        if problem not in self._problems:
            self._problems.append(problem)
        return Gone()

    def _bytes(self, offset: int, size: int) -> bytes:
        data = self._source.read_at(offset, size)
        return data if len(data) == size else b""

    def _same(self, hit: Found, window: Window) -> bool:
        """Whether the record still begins here, with the time that was read before."""
        record = hit[1] - window.low
        if not window.data or (record and window.data[record - 1 : record] != NEWLINE):
            return False
        head = self._records.start(window.data, record, len(window.data))
        return head is None or hit[0] < 0 or self._records.stamp(*head) == hit[0]
