"""A record of an export against the slots of its format: hits, states, and where in its text the deciding value stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backuptrace.knowledge.loading import FieldMatcher, Ready
from backuptrace.model import Event, Hits, Log, Told
from backuptrace.scanning.machines import Machine

MOST_HITS = 200
"""Hits of a slot in a file that are kept with their text."""


@dataclass(slots=True)
class Record:
    """An object that may matter: its fields, its text, where it stands, and what it is about."""

    fields: dict[str, str]
    text: str
    line: int
    offset: int
    stamp: int | None
    machine: Machine | None
    scope: str = ""
    same: str = ""


def add(log: Log, ready: Ready, record: Record) -> None:
    """Puts the record on the slots that it fulfils."""
    for slot, tests in zip(ready.shape.slots, ready.tests, strict=True):
        values = [record.text if test.field == "text" else record.fields.get(test.field, "") for test in tests]
        if not all(test.holds(text.encode("utf-8", "replace")) for test, text in zip(tests, values, strict=True)):
            continue
        hits = log.hits.get(slot.key)
        if hits is None:
            hits = log.hits[slot.key] = Hits([], [], [])
        if not slot.milestone:
            log.explained.add(record.offset)
        if ready.shape.timeless:
            log.states[slot.key] = True
        else:
            hits.add(record.stamp, record.offset, record.fields.get(slot.by, ""))
        if len(hits.kept) < MOST_HITS:
            hit = _place(record.text, tests, values)
            line = record.line + record.text.count("\n", 0, hit[0])
            named = {name: text for test, shown in zip(tests, values, strict=True) for name, text in test.named(shown.encode("utf-8", "replace")).items()}
            hits.kept.append(Event(slot.key, record.stamp, record.offset, Told(line, record.text, hit, {**record.fields, **named})))


def _place(text: str, tests: list[FieldMatcher], values: list[str]) -> tuple[int, int]:
    """Where the value of the last positive condition stands in the text: in quotes if it can be, else at the beginning."""
    for test, value in reversed(list(zip(tests, values, strict=True))):
        if test.negated or not value or test.field == "place" or test.field.startswith("sum_"):
            continue
        if test.field == "text":
            span = test.span(text.encode("utf-8", "replace"))
            return (len(text.encode()[: span[0]].decode("utf-8", "ignore")), len(text.encode()[: span[1]].decode("utf-8", "ignore"))) if span else (0, 0)
        for shown in (f'"{value}"', value):
            at = text.find(shown)
            if at < 0:
                at = text.casefold().find(shown.casefold()) if text.isascii() else -1
            if at >= 0 and (len(value) >= 4 or shown != value):
                begin = at + (shown != value)
                return begin, begin + len(value)
        if value.isdigit() and (found := re.search(rf"(?<![\w.]){value}(?![\w.])", text)):
            return found.span()
    return 0, 0
