"""The layout of the reader `events`: every event is one line, written by readers/winevent.py, so no format file repeats how it looks."""

from __future__ import annotations

from msgspec.structs import replace

from backuptrace.knowledge.shapes import FormatShape, RecordStart
from backuptrace.readers.winevent import PAIRS, SEPARATOR, START, TEMPLATES, WITHOUT_CASE


def laid_out(shape: FormatShape) -> FormatShape:
    """A format of events with records, fields and pairs filled in; any other as it is. What the file itself says about them stays, and is judged later."""
    if shape.reader != "events":
        return shape
    return replace(
        shape,
        records=shape.records or [RecordStart(start=START, time="iso", zone="local")],
        fields=shape.fields or TEMPLATES,
        pairs=shape.pairs or PAIRS,
        separator=shape.separator or SEPARATOR,
        without_case=shape.without_case or WITHOUT_CASE,
    )
