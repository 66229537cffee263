"""The texts of the data files: in both languages, with the same fields, commands and numbers in both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from backuptrace.knowledge.library import Library
from backuptrace.knowledge.texts import Translated

PLACEHOLDER = re.compile(r"\b(?:TODO|TBD|FIXME|XXX|lorem|placeholder|translate me)\b|\?\?\?", re.IGNORECASE)
NAMES = re.compile(r"\{\w+\}|Python|OpenSSL|Linux|Windows|\.NET")
"""What needs no translation: fields and names."""


def texts(value: Any, path: str) -> Iterator[tuple[str, str | Translated]]:
    """Every text for people in a shape, with its place."""
    if isinstance(value, Translated):
        yield path, value
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from texts(item, f"{path}[{n}]")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            item = getattr(value, name)
            if isinstance(item, str) and name in {"title", "explanation", "message", "caveats", "what", "why", "summary"}:
                yield f"{path}.{name}", item
            else:
                yield from texts(item, f"{path}.{name}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, f"{path}.{key}")


def every(shaped: Library) -> Iterator[tuple[str, str | Translated]]:
    for group in (shaped.causes, shaped.codes, shaped.formats, shaped.signatures):
        for key, (shape, _) in group.items():
            yield from texts(shape, key)


def test_no_text_is_untranslated_empty_or_the_same_in_both_languages(shaped: Library) -> None:
    wrong = []
    for path, text in every(shaped):
        if isinstance(text, str):
            wrong += [f"{path}: only English"] if NAMES.sub("", text).strip() or not (text or path.endswith(".caveats")) else []
        elif not text.en.strip() or not text.de.strip() or text.en == text.de:
            wrong.append(f"{path}: {text}")
    assert wrong == [], "in the project each text that people read stands in both languages: {en: .., de: ..}"


def test_fields_commands_and_numbers_are_the_same_in_both_languages(shaped: Library) -> None:
    """{fields} of summaries; commands in backticks but for what stands in <angle brackets>."""
    wrong = []
    for path, text in every(shaped):
        if isinstance(text, Translated):
            for pattern in (r"\{\w+\}", r"`([^`]*)`"):
                one, other = (
                    sorted(re.sub(r"<[^>]*>", "<>", part.removesuffix(" --lang de")) for part in re.findall(pattern, language))
                    for language in (text.en, text.de)
                )
                if one != other:
                    wrong.append(f"{path}: {one} {other}")
    assert wrong == []


def test_no_placeholder_text(shaped: Library) -> None:
    assert [path for path, text in every(shaped) for part in ((text,) if isinstance(text, str) else (text.en, text.de)) if PLACEHOLDER.search(part)] == []


def test_german_uses_german_quotation_marks(shaped: Library) -> None:
    plain = re.compile(r"`[^`]*`")
    assert [path for path, text in every(shaped) if isinstance(text, Translated) and '"' in plain.sub("", text.de)] == []
