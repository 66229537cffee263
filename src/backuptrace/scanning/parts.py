"""A large log that is a plain file is read in parts by several processes at once.

The parts begin where a block would have begun (`lines`), so what they give, joined, is what one reading gives. The processes are forked:
they share the compiled patterns, and start in a few milliseconds. Where that is not safe (other systems than Linux, a program with threads)
there is one part. A process that fails costs nothing but time: its part is read here.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from backuptrace.bundle.artifact import Artifact
from backuptrace.bundle.streams import Lasting
from backuptrace.knowledge.loading import Ready
from backuptrace.model import Log, Problem
from backuptrace.readers.stream import Readable
from backuptrace.scanning.lines import BUFFER, STEP, Part, Scanner
from backuptrace.scanning.records import FARTHEST, NEWLINE, Records

LEAST = 16 << 20
"""Bytes of a part, at least: under that a process costs more than it saves."""
MOST = 4
"""Processes that are taken without being asked: each needs about 50 MB."""


class Piece(NamedTuple):
    """From which byte to which record start before a multiple of the block's step; None: to the end."""

    begin: int
    until: int | None


def scan_parts(artifact: Artifact, source: Lasting, ready: Ready, log: Log, problems: list[Problem], jobs: int, read: Callable[[int], None]) -> None:
    """As `lines.scan_lines`, for a plain file, with so many processes at most (0: one a processor).

    source: the same file; read: called with the number of bytes of what was read.
    """
    first, *others = _pieces(artifact, ready, (jobs or min(processors(), MOST)) if _safe() else 1)
    _ = ready.matcher, ready.tests  # made once, before the processes part
    helpers = [_Helper(artifact, source, ready, log, piece) for piece in others]
    scanner = Scanner(ready, log, problems, bytearray(BUFFER), source=source)

    def here(piece: Piece) -> None:
        stretch = artifact.stretch(piece.begin)
        scanner.read(_Told(stretch, read), piece.until)
        log.cut = log.cut or stretch.cut

    try:
        here(first)
        for helper in helpers:
            part = helper.result()
            if part is None:
                here(helper.piece)
            else:
                scanner.join(part)
                read(part.base - helper.piece.begin)
        scanner.finish()
    finally:
        for helper in helpers:
            helper.end()


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _safe() -> bool:
    """Whether this process may be forked: a lock that another thread holds would stay locked for ever; a daemon may have no children."""
    return sys.platform == "linux" and threading.active_count() == 1 and not multiprocessing.current_process().daemon


class _Told:
    """A stream whose pieces are told as they are read."""

    def __init__(self, inner: Readable, read: Callable[[int], None]) -> None:
        self._inner, self._read = inner, read

    def readinto(self, view: memoryview) -> int:
        got = self._inner.readinto(view)
        self._read(got)
        return got


def _pieces(artifact: Artifact, ready: Ready, jobs: int) -> list[Piece]:
    """About equal parts, each from a record start on."""
    records, size = Records(ready.starts), artifact.size or 0
    number = min(jobs, size // LEAST)
    begins: list[tuple[int, int]] = []
    for place in range(1, number):
        grid = max(size * place // number // STEP, place) * STEP
        buffer = bytearray(2 * FARTHEST)
        if artifact.stretch(grid - len(buffer)).readinto(memoryview(buffer)) < len(buffer):
            break
        line = buffer.rfind(NEWLINE) + 1
        found = records.back(buffer, buffer.rfind(NEWLINE, 0, line - 1) + 1, len(buffer)) if line else None
        if found and found[0]:  # else records are so long here that the log is not cut
            begins.append((grid - len(buffer) + found[0], grid))
    return [Piece(begin, until) for begin, until in zip([0, *(b for b, _ in begins)], [*(g for _, g in begins), None], strict=True)]


class _Helper:
    """A process that reads one part of a log."""

    def __init__(self, artifact: Artifact, source: Lasting, ready: Ready, log: Log, piece: Piece) -> None:
        context = multiprocessing.get_context("fork")
        self.piece = piece
        self._told, tell = context.Pipe(duplex=False)
        own = Log(log.path, log.format, log.base, log.rank)
        self._process = context.Process(target=_run, args=(self._told, tell, artifact, source, ready, own, piece), daemon=True)
        with contextlib.suppress(OSError):  # no more processes, or no memory: then nobody tells anything
            self._process.start()
        tell.close()

    def result(self) -> Part | None:
        """What the part gave; None if the process failed."""
        try:
            part = pickle.loads(self._told.recv_bytes())  # noqa: S301  from a process of our own, through a pipe that nobody else has
        except EOFError:
            return None
        return part if isinstance(part, Part) else None

    def end(self) -> None:
        """Ends the process, whatever it does."""
        if self._process.pid is not None:
            self._process.kill()
            self._process.join()
        self._told.close()


def _run(told: Connection, tell: Connection, artifact: Artifact, source: Lasting, ready: Ready, log: Log, piece: Piece) -> None:
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  what goes wrong here the parent meets, too, and tells
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is asked, and ends this process
    told.close()
    stretch = artifact.stretch(piece.begin)
    scanner = Scanner(ready, log, [], bytearray(BUFFER), piece.begin, source)
    scanner.read(stretch, piece.until)
    if not stretch.cut:  # else the parent tries once more, and reports it
        tell.send_bytes(pickle.dumps(scanner.part(), protocol=pickle.HIGHEST_PROTOCOL))
