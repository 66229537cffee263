"""Small structured files, read whole: records of JSON and XML documents become dated hits, configurations and outputs of commands states."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from backuptrace.knowledge.loading import FieldMatcher, Ready
from backuptrace.model import UTC_CLOCK, Event, Hits, Log, Problem, Told
from backuptrace.readers import conf, jsontree, rows, xmltree
from backuptrace.readers.encodings import utf8
from backuptrace.readers.stamps import PARSERS, Stamp, parse_history
from backuptrace.readers.stream import Readable
from backuptrace.scanning.places import MOST_TEXT

CAP = 16 << 20
"""Bytes of a structured file that are read."""
MOST_RECORDS = 20_000
MOST_KEPT = 200
_WORD = re.compile(r"[^\s\"'<>&,;]*")
OF_PATH = "$path"
"""As the place of a stamp: the time is in the name of the folder or archive of the agent's history."""


def read_whole(stream: Readable, log: Log, problems: list[Problem]) -> bytes:
    """The artifact's bytes, at most 16 MB; more is a problem."""
    parts: list[bytes] = []
    buffer = bytearray(1 << 16)
    view = memoryview(buffer)
    while (got := stream.readinto(view)) and log.size < CAP:
        parts.append(bytes(view[:got]))
        log.size += got
    if got:
        what = f"a structured file above {CAP} bytes: only its beginning was read"
        problems.append(Problem("too-large", log.path, what, "look whether this really is the file its name says"))
        log.cut = True
    return b"".join(parts)


def scan_json(stream: Readable, ready: Ready, log: Log, problems: list[Problem]) -> None:
    """Every record of a JSON document against the slots of its format."""
    _document(stream, ready, log, problems, ("JSON", jsontree.read))


def scan_xml(stream: Readable, ready: Ready, log: Log, problems: list[Problem]) -> None:
    """Every record of an XML document against the slots of its format."""
    _document(stream, ready, log, problems, ("XML", xmltree.read))


def _document(stream: Readable, ready: Ready, log: Log, problems: list[Problem], reader: tuple[str, Callable[[bytes], Any]]) -> None:
    raw = utf8(read_whole(stream, log, problems))
    shape, (kind, read) = ready.shape.json, reader
    if shape is None:
        return
    try:
        data = read(raw)
    except ValueError as error:
        fix = "collect the file again; the agent writes such a file when the disk is full or a process was killed"
        problems.append(Problem("unreadable", log.path, f"no {kind}: {error}", fix))
        return
    log.records = 0
    found_items = list(islice(jsontree.items(data, shape.each), MOST_RECORDS + 1))
    single = len(found_items) == 1
    text = raw.decode("utf-8", "replace").rstrip("\0\r\n ")
    if ready.shape.timeless:
        log.states = dict.fromkeys((slot.key for slot in ready.shape.slots), False)
    of_path = parse_history(log.path) if shape.stamp == OF_PATH else None
    for item in found_items:
        log.records += 1
        if log.records > MOST_RECORDS:
            log.capped.append(f"{log.path}: records after the first {MOST_RECORDS} were not read")
            break
        found = of_path or _stamp(item, shape.stamp, shape.time)
        if found and shape.covers:
            log.seen(found[0], found[0], UTC_CLOCK)
        fields = {name: jsontree.first(item, path) for name, path in shape.fields.items()}
        _record(ready, log, found[0] if found else None, fields, text if single else _plain(item), single)


def _stamp(item: Any, path: str, kind: str) -> Stamp | None:
    return PARSERS[kind](jsontree.first(item, path).encode("utf-8", "replace")) if path and path != OF_PATH else None


