"""Texts with the outputs of several commands: each output becomes a log of its own, with its place in the file, and what has no format is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

from backuptrace.bundle.limits import plain as size_text
from backuptrace.knowledge.loading import Knowledge, Ready
from backuptrace.knowledge.recognition import HEAD, Recognised, base_path
from backuptrace.knowledge.sectioning import MOST, MOST_LINES, MOST_SECTIONS, READER, Cutter, Section, TooManyError, plain
from backuptrace.model import Log, Problem
from backuptrace.readers.stream import Begun, Origin, Readable

MOST_KEPT = 32 << 20
"""Bytes of logs among the outputs of one bundle."""
MOST_TOLD = 20
"""Outputs without a format that are listed."""
MOST_SHOWN = 60
"""Characters of a command that are shown."""
PROMPTS, HEADS = "the prompts of a shell in it", "the first lines of several formats in it"

Read = Callable[[Readable, Ready, Log, list[Problem]], None]
"""Reads a stream with the reader of a format into a log."""
Take = Callable[["Piece"], bool]
"""Takes an output that only its content tells, such as events or objects of Azure; False if it is none."""


class Piece(Begun):
    """An output as if it were a file: blank lines stand for what is above it, so that lines keep their numbers."""

    def __init__(self, text: bytes, section: Section, origin: Origin) -> None:
        raw = text[section.begin : section.end]
        if section.first > section.above + 1:  # the line with the prompt is no part of it
            raw = raw[raw.index(b"\n") + 1 :]
        self.path, self.modified, self.cut = origin.path, origin.modified, origin.cut
        self.size: int | None = len(raw)
        super().__init__(BytesIO(b"\n" * (section.first - 1) + raw), MOST + MOST_LINES, HEAD)
        self.head = raw[:HEAD]


class Transcripts:
    """The transcripts of one bundle. read: what reads a section that has a format; take: what may take one that has none."""

    def __init__(self, knowledge: Knowledge, problems: list[Problem], read: Read, take: Take) -> None:
        self._cutter = Cutter(list(knowledge.formats.values()))
        self._problems, self._reader, self._take = problems, read, take
        self._waiting: list[tuple[bytes, Ready, Log, Log, str]] = []
        """Stretches of logs, each with its place and the log of the text that it stands in."""
        self._kept = 0
        self.prompted, self.several = self._cutter.prompted, self._cutter.several

    def read(self, stream: Readable, artifact: Origin, found: Recognised, logs: list[Log], *, lone: bool, prompted: bool) -> Begun | None:
        """Adds a log for each section that has a format, and one for the text itself. What is none gives its stream, to be read as before."""
        begun = Begun(stream, MOST + 1, HEAD)
        why = None
        if len(begun.raw) > MOST:
            why = f"a text of several outputs above {size_text(MOST)}: they were not told apart"
        else:
            text = plain(begun.raw)
            try:
                sections = self._cutter.sections(artifact.path, text, lone=lone, prompted=prompted)
            except TooManyError:
                why = f"a text of more than {MOST_SECTIONS} outputs or {MOST_LINES} lines, or with too many headings: its outputs were not told apart"
        if why is not None:
            if prompted or (found.ready is not None and found.ready.shape.reader != "lines"):  # else it is a log that quotes outputs
                self._problems.append(Problem("too-large", artifact.path, why, "save each output in a file of its own"))
            return begun
        if not _several(sections, found, prompted=prompted):
            return begun
        self._sections(text, sections, artifact, logs, PROMPTS if prompted else HEADS, changed=len(text) != len(begun.raw))
        return None

    def _sections(self, text: bytes, sections: list[Section], artifact: Origin, logs: list[Log], why: str, *, changed: bool) -> None:
        whole = Log(artifact.path, READER, base_path(artifact.path), len(logs), modified=artifact.modified, recognised=why, size=len(text))
        whole.cut, whole.records = artifact.cut, len({section.above for section in sections})
        logs.append(whole)
        sections = [section for section in sections if section.ready or section.elsewhere or not self._take(Piece(text, section, artifact))]
        for section, newest in _told(sections, whole):
            if (ready := section.ready) is None:
                continue
            timed, where = ready.shape.reader == "lines", section.where
            base = artifact.path if newest or not timed else f"{artifact.path}:{section.first}"
            how = f"the command above {where}" if section.told == "command" else f"what stands in {where}"
            log = Log(artifact.path, ready.shape.id, base, 0, modified=artifact.modified, recognised=how, section=True)
            log.above, log.begin, log.filtered, log.made = section.above, section.begin, section.command.chosen, not timed or changed
            log.cut = artifact.cut and section.end == len(text)
            piece = text[section.begin : section.end]
            if not timed:
                self._add(piece, ready, log, logs)
            elif (kept := self._kept + len(piece)) <= MOST_KEPT:
                self._kept = kept
                self._waiting.append((piece, ready, log, whole, where))
            else:
                what = f"{where}: not read, as the outputs of this bundle hold more than {size_text(MOST_KEPT)} of logs"
                whole.notes.append(what)

    def _add(self, piece: bytes, ready: Ready, log: Log, logs: list[Log]) -> None:
        log.rank = len(logs)
        logs.append(log)
        cut = log.cut
        self._reader(BytesIO(piece), ready, log, self._problems)
        log.cut = log.cut or cut

    def finish(self, logs: list[Log]) -> None:
        """Adds the logs among the outputs, when it is known which ones the bundle holds as files. What several outputs show counts once."""
        own = {log.format for log in logs if not log.section}
        seen: dict[str, set[int]] = {}
        self._waiting.sort(key=lambda one: (one[2].filtered, one[2].path != one[2].base))  # what shows most comes first
        for piece, ready, log, whole, where in self._waiting:
            if log.format in own:
                whole.notes.append(f"{where}: not counted, as the bundle holds such a log itself")
            else:
                self._add(_fresh(piece, ready, seen.setdefault(log.format, set())), ready, log, logs)
        self._waiting = []


def _fresh(piece: bytes, ready: Ready, seen: set[int]) -> bytes:
    """A stretch of a log with blanks where another one tells the same records; those that only this one tells are added to the seen ones."""
    out: list[bytes] = []
    here: set[int] = set()
    known = False
    for line in piece.split(b"\n"):
        if head := next((found for start, _, _ in ready.starts if (found := start.match(line))), None):
            record = hash(line[head.start("stamp") :])
            known = record in seen
            here.add(record)
        out.append(b" " * len(line) if known else line)
    seen |= here
    return b"\n".join(out)


def _several(sections: Sequence[Section], found: Recognised, *, prompted: bool) -> bool:
    """Whether a text is to be read in sections: not if it is only what it was taken for, whole."""
    formats = {section.ready for section in sections if section.ready is not None}
    if not prompted:
        return len(formats) > 1
    as_before = len(sections) == 1 and formats == {found.ready} and not (sections[0].command.chosen or sections[0].command.begin)
    return bool(formats) and not as_before


def _told(sections: list[Section], whole: Log) -> list[tuple[Section, bool]]:
    """The sections that count, each with whether it is the live part of its log: what was read of it last, and not chosen. Others are told."""
    again: set[tuple[str, str]] = set()
    live: set[str] = set()
    out: list[tuple[Section, bool]] = []
    notes: list[str] = []
    for section in reversed(sections):
        ready, where = section.ready, section.where
        typed = section.typed if len(section.typed) <= MOST_SHOWN else section.typed[:MOST_SHOWN] + "..."
        if section.elsewhere:
            notes.append(f"{where}: not read, as the prompt or `{typed}` tells of another machine or system")
            continue
        if ready is None:
            notes.append(f"{where}: no format is known for the output of `{typed}`" if typed else f"{where}: no format is known for this")
            continue
        key = ready.shape.id, section.command.text
        state = ready.shape.timeless or not ready.shape.path  # what has no file of its own is how things are now
        if state and section.command.text and key in again:
            notes.append(f"{where}: `{typed}` was run again further down, and what it told then counts")
            continue
        if section.command.text and not section.command.chosen:
            again.add(key)
        whole_end = not section.command.chosen and not section.command.begin and base_path(section.command.shown) == section.command.shown
        newest = whole_end and ready.shape.id not in live
        if newest:
            live.add(ready.shape.id)
        out.append((section, newest))
    whole.notes += notes[::-1][:MOST_TOLD]
    if len(notes) > MOST_TOLD:
        whole.notes.append(f"{len(notes) - MOST_TOLD} more outputs of this text were not read")
    return out[::-1]
