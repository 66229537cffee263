"""Values of events without their language: services by key, Win32 messages by number, states and start types by one word each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from backuptrace.readers.eventwords import Words

_CODE = re.compile(r"%%(\d+)")
_HRESULT = re.compile(r"0x[0-9a-fA-F]{8}")
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’\s]\d{3})+|\d+")
BINARY_STATE = "binary state"
"""Word table: how the Service Control Manager writes states behind the key of a service in Binary."""
BUILT_IN = ("service", "code", "number", "hresult", "hex", "localised", "drop")


def folded(text: str) -> str:
    """For comparing words: without case, marks of direction, outer blanks and a full stop at the end; letters lost to ASCII stay lost."""
    return " ".join(_MARKS.sub("", text).split()).rstrip(".").strip('"„“” ').casefold()


def lossy(text: str) -> str:
    """The folded text with `?` for every letter that ASCII lacks, as `Export-Csv` of PowerShell 5.1 writes it."""
    return "".join(letter if letter.isascii() else "?" for letter in folded(text))


class Values:
    """The tables ready for use."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._tables: dict[str, dict[str, str]] = {name: _turned(table) for name, table in words.tables.items()}

    @cached_property
    def _services(self) -> dict[str, str]:
        return _turned(self._words.services)

    @cached_property
    def _codes(self) -> dict[str, str]:
        return _turned({f"%%{code}": texts for code, texts in self._words.codes.items()})

    @cached_property
    def any_service(self) -> str:
        """A pattern for every known name of a service, long ones first."""
        names = {name for key, shown in self._words.services.items() for name in (key, *shown)}
        return "(?:" + "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))) + ")" if names else r"[^\s\S]"

    def normal(self, value: str, kind: str) -> str:
        """The value without its language; runs of blanks become one."""
        if "  " in value or "\n" in value or "\t" in value or "\r" in value or value[:1].isspace() or value[-1:].isspace():
            value = " ".join(value.split())
        if not kind or not value:
            return value
        if kind == "service":
            return self._services.get(folded(value)) or self._services.get(lossy(value), value)
        if kind == "code":
            return self._code(value)
        if kind == "number":
            found = _GROUPED.fullmatch(value)
            return re.sub(r"\D", "", value) if found else value
        if kind == "hresult":
            found = _HRESULT.search(value)
            return found[0].lower() if found else value
        if kind == "hex":
            return value.lower().removeprefix("0x")
        if kind == "localised":
            return value.lstrip(". ")
        table = self._tables.get(kind, {})
        return table.get(folded(value)) or table.get(lossy(value), value)

    def _code(self, value: str) -> str:
        if found := _CODE.match(value):
            return found[0]
        return self._codes.get(folded(value)) or self._codes.get(lossy(value), value)

    def binary(self, data: Sequence[tuple[str, str]], kinds: Mapping[str, str]) -> tuple[str, str]:
        """(key of the service, its state) that the Service Control Manager keeps in Binary: UTF-16 `TrustedInstaller/1`; "" for what is not there."""
        raw = next((value for name, value in data if name == "Binary"), "")
        if kinds.get("Binary") != "service" or not raw:
            return "", ""
        try:
            text = bytes.fromhex(raw).decode("utf-16-le", "replace").partition("\0")[0]
        except ValueError:
            return "", ""
        key, _, state = text.partition("/")
        if not key.isprintable():
            return "", ""
        return key, self._tables.get(BINARY_STATE, {}).get(state, "")

    def spellings(self, value: str) -> list[str]:
        """Every way a normalised value may be written in a file, also in the hexadecimal digits of a Binary in XML."""
        out: list[str] = []
        for key, names in self._words.services.items():
            if key.casefold() == value.casefold():
                out += [*names, _hexadecimal(key)]
        if (found := _CODE.fullmatch(value)) is not None:
            out += self._words.codes.get(int(found[1]), [])
        for name, table in self._words.tables.items():
            if name != BINARY_STATE:
                out += table.get(value, [])
        for digit in self._words.tables.get(BINARY_STATE, {}).get(value, ()):
            out += [f"/{digit}\0", _hexadecimal(f"/{digit}\0")]
        return out


def _hexadecimal(text: str) -> str:
    return text.encode("utf-16-le").hex().upper()


def _turned(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Spelling -> key; the first key that claims a spelling keeps it."""
    out: dict[str, str] = {}
    for key, names in table.items():
        for name in (key, *names):
            out.setdefault(folded(name), key)
    for key, names in table.items():
        for name in names:
            if not name.isascii():
                out.setdefault(lossy(name), key)
    return out
