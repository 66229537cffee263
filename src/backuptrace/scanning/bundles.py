"""A whole bundle: each artifact recognised, read once with the reader of its format, the rest listed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from heapq import nlargest
from typing import TYPE_CHECKING

import msgspec

from backuptrace.bundle.artifact import Artifact
from backuptrace.bundle.liveroot import Declared
from backuptrace.bundle.opening import Bundle
from backuptrace.bundle.streams import Lasting
from backuptrace.knowledge.loading import Knowledge, Ready
from backuptrace.knowledge.recognition import HEAD, Recognised, base_path, recognise
from backuptrace.model import Log, Problem
from backuptrace.readers.stream import Begun, Readable
from backuptrace.scanning.lines import BUFFER, scan_lines

if TYPE_CHECKING:
    from backuptrace.scanning.eventforms import Form
    from backuptrace.scanning.events import EventFiles
    from backuptrace.scanning.objects import ObjectFiles
    from backuptrace.scanning.transcripts import Piece, Transcripts


class Scanned(msgspec.Struct):
    """What one pass over the bundle gave: the logs read, and (path, size or None, why) of the files that no format is declared for."""

    logs: list[Log] = []
    unknown: list[tuple[str, int | None, str]] = []
    problems: list[Problem] = []
    newest_kept: int | None = None
    """Newest time that an archive keeps for its members, microseconds UTC: of the two newest the earlier, as one alone may come from elsewhere.

    Rotated members do not count: they end before the collection, and unpacking or compressing them anew gives them a later time.
    """
    artifacts: int = 0
    moments: list[tuple[int, int]] = []
    """(local, UTC) of moments that Windows events tell twice, microseconds."""
    zones: list[str] = []
    """What Windows events call the machine's zone, by names of the time zone database; at last an offset such as +01:00."""


Watch = Callable[[str, int], None]
"""Called with the path of an artifact and the number of bytes of it that were just read (0: at its end)."""


class _Peeked(Begun):
    """A stream whose first bytes were looked at. read: called with the number of bytes of each piece when it is read first."""

    def __init__(self, inner: Readable, size: int, read: Callable[[int], None]) -> None:
        super().__init__(inner, size, size)
        self._read = read
        read(len(self.head))

    def readinto(self, view: memoryview, /) -> int:
        """As every stream."""
        again = self._at < len(self.raw)
        got = super().readinto(view)
        if not again:
            self._read(got)
        return got


LARGE = 4 << 20
"""Bytes of a plain file whose texts are read again when they are asked for, and that may be read in parts (`parts`)."""
MOST_OPEN = 100
"""Files that stay open for that."""
UNDECLARED = "no format is declared for this path; on an installed system it was listed, not opened"


def declared_by(knowledge: Knowledge) -> Declared:
    """What may be opened of an installed system: the paths of all formats."""

    def globs() -> list[str]:
        from backuptrace.scanning.eventroutes import files_of

        return sorted({glob for ready in knowledge.formats.values() for glob in (*ready.shape.path, *files_of(ready.shape.channel))})

    return Declared(globs, base_path)


class _ByContent:
    """Readers of files that tell by their content what they are, not by their path. Most bundles of Linux have none: so they are imported when one comes."""

    def __init__(self, knowledge: Knowledge, problems: list[Problem]) -> None:
        self._given = knowledge, problems

    @staticmethod
    def form_of(head: bytes, path: str) -> Form | None:
        """See `eventforms.form_of`."""
        from backuptrace.scanning.eventforms import form_of

        return form_of(head, path)

    @cached_property
    def events(self) -> EventFiles:
        """Windows events, in any form."""
        from backuptrace.scanning.events import EventFiles

        return EventFiles(*self._given)

    @cached_property
    def objects(self) -> ObjectFiles:
        """Exports of the control plane."""
        from backuptrace.scanning.objects import ObjectFiles

        return ObjectFiles(*self._given)

    @cached_property
    def transcripts(self) -> Transcripts:
        """Texts with the outputs of several commands."""
        from backuptrace.scanning.transcripts import Transcripts

        return Transcripts(*self._given, _read, self._take)

    def _take(self, piece: Piece) -> bool:
        if (form := self.form_of(piece.head, piece.path)) is not None:
            self.events.read(piece, form, piece)
            return True
        return self.objects.read(piece, piece)

    def prompted(self, path: str, head: bytes, found: Recognised, *, lone: bool) -> bool:
        """Whether a text may have prompts that cut it: a file with a declared path never is, nor a log of a known name that begins with a record."""
        if found.ready is not None and found.why != "its first lines" and any(start.match(head) for start, _, _ in found.ready.starts):
            return False
        return not found.why.startswith("its path") and self.transcripts.prompted(path, head, found, lone=lone)

    def several(self, path: str, head: bytes, found: Recognised, *, lone: bool) -> bool:
        """Whether a text without prompts may be several outputs."""
        known = found.ready is not None and not found.why.startswith("its path")
        return known and self.transcripts.several(path, head, found, lone=lone)

    def scan(self, out: Scanned, buffer: bytearray) -> None:
        """Adds the logs of all that was read."""
        if "transcripts" in vars(self):
            self.transcripts.finish(out.logs)
        if "objects" in vars(self):
            self.objects.scan(out.logs)
        if "events" in vars(self):
            from backuptrace.scanning.eventzone import zone_names

            self.events.scan(out.logs, out.unknown, buffer)
            out.moments, out.zones = self.events.zone.told, zone_names(self.events.zone)


