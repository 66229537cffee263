"""Tables that `Get-WinEvent` and `Get-EventLog` show on a console, as people paste them: names, a line of dashes, columns by place.

Text stands below the begin of its dashes, numbers end with theirs. The message is mostly cut (`...`); with -Wrap it goes on below itself. `Get-WinEvent`
begins a table for each provider and names it above. `Get-EventLog` writes times without a year (`Nov 23 02:10`), which date nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from backuptrace.readers.exports.account import Reading
from backuptrace.readers.exports.powershell import IDS, PROVIDERS, TIMES, row_of
from backuptrace.readers.exports.rows import Row
from backuptrace.readers.exports.viewer import MOST_MESSAGE

_DASHES = re.compile(r"\s{0,20}-{2,40}(?: {1,200}-{2,40}){2,20}\s*$")
_RUN = re.compile("-+")
_PROVIDER = re.compile(r"\s{0,8}ProviderName: ?(\S.{0,200}?)\s*$")
_NUMBERS = frozenset((*IDS, "index", "recordid", "level", "processid", "threadid"))
"""Columns that stand to the right."""
_LAST = re.compile(r"(?:^|\s)(\d{1,20})\s*$")
_OF_EVENTLOG = frozenset(("time", "entrytype", "source"))
"""Columns of `Get-EventLog`, which calls TimeGenerated Time."""
_WIDE = "\0"
"""Stands behind a letter that takes two places."""


class Columns(NamedTuple):
    """Of a table of events: names in small letters, and where their dashes begin."""

    names: tuple[str, ...]
    begins: tuple[int, ...]


def columns_of(head: str, dashes: str) -> Columns | None:
    """The columns of a table of events whose first two lines these are."""
    if not _DASHES.match(dashes):
        return None
    runs = list(_RUN.finditer(dashes))
    names = [head[run.start() : run.end()].strip().casefold() for run in runs]
    if _OF_EVENTLOG.issubset(names):
        names[names.index("time")] = "timegenerated"
    known = set(names)
    return Columns(tuple(names), tuple(run.start() for run in runs)) if known.intersection(TIMES) and known.intersection(IDS) else None


def is_table(lines: Sequence[str]) -> bool:
    """Whether such a table begins in these lines."""
    return any("--" in dashes and columns_of(head, dashes) for head, dashes in pairwise(lines))


def rows(lines: Iterable[tuple[int, str]], reading: Reading, providers: Sequence[str] = ()) -> Iterator[Row]:
    """Every record of every table. providers: known names, of which the table may show the begin only."""
    columns: Columns | None = None
    provider, start, values = "", 0, dict[str, str]()
    for (number, line), (_, following) in pairwise(chain(lines, [(0, "")])):
        told: dict[str, str] = {}
        if "--" in following and (found := columns_of(line, following)):
            columns = found
        elif named := _PROVIDER.match(line):
            provider, columns = named[1], None
        elif columns and not _DASHES.match(line):
            told = _values(line, columns)
        if any(told.get(name) for name in TIMES):
            yield from _row(start, values, reading)
            shown = next((told[name] for name in PROVIDERS if told.get(name)), provider)
            start, values = number, told | {PROVIDERS[0]: _whole_name(shown, providers)}
        elif values and (more := told.get("message")):
            values["message"] = f"{values.get('message', '')}\n{more}"[:MOST_MESSAGE]
    yield from _row(start, values, reading)


def _whole_name(shown: str, providers: Sequence[str]) -> str:
    """The only known name that begins like one that was cut."""
    begin = shown.removesuffix("...").removesuffix("…")
    whole = {name for name in providers if name.startswith(begin)} if begin != shown else set()
    return whole.pop() if len(whole) == 1 else shown


def _values(line: str, columns: Columns) -> dict[str, str]:
    if not line.isascii():
        line = "".join(letter + _WIDE if unicodedata.east_asian_width(letter) in "WF" else letter for letter in line)
    texts = [at for at, name in enumerate(columns.names) if name not in _NUMBERS]
    out: dict[str, str] = {}
    for at, following in pairwise([-1, *texts, len(columns.names)]):
        begin, end = columns.begins[at] if at >= 0 else 0, columns.begins[following] if following < len(columns.names) else None
        text = line[begin:end].replace(_WIDE, "")
        for name in reversed(columns.names[at + 1 : following]):
            if found := _LAST.search(text):
                out[name], text = found[1], text[: found.start()]
        if at >= 0:
            out[columns.names[at]] = text.strip()
    return out


def _row(start: int, values: dict[str, str], reading: Reading) -> Iterator[Row]:
    if not values:
        return
    values["message"] = values.get("message", "").removesuffix("...").removesuffix("…")
    row = row_of(start, values)
    if row is None:
        reading.tell("broken-record", start, "no event id")
    else:
        yield row
