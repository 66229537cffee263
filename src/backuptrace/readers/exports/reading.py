"""One export from its bytes to events, whatever its form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backuptrace.readers.eventwords import Words
from backuptrace.readers.exports import clixml, console, jsonevents, listed, posted, powershell, viewer
from backuptrace.readers.exports.account import Form, Reading, Wanted
from backuptrace.readers.exports.encoding import lines
from backuptrace.readers.exports.rows import Row, events
from backuptrace.readers.exports.xmlevents import xml_events
from backuptrace.readers.exports.xmlstream import as_utf8
from backuptrace.readers.stream import Readable
from backuptrace.readers.winevent import WinEvent

LOCAL = "it tells local time without a zone"
OEM = "its text is in an OEM code page (read as 850)"


def read(stream: Readable, form: Form, reading: Reading, *, words: Words | None = None, wanted: Wanted | None = None) -> Iterator[WinEvent]:
    """The events in the order of the file, not yet completed by the dictionary. Nothing is raised for damage: `reading` tells it.

    words: for names of levels in other languages; wanted: with it, of an XML only events that hold something wanted are parsed, beside the
    first and the last of each block and channel, which tell the time that the file covers.
    """
    reading.form, reading.encoding = form.name, form.encoding
    if form.encoding == "cp850":
        reading.notes.append(OEM)
    if form.kind == "xml":
        yield from xml_events(as_utf8(stream, form.encoding), form.encoding, reading, wanted)
    else:
        yield from events(_rows(stream, form, reading, words), reading, words)
    if not reading.records and not reading.skipped and not reading.problems:
        reading.tell("nothing")
    if reading.zoneless:
        reading.notes.append(LOCAL)


def _rows(stream: Readable, form: Form, reading: Reading, words: Words | None) -> Iterable[Row]:
    if form.kind == "clixml":
        return clixml.rows(stream, reading)
    if form.kind == "json":
        return jsonevents.rows(as_utf8(stream, form.encoding), reading)
    text = lines(stream, form.encoding, reading)
    if form.kind == "viewer":
        return viewer.rows(text, form, reading)
    if form.kind == "powershell":
        return powershell.rows(text, form, reading)
    if form.kind == "posted":
        providers = words.providers if words else []
        return posted.rows(text, reading, frozenset(name.casefold() for provider in providers for name in (provider.name, *provider.aliases)))
    if form.kind == "console":
        return console.rows(text, reading, [provider.name for provider in words.providers] if words else [])
    return {"wevtutil": listed.wevtutil, "list": listed.properties, "details": listed.details}[form.kind](text, reading)
