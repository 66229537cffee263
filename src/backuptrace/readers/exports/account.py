"""What was read of one export, and what was not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from backuptrace.model import Problem

Kind = Literal["xml", "viewer", "powershell", "wevtutil", "list", "clixml", "details", "posted", "console", "json"]
NAMES: dict[Kind, str] = {
    "xml": "XML of events",
    "viewer": "table saved by the Event Viewer",
    "powershell": "CSV of PowerShell",
    "wevtutil": "text of wevtutil",
    "list": "list of PowerShell",
    "clixml": "objects of PowerShell (Clixml)",
    "details": "copied event details",
    "posted": "text of events, parts left out",
    "console": "table of PowerShell on a console",
    "json": "JSON of PowerShell",
}
Wanted = Callable[[bytearray, "Mapping[str, int] | None"], Iterable[int]]
"""End offsets of everything in a block of UTF-8 bytes that is looked for. With it come its channels with the number of their events, None where not every
event tells its own.
"""

_WHAT = {
    "broken-quote": ("quotes that do not close", "the table was read on from the next line that begins a record"),
    "broken-record": ("records that do not fit the columns", "they are left out"),
    "broken-event": ("events that are no sound XML", "they are left out"),
    "cut": ("the file ends in the middle of an event", "save the log once more"),
    "long-line": ("lines above the limit, cut", ""),
    "long-record": ("events above the limit, cut", ""),
    "no-time": ("events whose time cannot be read", "they stand without a time"),
    "mixed-dates": ("dates in another order of day and month than the others", ""),
    "odd-bytes": ("pieces of text in another encoding than the rest", "taken as Windows-1252"),
    "nothing": ("no event in it", "save the events once more"),
    "entities": ("a document type or entities, which are not used", ""),
}


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an export and its encoding as a Python codec name; `delimiter`, `columns`: of the tables."""

    kind: Kind
    encoding: str
    delimiter: str = ","
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For people."""
        return NAMES[self.kind]


@dataclass(slots=True)
class Reading:
    """Filled while the events are read, complete when they all were.

    records: events given; skipped: events that hold nothing wanted and were not parsed; zoneless: they tell local time without naming the zone;
    order: of day and month in ambiguous dates, `dmy` or `mdy`, "" where none was; again: events of the second pass through a doubled hour.
    """

    path: str = ""
    form: str = ""
    encoding: str = ""
    records: int = 0
    skipped: int = 0
    zoneless: bool = False
    order: str = ""
    again: int = 0
    notes: list[str] = field(default_factory=list)
    _told: dict[str, tuple[int, int | None, str]] = field(default_factory=dict)
    _own: list[Problem] = field(default_factory=list)

    def tell(self, kind: str, line: int | None = None, why: str = "", count: int = 1) -> None:
        """Counts one fault; of each kind the first place is kept. `line`: 1-based, of an XML the number of the event."""
        known = self._told.get(kind)
        self._told[kind] = (count, line, why) if known is None else (known[0] + count, known[1], known[2])

    def add(self, problem: Problem) -> None:
        """A problem with its own words."""
        self._own.append(problem)

    def times(self, kind: str) -> int:
        """How often a fault was told."""
        return self._told.get(kind, (0, None, ""))[0]

    @property
    def unreadable(self) -> int:
        """Events that were there and could not be read."""
        return self.times("broken-event") + self.times("broken-record") + self.times("cut")

    @property
    def problems(self) -> list[Problem]:
        """Everything that a reader of the report must know, one problem a kind."""
        out = []
        for kind, (count, line, why) in self._told.items():
            what, fix = _WHAT[kind]
            where = f"{self.path}:{line}" if line is not None and self.form != NAMES["xml"] else self.path
            first = f", first at event {line}" if line is not None and self.form == NAMES["xml"] else ""
            text = what if kind in ("cut", "entities", "nothing") else f"{count} {what}"
            out.append(Problem(f"export-{kind}", where, text + first + (f": {why}" if why else ""), fix))
        return out + self._own
