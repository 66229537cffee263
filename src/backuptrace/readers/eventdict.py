"""An event in any language and form -> the same event in one form: provider, channel, level, named data, values without a language.

`EventDictionary.complete` is for events of every source: it names the positional data of classic events, takes rendered texts apart where a file
has nothing else, and writes a service by its key, a Win32 message by its number, a state by one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from msgspec.structs import replace

from backuptrace.readers.eventtexts import Template, looked_at
from backuptrace.readers.eventvalues import Values, folded
from backuptrace.readers.eventwords import EventText, Provider, Words
from backuptrace.readers.winevent import WinEvent

PREFIX = "Microsoft-Windows-"
LEAST_OWN = 20
"""Characters of a text besides its inserts by which an event can be told."""
_INSERTS = re.compile(r"%\d{1,2}")
BINARY = "Binary"
_UNKNOWN = EventText()
MOST_SHAPED = 4096
"""Characters of a text in which shapes are looked for; they must not take long on texts made for that."""
MOST_PROVIDERS = 4096
"""Names of providers that are remembered: a hostile file may hold a new one in every event."""


class _Known:
    """An event of the dictionary, its texts made ready at the first use."""

    def __init__(self, text: EventText, services: str) -> None:
        self.text = text
        self._services = services

    @cached_property
    def templates(self) -> list[Template]:
        """The longest first: a shorter one may fit, too, with the rest in its last insert."""
        return [Template(text) for text in sorted(self.text.texts, key=len, reverse=True)]

    @cached_property
    def quoted(self) -> list[Template]:
        return [Template(text) for text in self.text.quoted]

    @cached_property
    def shapes(self) -> list[re.Pattern[str]]:
        return [re.compile(shape.replace("{service}", self._services), re.DOTALL) for shape in self.text.shapes]

    @cached_property
    def extract(self) -> dict[str, list[re.Pattern[str]]]:
        return {name: [re.compile(pattern, re.DOTALL) for pattern in patterns] for name, patterns in self.text.extract.items()}

    @cached_property
    def told(self) -> frozenset[str]:
        """Names of the fields that its texts tell and that have no language: what every form of the event has."""
        numbers = set(Template(self.text.texts[0]).inserts) if self.text.texts else set(range(1, len(self.text.fields) + 1))
        fields = [name for n, name in enumerate(self.text.fields, 1) if n in numbers and self.text.kinds.get(name) not in ("localised", "drop")]
        return frozenset(fields).union(*(pattern.groupindex for patterns in self.extract.values() for pattern in patterns))


class EventDictionary:
    """The dictionary ready for use. It keeps no state of the files that it is used on."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.values = Values(words)
        self._named: dict[str, list[Provider]] = {}
        for provider in words.providers:
            short = [provider.name[len(PREFIX) :]] if provider.name.startswith(PREFIX) else []
            for name in (provider.name, *provider.aliases, *short):
                known = self._named.setdefault(name.casefold(), [])
                if provider not in known:
                    known.append(provider)
        self._known: dict[tuple[str, int], _Known] = {}
        self._providers: dict[tuple[str, int], Provider | None] = {}
        self._channels = {folded(shown): channel for channel, names in words.channels.items() for shown in (channel, *names)}
        self._undescribed = [re.compile(pattern, re.DOTALL) for pattern in words.undescribed]

    def complete(self, event: WinEvent) -> WinEvent:
        """The event in its one form. `message` is left only where there are no data but those that could be found in it by their shape."""
        provider = self.provider(event.provider, event.event_id)
        name = provider.name if provider else event.provider
        known = self._event(provider, event.event_id) if provider else None
        text = known.text if known else _UNKNOWN
        data, message = event.data, ""
        if not data and event.message:
            taken, whole = self._taken(known, event.message)
            if not whole:
                message = event.message
            data = taken
        if data:
            data = list(self._normal(data, provider, known))
        channel = self._channels.get(folded(event.channel), event.channel) if event.channel else text.channel or (provider.channel if provider else "")
        level = text.level if event.level is None else event.level
        return WinEvent(event.time, event.clock, event.number, channel, name, event.event_id, level, event.computer, data, message)

    def provider(self, name: str, event_id: int) -> Provider | None:
        """The provider that is meant by a name: its own, an alias, or what the Event Viewer shows; of several the one that has such an event."""
        key = (name, event_id)
        if key not in self._providers:
            if len(self._providers) > MOST_PROVIDERS:
                self._providers.clear()
            found = self._named.get(name.casefold().strip(), [])
            self._providers[key] = next((item for item in found if event_id in item.events), found[0] if found else None)
        return self._providers[key]

    def identified(self, event: WinEvent) -> WinEvent:
        """An event of which only the text or the id is told, with provider and id where one event alone fits: by its id, by its text."""
        name = event.provider.replace(" ", "")
        if event.provider and (self.provider(event.provider, event.event_id) or not self.provider(name, event.event_id)):
            return event
        if event.provider:
            return replace(event, provider=name)
        fitting = [(provider, number) for provider in self.words.providers for number in provider.events if event.event_id in (number, 0)]
        if not event.event_id or len(fitting) > 1:
            fitting = [(provider, number) for provider, number in fitting if self._tells(provider, number, event.message)]
        return replace(event, provider=fitting[0][0].name, event_id=fitting[0][1]) if fitting else event

    def _tells(self, provider: Provider, number: int, message: str) -> bool:
        """Whether the text is one of the event's own, or begins as one does; a text of nothing but inserts is nobody's."""
        known = self._event(provider, number)
        if known is None:
            return False
        message = looked_at(message)
        whole = any(len(_INSERTS.sub("", t.text)) > LEAST_OWN and t.match(message) is not None for t in known.templates)
        return whole or any(template.match(message) is not None for template in known.quoted)

    def identity(self, event: WinEvent) -> tuple[str, int, tuple[tuple[str, str], ...]]:
        """(provider, event id, data) of a completed event as every form of it tells them: what twins in two files share beside their second."""
        provider = self.provider(event.provider, event.event_id)
        known = self._event(provider, event.event_id) if provider else None
        told = known.told if known and known.text.fields else None
        data = tuple((name, value) for name, value in event.data if name != BINARY and value and (told is None or name in told))
        return event.provider.casefold(), event.event_id, data

    def spellings(self, value: str) -> tuple[str, ...]:
        """Everything that may stand in a file for a value or a provider as it is after `complete`: for a search through raw bytes."""
        found = [value, *self.values.spellings(value)]
        for provider in self.words.providers:
            if provider.name.casefold() == value.casefold():
                found += provider.aliases
                found += [provider.name[len(PREFIX) :]] if provider.name.startswith(PREFIX) else []
        return tuple(dict.fromkeys(found))

    def _event(self, provider: Provider, event_id: int) -> _Known | None:
        key = (provider.name, event_id)
        known = self._known.get(key)
        if known is None:
            text = provider.events.get(event_id)
            if text is None:
                return None
            known = self._known[key] = _Known(text, self.values.any_service)
        return known

    def _taken(self, known: _Known | None, message: str) -> tuple[list[tuple[str, str]], bool]:
        """The data of a rendered text, and whether that is all it says."""
        message = looked_at(message)
        if known is not None:
            fields = known.text.fields
            for template in known.templates:
                inserts = template.match(message)
                if inserts is not None:
                    return [(fields[n - 1] if n <= len(fields) else "", value) for n, value in sorted(inserts.items())], True
        for pattern in self._undescribed:
            if found := pattern.search(message):
                lines = message[found.end() :].strip().splitlines()
                end = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
                return [("", line) for line in lines[:end]], end > 0
        return (_shaped(known.shapes, message[:MOST_SHAPED]) or [] if known is not None and known.shapes else []), False

    def _normal(self, data: list[tuple[str, str]], provider: Provider | None, known: _Known | None) -> Iterator[tuple[str, str]]:
        """The data with names and language-free values, in their order; what was extracted follows."""
        fields = known.text.fields if known else []
        kinds = known.text.kinds if known else {}
        renames = provider.renames if provider else {}
        key, state = self.values.binary(data, kinds) if BINARY in kinds else ("", "")
        place = 0
        extracted: list[tuple[str, str]] = []
        for name, value in data:
            if not name:
                place += 1
                name = fields[place - 1] if place <= len(fields) else str(place) if fields else ""
            elif name in renames:
                name = renames[name]
            kind = kinds.get(name, "")
            if kind == "drop":
                continue
            if kind == "service" and key:
                value, key = key, ""
            elif kind == "state" and state:
                value, state = state, ""
            if known is not None and name in known.extract:
                extracted += _groups(known.extract[name], value)
            yield name, self.values.normal(value, kind)
        yield from extracted


def _shaped(shapes: Sequence[re.Pattern[str]], message: str) -> list[tuple[str, str]] | None:
    """What the shapes find: the first must be there, the others add to it."""
    found: dict[str, str] = {}
    for shape in shapes:
        match = shape.search(message)
        if match is not None:
            found |= {name: value for name, value in match.groupdict().items() if value is not None and name not in found}
        elif shape is shapes[0]:
            return None
    return list(found.items())


def _groups(patterns: Iterable[re.Pattern[str]], value: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if found := pattern.search(looked_at(value)):
            yield from ((name, " ".join(text.split())) for name, text in found.groupdict().items() if text is not None)
