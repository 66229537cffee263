"""The knowledge ready for use: from the warm cache where possible, else compiled from the files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from backuptrace.errors import Fault, KnowledgeError
from backuptrace.knowledge import cache, library
from backuptrace.knowledge.compiled import FieldTest, Format, Pack, RawPattern
from backuptrace.knowledge.globs import one_of
from backuptrace.matcher import Matcher, chosen, compile_patterns

_ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""What stands for itself and classes of characters, in an expression."""
_INNERMOST = re.compile(r"\([^()]*\)")


class FieldMatcher:
    """A `FieldTest` ready to run on bytes: any (or, with `every`, each) pattern is found on one of the lines of the value."""

    def __init__(self, test: FieldTest) -> None:
        self._test = test
        self.field, self.negated = test.field, test.negated

    @cached_property
    def searches(self) -> list[Callable[[bytes | bytearray], re.Match[bytes] | None]]:
        """Made at the first use: most selections are never hit."""
        flags = re.MULTILINE | (re.IGNORECASE if self._test.ignore_case else 0)
        return [re.compile(pattern.encode("ascii"), flags).search for pattern in self._test.patterns]

    def found(self, value: bytes | bytearray) -> bool:
        """Whether any (with `every`, each) pattern is found in the value, negated or not."""
        every = self._test.every
        for search in self.searches:
            if bool(search(value)) is not every:  # one that is found is enough, or one that is missing
                return not every
        return every

    def holds(self, value: bytes | bytearray) -> bool:
        """Whether the value fulfils the condition."""
        return self.found(value) is not self.negated

    def span(self, value: bytes) -> tuple[int, int] | None:
        """Where the first of the patterns that is found stands."""
        for search in () if self.negated else self.searches:
            if found := search(value):
                return found.span()
        return None

    def named(self, value: bytes) -> dict[str, str]:
        """The named groups of the patterns that are found: further fields of the record."""
        out: dict[str, str] = {}
        for search in () if self.negated else self.searches:
            if found := search(value):
                out |= {name: text.decode("utf-8", "replace") for name, text in found.groupdict().items() if text is not None}
        return out


class Ready:
    """One format with everything made that its scan needs."""

    def __init__(self, shape: Format, compiled: bytes | None, engine: str | None = None, raw: bytes | None = None, text: bytes | None = None) -> None:
        self.shape = shape
        self._compiled, self._engine, self._raw, self._text = compiled, engine, raw, text

    @cached_property
    def matcher(self) -> Matcher:
        """All byte patterns of the format in one engine."""
        return compile_patterns(self.shape.patterns, compiled=self._compiled, engine=self._engine)

    @cached_property
    def raw(self) -> Matcher | None:
        """What the raw bytes of an event on one of the slots must hold; None where that cannot be told."""
        return None if self.shape.raw is None else compile_patterns([raw.pattern for raw in self.shape.raw], compiled=self._raw, engine=self._engine)

    @cached_property
    def written(self) -> list[RawPattern]:
        """The patterns of `raw` that text can hold: UTF-16 has a NUL in every Latin letter."""
        return [raw for raw in self.shape.raw or () if "\\x00" not in raw.pattern.block]

    @cached_property
    def text(self) -> Matcher | None:
        """As `raw`, for events in text (XML): the patterns of `written`."""
        return None if self.shape.raw is None else compile_patterns([raw.pattern for raw in self.written], compiled=self._text, engine=self._engine)

    @cached_property
    def tests(self) -> list[list[FieldMatcher]]:
        """Per slot its exact conditions."""
        return [[FieldMatcher(test) for test in slot.tests] for slot in self.shape.slots]

    @cached_property
    def starts(self) -> list[tuple[re.Pattern[bytes], str, str]]:
        """Each start of a record with its kind of time and its zone."""
        return [(re.compile(start.pattern.encode(), re.MULTILINE), start.time, start.zone) for start in self.shape.starts]

    @cached_property
    def clues(self) -> list[str]:
        """Of each glob of `wanted` the longest piece between wildcards, in lower case: where none is in a path, no expression need be made for it."""
        globs = {glob.replace("\\", "/").lower() for glob in (*self.shape.path, *self.shape.name)}
        return [max(re.split(r"[*?]", glob), key=len) for glob in sorted(globs)]

    @cached_property
    def wanted(self) -> re.Pattern[str]:
        """Where such a file lies or what it may be called: most files of a bundle are none of ours, and one look tells."""
        return one_of([*self.shape.path, *self.shape.name])

    @cached_property
    def paths(self) -> re.Pattern[str]:
        """Where such a file lies; inside the log folder of an extension only what names such a folder (`foreign_paths`)."""
        return one_of(self.shape.path)

    @cached_property
    def foreign_paths(self) -> re.Pattern[str]:
        """The paths that name the log folder of an extension."""
        return one_of(glob for glob in self.shape.path if "azure/" in glob.lower())

    @cached_property
    def names(self) -> re.Pattern[str]:
        """What such a file may be called elsewhere."""
        return one_of(self.shape.name)

    @cached_property
    def refused(self) -> re.Pattern[str]:
        """Paths that are never this format."""
        return one_of(self.shape.not_path)

    @cached_property
    def rows(self) -> list[re.Pattern[str]]:
        """Lines that are records, for the reader `rows`."""
        return [re.compile(row) for row in self.shape.rows]

    @cached_property
    def commands(self) -> re.Pattern[str] | None:
        """Commands whose output it is; None where none is declared."""
        return re.compile("|".join(f"(?:{command})" for command in self.shape.command), re.IGNORECASE) if self.shape.command else None

    @cached_property
    def heads(self) -> list[tuple[re.Pattern[bytes], bool]]:
        """What the first bytes of such a file look like, and whether that begins with the newline before a line.

        `re` goes from newline to newline ten times as fast as it tries a `^` at every byte.
        """
        led = [(head, head.startswith("^") and not _has_branches(head)) for head in self.shape.head]
        return [(re.compile((f"\\n(?:{head})" if newline else head).encode(), re.MULTILINE), newline) for head, newline in led]


