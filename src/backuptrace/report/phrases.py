"""What the report says in its own words, in every language that it speaks.

`phrases_en` and `phrases_de` hold the same keys, one text each, with the same `{fields}`. A key that ends in `.one` has a sister in `.many`.
What the lower floors tell in English (`told`) is translated by `messages_de`, whole sentences, their variable parts kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from backuptrace.knowledge.texts import Language, Text, pick

_FIELD = re.compile(r"\{(\w+)\}")


class Tongue(msgspec.Struct, frozen=True):
    """One language."""

    language: Language

    def say(self, key: str, **values: object) -> str:
        """The phrase with its fields filled in. Raises KeyError for a key or field that does not exist."""
        return _filled(_phrases(self.language)[key], values)

    def count(self, key: str, number: int, **values: object) -> str:
        """`key.one` or `key.many`, with the number as `{n}`."""
        return self.say(f"{key}.{'one' if number == 1 else 'many'}", n=self.number(number), **values)

    def word(self, kind: str, value: str) -> str:
        """The word for a value of the document, such as an outcome; the value itself where there is none."""
        return _phrases(self.language).get(f"{kind}.{value}", value.replace("_", " "))

    def number(self, number: int) -> str:
        """`12,345`, in German `12.345`."""
        text = f"{number:,}"
        return text.replace(",", ".") if self.language == "de" else text

    def text(self, text: Text) -> str:
        """A text of the knowledge in this language."""
        return pick(text, self.language)

    def told(self, message: str) -> str:
        """A sentence of a lower floor, which speaks English; as it is where it is not known."""
        if self.language == "en" or not message:
            return message
        for pattern, template in _messages():
            if found := pattern.fullmatch(message):
                values = {name: self.told(value) for name, value in found.groupdict().items()}
                return _filled(template, values)
        return message

    def listed(self, items: Iterable[str]) -> str:
        """`a, b, c`, each once."""
        return ", ".join(dict.fromkeys(items))


def _filled(template: str, values: Mapping[str, object]) -> str:
    if "{" not in template:
        return template
    text, names = _split(template)
    if len(names) == 1:
        return text % (values[names[0]],)
    return text % tuple([values[name] for name in names])


@cache
def _split(template: str) -> tuple[str, list[str]]:
    """The template for `%`, which takes a third of the time of a search for the fields, and the names of the fields."""
    parts = _FIELD.split(template.replace("%", "%%"))
    return "%s".join(parts[::2]), parts[1::2]


@cache
def tongue(language: Language) -> Tongue:
    """The speaker of a language."""
    return Tongue(language)


@cache
def _phrases(language: Language) -> dict[str, str]:
    if language == "de":
        from backuptrace.report.phrases_de import PHRASES

        return PHRASES
    from backuptrace.report.phrases_en import PHRASES as ENGLISH

    return ENGLISH


@cache
def _messages() -> list[tuple[re.Pattern[str], str]]:
    """The English sentences as patterns, those with the fewest open places first."""
    from backuptrace.report.messages_de import MESSAGES

    ordered = sorted(MESSAGES.items(), key=lambda item: (len(_FIELD.findall(item[0])), -len(item[0])))
    return [(_pattern(english), german) for english, german in ordered]


def _pattern(template: str) -> re.Pattern[str]:
    parts = _FIELD.split(template)
    text = "".join(f"(?P<{part}>.*?)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.compile(text, re.DOTALL)
