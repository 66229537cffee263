r"""Text from logs made harmless for a terminal.

Whoever can write to a log can write escape sequences into it; shown raw they move the cursor, recolour or hide text, or set the title of the window.
Here every control character, invisible character and direction override becomes a visible escape (`\x1b`, `\u202e`), tabs become spaces.
The functions that make text harmless are idempotent, keep printable text of every script, and add no line that was not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

TAB = "    "

INVISIBLE = (
    r"\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"  # soft hyphen, grapheme joiner, Arabic and Syriac format characters
    r"\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # fillers without a shape
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"  # zero width, line separators, bidi overrides and isolates, byte order mark
    r"\ud800-\udfff"  # lone surrogates: bytes that were no UTF-8
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # format characters, tags
)
"""Regex class members: characters that no terminal shows as themselves (general categories Cf, Cs, Zl, Zp and the fillers), beside the controls."""

_ONE_LINE = re.compile(rf"[\x00-\x1f\x7f-\x9f{INVISIBLE}]")
_MULTI_LINE = re.compile(rf"[\x00-\x09\x0b-\x1f\x7f-\x9f{INVISIBLE}]")
_IN_JSON = re.compile(rf"[\x7f-\x9f{INVISIBLE}]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][A-Za-z0-9._~:/?#@!$&*+,;=%-]*)?")
_SHORT = {"\t": TAB, "\n": "\\n", "\r": "\\r"}


def safe_line(text: str) -> str:
    r"""The text as exactly one harmless line; line ends become a visible `\n` or `\r`."""
    if text.isascii() and text.isprintable():
        return text
    return _ONE_LINE.sub(_escape, text)


def safe_text(text: str) -> str:
    r"""The text as harmless lines; only `\n` stays as it is, `\r\n` counts as `\n`."""
    if text.isascii() and (text.isprintable() or text.replace("\n", "").isprintable()):
        return text
    return _MULTI_LINE.sub(_escape, text.replace("\r\n", "\n"))


def safe_json(document: str) -> str:
    r"""A JSON document with everything dangerous inside its strings written as `\uXXXX`: the same values, harmless when shown."""
    return _IN_JSON.sub(_escape_json, document)


def no_surrogates(text: str) -> str:
    """Lone surrogates, which no UTF-8 can carry, become U+FFFD; positions in the text stay the same."""
    return _SURROGATE.sub("\ufffd", text)


def without_surrogates(value: Any) -> Any:
    """A value of JSON with all its texts as `no_surrogates` makes them."""
    if isinstance(value, str):
        return no_surrogates(value)
    if isinstance(value, Mapping):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return [without_surrogates(item) for item in value] if isinstance(value, list) else value


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _escape_json(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def linkable(address: str) -> bool:
    """Whether an address may become a link: https, and nothing in it that could end the link or act. Catalogues may come from anybody."""
    return _ADDRESS.fullmatch(address) is not None