def unwatched(path: str, size: int) -> None:
    """Nobody looks on."""


def scan_bundle(bundle: Bundle, knowledge: Knowledge, watch: Watch = unwatched, jobs: int = 1) -> Scanned:
    """Reads every artifact once, in the bundle's order. Damage becomes a problem, never an error. `watch` hears of every piece that was read.

    jobs: processes that may read one large log, 0: one a processor.
    """
    out = Scanned()
    buffer: bytearray | None = None
    kept: list[int] = []
    opened = 0
    others = _ByContent(knowledge, out.problems)
    lone = bundle.kind == "file"
    formats = [ready for ready in knowledge.formats.values() if ready.shape.reader != "transcript"]
    for artifact in bundle.artifacts():
        out.artifacts += 1
        if artifact.modified is not None and not artifact.modified_uncertain and base_path(artifact.path) == artifact.path:
            kept = nlargest(2, [*kept, artifact.modified])
        if artifact.listed:
            out.unknown.append((artifact.path, artifact.size, UNDECLARED))
            continue
        stream: Begun = _Peeked(artifact, HEAD, partial(watch, artifact.path))
        found = recognise(artifact.path, stream.head, formats, lone=lone)
        prompted = others.prompted(artifact.path, stream.head, found, lone=lone)
        if prompted:
            rest = others.transcripts.read(stream, artifact, found, out.logs, lone=lone, prompted=True)
            if rest is None:
                continue
            stream = rest
        if not (found.sure or (found.ready and not lone)) and (form := others.form_of(stream.head, artifact.path)) is not None:
            others.events.read(stream, form, artifact)
            continue
        if not prompted and others.several(artifact.path, stream.head, found, lone=lone):
            rest = others.transcripts.read(stream, artifact, found, out.logs, lone=lone, prompted=False)
            if rest is None:
                continue
            stream = rest
        if found.ready is None and others.objects.read(stream, artifact):
            continue
        if found.ready is None:
            out.unknown.append((artifact.path, artifact.size, found.why))
            continue
        log = Log(artifact.path, found.ready.shape.id, found.base, len(out.logs), modified=artifact.modified, recognised=found.why)
        out.logs.append(log)
        if not stream.head:
            log.notes.append("the file is empty")
        if buffer is None:
            buffer = bytearray(BUFFER)
        large = found.ready.shape.reader == "lines" and artifact.plain and (artifact.size or 0) >= LARGE
        if large and opened < MOST_OPEN and (source := _lasting(artifact)):
            from backuptrace.scanning.parts import scan_parts

            opened += 1
            scan_parts(artifact, source, found.ready, log, out.problems, jobs, partial(watch, artifact.path))
        else:
            _read(stream, found.ready, log, out.problems, buffer)
        log.cut = log.cut or artifact.cut
    others.scan(out, bytearray(BUFFER) if buffer is None else buffer)
    out.newest_kept = min(kept, default=None)
    out.problems += bundle.problems
    return out


def _lasting(artifact: Artifact) -> Lasting | None:
    """What reads a plain file at any place; None where no more files can be open."""
    try:
        return artifact.lasting()
    except OSError:
        return None


def _read(stream: Readable, ready: Ready, log: Log, problems: list[Problem], buffer: bytearray | None = None) -> None:
    if ready.shape.reader == "lines":
        scan_lines(stream, ready, log, problems, buffer)
        return
    from backuptrace.scanning.documents import DOCUMENTS

    DOCUMENTS[ready.shape.reader](stream, ready, log, problems)
