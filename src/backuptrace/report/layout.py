"""Lines for a terminal: widths in columns, wrapping, cutting a long line around what hit in it.

Everything that comes from outside passes `safe` here, so that no renderer can forget it; the only escape sequences are those of `Page`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from backuptrace.report.safe import safe_line

MARK = "…"
WIDEST_PROSE = 100
"""Columns: longer lines of prose are hard to read, logs and tables may use the whole width."""
NARROWEST = 40
MOST_QUOTED = 3
"""Lines of the page that one line of a log may take."""
LONGEST_COMMAND = 300
"""Characters: what is longer between backticks is no command to be copied."""

Style = Literal["", "heading", "bad", "good", "warn", "dim"]
_CODES = {"heading": "1", "bad": "1;31", "good": "32", "warn": "33", "dim": "2"}
_TOKEN = re.compile(r"(?:[^\s`]*`[^`]*`[^\s`]*)+|\S+")
"""A word, or a command in backticks as one piece, so that it stays on one line where it fits."""


class Page:
    """Collects the lines of a report that is `width` columns wide; colours only where `color`."""

    def __init__(self, width: int, *, color: bool = False) -> None:
        self.width = max(width, NARROWEST)
        self.color = color
        self.lines: list[str] = []

    def heading(self, text: str) -> None:
        """A blank line, then the name of a section."""
        if self.lines:
            self.lines.append("")
        self.lines.extend(self.paint(line, "heading") for line in wrap(safe_line(text), self.width))

    def line(self, text: str, *, indent: int = 2, style: Style = "") -> None:
        """One line, never wrapped or cut: commands and addresses, to be copied."""
        self.lines.append(" " * indent + self.paint(safe_line(text), style))

    def row(self, text: str, *, indent: int = 2, style: Style = "") -> None:
        """One line, cut at the right edge."""
        self.lines.append(" " * indent + self.paint(cut(safe_line(text), self.width - indent), style))

    def end_row(self, text: str, *, indent: int = 2, lead: str = "", style: Style = "") -> None:
        """One line, cut at the left edge behind `lead`: paths, whose end tells more."""
        lead = " " * indent + safe_line(lead)
        self.lines.append(lead + self.paint(cut_start(safe_line(text), self.width - columns(lead)), style))

    def prose(self, text: str, *, indent: int = 2, first: str = "", style: Style = "") -> None:
        """Wrapped text; `first` stands before the first line, the others hang below its end. Line ends in the text start a new line."""
        first = safe_line(first)
        room = min(self.width, WIDEST_PROSE) - indent - columns(first)
        lead = first
        for paragraph in text.splitlines() or [""]:
            for part in wrap(safe_line(paragraph), room) or [""]:
                self.lines.append((" " * indent + lead + self.paint(part, style)).rstrip(" "))
                lead = " " * columns(first)

    def hanging(self, lead: str, text: str, *, indent: int = 2, most: int = 2, style: Style = "") -> None:
        """A row of a table whose last column may take so many lines; the last one is cut."""
        room = max(self.width - indent - columns(lead), 8)
        lines = _folded(safe_line(text), room)
        shown = lines if len(lines) <= most else [*lines[: most - 1], cut("".join(lines[most - 1 :]), room)]
        for line in shown:
            self.lines.append((" " * indent + lead + self.paint(line.strip(" "), style)).rstrip(" "))
            lead = " " * columns(lead)

    def quote(self, text: str, hit_from: int | None, hit_to: int | None, *, indent: int = 6, lines: int = MOST_QUOTED) -> None:
        """The line of a log record that hit, in at most so many lines of the page; a longer one is cut around what hit."""
        for number, (before, hit, after) in enumerate(quoted(text, hit_from, hit_to, self.width - indent, lines)):
            if number:  # the blank at which the line was folded
                before = before.lstrip(" ")
                hit = hit if before else hit.lstrip(" ")
                after = after if before or hit else after.lstrip(" ")
            self.lines.append((" " * indent + before + self.paint(hit, "bad") + after).rstrip(" "))

    def paint(self, text: str, style: Style) -> str:
        """The harmless text in a colour, or as it is."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.color and style and text else text

    def text(self) -> str:
        """All lines, each with its line end."""
        return "\n".join(self.lines) + "\n"


def field(text: str, room: int) -> str:
    """The text cut and padded to exactly `room` columns."""
    shown = cut_start(safe_line(text), room)
    return shown + " " * (room - columns(shown))


