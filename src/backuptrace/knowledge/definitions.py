"""`define` of a signature: names for selections, or for an expression over one parameter, that its `when`s may use.

A name stands for its text and for nothing else, so it is true, false or unknown where the text would be. It may use the names above it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from backuptrace.knowledge.when import KEYWORDS
from backuptrace.knowledge.when_parser import Definition, WhenError, define

HEAD = r"[A-Za-z_][A-Za-z0-9_]*(?:\([A-Za-z_][A-Za-z0-9_]*\))?"
"""`name` or `name(parameter)`."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Mistake(NamedTuple):
    """What is wrong with the definition at this key: with the key itself, or with its text."""

    key: str
    in_key: bool
    error: WhenError


def definitions(texts: Mapping[str, str], selections: Collection[str], formats: Collection[str]) -> tuple[dict[str, Definition], list[Mistake]]:
    """What the names under `define` stand for, without those that are mistaken or use a mistaken one, and the mistakes."""
    known: dict[str, Definition] = {}
    mistakes: list[Mistake] = []
    lost: set[str] = set()
    for key, text in texts.items():
        name, parameter = _names(key)
        if wrong := _misnamed(key, {*selections, *known}):
            mistakes.append(Mistake(key, in_key=True, error=wrong))
            lost.add(name)
            continue
        if not lost.isdisjoint(_WORD.findall(text)):
            lost.add(name)
            continue
        try:
            known[name] = define(name, parameter, text, selections, formats, known)
        except WhenError as error:
            mistakes.append(Mistake(key, in_key=False, error=error))
            lost.add(name)
    return known, mistakes


def unused(texts: Mapping[str, str], whens: Iterable[str]) -> list[str]:
    """The keys whose names neither these expressions use nor a definition that they use."""
    used = set(_WORD.findall(" ".join(whens)))
    idle = []
    for key, text in reversed(list(texts.items())):
        if _names(key)[0] in used:
            used.update(_WORD.findall(text))
        else:
            idle.append(key)
    return idle[::-1]


def _names(key: str) -> tuple[str, str]:
    name, _, rest = key.partition("(")
    return name, rest.removesuffix(")")


def _misnamed(key: str, taken: set[str]) -> WhenError | None:
    """Why this cannot be the key of a definition."""
    if not re.fullmatch(HEAD, key):
        return WhenError(f"{key!r} cannot be the name of a definition", 1, "write `name`, or `name(x)` where it stands for something about selections x")
    for word in filter(None, _names(key)):
        if word in KEYWORDS:
            return WhenError(f"{word!r} cannot be the name of a definition", 1, "it is a word of the language: choose another one")
        if word in taken:
            return WhenError(f"{word!r} cannot be the name of a definition", 1, "a selection or definition has this name already: choose another one")
    return None
