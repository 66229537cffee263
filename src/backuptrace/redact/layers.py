r"""Views of a text with one level of escapes after the other undone, each knowing where its characters stand in the text.

So one set of patterns sees through JSON (`\u0026`, `\/`, `\"`), URL encoding (`%3D`), XML and HTML entities (`&amp;`), any of them twice or mixed,
and through NUL characters between the letters of UTF-16 that was taken for something else.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

MOST = 6
"""Levels of encoding that are undone."""
_HEX = "[0-9A-Fa-f]"
_ESCAPE = re.compile(
    rf"""
      %(?:[2-7]{_HEX}|0[9AaDd])
    | %[CcDd]{_HEX}%[89ABab]{_HEX} | %[Ee]{_HEX}(?:%[89ABab]{_HEX}){{2}} | %[Ff][0-7](?:%[89ABab]{_HEX}){{3}}
    | \\u[Dd][89ABab]{_HEX}{{2}}\\u[Dd][C-Fc-f]{_HEX}{{2}} | \\u{_HEX}{{4}} | \\x{_HEX}{{2}}
    | \\["'\\/nrtbf]
    | &(?:amp|lt|gt|quot|apos|nbsp|\#\d{{1,7}}|\#[xX]{_HEX}{{1,6}});
    """,
    re.VERBOSE,
)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class View(NamedTuple):
    """`text` as it reads on one level; its character `i` begins at `places[i]` of the original, which ends at `places[len(text)]`."""

    text: str
    places: Sequence[int]


def views(text: str) -> Iterator[View]:
    """The text itself (without NULs), then each further level that differs from the one before."""
    view = _without_nuls(View(text, range(len(text) + 1)))
    yield view
    for _ in range(MOST):
        text, places = view
        if "%" not in text and "\\" not in text and "&" not in text:
            return
        undone, starts = _undone(text)
        if undone == text:
            return
        view = _without_nuls(View(undone, [places[at] for at in starts]))
        yield view


def plain(text: str) -> str:
    """The text with every level of escapes undone."""
    text = text.replace("\0", "")
    for _ in range(MOST):
        undone = _ESCAPE.sub(_char, text).replace("\0", "")
        if undone == text:
            break
        text = undone
    return text


def _without_nuls(view: View) -> View:
    text, places = view
    if "\0" not in text:
        return view
    kept = [at for at, char in enumerate(text) if char != "\0"]
    return View(text.replace("\0", ""), [places[at] for at in [*kept, len(text)]])


def _undone(text: str) -> tuple[str, list[int]]:
    parts: list[str] = []
    starts: list[int] = []
    last = 0
    for found in _ESCAPE.finditer(text):
        begin = found.start()
        parts.append(text[last:begin])
        starts.extend(range(last, begin))
        char = _char(found)
        parts.append(char)
        starts.extend([begin] * len(char))
        last = found.end()
    parts.append(text[last:])
    starts.extend(range(last, len(text) + 1))
    return "".join(parts), starts


def _char(found: re.Match[str]) -> str:
    escape = found[0]
    if escape[0] == "%":
        return unquote(escape)
    if escape[0] == "&":
        return html.unescape(escape)
    if escape[1] in "ux":
        if len(escape) > 6:
            high, low = int(escape[2:6], 16), int(escape[8:], 16)
            return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        return chr(int("0x" + escape[2:], 0))
    return _SHORT.get(escape[1], escape[1])