def scan_conf(stream: Readable, ready: Ready, log: Log, problems: list[Problem]) -> None:
    """The effective settings of a configuration file, defaults included, against the slots of its format."""
    text = utf8(read_whole(stream, log, problems)).decode("utf-8", "replace")
    fields, lines = dict(ready.shape.defaults), {}
    log.records = 0
    for setting in conf.settings(text):
        fields[setting.key] = setting.value
        lines[setting.key] = (setting.line, setting.text)
        log.records += 1
    for slot, tests in zip(ready.shape.slots, ready.tests, strict=True):
        if log.filtered and any(test.field not in lines for test in tests):
            continue  # somebody chose the lines: what the others say is not known
        values = [fields.get(test.field, "") for test in tests]
        holds = all(test.holds(value.encode("utf-8", "replace")) for test, value in zip(tests, values, strict=True))
        log.states[slot.key] = holds
        if holds:
            line, shown = lines.get(tests[0].field, (None, f"{tests[0].field}={values[0]} (default, not set in the file)"))
            told = {test.field: value for test, value in zip(tests, values, strict=True)} | _named(tests, values)
            place = None if line is None else log.above + line
            log.hits[slot.key] = Hits([], [], [Event(slot.key, None, log.begin, Told(place, shown, (0, len(shown)), told))])


def scan_rows(stream: Readable, ready: Ready, log: Log, problems: list[Problem]) -> None:
    """The lines of a text without times against the slots of its format; that none fits is known, too."""
    text = utf8(read_whole(stream, log, problems)).decode("utf-8", "replace")
    log.states = dict.fromkeys((slot.key for slot in ready.shape.slots), False)
    log.records = 0
    for row in rows.rows(text, ready.rows, ready.shape.carry):
        log.records += 1
        if log.records > MOST_RECORDS:
            log.capped.append(f"{log.path}: records after the first {MOST_RECORDS} were not read")
            break
        _record(ready, log, None, row.fields, row.text, False, row.line)
    if log.filtered:  # somebody chose the lines: what is not among them may still be so
        log.states = {key: holds for key, holds in log.states.items() if holds}


def _record(ready: Ready, log: Log, stamp: int | None, fields: dict[str, str], text: str, whole: bool, at: int | None = None) -> None:
    """Puts one record on the slots that it fulfils. `text`: the record, or the whole document where it is the only one; `at`: its line where known."""
    for slot, tests in zip(ready.shape.slots, ready.tests, strict=True):
        values = [text if test.field == "text" else fields.get(test.field, "") for test in tests]
        if not all(test.holds(value.encode("utf-8", "replace")) for test, value in zip(tests, values, strict=True)):
            continue
        hits = log.hits.get(slot.key)
        if hits is None:
            hits = log.hits[slot.key] = Hits([], [], [])
        number = log.begin + (log.records or 0)
        if not slot.milestone:
            log.explained.add(number)
        if ready.shape.timeless:
            log.states[slot.key] = True
        else:
            hits.add(stamp, number, fields.get(slot.by, ""))
        if len(hits.kept) < MOST_KEPT:
            shown, hit = _around(text, next((v for v in reversed(values) if v and v != text), ""))
            line = text.count("\n", 0, max(text.find(shown[:200]), 0)) + 1 if whole else at
            hits.kept.append(Event(slot.key, stamp, number, Told(None if line is None else log.above + line, shown, hit, {**fields, **_named(tests, values)})))


def _named(tests: list[FieldMatcher], values: list[str]) -> dict[str, str]:
    out: dict[str, str] = {}
    for test, value in zip(tests, values, strict=True):
        out |= test.named(value.encode("utf-8", "replace"))
    return out


def _around(text: str, value: str) -> tuple[str, tuple[int, int]]:
    """At most 8,000 characters of a record with the value that decided, and where it stands. They begin between words: half a secret is hard to tell."""
    at = max(text.find(value), 0) if value else 0
    begin = max(0, at - MOST_TEXT // 2) if len(text) > MOST_TEXT else 0
    begin = _WORD.match(text, begin, at).end() if begin else 0  # type: ignore[union-attr]  # it matches the empty text, too
    return text[begin : begin + MOST_TEXT], (at - begin, at - begin + len(value))


def _plain(item: Any) -> str:
    import msgspec

    return msgspec.json.encode(item).decode()[: 1 << 20]


DOCUMENTS = {"json": scan_json, "xml": scan_xml, "conf": scan_conf, "rows": scan_rows}
"""By the reader that a format names."""
