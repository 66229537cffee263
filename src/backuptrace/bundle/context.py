"""One pass over a bundle: its limits, what went wrong so far, and the way into every member, archives within archives included."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator

from backuptrace.bundle import recognition, tars, zips
from backuptrace.bundle.artifact import Artifact, Member
from backuptrace.bundle.inflate import Bzip2, Gzip, Packed, Xz, Zstd
from backuptrace.bundle.limits import Budget, Limits, StreamError, plain
from backuptrace.bundle.names import escapes, shown
from backuptrace.bundle.streams import Blob, FileStream, Guarded, Peeked, SpoolBlob, Stream, Transcoded, unreadable
from backuptrace.bundle.tarheader import FAR
from backuptrace.model import SECOND, Problem

KEPT = 200  # problems of one kind that are listed one by one
_PACKED: dict[str, type[Packed]] = {recognition.GZIP: Gzip, recognition.BZIP2: Bzip2, recognition.XZ: Xz, recognition.ZSTD: Zstd}


class Context:
    """The state of one pass; `problems` may grow until the pass ends. single: the bundle is one file, whose own name leads no path."""

    def __init__(self, limits: Limits, problems: list[Problem], *, single: bool) -> None:
        self.limits, self.problems, self._single = limits, problems, single
        self.budget = Budget(limits)
        self.form = ""  # what the outermost file turned out to be
        self._kinds: Counter[str] = Counter()

    def report(self, where: str, error: StreamError) -> None:
        """Makes a problem of an error, once, however often it comes up."""
        if not error.reported:
            error.reported = True
            self._kinds[error.kind] += 1
            if self._kinds[error.kind] <= KEPT:
                self.problems.append(Problem(error.kind, shown(where), error.what, error.fix))

    def close(self) -> None:
        """Tells that the total was passed, if nobody did, and how many problems were not listed."""
        if self.budget.error is not None:
            self.report("", self.budget.error)
        for kind, count in self._kinds.items():
            if count > KEPT:
                self.problems.append(Problem(kind, "", f"{count - KEPT} further problems of the kind '{kind}' are not listed", "see those that are listed"))
        self._kinds.clear()

    def admits(self, where: str, path: str) -> bool:
        """Books an entry of an archive and judges its name; False (with a problem) for one that must not be read."""
        if self.budget.over:
            return False
        error = self._objection(path)
        if error:
            self.report(where, error)
        return error is None

    def _objection(self, path: str) -> StreamError | None:
        try:
            self.budget.entry()
        except StreamError as error:
            return error
        if len(path) > self.limits.path:
            return StreamError("limit", f"a name of {len(path)} characters; the member was skipped", "rename it and make the archive again")
        if way := escapes(path):
            return StreamError("path", f"the name {way}; the member was skipped", "make the archive again with relative names (tar without -P)")
        return None

    def open(self, stream: Stream, member: Member, depth: int, *, packed: int = 0, slack: int = 1) -> Iterator[Artifact]:
        """Hands out a file: itself, or what is in it. depth: archives around it; packed: compressions directly around it; slack: see Guarded."""
        if isinstance(stream, FileStream):
            try:
                head = stream.read_at(0, recognition.HEAD)
                stream.read_at(0, 0)
            except StreamError as error:
                self.report(member.path, error)
                return
        else:
            stream = stream if isinstance(stream, Peeked) else Peeked(stream, recognition.HEAD)
            head = stream.head
        form = recognition.container(head)
        prefix = "" if self._single and not depth else member.path + "!"
        if form in _PACKED:
            if stream.fed is not None:
                # Bytes that give none (padding, skippable frames) are seen by no guard further in.
                stream = Guarded(stream, self.limits, stream.begun if isinstance(stream, Peeked) else 0, slack=slack)
            yield from self._unpack(_PACKED[form](stream, self.budget, self.limits), member, depth, packed)
        elif form == recognition.TAR:
            self.form = self.form or "tar"
            if self._deeper(member.path, depth):
                yield from tars.walk(self, stream, member.path, prefix, depth + 1)
        elif form == recognition.ZIP:
            self.form = self.form or "zip"
            if self._deeper(member.path, depth):
                with self._seekable(stream, member.path) as blob:
                    if blob:
                        yield from zips.walk(self, blob, member.path, prefix, depth + 1)
        elif what := recognition.closed(head):
            self.report(member.path, StreamError("unsupported", f"is {what}, which cannot be opened here", "unpack it and pass the folder"))
        else:
            self.form = self.form or "file"
            if self._single and not depth and isinstance(stream, Peeked) and stream.barren:
                self.report(member.path, stream.barren)  # a single log of which nothing is left: no bundle
                return
            yield from self._leaf(stream, head, member, slack)

    def listed(self, member: Member) -> Artifact:
        """A file that is named but not opened."""
        return Artifact(member, None, "utf-8", self.report)

    def _leaf(self, stream: Stream, head: bytes, member: Member, slack: int) -> Iterator[Artifact]:
        if isinstance(stream, Peeked):
            stream = Guarded(stream, self.limits, stream.begun, slack=slack)
        encoding = recognition.encoding(head)
        if encoding.startswith("utf-16"):
            stream = Transcoded(stream)
        artifact = Artifact(member, stream, encoding, self.report)
        try:
            yield artifact
        finally:
            artifact.expire()

    def _unpack(self, stream: Packed, member: Member, depth: int, packed: int) -> Iterator[Artifact]:
        """What is in a compressed file. A first compression is free (a rotated log is no archive), each further one counts as an archive."""
        if packed and not self._deeper(member.path, depth):
            return
        inside = Peeked(stream, recognition.HEAD)
        modified = member.modified
        uncertain = member.modified_uncertain
        if isinstance(stream, Gzip) and 0 < stream.modified < FAR and (modified is None or uncertain):
            modified, uncertain = stream.modified * SECOND, False
        yield from self.open(inside, Member(member.path, None, modified, uncertain), depth + bool(packed), packed=packed + 1)

    def _deeper(self, path: str, depth: int) -> bool:
        if depth < self.limits.depth:
            return True
        self.report(
            path,
            StreamError(
                "limit",
                f"archives within archives, more than {self.limits.depth} deep; it was not opened",
                "allow more with --max-depth, or unpack it and pass it alone",
            ),
        )
        return False

    @contextlib.contextmanager
    def _seekable(self, stream: Stream, path: str) -> Iterator[Blob | None]:
        if isinstance(stream, FileStream):
            yield stream
            return
        with tempfile.SpooledTemporaryFile(self.limits.spool_memory) as file:
            blob = None
            try:
                blob = self._spool(stream, file, path)
            except StreamError as error:
                self.report(path, error)
            except OSError as error:  # no room for temporary files
                self.report(path, unreadable(error))
            yield blob

    def _spool(self, stream: Stream, file: tempfile.SpooledTemporaryFile[bytes], path: str) -> SpoolBlob:
        """Copies a nested archive; what came before damage is kept, as the archive can be read up to there."""
        size = 0
        guard = Guarded(stream, self.limits, stream.fed)
        buffer = memoryview(bytearray(256 << 10))
        while True:
            try:
                got = guard.readinto(buffer)
                self.budget.take(got)
            except StreamError as error:
                if error.kind == "limit":
                    raise
                self.report(path, error)
                break
            if not got:
                break
            size += got
            if size > self.limits.spool:
                raise StreamError(
                    "limit",
                    f"an archive within an archive, larger than {plain(self.limits.spool)}; it was not opened",
                    "allow more with --max-member, or unpack it and pass it alone",
                )
            file.write(buffer[:got])
        return SpoolBlob(file, size)
