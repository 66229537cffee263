"""What is done, kept so that it survives an end at any moment: a file that only grows, one line for each bundle.

The death of the process costs nothing that was added; that of the machine at most the last second, and those bundles are scanned again.

A line is the sum of its bytes (CRC-32, eight hexadecimal digits), a blank, and an `Entry` as JSON. A line that was cut or damaged does not count, and
its bundle is scanned again. Of several lines with one key the last counts.
"""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, final

import msgspec

from backuptrace.errors import BackuptraceError
from backuptrace.fleet.rows import Entry, decoded

HEAD = b"backuptrace.fleet/1\n"
UNFINISHED = ".tmp"
SYNC_S = 1.0
"""Seconds between two waits for the disk: one wait takes longer than a small bundle."""


class _Head(msgspec.Struct, frozen=True):
    """What must be known of a line to find it again."""

    key: str
    state: str
    report: str = ""
    size: int = 0
    html: int = 0


class Place(msgspec.Struct, frozen=True):
    """Where a line stands (bytes), and what tells whether it still counts."""

    at: int
    length: int
    state: str
    report: str
    size: int
    html: int


@final
class Journal:
    """The journal of one folder of results, opened for reading and for growing."""

    def __init__(self, path: Path) -> None:
        """Raises BackuptraceError if the file cannot be read or is none."""
        self._path = path
        self.places: dict[str, Place] = {}
        self.damaged = 0
        """Lines that do not count."""
        self._on_disk = 0.0
        """When all was on the disk, monotonic seconds."""
        try:
            self._file: BinaryIO = path.open("r+b") if path.exists() else path.open("x+b")
        except OSError as error:
            raise _refused(path, error) from error
        self._end = self._read()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; what was added is on the disk then."""
        with contextlib.suppress(OSError, ValueError):  # the disk refused it before, which was told; closed already
            self._synced()
        self._file.close()

    def _read(self) -> int:
        """Finds the lines that count and cuts off a half one at the end. Returns the end."""
        head = self._file.readline(len(HEAD))
        if HEAD.startswith(head) and head != HEAD:  # new, or killed as it was made
            self._file.seek(0)
            self._file.truncate()
            self._file.write(HEAD)
            self._synced()
            return len(HEAD)
        if head != HEAD:
            raise BackuptraceError("not the journal of a fleet", where=str(self._path), why="its first line is another", fix="choose another folder with -o")
        end = len(HEAD)
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            self._note(line, end)
            end += len(line)
        self._file.seek(end)
        self._file.truncate()
        return end

    def _note(self, line: bytes, at: int) -> None:
        head = _head(line)
        if head is None:
            self.damaged += 1
            return
        self.places[head.key] = Place(at, len(line), head.state, head.report, head.size, head.html)

    def add(self, body: bytes) -> None:
        """A new line, with the system when this returns, on the disk a second later. body: an entry as `jsontext.encoded`.

        Raises BackuptraceError if the disk does not take it.
        """
        line = b"%08x %s\n" % (zlib.crc32(body), body)
        try:
            self._file.seek(self._end)
            self._file.write(line)
            self._file.flush()
            if time.monotonic() - self._on_disk >= SYNC_S:
                self._synced()
        except OSError as error:
            raise _refused(self._path, error) from error
        self._note(line, self._end)
        self._end += len(line)

    def _synced(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._on_disk = time.monotonic()

    def entry(self, key: str) -> Entry:
        """The entry with this key. Raises KeyError, and BackuptraceError if the file changed meanwhile."""
        place = self.places[key]
        self._file.seek(place.at)
        line = self._file.read(place.length)
        try:
            return decoded(line[9:-1])
        except msgspec.DecodeError as error:
            raise BackuptraceError("the journal changed while it was read", where=str(self._path), fix="run the fleet again") from error

    def keep(self, keys: Collection[str]) -> None:
        """Lines with other keys go: they count for nothing any more, and may hold secrets of a run that did not hide them.

        The file is replaced as a whole, if there are any. Raises BackuptraceError.
        """
        wanted = set(keys)
        if wanted.issuperset(self.places) and not self.damaged:
            return
        temporary = self._path.with_name(self._path.name + UNFINISHED)
        try:
            self._file.seek(len(HEAD))
            with temporary.open("wb") as file:
                file.write(HEAD)
                file.writelines(line for line in self._file if (head := _head(line)) is not None and head.key in wanted)
                file.flush()
                os.fsync(file.fileno())
            self._file.close()
            temporary.replace(self._path)
            self._file = self._path.open("r+b")
        except OSError as error:
            raise _refused(self._path, error) from error
        self.places.clear()
        self.damaged = 0
        self._end = self._read()

    def entries(self, keys: list[str]) -> Iterator[Entry]:
        """The entries with these keys, one at a time."""
        return map(self.entry, keys)


def _head(line: bytes) -> _Head | None:
    """What must be known of a line; None if it is damaged."""
    body = line[9:-1]
    try:
        return msgspec.json.decode(body, type=_Head) if line[:8] == b"%08x" % zlib.crc32(body) else None
    except msgspec.DecodeError:
        return None


def _refused(path: Path, error: OSError) -> BackuptraceError:
    return BackuptraceError("cannot keep the results", where=str(path), why=error.strerror or str(error), fix="choose another folder with -o")
