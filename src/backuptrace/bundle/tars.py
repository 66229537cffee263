"""Tar archives as one forward stream: constant memory, no seeking except over what nobody reads, nothing is extracted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from backuptrace.bundle import tarheader
from backuptrace.bundle.artifact import Artifact, Member
from backuptrace.bundle.limits import Limits, StreamError, plain
from backuptrace.bundle.names import member_path
from backuptrace.bundle.seen import Seen
from backuptrace.bundle.streams import Stream
from backuptrace.bundle.tarheader import BLOCK, Header

if TYPE_CHECKING:
    from backuptrace.bundle.context import Context

EXTENSION = 1 << 20  # the longest extended header that is read, in bytes
EXTENSIONS = 8  # and how many there may be before an entry
PADDING = 1 << 20  # what may follow the end mark
STRIDE = 256 << 20  # how often the cost of passing over a member is judged
RESYNC = 1 << 30  # how far the next headers are looked for behind damaged ones, in one archive; a quarter of it where it is compressed
EXTENDED = 256 << 20  # what all extended headers of an archive may hold
_LINKS = {b"1": "a hard link", b"2": "a symbolic link"}
_SPECIAL = {b"3": "a character device", b"4": "a block device", b"6": "a named pipe"}
_NO_FILES = (b"5", b"V", b"D")  # folders, GNU volume labels, GNU lists of folders
_AGAIN = "make the archive again, or copy it again"


def walk(context: Context, stream: Stream, where: str, prefix: str, depth: int) -> Iterator[Artifact]:
    """The files of a tar archive in its order. where: the archive's own path; prefix: what stands before its members' paths; depth: archives around them."""
    reader = _Reader(stream)
    seen = Seen()
    try:
        while (header := reader.next(lambda error: context.report(where, error))) is not None:
            name = member_path(header.name)
            window = _Window(stream, header.size)
            try:
                path = _judged(context, reader, header, seen, prefix, name)
                if path is not None:
                    yield from context.open(window, Member(path, header.size, header.modified), depth, slack=2)
                if context.budget.over:
                    return
                window.finish(context.limits)
            except StreamError as error:
                context.report(prefix + name, error)
                return
    except StreamError as error:
        context.report(where, error)


def _judged(context: Context, reader: _Reader, header: Header, seen: Seen, prefix: str, name: str) -> str | None:
    """The path under which an entry is handed out, None if it is not."""
    if not context.admits(prefix + name, name):
        return None
    problem = _refused(header)
    path: str | None = None
    if not problem and header.kind not in _NO_FILES and not header.name.endswith(b"/") and name:
        if reader.sparse:
            context.report(prefix + name, StreamError("sparse", "was packed without its holes; places in it are lower than in the original", "", cut=False))
        unique, problem = seen.unique(name)
        path = prefix + unique
    if problem:
        context.report(prefix + name, problem)
    return path


def _refused(header: Header) -> StreamError | None:
    if header.kind in _LINKS:
        return StreamError("link", f"is {_LINKS[header.kind]} in the archive; links are not followed", "collect the file it points to, under its own name")
    if header.kind in _SPECIAL:
        return StreamError(
            "special", f"is {_SPECIAL[header.kind]} in the archive and holds no data", "nothing needs to be done, unless a log should stand there"
        )
    return None


class _Window(Stream):
    """The data of one member, and the padding after it."""

    def __init__(self, source: Stream, size: int) -> None:
        self._source, self._left, self._padding = source, size, -size % BLOCK
        self._error: StreamError | None = None

    @property
    def fed(self) -> int | None:
        """As Stream.fed."""
        return self._source.fed

    def readinto(self, view: memoryview) -> int:
        """As Stream.readinto."""
        if not self._left:
            return 0
        got = self._source.readinto(view if len(view) <= self._left else view[: self._left])
        if not got and len(view):
            raise self._cut()
        self._left -= got
        return got

    def skip(self, size: int) -> int:
        """As Stream.skip."""
        passed = self._source.skip(min(size, self._left))
        self._left -= passed
        return passed

    def finish(self, limits: Limits) -> None:
        """Passes over what was not read.

        Raises StreamError where the archive ends, and (limit) for a member that expands beyond both `Limits.ratio` and `Limits.member`: to pass over
        it costs as much as to read it.
        """
        start, passed = self.fed, 0
        while self._left:
            size = min(self._left, STRIDE)
            if self._source.skip(size) < size:
                raise self._cut()
            self._left -= size
            passed += size
            if start is not None and passed > max(limits.member, 2 * limits.ratio_from) and passed > limits.ratio * ((self.fed or 0) - start):
                raise StreamError(
                    "limit", "the archive has too large a member to pass over; the members after it were not read", "unpack it and pass the folder"
                )
        self._source.skip(self._padding)
        self._padding = 0

    def _cut(self) -> StreamError:
        """One and the same error however often it comes up, so that it is told once."""
        self._error = self._error or _cut()
        return self._error


class _Reader:
    """The headers of the archive; extended ones are folded into those they belong to."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._blocks_left = RESYNC // BLOCK // (1 if stream.fed is None else 4)
        self._extension_left = EXTENDED
        self.sparse = False

    def next(self, report: Callable[[StreamError], None]) -> Header | None:
        """The next entry, None at the end; its data follow in the stream. Raises StreamError."""
        records: dict[str, bytes] = {}
        long_name = b""
        for _ in range(EXTENSIONS):
            block = self._block(report)
            if block is None:
                return None
            header = tarheader.parse(block)
            if header.kind in b"xX":
                records |= tarheader.pax(self._extension(header))
            elif header.kind == b"L":
                long_name = self._extension(header).split(b"\0", 1)[0]
            elif header.kind in b"gK":
                self._pass(header.size)
            else:
                return self._entry(msgspec.structs.replace(header, name=long_name or header.name), records)
        raise StreamError("damaged", "extended headers without an entry; reading stopped here", _AGAIN)

    def _entry(self, header: Header, records: dict[str, bytes]) -> Header:
        header = tarheader.extend(header, records)
        if header.kind in _LINKS or header.kind in _SPECIAL or header.kind == b"5":
            header = msgspec.structs.replace(header, size=0)  # as tarfile and GNU tar: no data follow, whatever the size says
        self.sparse = header.kind == b"S" or any(key.startswith("GNU.sparse.") for key in records)
        more = header.more
        while more:
            more = self._exactly(BLOCK)[504] != 0
        if records.get("GNU.sparse.major") == b"1":
            # pax format 1.0: the map stands before the data, one number a line, filled up to a block.
            lines = wanted = 0
            while header.size >= BLOCK and (not wanted or lines < wanted):
                block = self._exactly(BLOCK)
                header = msgspec.structs.replace(header, size=header.size - BLOCK)
                count = block.split(b"\n", 1)[0]
                wanted = wanted or (2 * int(count) + 1 if count.isdigit() and len(count) < 10 else 1)
                lines += block.count(b"\n")
        return header

    def _block(self, report: Callable[[StreamError], None]) -> bytes | None:
        block = self._stream.read(BLOCK)
        if tarheader.valid(block):
            return block
        if block and not block.strip(b"\0"):
            if self._stream.fed is not None:
                self._stream.skip(PADDING)  # so that the check sum of the compressed file is judged
            return None
        if len(block) < BLOCK:
            what = "the archive breaks off" if block else "the archive has no end mark: members may be missing at its end"
            raise StreamError("truncated", what, "collect or copy it again (was the upload interrupted?); what stands before was read")
        report(StreamError("damaged", "a header in the archive is damaged; reading goes on at the next one, members may be missing", _AGAIN))
        return self._resync()

    def _resync(self) -> bytes | None:
        """The next valid header within what is left of `RESYNC` bytes, None if there is none; only those with a magic are looked for."""
        while self._blocks_left > 0:
            self._blocks_left -= 1
            block = self._stream.read(BLOCK)
            if len(block) < BLOCK:
                break
            if block[257:262] == b"ustar" and tarheader.valid(block):
                return block
        return None

    def _extension(self, header: Header) -> bytes:
        """The data of an extended header, whole."""
        self._judge(header.size)
        data = self._exactly(header.size)
        self._exactly(-header.size % BLOCK)
        return data

    def _pass(self, size: int) -> None:
        self._judge(size)
        self._exactly(size + -size % BLOCK)

    def _judge(self, size: int) -> None:
        self._extension_left -= size
        if size > EXTENSION or self._extension_left < 0:
            raise StreamError("limit", f"an extended header of {plain(size)}; reading stopped here", "the archive is damaged or hostile: make it again")

    def _exactly(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) < size:
            raise _cut()
        return data


def _cut() -> StreamError:
    return StreamError(
        "truncated", "the archive ends inside this member", "collect or copy it again (was the upload interrupted?); what stands before the cut was read"
    )
