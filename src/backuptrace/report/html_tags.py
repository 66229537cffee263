"""HTML from plain functions: whatever is not markup made here becomes harmless text, so that no page can forget to escape.

Only `tag` makes markup. Children that are plain text pass through `safe_text` (control characters and direction overrides become visible) and are
escaped; attributes that could run something are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backuptrace.report.safe import linkable, safe_line, safe_text

EMPTY = frozenset({"meta", "input", "wbr"})
"""Elements without an end tag."""
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_DATE = re.compile(r"(?<![\w-])(\d{4}-\d\d-\d\d)(?![\w-])", re.ASCII)
_AFTER = re.compile(r"(?<=[/\\!])(?=[^/\\!])")
_CODE = re.compile(r"`([^`]+)`")


class Html(str):
    """Markup made by this module."""

    __slots__ = ()


Child = Html | str | None
Value = str | int | float | bool | None


def text(value: str) -> Html:
    """The text, harmless and escaped; line ends stay."""
    return Html(safe_text(value).translate(_ESCAPES))


def tag(name: str, /, *children: Child | Iterable[Child], **attributes: Value) -> Html:
    """An element. `class_`, `for_` and `aria_label` stand for `class`, `for` and `aria-label`; None and False leave an attribute out, True gives it no value.

    Raises ValueError for `style`, for handlers of events, and for addresses other than https or a place on the page: those never come from here.
    """
    start = "".join(f" {_attribute(key, value)}" for key, value in attributes.items() if value is not None and value is not False)
    if name in EMPTY:
        return Html(f"<{name}{start}>")
    return Html(f"<{name}{start}>{join(*children)}</{name}>")


def join(*children: Child | Iterable[Child]) -> Html:
    """Children one after the other."""
    out: list[str] = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Html):
            out.append(child)
        elif isinstance(child, str):
            out.append(text(child))
        else:
            out.append(join(*child))
    return Html("".join(out))


def prose(value: str) -> Html:
    """A sentence in which `...` is code; a date is not broken at its hyphens."""
    parts = _CODE.split(value)
    return join(tag("code", part) if n % 2 else _dated(part) for n, part in enumerate(parts))


def _dated(value: str) -> Html:
    return join(tag("span", part, class_="date") if n % 2 else part for n, part in enumerate(_DATE.split(value)))


def path(value: str) -> Html:
    """A path that may be broken behind its separators."""
    return join(*(join(tag("wbr") if n else None, part) for n, part in enumerate(_AFTER.split(value))))


def link(address: str, *children: Child) -> Html:
    """A link where the address is https, else the address as text: a catalogue may come from anybody."""
    if not linkable(address):
        return join(*children, f" ({address})")
    return tag("a", *children, href=address, rel="noopener noreferrer")


def raw(markup: str) -> Html:
    """Markup of this package's own files. Never give it a text that came from outside."""
    return Html(markup)


def _attribute(key: str, value: Value) -> str:
    name = key.rstrip("_").replace("_", "-")
    if name == "style" or name.startswith("on") or (name in {"href", "src"} and not str(value).startswith(("https://", "#"))):
        raise ValueError(f"attribute {name}={value!r} is not for a report")
    if value is True:
        return name
    if isinstance(value, float):
        value = f"{value:.1f}".removesuffix(".0")
    return f'{name}="{safe_line(str(value)).translate(_ESCAPES)}"'
