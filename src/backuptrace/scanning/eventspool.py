"""Canonical lines of events, kept outside of memory until the whole bundle was read, and given back in the order of their times.

Exports are written newest first, parts of a full log in any order: so what is taken together is sorted, and what does not follow is merged.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import pairwise
from operator import itemgetter
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

IN_MEMORY = 32 << 20
"""Bytes that are kept in memory; more go to a temporary file."""
RUN = 4 << 20
"""Bytes of lines that are sorted at once."""
PIECE = 1 << 18
Line = tuple[int, bytes]
"""Time in microseconds on the clock of the line, and the line with its end."""
_time = itemgetter(0)


class Run(NamedTuple):
    """Sorted lines: where they lie, and the time of each."""

    offset: int
    length: int
    times: array[int]


class Spool:
    """All lines of a bundle."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed by close()
        self._size = 0

    def close(self) -> None:
        """Gives the memory or the temporary file back."""
        self._file.close()

    def write(self, lines: list[Line]) -> Run:
        """Sorts the lines by time, those of one time staying in their order, and keeps them."""
        lines.sort(key=_time)
        data = b"".join(line for _, line in lines)
        self._file.seek(self._size)
        self._file.write(data)
        run = Run(self._size, len(data), array("q", (time for time, _ in lines)))
        self._size += len(data)
        return run

    def lines(self, runs: Sequence[Run]) -> Iterator[Line]:
        """The lines of several runs by time."""
        ordered = sorted(runs, key=_span)
        if all(before.times[-1] <= after.times[0] for before, after in pairwise(ordered)):
            for run in ordered:
                yield from self._of(run)
        else:
            yield from merge(*(self._of(run) for run in ordered), key=_time)

    def _of(self, run: Run) -> Iterator[Line]:
        at, end, rest = run.offset, run.offset + run.length, b""
        times = iter(run.times)
        while at < end:
            self._file.seek(at)
            piece = self._file.read(min(PIECE, end - at))
            at += len(piece)
            whole, newline, tail = (rest + piece).rpartition(b"\n")
            rest = tail
            if newline:
                for line in whole.split(b"\n"):
                    yield next(times), line + b"\n"


def _span(run: Run) -> tuple[int, int]:
    return run.times[0], run.times[-1]


class Lines:
    """Lines as a stream of bytes."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._rest = lines, memoryview(b"")

    def readinto(self, view: memoryview) -> int:
        """Fills the view as far as there are lines; 0 at the end."""
        filled = 0
        while filled < len(view):
            if not self._rest:
                self._rest = memoryview(next(self._lines, b""))
                if not self._rest:
                    break
            take = min(len(view) - filled, len(self._rest))
            view[filled : filled + take] = self._rest[:take]
            self._rest = self._rest[take:]
            filled += take
        return filled
