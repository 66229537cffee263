"""`Get-WinEvent | Export-Csv` and `Get-EventLog | Export-Csv`: all values in quotes, the names of .NET properties in every language.

The columns are any choice (`Select-Object`); a `#TYPE` line stands before the names in PowerShell 5.1. A record ends at a quote that ends a line.
Where the number of values is another than that of the names, a quote was lost: that record is left out and told, the next line begins a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from backuptrace.readers.exports.account import Form, Reading
from backuptrace.readers.exports.rows import Row
from backuptrace.readers.exports.viewer import MOST_MESSAGE, split

TIMES = ("timecreated", "timegenerated", "timewritten")
IDS = ("id", "eventid", "instanceid")
PROVIDERS = ("providername", "source")
MOST_RECORD = 256 << 10
MOST_TRIES = 64
"""Lines of one record that may look like its end; each look costs as much as the record is long."""


def rows(lines: Iterable[tuple[int, str]], form: Form, reading: Reading) -> Iterator[Row]:
    """Every record behind the names."""
    columns = [name.casefold() for name in form.columns]
    for number, values in _records(_behind_names(lines, form), len(columns), form.delimiter, reading):
        row = row_of(number, dict(zip(columns, values, strict=True)))
        if row is None:
            reading.tell("broken-record", number, "no event id")
        else:
            yield row


def _behind_names(lines: Iterable[tuple[int, str]], form: Form) -> Iterator[tuple[int, str]]:
    behind = False
    for number, line in lines:
        if behind:
            yield number, line
        else:
            behind = names_of(line, form.delimiter) == form.columns


def names_of(line: str, delimiter: str) -> tuple[str, ...]:
    """The names of a head line."""
    return tuple(value.strip() for value in split(line.lstrip("\ufeff"), delimiter, 200)[0])


def _records(lines: Iterable[tuple[int, str]], columns: int, delimiter: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    buffer: list[str] = []
    start = size = tries = 0
    for number, line in lines:
        if not buffer:
            if not line.strip():
                continue
            start, size, tries = number, 0, 0
        buffer.append(line)
        size += len(line) + 1
        if len(buffer) == 1 or line.endswith('"'):
            tries += 1
            values, closed = split("\n".join(buffer), delimiter, columns)
            if closed and len(values) == columns:
                yield start, values
                buffer = []
            elif closed or tries >= MOST_TRIES:
                reading.tell("broken-record", start, f"{len(values)} values instead of {columns}")
                buffer = []
        if size > MOST_RECORD:
            reading.tell("broken-quote", start)
            buffer = []
    if buffer:
        reading.tell("cut", start)


def row_of(number: int, values: Mapping[str, str]) -> Row | None:
    """The record of an object with these properties (names in small letters), None without an event id."""
    event_id = next((found for name in IDS if (found := _whole(values.get(name, ""))) is not None), None)
    if event_id is None:
        return None
    replacements = values.get("replacementstrings", "")
    return Row(
        number,
        next((values[name] for name in TIMES if values.get(name)), ""),
        next((values[name].strip() for name in PROVIDERS if values.get(name)), ""),
        event_id & 0xFFFF,
        level=_level(values),
        channel=values.get("logname", "").strip(),
        computer=values.get("machinename", "").strip(),
        message=values.get("message", "")[:MOST_MESSAGE].strip(),
        number=next((found for name in ("recordid", "index") if (found := _whole(values.get(name, ""))) is not None), None),
        data=listed(replacements),
    )


def _level(values: Mapping[str, str]) -> str:
    number = values.get("level", "").strip()
    if number.isascii() and number.isdigit():
        return number
    return next((word.strip() for name in ("leveldisplayname", "entrytype", "level") if (word := values.get(name, ""))), "")


def listed(text: str) -> list[tuple[str, str]]:
    """The inserts of `{a, b, c}`, as a list shows them; empty where some are left out (`...`) or only the type is named (`System.String[]`)."""
    text = text.strip()
    if not (text.startswith("{") and text.endswith("}")) or text.endswith(("...}", "…}")) or len(text) > MOST_MESSAGE:
        return []
    return [("", value.strip()) for value in text[1:-1].split(", ")] if len(text) > 2 else []


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
