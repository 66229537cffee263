"""One file of a bundle, to be read once as a stream of bytes."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from backuptrace.bundle.limits import StreamError
from backuptrace.bundle.streams import FileStream, Lasting, Stream, Stretch


class Member(msgspec.Struct, frozen=True):
    """What is known of a file before it is read; see Artifact for the meaning."""

    path: str
    size: int | None = None
    modified: int | None = None
    modified_uncertain: bool = False


class Artifact:
    """A file of the bundle. It can be read once, until the next artifact is asked for.

    path: relative to the bundle, '/' between the parts, nested archives as 'logs.zip!var/log/waagent.log'; printable.
    size: bytes as declared or stored, decompressed where that is known, else None; UTF-16 text counts as stored.
    modified: microseconds since 1970 UTC, only where an archive keeps it (file times of a plain folder are those of the copying);
    modified_uncertain: it is a DOS time, which names no zone, taken as UTC: it may be off by up to 14 hours.
    encoding: 'utf-16-le' or 'utf-16-be' if the text was such and is transcoded to UTF-8 here; 'utf-8-sig' with a UTF-8 mark (left in place); else 'utf-8',
    meaning bytes as they are. listed: of a live root, a file that no format declares: it was not opened and gives no bytes.
    cut: the stream ended before its time (damage, a limit); complete only after the last byte was read.
    """

    __slots__ = ("_closed", "_report", "_stream", "cut", "encoding", "listed", "modified", "modified_uncertain", "path", "size")

    def __init__(self, member: Member, stream: Stream | None, encoding: str, report: Callable[[str, StreamError], None]) -> None:
        self.path, self.size = member.path, member.size
        self.modified, self.modified_uncertain = member.modified, member.modified_uncertain
        self.encoding = encoding
        self.cut = False
        self.listed = stream is None
        self._stream = stream
        self._report = report
        self._closed = False

    def __repr__(self) -> str:
        return f"Artifact({self.path!r}, size={self.size}, encoding={self.encoding!r}, cut={self.cut})"

    def readinto(self, view: memoryview) -> int:
        """Fills `view` with the next decompressed bytes (UTF-8 for UTF-16 text) and tells how many; fewer than asked only near the end, 0 at the end.

        Damage raises nothing: it ends the stream, sets `cut` and becomes a problem of the bundle.
        Raises ValueError when the bundle has gone on to the next artifact or was closed.
        """
        if self._stream is None:
            if self._closed:
                raise ValueError(f"{self.path}: the bundle has gone on; an artifact is readable only until the next one is asked for")
            return 0
        try:
            got = self._stream.readinto(view)
        except StreamError as error:
            self._stream = None
            self.cut = error.cut
            self._report(self.path, error)
            return 0
        if not got and len(view):
            self._stream = None
        return got

    @property
    def plain(self) -> bool:
        """Whether its bytes are those of a plain file that can be read from any place on (not on Windows, where a file has one position)."""
        return isinstance(self._stream, FileStream) and hasattr(os, "preadv")

    def stretch(self, offset: int) -> Artifact:
        """A plain file from `offset` on, as an artifact that is read by itself. Raises ValueError if it is none, or the bundle has gone on."""
        return Artifact(Member(self.path, self.size), Stretch(self._file(), offset), self.encoding, self._report)

    def lasting(self) -> Lasting:
        """A plain file, to be read at any place even when the bundle has gone on. Raises ValueError as `stretch`, OSError if no more files can be open."""
        return Lasting(self._file())

    def _file(self) -> FileStream:
        file = self._stream if isinstance(self._stream, FileStream) else None
        if file is None:
            raise ValueError(f"{self.path}: no plain file that can be read")
        return file

    def expire(self) -> None:
        """Ends the time in which the artifact can be read; called by the bundle."""
        self._stream, self._closed = None, True