def columns(text: str) -> int:
    """Terminal columns of harmless text: two for wide East Asian characters, none for combining marks."""
    return len(text) if text.isascii() else sum(map(_wide, text))


def _wide(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def take(text: str, room: int) -> str:
    """The longest beginning of the text that fits into `room` columns."""
    if text.isascii():
        return text[: max(room, 0)]
    for index, char in enumerate(text):
        room -= _wide(char)
        if room < 0:
            return text[:index]
    return text


def take_end(text: str, room: int) -> str:
    """The longest end of the text that fits into `room` columns."""
    return text[len(text) - len(take(text[::-1], room)) :]


def cut(text: str, room: int) -> str:
    """The text in `room` columns, the right end replaced by a mark where it is longer."""
    return text if columns(text) <= room else take(text, room - 1) + MARK


def cut_start(text: str, room: int) -> str:
    """The text in `room` columns, the beginning replaced by a mark: for paths, whose end tells more."""
    return text if columns(text) <= room else MARK + take_end(text, room - 1)


def wrap(text: str, room: int) -> list[str]:
    """Lines of at most `room` columns, broken at spaces.

    A web address and a command in backticks stay whole, to be copied, and may stick out; so may a single wide character.
    """
    lines: list[str] = []
    line = ""
    for word in _words(text, room):
        joined = f"{line} {word}" if line else word
        if line and columns(joined) > room:
            lines.append(line)
            line = word
        else:
            line = joined
    return [*lines, line] if line else lines


def _words(text: str, room: int) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        if columns(token) <= room or ("`" in token and len(token) <= LONGEST_COMMAND):
            yield token
            continue
        for word in token.split():
            while "://" not in word and columns(word) > room:
                piece = take(word, room) or word[0]
                yield piece
                word = word[len(piece) :]
            if word:
                yield word


def around(text: str, hit_from: int | None, hit_to: int | None, room: int) -> tuple[str, str, str]:
    """What stands before, in and after the hit on its line, harmless and together at most `room` columns wide.

    `hit_from` and `hit_to` count characters of `text`; without them the first line with text is cut at the right.
    Of a hit that is wider than the room the beginning stays.
    """
    if hit_from is None or hit_to is None or not 0 <= hit_from <= len(text):
        first = next((line for line in text.splitlines() if line.strip()), "")
        return cut(safe_line(first.strip()), room), "", ""
    begin = text.rfind("\n", 0, hit_from) + 1
    end = text.find("\n", hit_from)
    end = len(text) if end < 0 else end
    hit_to = min(max(hit_to, hit_from), end)
    before, hit, after = (safe_line(part) for part in (text[begin:hit_from].lstrip(), text[hit_from:hit_to], text[hit_to:end].rstrip()))
    if columns(before) + columns(hit) + columns(after) <= room:
        return before, hit, after
    if columns(before) + columns(hit) < room:
        return before, hit, cut(after, room - columns(before) - columns(hit))
    if columns(hit) > room - 2:
        front = MARK if before else ""
        return front, cut(hit, room - len(front)), ""
    spare = room - columns(hit)
    back = min(columns(after), max(spare // 3, 1, spare - columns(before)))
    return cut_start(before, spare - back), hit, cut(after, back)


def quoted(text: str, hit_from: int | None, hit_to: int | None, room: int, most: int) -> list[tuple[str, str, str]]:
    """The line that hit, folded into at most `most` lines of `room` columns, each as what stands before, in and after the hit."""
    for total in range(most * room, room - 1, -max(room // 8, 1)):
        before, hit, after = around(text, hit_from, hit_to, total)
        folded = _folded(before + hit + after, room)
        if len(folded) <= most:
            break
    else:
        before, hit, after = around(text, hit_from, hit_to, room)
        folded = [before + hit + after]
    rows, at, begin, end = [], 0, len(before), len(before) + len(hit)
    for line in folded:
        low, high = (min(max(place - at, 0), len(line)) for place in (begin, end))
        rows.append((line[:low], line[low:high], line[high:]))
        at += len(line)
    return rows


def _folded(text: str, room: int) -> list[str]:
    """The text in pieces of at most `room` columns, cut behind a blank where one stands in the second half; nothing is lost."""
    pieces = []
    while columns(text.rstrip(" ")) > room:
        piece = take(text, room) or text[:1]
        blank = piece.rfind(" ") + 1
        if len(piece) < len(text) and text[len(piece)] != " " and blank > len(piece) // 2:
            piece = piece[:blank]
        pieces.append(piece)
        text = text[len(piece) :]
    return [*pieces, text] if text or not pieces else pieces
