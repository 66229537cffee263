"""Dates as the cultures of Windows write them: `7/28/2020 1:12:07 AM`, `28.07.2020 01:12:07`, `2020/07/28 1:12:07`.

A point or a dash between the numbers tells the order (no culture writes the month first with them), a slash does not: a number above 12 settles
the whole file, else the order of the records, which lie newest or oldest first. Marks of direction and the narrow blank before AM are passed over.
"""

from __future__ import annotations

import re
from calendar import monthrange, timegm
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from backuptrace.model import MINUTE, SECOND

_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_AM = ("am", "a.m.", "a. m.", "午前", "上午", "오전", "πμ", "π.μ.", "vorm.")
_PM = ("pm", "p.m.", "p. m.", "午後", "下午", "오후", "μμ", "μ.μ.", "nachm.")
_HALF = "|".join(re.escape(word) for word in sorted((*_AM, *_PM), key=len, reverse=True))
SHAPE = r"\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?,?[ T]{1,2}[^\d\r\n\t,\"]{0,8}\d{1,2}[:.]\d\d"
"""A date with a time, as a regular expression; the marks must be gone."""
_DATE = re.compile(
    r"\s*(\d{1,4})([./-]) ?(\d{1,2})[./-] ?(\d{1,4})\.?,?(?:[ ]{1,2}|T)"
    rf"(?:({_HALF}) ?)?(\d{{1,2}})[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d{{1,9}}))?)? ?(?:({_HALF})|(Z)|([+-])(\d\d):?(\d\d))?",
    re.IGNORECASE,
)


class Written(NamedTuple):
    """A date as it is written: three numbers, the sign between them, microseconds of the day, microseconds east of UTC (None: local), with AM or PM."""

    first: int
    second: int
    third: int
    sign: str
    day: int
    offset: int | None
    halved: bool

    @property
    def order(self) -> str:
        """`ymd`, `dmy` or `mdy` where the date itself tells it, else ""."""
        if self.first > 31:
            return "ymd"
        if self.sign != "/":
            return "dmy"
        return "dmy" if self.first > 12 else "mdy" if self.second > 12 else ""


def plain(text: str) -> str:
    """Without marks of direction, with common blanks."""
    if text.isascii():
        return text
    return _MARKS.sub("", text).replace("\u202f", " ").replace("\xa0", " ")


def written(text: str) -> Written | None:
    """The date that a text begins with, None if there is none."""
    found = _DATE.match(plain(text))
    if found is None:
        return None
    first, sign, second, third, before, hour, minute, seconds, fraction, after, zulu, plus, off_hours, off_minutes = found.groups()
    half = (before or after or "").lower()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            half = ""
        else:
            hours = hours % 12 + 12 * (half in _PM)
    if hours > 23 or int(minute) > 59 or int(seconds or 0) > 60:
        return None
    day = ((hours * 60 + int(minute)) * 60 + int(seconds or 0)) * SECOND + int((fraction or "")[:6].ljust(6, "0"))
    offset = None
    if zulu:
        offset = 0
    elif plus:
        offset = (int(off_hours) * 60 + int(off_minutes)) * MINUTE * (1 if plus == "+" else -1)
    return Written(int(first), int(second), int(third), sign, day, offset, bool(half))


def stamp(date: Written, order: str) -> int | None:
    """Microseconds since 1970 as the date reads in an order (UTC where it names its offset); None for a day that does not exist."""
    if order == "ymd":
        year, month, day = date.first, date.second, date.third
    elif order == "mdy":
        month, day, year = date.first, date.second, date.third
    else:
        day, month, year = date.first, date.second, date.third
    if year < 100:
        year += 2000
    if not (1601 <= year <= 9999 and 1 <= month <= 12) or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return timegm((year, month, day, 0, 0, 0)) * SECOND + date.day - (date.offset or 0)


def by_order(dates: Sequence[Written]) -> str:
    """`dmy` or `mdy`: the one in which ambiguous dates run more evenly one way; "" where both do."""
    turns = {order: _turns([at for date in dates if (at := stamp(date, order)) is not None]) for order in ("dmy", "mdy")}
    if turns["dmy"] == turns["mdy"]:
        return ""
    return min(turns, key=lambda order: turns[order])


def _turns(stamps: Sequence[int]) -> int:
    """How many steps go against the direction of the most."""
    ups = sum(after > before for before, after in pairwise(stamps))
    downs = sum(after < before for before, after in pairwise(stamps))
    return min(ups, downs)
