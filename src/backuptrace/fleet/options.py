"""What holds for every scan of a fleet, and what a result therefore depends on."""

from __future__ import annotations

import hashlib

import msgspec

from backuptrace import __version__
from backuptrace.bundle.limits import Limits
from backuptrace.knowledge.texts import Language

FORM = 2
"""Grows when what the journal keeps of a bundle changes."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """As the arguments of `backuptrace.scan` of the same names."""

    language: Language = "en"
    tz: str | None = None
    redact: bool = True
    limits: Limits | None = None
    engine: str | None = None
    signatures: tuple[str, ...] = ()
    parsers: tuple[str, ...] = ()
    html: bool = True
    """Whether each report is written as a page, too."""

    def key_of(self, identity: str, knowledge: str) -> str:
        """What an entry of the journal is found by: the bundle, the knowledge and all that changes what is written. 32 hexadecimal digits.

        The engine is left out: all find the same.
        """
        parts = [FORM, __version__, knowledge, identity, self.language, self.tz, self.redact, msgspec.to_builtins(self.limits)]
        return hashlib.blake2b(msgspec.json.encode(_plain(parts)), digest_size=16).hexdigest()


def _plain(parts: list[object]) -> list[object]:
    """File names need not be UTF-8."""
    return [part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part for part in parts]
