"""A long text cut around what hit in it."""

from __future__ import annotations

from typing import NamedTuple

from backuptrace.report.document import MOST_TEXT


class Shortened(NamedTuple):
    """A text within the limit and where the hit stands in it now (characters)."""

    text: str
    hit_from: int
    hit_to: int


def shorten(text: str, keep_from: int, keep_to: int, limit: int = MOST_TEXT) -> Shortened:
    """At most `limit` (16 or more) characters of `text`, with the hit at [keep_from, keep_to) and as much of its line as fits.

    What is left out is marked by `…`. A hit longer than the limit keeps its beginning.
    """
    keep_from = min(max(keep_from, 0), len(text))
    keep_to = min(max(keep_to, keep_from), len(text))
    if len(text) <= limit:
        return Shortened(text, keep_from, keep_to)
    begin, end = _widen(text, keep_from, keep_to, limit - 2)
    front, back = ("…" if begin else ""), ("…" if end < len(text) else "")
    shift = len(front) - begin
    return Shortened(front + text[begin:end] + back, keep_from + shift, min(keep_to, end) + shift)


def _widen(text: str, keep_from: int, keep_to: int, room: int) -> tuple[int, int]:
    """The hit, then its line, then its surroundings, within `room` characters."""
    begin, end = keep_from, min(keep_to, keep_from + room)
    line_from = text.rfind("\n", 0, begin) + 1
    line_to = text.find("\n", end)
    for left, right in ((line_from, len(text) if line_to < 0 else line_to), (0, len(text))):
        spare = room - (end - begin)
        before, after = begin - left, right - end
        if before + after <= spare:
            begin, end = left, right
            continue
        take = min(before, max(spare // 2, spare - after))
        begin -= take
        end += min(after, spare - take)
        break
    return begin, end
