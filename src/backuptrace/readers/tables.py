"""Tables as objects: what `az -o table` and PowerShell print above a line of dashes, and separated values with a line of names (Log Analytics, Export-Csv).

    Level         Name    ResourceGroup
    ------------  ------  -------------
    CanNotDelete  keep    rg                -> {"level": "CanNotDelete", "name": "keep", "resourcegroup": "rg"}

Names lose blanks and capitals, and what Log Analytics adds to them: `TimeGenerated [UTC]`, `JobStatus_s`. Cells without a value are left out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

MOST_COLUMNS = 300
_DASHES = re.compile(r"^ {0,4}-{2,}(?: +-{2,})+ *$")
_RUN = re.compile(r"-+")
_SUFFIX = re.compile(r"\s*\[[^\]]*\]$|_[bdgst]$")
"""The zone that the portal names, the kind of value that the table AzureDiagnostics appends. Source: learn.microsoft.com, tables of Azure Monitor."""
_LEAD = re.compile(r"(?:#TYPE [^\n]*|sep=.)\r?\n", re.IGNORECASE)
_NOTHING = frozenset({"", "None", "null"})


class Row(NamedTuple):
    """The values of a row by name, its 1-based line, the text of the names and of the row."""

    data: dict[str, Any]
    line: int
    text: str


def printed(text: str) -> Iterator[Row]:
    """The rows of all tables whose columns begin where the dashes below their names do; a blank line ends a table."""
    starts: list[int] = []
    names: list[str] = []
    head = ""
    for number, line in enumerate(text.splitlines(), 1):
        if _DASHES.match(line) and head:
            starts = [found.start() for found in _RUN.finditer(line)][:MOST_COLUMNS]
            names, title = [name_of(cell) for cell in _cells(head, starts)], head
        elif not line.strip():
            starts, head = [], ""
        elif starts:
            yield Row(_told(names, _cells(line, starts)), number, f"{title}\n{line}")
        else:
            head = line


def separated(text: str) -> Iterator[Row]:
    """The rows of separated values; a sign that is never there, or a row with more cells than names, ends them. A cell may hold line breaks."""
    text = text.removeprefix("\ufeff")
    while lead := _LEAD.match(text):
        text = text[lead.end() :]
    first = text.split("\n", 1)[0]
    sign = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    names: list[str] = []
    try:
        for cells in rows:
            if not names:
                names = [name_of(cell) for cell in cells[:MOST_COLUMNS]]
            elif len(cells) > len(names):
                return
            elif any(cells):
                yield Row(_told(names, cells), rows.line_num, f"{first.strip()}\n{sign.join(cells)}")
    except csv.Error:
        return


def name_of(title: str) -> str:
    """The name of a column without what differs from tool to tool."""
    return re.sub(r"[\s_-]+", "", _SUFFIX.sub("", title.strip())).lower()


def _cells(line: str, starts: list[int]) -> list[str]:
    ends = [*starts[1:], None]
    return [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def _told(names: list[str], cells: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        if name and cell.strip() not in _NOTHING and name not in out:
            out[name] = _value(cell.strip())
    return out


def _value(cell: str) -> Any:
    """A cell that holds an object is one: the column Properties of the activity log."""
    if not cell.startswith("{") or not cell.endswith("}"):
        return cell
    import msgspec

    try:
        return msgspec.json.decode(cell)
    except (msgspec.DecodeError, RecursionError):
        return cell
