"""A text with the outputs of several commands, cut into sections of which each is recognised on its own.

Prompts cut: the command at one tells the format of what is below it (`command` of the formats); the output of `cat` and its like is judged as the file
that it shows would be, by its path. Where no prompt stands, and where the command is one that nobody declared, the first lines of the formats
cut, behind a blank line or the bare command: outputs share lines such as `RemotePort : 80`. Inside a log they cut only behind its last record: the agent
writes the outputs of commands into its own log, below the line that is about them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal, NamedTuple

from backuptrace.knowledge.commands import MOST as MOST_TYPED
from backuptrace.knowledge.commands import Command, understood
from backuptrace.knowledge.loading import Ready
from backuptrace.knowledge.recognition import HEAD, Recognised, base_path, begins, explained, is_foreign, recognise
from backuptrace.readers import conf

READER = "transcript"
CUT = ("lines", "rows", "conf", "json", "xml")
"""Readers of formats that can be a section."""
WHOLE = ("json", "xml")
"""Of these the ones that need all of an output and nothing else: they are not told by their first lines."""
MOST = 4 << 20
"""Bytes of a text that is cut."""
MOST_LINES = 100_000
MOST_SECTIONS = 500
_LOOKED_THROUGH = 2_000
"""Lines of an output that are looked at for one that the format of its command explains."""
_MOST_TRIED = 5_000
"""Lines that look like a bare prompt or a heading, and are told by what stands behind it."""
_MOST_ABOVE = 10
"""Lines above the first one that is sure, that may belong to an output too."""
_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,400}(?:\x07|\x1b\\)|[()*+][0-9A-Z]|[=>78MDEHcNOZ])|\x07|\r+(?=\n)")

_LONG = re.compile(rb"[^\n]{1000,}")
"""Lines that are no first lines: expressions may take long on them."""


class TooManyError(Exception):
    """The text has more lines or outputs than are told apart."""


class Prompt(NamedTuple):
    """Where its line begins, where the next line begins, what was typed, on which machine ("": not told); sure: it can hardly be anything else."""

    begin: int
    output: int
    typed: str
    host: str
    sure: bool = False


class Section(NamedTuple):
    """A stretch of the text: bytes from `begin` to `end`, `above` lines before it; the first and last line of the output (1-based), what was typed above it.

    ready: its format, None where it has none; command: as it was understood; host: which machine the prompt names; told: what told the format;
    elsewhere: the output is of another machine.
    """

    begin: int
    end: int
    above: int
    first: int
    last: int
    typed: str
    ready: Ready | None
    command: Command
    told: Literal["command", "head", ""] = ""
    elsewhere: bool = False

    @property
    def where(self) -> str:
        """Its lines in words."""
        how = f"lines {self.first} to {self.last}"
        return how if self.last > self.first else f"line {self.first}"


def plain(raw: bytes) -> bytes:
    """The text as it was to be seen: without marks of the encoding, escapes of a terminal, characters that were taken back; its lines end with LF."""
    text = _ESCAPE.sub(b"", raw.removeprefix(b"\xef\xbb\xbf"))
    return b"\n".join(_typed(line) if b"\b" in line else line for line in text.split(b"\n")) if b"\b" in text else text


def _typed(line: bytes) -> bytes:
    out = bytearray()
    for byte in line:
        if byte != 8:
            out.append(byte)
        elif out:
            out.pop()
    return bytes(out)


class Cutter:
    """Cuts the texts of one bundle. formats: all that are known, the one of transcripts (which tells what prompts look like) among them."""

    def __init__(self, formats: Sequence[Ready]) -> None:
        self.formats = [ready for ready in formats if ready.shape.reader in CUT]
        self.shape = next((ready for ready in formats if ready.shape.reader == READER), None)
        self._prompts = [re.compile(row.encode(), re.MULTILINE) for row in self.shape.shape.rows] if self.shape else []
        self._any = re.compile("|".join(ready.commands.pattern for ready in self.formats if ready.commands is not None) or r"\Z.", re.IGNORECASE)
        """Every command that some format knows."""

    # which texts

    def prompted(self, path: str, head: bytes, found: Recognised, *, lone: bool) -> bool:
        """Whether a text may have prompts that cut it. A file with a declared path never is, and a log only if a prompt stands above its first record,
        or one that is sure in a text of no known name: logs quote commands and what they print.
        """
        if not self._may(path, found, lone=lone):
            return False
        head = plain(head)
        try:
            prompts = self.prompts(head)
        except TooManyError:
            return True
        if not prompts or found.ready is None or found.ready.shape.reader != "lines":
            return bool(prompts)
        if found.why == "its first lines" and any(prompt.sure for prompt in prompts):
            return True
        return not any(start.match(line) for line in head[: prompts[0].begin].split(b"\n") for start, _, _ in found.ready.starts)

    def several(self, path: str, head: bytes, found: Recognised, *, lone: bool) -> bool:
        """Whether a text without prompts begins like more than one format; in a bundle, like more than one whose files may have its name."""
        if found.ready is None or (found.sure and found.ready.shape.reader == "lines") or not self._may(path, found, lone=lone):
            return False
        head = plain(head)
        return len({ready.shape.id for _, ready in self._heads(head, self._told_by_head(None if lone else path))}) > 1

    def _may(self, path: str, found: Recognised, *, lone: bool) -> bool:
        if self.shape is None or found.why.startswith("its path") or is_foreign(path):
            return False
        base = base_path(path.rsplit("!", 1)[-1])
        return lone or bool(self.shape.names.search(base) and not self.shape.refused.search(base))

    # prompts

    def prompts(self, text: bytes) -> list[Prompt]:
        """Every prompt, in order. Those that may be something else count where the command is one that some format knows. Raises TooManyError."""
        found: dict[int, Prompt] = {}
        tried: dict[str, bool] = {}
        for pattern in self._prompts:
            for match in pattern.finditer(text):
                groups = {name: value.decode("utf-8", "replace").strip() for name, value in match.groupdict().items() if value is not None}
                typed = groups.get("command", groups.get("maybe", "")) if "file" not in groups else f"cat '{groups['file']}'"
                sure = "maybe" not in groups
                if len(found) > MOST_SECTIONS or len(tried) > _MOST_TRIED:
                    raise TooManyError
                if match.start() in found or not (sure or self._known(typed, tried)):
                    continue
                host = groups.get("host", "").lower().partition(".")[0]
                found[match.start()] = Prompt(match.start(), min(match.end() + 1, len(text)), typed, host, sure)
        if len(found) > MOST_SECTIONS:
            raise TooManyError
        return [found[at] for at in sorted(found)]

    def _known(self, typed: str, tried: dict[str, bool]) -> bool:
        """Whether some format knows a command, or the file that it shows; tried: what is known already."""
        if typed not in tried:
            command = understood(typed)
            of_command = not command.several and self._any.search(command.text) is not None
            tried[typed] = bool(self._of_path(command.shown, b"")) if command.shown else of_command
        return tried[typed]

    def _of_command(self, command: Command) -> list[Ready]:
        return [ready for ready in self.formats if ready.commands is not None and not command.several and ready.commands.search(command.text)]

    def _of_path(self, path: str, output: bytes) -> list[Ready]:
        """The format of a file that is shown: as if it were in the bundle itself."""
        found = recognise(path, output[:HEAD], self.formats, lone=False).ready
        return [found] if found else []

    # cutting

    def sections(self, path: str, text: bytes, *, lone: bool, prompted: bool) -> list[Section]:
        """All of a text that `plain` gave, in order, outputs without a format too. prompted: prompts cut it. Raises TooManyError."""
        if text.count(b"\n") > MOST_LINES:
            raise TooManyError
        prompts = self.prompts(text) if prompted else []
        host = _machine(prompts)
        readies = self._told_by_head(None if lone else path)
        out: list[Section] = []
        lines = at = 0
        for prompt, end in zip([Prompt(0, 0, "", ""), *prompts], [*(prompt.begin for prompt in prompts), len(text)], strict=True):
            lines, at = lines + text.count(b"\n", at, prompt.begin), prompt.begin
            if text[prompt.output : end].strip():
                out += self._output(text, prompt, end, lines, readies, host)
            if len(out) > MOST_SECTIONS:
                raise TooManyError
        return out

    def _output(self, text: bytes, prompt: Prompt, end: int, above: int, readies: Sequence[Ready], host: str) -> list[Section]:
        """The sections of one output."""
        command = understood(prompt.typed)
        body = text[prompt.output : end]
        first = above + 1 + (prompt.output > prompt.begin)
        last = first + body.rstrip().count(b"\n")
        shown = prompt.output > prompt.begin

        def section(ready: Ready | None, *, elsewhere: bool = False) -> Section:
            """Formats of rows may tell something from the command itself."""
            whole = not shown or ready is None or ready.shape.reader == "rows"
            begin = prompt.begin if whole else prompt.output
            return Section(begin, end, above if whole else above + 1, first, last, prompt.typed, ready, command, "command" if ready else "", elsewhere)

        if command.elsewhere or (prompt.host and prompt.host != host):
            return [section(None, elsewhere=True)]
        found = self._of_path(command.shown, body) if command.shown else self._of_command(command)
        found = [ready for ready in found if _explains(ready, body)]
        if found or command.shown:
            return [section(ready) for ready in found] or [section(None)]
        return list(self._runs(text, prompt, end, above, readies, command)) or [section(None)]

    def _told_by_head(self, path: str | None) -> list[Ready]:
        """The formats that the first lines tell; path: of a text in a bundle, where only those count whose files may have such a name."""
        base = "" if path is None else base_path(path.rsplit("!", 1)[-1])
        readies = [ready for ready in self.formats if ready.heads and ready.shape.reader not in WHOLE]
        return readies if path is None else [ready for ready in readies if ready.names.search(base) and not ready.refused.search(base)]

    def _heads(self, text: bytes, readies: Sequence[Ready]) -> Iterator[tuple[int, Ready]]:
        """(where the line begins, the format) of each first line."""
        text = _LONG.sub(_blank, text)
        led = b"\n" + text
        for ready in readies:
            for pattern, newline in ready.heads:
                if newline or ready.shape.reader == "rows":
                    past = 0
                    for match in pattern.finditer(led if newline else text):
                        if match.start() >= past:
                            begin = match.start() if newline else text.rfind(b"\n", past, match.start()) + 1 or past
                            past = text.find(b"\n", begin) + 1 or len(text)
                            yield begin, ready

    def _runs(self, text: bytes, prompt: Prompt, end: int, above: int, readies: Sequence[Ready], command: Command) -> Iterator[Section]:
        """The sections of an output that only first lines cut."""
        body = text[prompt.begin : end]
        heads = sorted(self._heads(body, readies), key=itemgetter(0))
        last_of = {ready.shape.id: at for at, ready in heads}
        cuts: list[tuple[int, Ready]] = []
        quoted: set[str] = set()
        for at, group in groupby(heads, key=itemgetter(0)):
            fitting = list(dict.fromkeys(ready for _, ready in group))
            current = cuts[-1][1] if cuts else None
            if current is not None and (current in fitting or _explains(current, body[at : body.find(b"\n", at) + 1 or len(body)])):
                continue
            if current is not None and current.shape.reader == "lines":
                fitting = [ready for ready in fitting if ready.shape.reader == "lines" or at > last_of[current.shape.id]]
                fitting = [ready for ready in fitting if ready.shape.id not in quoted]
                if not fitting or not self._apart(body, at, fitting):
                    quoted |= {ready.shape.id for ready in fitting}
                    continue  # quoted by the record above
            chosen = max(fitting, key=lambda ready: explained(ready, _beginning(body, at))) if len(fitting) > 1 else fitting[0]
            begin = _above(body, at, chosen, cuts[-1] if cuts else None)
            if current is not None and not self._apart(body, begin, fitting):
                continue  # a line in the middle of the output above
            quoted = set()
            cuts.append((begin, chosen))
            if len(cuts) > MOST_SECTIONS:
                raise TooManyError
        typed = prompt.output - prompt.begin
        begins = [*([(typed, None)] if cuts and body[typed : max(typed, cuts[0][0])].strip() else []), *cuts]
        line, at = above, 0
        for (begin, one), stop in zip(begins, [*(begin for begin, _ in begins[1:]), len(body)][: len(begins)], strict=True):
            line, at = line + body.count(b"\n", at, begin), begin
            last = line + 1 + body[begin:stop].rstrip().count(b"\n")
            yield Section(prompt.begin + begin, prompt.begin + stop, line, line + 1, last, prompt.typed, one, command, "head" if one else "")

    def _apart(self, body: bytes, at: int, fitting: Sequence[Ready]) -> bool:
        """Whether the line before a place is blank, or a command that prints what begins there."""
        line = body[max(body.rfind(b"\n", 0, at - 1) + 1, at - MOST_TYPED) : at].strip()
        command = understood(line.decode("utf-8", "replace"))
        return not line or any(ready in fitting for ready in (self._of_path(command.shown, b"") if command.shown else self._of_command(command)))


def _machine(prompts: Sequence[Prompt]) -> str:
    """The machine that most prompts name; of several with as many the one that was named last. Its domain does not count."""
    named = Counter(prompt.host for prompt in reversed(prompts) if prompt.host)
    return max(named, key=lambda host: named[host]) if named else ""


def _above(body: bytes, at: int, ready: Ready, before: tuple[int, Ready] | None) -> int:
    """Where the output begins whose first line that is sure stands at a place: lists of properties begin with one that many outputs have."""
    for _ in range(_MOST_ABOVE if ready.shape.reader == "rows" else 0):
        line = body.rfind(b"\n", 0, max(at - 1, 0)) + 1
        text = body[line:at]
        if not text.strip() or not _explains(ready, text) or (before is not None and (line <= before[0] or _explains(before[1], text))):
            break
        at = line
    return at


def _blank(line: re.Match[bytes]) -> bytes:
    return b"\0" * len(line[0])


def _beginning(body: bytes, at: int) -> bytes:
    """The lines from a place on, to the first blank one."""
    piece = body[at : at + HEAD]
    stop = piece.find(b"\n\n")
    return _LONG.sub(_blank, piece if stop < 0 else piece[:stop])


def _explains(ready: Ready, output: bytes) -> bool:
    """Whether at least one line of an output is what the format says."""
    reader = ready.shape.reader
    if reader in WHOLE:
        return output.lstrip()[:1] in ((b"{", b"[") if reader == "json" else (b"<",))
    lines = _LONG.sub(_blank, output).split(b"\n", _LOOKED_THROUGH)[:_LOOKED_THROUGH]
    if reader == "lines":
        return begins(ready, b"\n".join(lines)[:HEAD]) or any(start.match(line) for line in lines for start, _, _ in ready.starts)
    texts = [line.decode("utf-8", "replace") for line in lines]
    if reader == "conf":
        return any(True for _ in conf.settings("\n".join(texts)))
    return any(row.search(text) for text in texts for row in ready.rows)
