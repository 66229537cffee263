"""Tables that the Event Viewer saves (.csv, .txt): five names over six columns, the last one the message; comma or tab in every language.

`Level,Date and Time,Source,Event ID,Task Category`. The names are translated, their order is not. A record is told by its shape: a date in the
second column and a number in the fourth; so a quote that never closes costs one record, not the rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backuptrace.readers.exports.account import Form, Reading
from backuptrace.readers.exports.dates import SHAPE, plain
from backuptrace.readers.exports.rows import Row

MOST_MESSAGE = 65_536
"""Characters of a message; an event holds 64 KiB at most."""
MOST_COLUMNS = 40
DATES = (
    "date and time",
    "datum und uhrzeit",
    "date et heure",
    "fecha y hora",
    "data e ora",
    "data e hora",
    "日付と時刻",
    "日期和时间",
    "дата и время",
    "datum en tijd",
)
_KNOWN = {
    "log": "channel", "protokoll": "channel", "log name": "channel", "protokollname": "channel", "journal": "channel", "registro": "channel",
    "computer": "computer", "ordinateur": "computer", "equipo": "computer", "コンピューター": "computer",
}  # fmt: skip
DATE = 1
"""The column of the date, where no known name tells another one."""


def starting(delimiter: str, columns: int, date: int = DATE) -> re.Pattern[str]:
    """How the first line of a record looks. Groups: `head`, all columns but the message, `when` and `id` in it; `message`, what follows on the line."""
    value = rf'(?:"(?:[^"\n]|""){{0,400}}"|[^"{delimiter}\n]{{0,400}})'
    when = rf'"?(?P<when>{SHAPE}[^{delimiter}\n]{{0,40}})'
    parts = [value] * date + [when, value, r'"?(?P<id>\d{1,10})"?'] + [value] * (columns - date - 3)
    return re.compile(rf"(?P<head>{delimiter.join(parts)})(?:{delimiter}(?P<message>.*))?$")


def rows(lines: Iterable[tuple[int, str]], form: Form, reading: Reading) -> Iterator[Row]:
    """Every record of the table."""
    return _Table(form, reading).rows(lines)


class _Table:
    def __init__(self, form: Form, reading: Reading) -> None:
        self._reading, self._delimiter = reading, form.delimiter
        names = [name.strip().casefold() for name in form.columns]
        self._date = next((n for n, name in enumerate(names) if name in DATES), DATE)
        self._columns = max(len(names), self._date + 3)
        self._start = starting(form.delimiter, self._columns, self._date).match
        self._extra = {n: _KNOWN[name] for n, name in enumerate(names) if name in _KNOWN}
        self._row: Row | None = None
        self._parts: list[str] = []
        self._size = 0
        self._open = False

    def rows(self, lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
        stray = 0
        for number, line in lines:
            found = self._start(plain(line)) if line.count(self._delimiter) >= self._columns - 1 else None
            if found is None:
                if self._row is not None:
                    self._continue(line)
                elif line.strip() and number > 1:
                    stray += 1
                    self._reading.tell("broken-record", number)
                continue
            if self._row is not None:
                if self._open:
                    self._reading.tell("broken-quote", self._row.line)
                yield self._finished(self._row)
            self._begin(number, found)
        if self._row is not None:
            if self._open:
                self._reading.tell("cut", self._row.line)
            yield self._finished(self._row)

    def _begin(self, number: int, found: re.Match[str]) -> None:
        at, message = self._date, found["message"] or ""
        # A stray quote may join columns; the date and the id are told by their shape.
        values = [value.strip() for value in split(found["head"], self._delimiter, self._columns)[0]]
        source = values[at + 1] if at + 1 < len(values) else ""
        if len(values) < self._columns:
            self._reading.tell("broken-quote", number)
        self._row = Row(number, found["when"].rstrip('"'), source, int(found["id"]) & 0xFFFF, level=values[0] if at else "")
        for column, name in self._extra.items():
            if column < len(values):
                setattr(self._row, name, values[column])
        self._parts, self._size = [message[:MOST_MESSAGE]], len(message)
        self._open = message.count('"') % 2 == 1
        if len(message) > MOST_MESSAGE:
            self._reading.tell("long-record", number)

    def _continue(self, line: str) -> None:
        self._open ^= line.count('"') % 2 == 1
        if self._size <= MOST_MESSAGE:
            self._size += len(line) + 1
            self._parts.append(line)
            if self._size > MOST_MESSAGE and self._row is not None:
                self._parts[-1] = line[: max(0, MOST_MESSAGE - self._size + len(line))]
                self._reading.tell("long-record", self._row.line)

    def _finished(self, row: Row) -> Row:
        message = "\n".join(self._parts).strip()
        if message.startswith('"'):
            message = message[1:]
            if not self._open and message.endswith('"'):
                message = message[:-1]
            message = message.replace('""', '"')
        row.message = message.strip()
        self._row, self._parts = None, []
        return row


def split(text: str, delimiter: str, most: int) -> tuple[list[str], bool]:
    """Up to `most` + 1 values of a record (what is behind them is left out), and whether the last quote is closed.

    A quote inside a value that is not doubled stands for itself, unless a delimiter or the end follows.
    """
    values: list[str] = []
    at, end = 0, len(text)
    while at <= end and len(values) <= most:
        if at < end and text[at] == '"':
            close = at + 1
            while True:
                close = text.find('"', close)
                if close < 0:
                    values.append(text[at + 1 :].replace('""', '"'))
                    return values, False
                after = text[close + 1 : close + 2]
                if after == '"':
                    close += 2
                elif after in ("", delimiter):
                    break
                else:
                    close += 1
            values.append(text[at + 1 : close].replace('""', '"'))
            at = close + 2
        else:
            stop = text.find(delimiter, at)
            stop = end if stop < 0 else stop
            values.append(text[at:stop])
            at = stop + 1
    return values, True