def _has_branches(expression: str) -> bool:
    """Whether there is a `|` outside of all groups."""
    rest = _ESCAPED.sub("", expression)
    while (outer := _INNERMOST.sub("", rest)) != rest:
        rest = outer
    return "|" in rest


class Knowledge:
    """The pack and its formats by id; `notes` tell why a cache was not used."""

    def __init__(self, pack: Pack, databases: dict[str, bytes], notes: list[str], engine: str | None = None) -> None:
        self.pack, self.notes = pack, notes
        self.formats = {
            shape.id: Ready(shape, databases.get("db:" + shape.id), engine, databases.get("raw:" + shape.id), databases.get("text:" + shape.id))
            for shape in pack.formats
        }


def load(signatures: Sequence[str | Path] = (), parsers: Sequence[str | Path] = (), *, cached: bool = True, engine: str | None = None) -> Knowledge:
    """All knowledge; engine: as `matcher.chosen`. Raises KnowledgeError with every fault of every file, UsageError for a folder that is none, as `chosen`."""
    notes: list[str] = []
    engine = chosen(engine)
    items = library.sources(signatures, parsers)
    fingerprint = library.fingerprint(items)
    name = cache.key(fingerprint, engine)
    if cached and (parts := cache.load(name, notes)) is not None:
        try:
            return Knowledge(msgspec.json.decode(parts["pack"], type=Pack), parts, notes, engine)
        except (KeyError, msgspec.DecodeError):
            notes.append("cache not used: made by another version; it is made anew")
    from backuptrace.knowledge.compiling import compile_library

    pack = compile_library(library.shape(items), fingerprint[:12])
    knowledge = Knowledge(pack, {}, notes, engine)
    if cached:
        parts = {"pack": msgspec.json.encode(pack)}
        for key, ready in knowledge.formats.items():
            try:
                data = ready.matcher.dump()
            except ValueError as error:
                fix = "`backuptrace signatures check` names the selection"
                raise KnowledgeError([Fault(f"a signature on {key}", f"the engine refuses a pattern: {error}", fix)]) from error
            if data is not None:
                parts["db:" + key] = data
            if ready.raw is not None and (data := ready.raw.dump()) is not None:
                parts["raw:" + key] = data
            if ready.text is not None and (data := ready.text.dump()) is not None:
                parts["text:" + key] = data
        cache.save(name, parts, notes)
    return knowledge
