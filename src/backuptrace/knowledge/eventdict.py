"""The event dictionary: parsers/windows/events/*.yml, their shape, their checks, and the rows that go into the Pack (readers/eventwords.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from backuptrace.errors import Fault
from backuptrace.readers.eventtexts import adjacent
from backuptrace.readers.eventvalues import BUILT_IN
from backuptrace.readers.eventwords import EventText, Provider, Words

if TYPE_CHECKING:
    from backuptrace.knowledge.yamlfile import KnowledgeFile

FOLDER = "windows/events/"
"""Below parsers/: files here are no formats."""
_T = TypeVar("_T")
Level = Literal["critical", "error", "warning", "information", "verbose", ""]
LEVELS = {"": None, "critical": 1, "error": 2, "warning": 3, "information": 4, "verbose": 5}
_INSERT = re.compile(r"%(\d{1,2})")


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class DictionaryEvent(_Shape, frozen=True, kw_only=True):
    """One event: the names of its inserts, its level, how values lose their language, its texts in English and German, and shapes for other languages.

    `quoted`: beginnings of its text in any language, by which it is known where people quote nothing but the text, often cut.
    `extract`: field -> regular expressions whose named groups become further data.
    """

    level: Level = ""
    channel: str = ""
    fields: list[str] = []
    kinds: dict[str, str] = {}
    en: list[str] = []
    de: list[str] = []
    quoted: list[str] = []
    shapes: list[str] = []
    extract: dict[str, list[str]] = {}


class ProviderShape(_Shape, frozen=True, kw_only=True):
    """A provider: its channel, other names that it is shown by, names of fields in other builds, its events by id; `extract` is for all of them."""

    channel: str = ""
    aliases: list[str] = []
    renames: dict[str, str] = {}
    extract: dict[str, list[str]] = {}
    events: dict[str, DictionaryEvent] = {}


class EventsShape(_Shape, frozen=True, kw_only=True):
    """parsers/windows/events/<id>.yml: what is known of Windows events. Every part may be spread over several files."""

    schema: Literal[1]
    id: str
    notes: str = ""
    providers: dict[str, ProviderShape] = {}
    services: dict[str, list[str]] = {}
    codes: dict[str, list[str]] = {}
    words: dict[str, dict[str, list[str]]] = {}
    channels: dict[str, list[str]] = {}
    levels: dict[str, list[str]] = {}
    zones: dict[str, list[str]] = {}
    undescribed: list[str] = []


def words_of(files: Mapping[str, tuple[EventsShape, KnowledgeFile]], faults: list[Fault]) -> Words:
    """All files as one set of rows; what is wrong in them is added to `faults` with its place."""
    return _Compiling(files, faults).words()


class _Compiling:
    def __init__(self, files: Mapping[str, tuple[EventsShape, KnowledgeFile]], faults: list[Fault]) -> None:
        self._files, self._faults = list(files.values()), faults
        self._kinds = [*BUILT_IN, *dict.fromkeys(name for shape, _ in self._files for name in shape.words)]

    def words(self) -> Words:
        return Words(
            self._providers(),
            self._merged(lambda shape: shape.services, "services"),
            {int(code): texts for code, texts in self._merged(lambda shape: shape.codes, "codes").items() if self._number(code)},
            self._merged(lambda shape: shape.words, "words"),
            self._merged(lambda shape: shape.channels, "channels"),
            self._levels(),
            self._merged(lambda shape: shape.zones, "zones"),
            self._undescribed(),
        )

    def _fault(self, place: str, what: str, fix: str, caret: str = "") -> None:
        self._faults.append(Fault(place, what, fix, caret))

    def _levels(self) -> dict[int, list[str]]:
        for shape, file in self._files:
            for level in shape.levels:
                if not LEVELS.get(level):
                    self._fault(file.key(f"$.levels.{level}"), f"unknown level {level!r}", "known are: " + ", ".join(level for level in LEVELS if level))
        return {number: names for level, names in self._merged(lambda shape: shape.levels, "levels").items() if (number := LEVELS.get(level))}

    def _merged(self, part: Callable[[EventsShape], Mapping[str, _T]], key: str) -> dict[str, _T]:
        """One mapping of all files; the same key in two of them is a fault."""
        out: dict[str, _T] = {}
        for shape, file in self._files:
            for name, value in part(shape).items():
                if name in out:
                    self._fault(file.key(f"$.{key}.{name}"), f"{name!r} is declared twice", "keep it in one file")
                if key == "codes" and not self._number(name):
                    self._fault(file.key(f"$.{key}.{name}"), f"{name!r} is no Win32 code", "write it as a whole number, such as 1053")
                out[name] = value
        return out

    @staticmethod
    def _number(text: str) -> bool:
        return text.isascii() and text.isdigit() and len(text) <= 10

    def _providers(self) -> list[Provider]:
        known: dict[str, Provider] = {}
        for shape, file in self._files:
            for name, provider in shape.providers.items():
                path = f"$.providers.{name}"
                if name in known:
                    self._fault(file.key(path), f"the provider {name!r} is declared twice", "keep all its events in one file")
                self._extracts(provider.extract, file, path)
                events = dict(self._events(provider, file, path))
                known[name] = Provider(name, provider.channel, provider.aliases, provider.renames, events)
        return list(known.values())

    def _events(self, provider: ProviderShape, file: KnowledgeFile, above: str) -> Iterator[tuple[int, EventText]]:
        for number, event in provider.events.items():
            path = f"{above}.events.{number}"
            if not self._number(number) or int(number) > 0xFFFF:
                self._fault(file.key(path), f"{number!r} is no event id", "write a whole number up to 65535")
                continue
            for field, kind in event.kinds.items():
                place = f"{path}.kinds.{field}"
                if kind not in self._kinds:
                    close = get_close_matches(kind, self._kinds, 1, 0.6)
                    fix = f"did you mean {close[0]!r}?" if close else "known are: " + ", ".join(self._kinds)
                    self._fault(file.place(place), f"unknown kind {kind!r}", fix)
                if event.fields and field not in event.fields and field != "Binary":
                    self._fault(file.key(place), f"the event has no field {field!r}", "known are: " + ", ".join(event.fields))
            for language in ("en", "de", "quoted"):
                for n, text in enumerate(getattr(event, language)):
                    self._template(text, event, file, f"{path}.{language}[{n}]")
            for n, shape in enumerate(event.shapes):
                self._pattern(shape.replace("{service}", "(?:x)"), event.fields, file, f"{path}.shapes[{n}]", shape)
            self._extracts(event.extract, file, path)
            texts = [*event.en, *event.de]
            extract = {field: patterns for field, patterns in provider.extract.items() if field in event.fields} | event.extract
            yield int(number), EventText(event.fields, LEVELS[event.level], event.channel, event.kinds, texts, event.shapes, extract, event.quoted)

    def _extracts(self, extract: dict[str, list[str]], file: KnowledgeFile, path: str) -> None:
        for field, patterns in extract.items():
            for n, pattern in enumerate(patterns):
                self._pattern(pattern, [], file, f"{path}.extract.{field}[{n}]", pattern)

    def _template(self, text: str, event: DictionaryEvent, file: KnowledgeFile, path: str) -> None:
        for found in _INSERT.finditer(text):
            if event.fields and not 1 <= int(found[1]) <= len(event.fields):
                self._fault(file.place(path), f"the text has {found[0]}, the event {len(event.fields)} fields", "name every insert under `fields`, in order")
        if adjacent(text):
            self._fault(file.place(path), "two inserts with nothing between them cannot be told apart", "leave out this text, or one of them")
        if not _INSERT.sub("", text).strip() and len(_INSERT.findall(text)) != 1:
            self._fault(file.place(path), "a text without words", "write the text as it is rendered, with %1 for the first insert")

    def _pattern(self, pattern: str, fields: list[str], file: KnowledgeFile, path: str, text: str) -> None:
        try:
            made = re.compile(pattern)
        except re.error as error:
            at = min(error.pos or 0, len(text))
            self._fault(file.place(path, at), f"no regular expression: {error.msg}", "close what is opened there", f"{text}\n{' ' * at}^")
            return
        if not made.groupindex:
            self._fault(file.place(path), "the pattern names no group", "write (?P<name>...) around each value")
        for name in made.groupindex if fields else ():
            if name not in fields:
                self._fault(file.place(path), f"the event has no field {name!r}", "known are: " + ", ".join(fields))

    def _undescribed(self) -> list[str]:
        out = []
        for shape, file in self._files:
            for n, pattern in enumerate(shape.undescribed):
                try:
                    re.compile(pattern)
                except re.error as error:
                    self._fault(file.place(f"$.undescribed[{n}]"), f"no regular expression: {error.msg}", "close what is opened there")
                out.append(pattern)
        return out
