"""Zip archives: by the list at their end, or, where that is missing, from header to header."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backuptrace.bundle import zipdir
from backuptrace.bundle.artifact import Artifact, Member
from backuptrace.bundle.inflate import Inflated, bzip2, crc32, deflate
from backuptrace.bundle.limits import StreamError
from backuptrace.bundle.seen import Seen
from backuptrace.bundle.streams import Blob, Guarded, Section, Stream
from backuptrace.bundle.zipdir import Entry

if TYPE_CHECKING:
    from backuptrace.bundle.context import Context

STORED, DEFLATED, BZIP2 = 0, 8, 12
_METHODS = {1: "shrink", 6: "implode", 9: "deflate64, as Windows Explorer makes above 2 GB", 14: "lzma", 93: "zstd", 95: "xz", 98: "PPMd", 99: "AES encryption"}
_COPY = "copy or collect it again"


def walk(context: Context, blob: Blob, where: str, prefix: str, depth: int) -> Iterator[Artifact]:
    """The files of a zip in the order of its list. where: the archive's path; prefix: what leads its members' paths; depth: archives around them."""
    zipfile = _Zip(context, blob, prefix, depth)
    try:
        directory = zipdir.find(blob)
        if directory is None:
            what = "the zip has no list of members at its end (cut off?); its members are read one after the other, as far as they go"
            context.report(where, StreamError("truncated", what, "copy or collect it again: the last members may be missing"))
            yield from zipfile.scan(0)
            return
        try:
            for entry in zipdir.entries(blob, directory):
                yield from zipfile.listed(entry)
                if context.budget.over:
                    return
        except StreamError as error:
            context.report(where, error)
            yield from zipfile.scan(zipfile.reached)
    except StreamError as error:
        context.report(where, error)


class _Zip:
    """One zip archive in the pass."""

    def __init__(self, context: Context, blob: Blob, prefix: str, depth: int) -> None:
        self._context, self._blob, self._prefix, self._depth = context, blob, prefix, depth
        self._seen = Seen()
        self._claimed = 0
        self.reached = 0

    def listed(self, entry: Entry) -> Iterator[Artifact]:
        """A member of the list."""
        path = self._judged(entry)
        if path is None:
            return
        where = self._prefix + entry.path
        start = zipdir.data_start(self._blob, entry.offset) if self._claimed <= self._blob.size else entry.offset
        if start is None:
            self._context.report(where, StreamError("damaged", "the member does not stand where the list says; it was skipped", _COPY))
            return
        packed, size = entry.packed or 0, entry.size or 0
        # Members that share bytes are how 10 MB become petabytes (Fifield, A better zip bomb, 2019); together they are longer than the file.
        self._claimed += packed + start - entry.offset
        if self._claimed > self._blob.size:
            problem = StreamError("overlap", "the members of the zip overlap; this one was skipped", "the zip is hostile or damaged: make it again")
            self._context.report(where, problem)
            return
        self.reached = max(self.reached, start + packed)
        stream = _Checked(self._data(entry, start, packed), entry.crc, size)
        yield from self._open(stream, entry, path, size)

    def _open(self, stream: Stream, entry: Entry, path: str, size: int | None) -> Iterator[Artifact]:
        member = Member(path, size, entry.modified, entry.uncertain)
        yield from self._context.open(stream, member, self._depth)

    def _judged(self, entry: Entry) -> str | None:
        """The path under which an entry is handed out, None if it is not."""
        context, where = self._context, self._prefix + entry.path
        if not context.admits(where, entry.path) or entry.folder or not entry.path:
            return None
        kind = stat.S_IFMT(entry.mode)
        if kind == stat.S_IFDIR:
            return None
        problem = None
        if kind == stat.S_IFLNK:
            problem = StreamError("link", "is a symbolic link in the archive; links are not followed", "collect the file it points to, under its own name")
        elif kind not in (0, stat.S_IFREG):
            problem = StreamError(
                "special", "is a device, pipe or socket in the archive and holds no data", "nothing needs to be done, unless a log should stand there"
            )
        elif entry.flags & zipdir.ENCRYPTED:
            problem = StreamError("encrypted", "is encrypted; it was skipped", "unpack the zip with its password and pass the folder")
        elif entry.method not in (STORED, DEFLATED, BZIP2):
            name = _METHODS.get(entry.method, "unknown")
            problem = StreamError("unsupported", f"is compressed with method {entry.method} ({name}); it was skipped", "unpack the zip and pass the folder")
        elif entry.size is not None and self._seen.same(entry.path, entry.crc, entry.size):
            problem = StreamError("duplicate", "stands twice in the zip with the same content; it was read once", "nothing needs to be done")
        if problem:
            context.report(where, problem)
            return None
        unique, problem = self._seen.unique(entry.path)
        if problem:
            context.report(where, problem)
        return self._prefix + unique

    def _data(self, entry: Entry, start: int, packed: int) -> Stream:
        section = Section(self._blob, start, packed)
        if entry.method == STORED:
            return section
        return Inflated(section, bzip2() if entry.method == BZIP2 else deflate(), self._context.budget)

    def scan(self, at: int) -> Iterator[Artifact]:
        """Members by their local headers from `at` on, to the end or to the list."""
        while (start := self._search(at)) is not None:
            entry = zipdir.local(self._blob, start)
            at = start + 4
            if entry is None:
                continue
            path = self._judged(entry)
            if self._context.budget.over:
                return
            rest = self._blob.size - entry.offset
            at = entry.offset + min(entry.packed or 0, rest)
            if path is None:
                continue
            if entry.packed is not None and entry.size is not None:
                stream: Stream = _Checked(self._data(entry, entry.offset, entry.packed), entry.crc, entry.size)
                yield from self._open(stream, entry, path, entry.size)
            elif entry.method == STORED:
                end = self._search(entry.offset, zipdir.LOCAL, zipdir.CENTRAL) or self._blob.size
                yield from self._open(Section(self._blob, entry.offset, end - entry.offset), entry, path, None)
            else:
                inflated = self._data(entry, entry.offset, rest)
                yield from self._open(inflated, entry, path, None)
                at = entry.offset + self._length(inflated, path)
            if self._context.budget.over:
                return

    def _length(self, stream: Stream, path: str) -> int:
        """The compressed length of a member that does not state it: it must be read to its end."""
        guard = Guarded(stream, self._context.limits, 0)
        try:
            guard.skip(self._context.limits.member)
        except StreamError as error:
            self._context.report(path, error)
        left = stream.left_over if isinstance(stream, Inflated) else b""
        return (stream.fed or 0) - len(left)

    def _search(self, at: int, *marks: bytes) -> int | None:
        """Where the next local header begins (or another of `marks`)."""
        marks = marks or (zipdir.LOCAL,)
        while at < self._blob.size:
            page = self._blob.read_at(at, zipdir.PAGE)
            found = [place for mark in marks if (place := page.find(mark)) >= 0]
            if found:
                return at + min(found)
            if len(page) < 4:
                return None
            at += len(page) - 3
        return None


class _Checked(Stream):
    """The data of a member against the check sum and size in its header."""

    def __init__(self, source: Stream, crc: int, size: int) -> None:
        self._source, self._crc, self._size = source, crc, size
        self._sum = self._got = 0

    @property
    def fed(self) -> int | None:
        """As Stream.fed."""
        return self._source.fed

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        got = self._source.readinto(view)
        if got:
            self._sum = crc32(view[:got], self._sum)
            self._got += got
        elif len(view) and self._got != self._size:
            cut = self._got < self._size
            what = f"the member should have {self._size} bytes and has {self._got}"
            raise StreamError("truncated" if cut else "size", what, _COPY, cut=cut)
        elif len(view) and self._sum != self._crc:
            raise StreamError("crc", "the check sum is wrong: some bytes are not those that were packed", _COPY + "; do not rely on single lines", cut=False)
        return got
