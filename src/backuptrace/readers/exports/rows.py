"""The rows of a text export as events: level words, times by the culture of the file, the doubled hour at the end of summer time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from backuptrace.model import HOUR, LOCAL_AGAIN_CLOCK, LOCAL_CLOCK, MINUTE, UTC_CLOCK, Problem
from backuptrace.readers.eventvalues import folded, lossy
from backuptrace.readers.eventwords import Words
from backuptrace.readers.exports.account import Reading
from backuptrace.readers.exports.dates import Written, by_order, stamp, written
from backuptrace.readers.winevent import WinEvent

MOST_WAITING, MOST_CHARACTERS = 20_000, 16 << 20
"""Rows and characters of them that wait until the order of day and month is known."""
MOST_HELD = 20_000
"""Events of an hour that wait for a jump of the clock behind them."""
JUMP = MINUTE
"""Least step against the order of the file that is taken for a change of the clock; events of one minute may stand in any order."""


class Row(msgspec.Struct):
    """One record of a text export. `time`: as it is written; level: its word or number; line: 1-based, where the record begins."""

    line: int
    time: str
    provider: str
    event_id: int
    level: str = ""
    channel: str = ""
    computer: str = ""
    message: str = ""
    number: int | None = None
    data: list[tuple[str, str]] = []


class Levels:
    """Words for levels in the languages that the dictionary has."""

    def __init__(self, words: Words | None) -> None:
        self._known: dict[str, int] = {}
        for level, names in (words.levels if words else {}).items():
            for name in names:
                self._known.setdefault(folded(name), level)
                self._known.setdefault(lossy(name), level)

    def number(self, word: str) -> int | None:
        """0 to 5, None for an unknown word."""
        if word.isascii() and word.isdigit() and len(word) < 4:
            return int(word)
        return self._known.get(folded(word)) if word else None


def events(rows: Iterable[Row], reading: Reading, words: Words | None) -> Iterator[WinEvent]:
    """The rows as events in the same order."""
    levels = Levels(words)
    return again(_dated(rows, reading, levels), reading)


def _dated(rows: Iterable[Row], reading: Reading, levels: Levels) -> Iterator[WinEvent]:
    waiting: list[tuple[Row, Written | None]] = []
    characters = 0
    for row in rows:
        date = written(row.time)
        if date is None:
            reading.tell("no-time", row.line, row.time[:40])
        elif not reading.order and not date.order:
            waiting.append((row, date))
            characters += len(row.message)
            if len(waiting) < MOST_WAITING and characters < MOST_CHARACTERS:
                continue
            reading.order = _settled(waiting, reading)
        elif date.order in ("dmy", "mdy") and date.sign == "/":
            if not reading.order:
                reading.order = date.order
            elif reading.order != date.order:
                reading.tell("mixed-dates", row.line, row.time[:40])
        if waiting and (reading.order or len(waiting) >= MOST_WAITING):
            if waiting[-1][0] is row:
                waiting.pop()
            for earlier in waiting:
                yield _event(*earlier, reading, levels)
            waiting, characters = [], 0
        elif waiting:
            waiting.append((row, date))
            continue
        yield _event(row, date, reading, levels)
    if waiting:
        reading.order = _settled(waiting, reading)
        for earlier in waiting:
            yield _event(*earlier, reading, levels)


def _settled(waiting: list[tuple[Row, Written | None]], reading: Reading) -> str:
    dates = [date for _, date in waiting if date is not None and not date.order]
    order = by_order(dates)
    if order:
        return order
    order = "mdy" if any(date.halved for date in dates) else "dmy"
    days = {(date.first, date.second) for date in dates}
    if any(first != second for first, second in days):
        shown = {"mdy": "month before day", "dmy": "day before month"}[order]
        what = f"dates such as {waiting[0][0].time[:40]!r} do not tell day from month; read as {shown}"
        reading.add(Problem("export-date-order", reading.path, what, "save the events as .evtx or .xml, whose times are UTC"))
    return order


def _event(row: Row, date: Written | None, reading: Reading, levels: Levels) -> WinEvent:
    time, clock = None, LOCAL_CLOCK
    if date is not None:
        time = stamp(date, date.order or reading.order)
        if date.offset is not None:
            clock = UTC_CLOCK
        elif time is None:
            reading.tell("no-time", row.line, row.time[:40])
        else:
            reading.zoneless = True
    reading.records += 1
    number = row.line if row.number is None else row.number
    return WinEvent(time, clock, number, row.channel, row.provider, row.event_id, levels.number(row.level), row.computer, row.data, row.message)


def again(found: Iterable[WinEvent], reading: Reading) -> Iterator[WinEvent]:
    """The same events, local ones of the second pass through a doubled hour on the clock LOCAL_AGAIN_CLOCK, as the order of the file tells it.

    Oldest first: what follows a step back, for an hour. Newest first: what stands up to an hour before a step forward. Marks outside of a
    doubled hour do no harm: only there has local time two meanings.
    """
    held: deque[WinEvent] = deque()
    before: int | None = None
    until: int | None = None
    ups = downs = 0
    for event in found:
        time = event.time
        if time is None or event.clock != LOCAL_CLOCK:
            yield from held
            held.clear()
            yield event
            continue
        if before is not None:
            step = time - before
            if JUMP < step <= HOUR and downs > ups:
                held = deque(_marked(held, reading))
            elif -HOUR <= step < -JUMP and ups > downs:
                until = time + HOUR
            ups, downs = ups + (step > 0), downs + (step < 0)
        before = time
        if until is not None:
            if time < until:
                event = _later(event, reading)
            else:
                until = None
        if ups > downs:
            yield from held
            held.clear()
            yield event
            continue
        while held and (len(held) >= MOST_HELD or (held[0].time or 0) > time + HOUR):
            yield held.popleft()
        held.append(event)
    yield from held


def _marked(held: Iterable[WinEvent], reading: Reading) -> Iterator[WinEvent]:
    for event in held:
        yield _later(event, reading)


def _later(event: WinEvent, reading: Reading) -> WinEvent:
    if event.clock != LOCAL_CLOCK:
        return event
    reading.again += 1
    return msgspec.structs.replace(event, clock=LOCAL_AGAIN_CLOCK)
