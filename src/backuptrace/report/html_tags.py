"""HTML from plain functions: whatever is not markup made here becomes harmless text, so that no page can forget to escape.

Only `tag` makes markup. Children that are plain text pass through `safe_text` (control characters and direction overrides become visible) and are
escaped; attributes that could run something are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import final

from backuptrace.report.safe import linkable, safe_line, safe_text

REMEMBERED = 1024
"""Sentences and paths whose markup is remembered: most pages tell the same ones."""
EMPTY = frozenset({"meta", "input", "wbr"})
"""Elements without an end tag."""
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
    return Html(_escaped(safe_text(value)))


def tag(name: str, /, *children: Child | Iterable[Child], **attributes: Value) -> Html:
    """An element. `class_`, `for_` and `aria_label` stand for `class`, `for` and `aria-label`; None and False leave an attribute out, True gives it no value.

    Raises ValueError for `style`, for handlers of events, and for addresses other than https or a place on the page: those never come from here.
    """
    out = ["<", name]
    for key, value in attributes.items():
        if isinstance(value, str):
            out.append(_attribute(key, value))
        elif value is True:
            out.append(_attribute(key, "").partition("=")[0])
        elif value is not None and value is not False:
            out.append(_attribute(key, f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)))
    out.append(">")
    if name not in EMPTY:
        _add(out, children)
        out += ("</", name, ">")
    return Html("".join(out))


def join(*children: Child | Iterable[Child]) -> Html:
    """Children one after the other."""
    out: list[str] = []
    _add(out, children)
    return Html("".join(out))


def _add(out: list[str], children: Iterable[Child | Iterable[Child]]) -> None:
    for child in children:
        if isinstance(child, Html):
            out.append(child)
        elif isinstance(child, str):
            out.append(_escaped(safe_text(child)))
        elif child is not None:
            _add(out, child)


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")


@final
class Mould:
    """Markup with holes for children, made once for many rows that differ in these only: filling it takes a fifth of the time of making its elements."""

    __slots__ = ("_begin", "_rest")

    def __init__(self, make: Callable[..., Html], holes: int) -> None:
        """make: called once, with as many children as there are holes; each must stand in what it gives once, in their order, as a child."""
        self._begin, *self._rest = make(*[Html(_HOLE)] * holes).split(_HOLE)
        if len(self._rest) != holes:
            raise ValueError(f"{len(self._rest)} holes where {holes} were told")

    def __call__(self, *children: Html | str) -> Html:
        """The markup with the children in its holes. Raises ValueError for too few or too many."""
        out = [self._begin]
        for child, part in zip(children, self._rest, strict=True):
            out.append(child if isinstance(child, Html) else _escaped(safe_text(child)))
            out.append(part)
        return Html("".join(out))


_HOLE = "\0"
"""Stands in no markup and in no harmless text."""


@lru_cache(REMEMBERED)
def prose(value: str) -> Html:
    """A sentence in which `...` is code; a date is not broken at its hyphens."""
    parts = _CODE.split(value)
    return join(tag("code", part) if n % 2 else _dated(part) for n, part in enumerate(parts))


def _dated(value: str) -> Html:
    return join(tag("span", part, class_="date") if n % 2 else part for n, part in enumerate(_DATE.split(value)))


@lru_cache(REMEMBERED)
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


@lru_cache(REMEMBERED)
def _attribute(key: str, value: str) -> str:
    """The attribute that a keyword stands for, behind a blank."""
    name = key.rstrip("_").replace("_", "-")
    if name == "style" or name.startswith("on") or (name in {"href", "src"} and not value.startswith(("https://", "#"))):
        raise ValueError(f"attribute {name}={value!r} is not for a report")
    return f' {name}="{_escaped(safe_line(value))}"'
