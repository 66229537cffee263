"""`Get-WinEvent | ConvertTo-Json` and the like: objects with the properties of events, one by one, whatever the size of the file.

Windows PowerShell writes times as `/Date(1740276607000)/` (milliseconds since 1970, UTC), at times inside of an object; PowerShell 7 in ISO form
with an offset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from backuptrace.model import utc_text
from backuptrace.readers.exports.account import Reading
from backuptrace.readers.exports.powershell import row_of
from backuptrace.readers.exports.rows import Row
from backuptrace.readers.jsonstream import CutShortError, items
from backuptrace.readers.stamps import parse_epoch
from backuptrace.readers.stream import Readable

MOST_DATA = 500
_KEY = re.compile(r'"([A-Za-z]{2,20})"\s{0,9}:')
_CLUES = ({"timecreated", "id", "providername"}, {"timegenerated", "entrytype", "source"})
"""Properties that only events have together: a disk of Azure also has a TimeCreated, a restore point a Source."""


def is_events(text: str) -> bool:
    """Whether a JSON text that begins so holds events: their time, their number and who wrote them."""
    if text[:1] not in ("[", "{"):
        return False
    keys = {key.casefold() for key in _KEY.findall(text)}
    return any(clue <= keys for clue in _CLUES)


def rows(stream: Readable, reading: Reading) -> Iterator[Row]:
    """Every event of UTF-8 text; other objects are counted as broken."""
    found = items(stream)
    line = 0
    while True:
        try:
            item = next(found, None)
            if item is None:
                return
            line = item.line
            row = _row(line, msgspec.json.decode(item.raw))
        except CutShortError:
            reading.tell("cut", line)
            return
        except (msgspec.DecodeError, RecursionError) as error:
            reading.tell("broken-record", line, str(error)[:100])
            continue
        if row is None:
            reading.tell("broken-record", line, "no event id")
        else:
            yield row


def _row(line: int, item: object) -> Row | None:
    if not isinstance(item, dict):
        return None
    values = {name.casefold(): value for name, value in item.items()}
    row = row_of(line, {name: _text(value) for name, value in values.items() if not isinstance(value, list)})
    inserts = values.get("properties", values.get("replacementstrings"))
    if row is not None and isinstance(inserts, list):
        row.data = [("", _text(one.get("Value", "") if isinstance(one, Mapping) else one)) for one in inserts[:MOST_DATA]]
    return row


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("value", value.get("DateTime", ""))
    if isinstance(value, str) and value.startswith("/Date(") and (found := parse_epoch(value.encode())):
        return utc_text(found[0]) or ""
    return "" if value is None else str(value)
