"""Objects of Azure in one spelling: names in lower case, `properties` dissolved into what has them.

`az` prints some objects flattened and others with `properties`, REST answers have them always, PowerShell writes names with capitals, dates as
`/Date(1667952000000)/` and, where `ConvertTo-Json` was called without -Depth, `@{Code=x; Level=y}` or the name of a class instead of what is deeper.
Its lists and the files of Log Analytics write times as the culture does; `3/2/2026 3:00:00 AM` (the United States, which pad nothing) and
`02.03.2026 03:00:00` tell their order. They are UTC as all times of Azure.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from backuptrace.model import SECOND
from backuptrace.readers.stamps import parse_us

MAX_DEPTH = 40
_DATE = re.compile(r"^/Date\((-?\d{1,16})(?:[+-]\d{4})?\)/$")
_CULTURE = re.compile(
    r"^(?:(?P<month>[1-9]|1[0-2])/(?P<day>[1-9]|[12]\d|3[01])/(?P<year>\d{4}),? (?P<time>\d{1,2}:\d\d:\d\d(?:\.\d{1,9})? [AP]M)"
    r"|(?P<dd>\d{1,2})\.(?P<mm>\d{1,2})\.(?P<yyyy>\d{4}),? (?P<hours>\d{1,2}:\d\d:\d\d))$"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LOST = re.compile(r"^(?:System\.(?:Collections|Object)|Microsoft\.Azure\.(?:Management|Commands|PowerShell))[\w.`\[\], +]*$")
"""What PowerShell writes for a value that lies too deep."""


def folded(value: Any, depth: int = 0) -> Any:
    """The value in that spelling. What an object has itself goes before its `properties`; deeper than 40 levels nothing is kept."""
    if isinstance(value, dict):
        if depth >= MAX_DEPTH:
            return None
        out: dict[str, Any] = {}
        inner: Any = None
        for key, item in value.items():
            name = key.lower()
            if name == "properties" and isinstance(told := _line(item), dict):
                inner = told
            else:
                out[name] = folded(item, depth + 1)
        if inner is not None:
            for name, item in folded(inner, depth + 1).items() if depth + 1 < MAX_DEPTH else ():
                if out.get(name) is None:
                    out[name] = item
        return out
    if isinstance(value, list):
        return [folded(item, depth + 1) for item in value] if depth < MAX_DEPTH else None
    if isinstance(told := _line(value), dict):
        return folded(told, depth + 1)
    if isinstance(value, str) and value.startswith("/Date(") and (found := _DATE.match(value)):
        try:
            return (_EPOCH + timedelta(milliseconds=int(found[1]))).isoformat()
        except OverflowError:
            return value
    if isinstance(value, str) and len(value) < 40 and (found := _CULTURE.match(value)):
        stamp = parse_us("{month}/{day}/{year} {time}{mm}/{dd}/{yyyy} {hours}".format(**found.groupdict("")).strip(" /").encode())
        return value if stamp is None else (_EPOCH + timedelta(seconds=stamp[0] // SECOND, microseconds=stamp[0] % SECOND)).isoformat()
    return value


def _line(value: Any) -> Any:
    """What PowerShell wrote on one line as an object, anything else as it is."""
    if not isinstance(value, str) or not value.startswith("@{") or not value.endswith("}"):
        return value
    pairs = (pair.partition("=") for pair in value[2:-1].split("; "))
    return {name.strip(): text for name, _, text in pairs if name.strip()}


def lost(value: Any) -> bool:
    """Whether PowerShell left out what is deeper somewhere in the object."""
    if isinstance(value, dict):
        return any(lost(item) for item in value.values())
    if isinstance(value, list):
        return any(lost(item) for item in value)
    return isinstance(value, str) and LOST.match(value) is not None
