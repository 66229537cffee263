"""Durations as the data files write them: a whole number and one unit, `30s`, `5m`, `2h`, `1d`."""

from __future__ import annotations

import re

from backuptrace.model import DAY, HOUR, MINUTE, SECOND

UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")


def duration(text: str) -> int | None:
    """Microseconds; None for a text that is no duration."""
    found = _DURATION.fullmatch(text)
    return int(found[1]) * UNITS[found[2]] if found else None


def duration_text(length: int) -> str:
    """The shortest exact form: 7200 s are `2h`."""
    unit = next((name for name in "dhm" if length and length % UNITS[name] == 0), "s")
    return f"{length // UNITS[unit]}{unit}"
