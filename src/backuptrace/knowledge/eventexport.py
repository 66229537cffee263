"""The events of a test as the Event Viewer saves them as XML, so that a test goes the way of a real file."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from backuptrace.knowledge.shapes import EventShape
from backuptrace.readers.winevent import LEVELS

NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"


def export(events: Iterable[EventShape]) -> str:
    """One document with all events, numbered from 1."""
    return f"<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<Events>{''.join(_event(n, event) for n, event in enumerate(events, 1))}</Events>\n"


def _event(number: int, event: EventShape) -> str:
    level = LEVELS.index(event.level, 1)
    system = (
        f"<Provider Name={quoteattr(event.provider)}/><EventID>{event.event_id}</EventID><Level>{level}</Level>"
        f"<TimeCreated SystemTime={quoteattr(event.time)}/><EventRecordID>{number}</EventRecordID>"
        f"<Channel>{escape(event.channel)}</Channel><Computer>{escape(event.computer)}</Computer>"
    )
    named = event.data.items() if isinstance(event.data, dict) else (("", value) for value in event.data)
    data = "".join(f"<Data{f' Name={quoteattr(name)}' if name else ''}>{escape(_text(value))}</Data>" for name, value in named)
    return f"<Event xmlns='{NAMESPACE}'><System>{system}</System><EventData>{data}</EventData></Event>"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
