"""Texts for people, in the languages that the report speaks: a plain text is English, `{en: .., de: ..}` tells both."""

from __future__ import annotations

from typing import Literal

import msgspec

Language = Literal["en", "de"]
System = Literal["linux", "windows", "any"]


class Translated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text by language."""

    en: str
    de: str = ""


class Hint(Translated, frozen=True):
    """One text by language that concerns one operating system only, or any."""

    os: System = "any"


Text = str | Translated


def pick(text: Text, language: Language) -> str:
    """The text in a language; in English where it is not translated."""
    if isinstance(text, str):
        return text
    return (text.de if language == "de" else text.en) or text.en


def concerns(hint: str | Hint, system: str) -> bool:
    """Whether a hint is for a machine with this system (`linux`, `windows`, `unknown`: all)."""
    return isinstance(hint, str) or system == "unknown" or hint.os in ("any", system)
