"""Which form an export has, by its first bytes: never by its name, which anybody chooses in any language."""

from __future__ import annotations

import codecs
import re

from backuptrace.readers.breaks import unbroken
from backuptrace.readers.exports.account import Form
from backuptrace.readers.exports.console import is_table
from backuptrace.readers.exports.dates import plain, written
from backuptrace.readers.exports.encoding import encoding_of
from backuptrace.readers.exports.jsonevents import is_events
from backuptrace.readers.exports.listed import PROPERTIES, PROPERTY, WEVTUTIL, details_head
from backuptrace.readers.exports.posted import looks_posted
from backuptrace.readers.exports.powershell import IDS, TIMES, names_of
from backuptrace.readers.exports.viewer import MOST_COLUMNS, starting

HEAD = 64 << 10
"""Bytes that are looked at."""
LOOKED_AT = 300
"""Lines that are looked at."""
_EVENT = re.compile(r"<Event[\s>](?:[^<]{0,300}schemas\.microsoft\.com/win/2004/08/events/event|[^<>]{0,300}>\s{0,40}<System[\s>])")
_EVENTS = re.compile(
    r"(?:<\?xml[^>]{0,200}\?>\s{0,40})?(?:<!--.{0,400}?-->\s{0,40})?(?:<!DOCTYPE.{0,4000}?\]>\s{0,40})?<(?:Events|Event|[A-Za-z]{1,20})[\s>]", re.DOTALL
)


def sniff(head: bytes) -> Form | None:
    """The form of an export that begins with these bytes, None for anything else. Up to 64 KiB are looked at."""
    head = head[:HEAD]
    if head.startswith(b"ElfFile\0") or not head.strip(b"\0 \t\r\n"):
        return None
    encoding = encoding_of(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).lstrip("\ufeff")
    if "\0" in text[:1000]:
        return None
    begin = text.lstrip()
    if begin.startswith("<Objs ") or (begin.startswith("<?xml") and "<Objs " in begin[:400]):
        return Form("clixml", encoding) if "TimeCreated" in text or "TimeGenerated" in text or "EventLog" in text else None
    if begin.startswith("<") and begin[:3].lower() != "<br":
        return Form("xml", encoding) if _EVENTS.match(begin) and _EVENT.search(begin) else None
    if is_events(begin):
        return Form("json", encoding)
    lines = [unbroken(line) for line in text.split("\n")[:LOOKED_AT]]
    if is_table(lines):
        return Form("console", encoding)
    return _wevtutil(lines, encoding) or _powershell(lines, encoding) or _viewer(lines, encoding) or _listed(lines, encoding)


def _wevtutil(lines: list[str], encoding: str) -> Form | None:
    first = next((line for line in lines if line.strip()), "")
    return Form("wevtutil", encoding) if WEVTUTIL.match(first) else None


def _powershell(lines: list[str], encoding: str) -> Form | None:
    head = next((line for line in lines[:4] if line.strip() and not line.startswith("#TYPE")), "")
    for delimiter in ",;\t":
        columns = names_of(head, delimiter)
        known = {name.casefold() for name in columns}
        if len(columns) > 2 and known.intersection(TIMES) and known.intersection(IDS):
            return Form("powershell", encoding, delimiter, columns)
    return None


def _viewer(lines: list[str], encoding: str) -> Form | None:
    """By shape: names over records whose second column is a date and whose fourth is a number, with one value more than there are names."""
    at = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    if at == len(lines):
        return None
    for delimiter in ",\t":
        columns = names_of(lines[at], delimiter)
        if not 5 <= len(columns) <= MOST_COLUMNS:
            continue
        headed = not any(written(value) for value in columns)
        names = columns if headed else ("",) * 5
        for date in (1, *range(2, min(len(names) - 2, 12))) if headed else (1,):
            start = starting(delimiter, len(names), date)
            if any(start.match(plain(line)) for line in lines[at + headed : at + 40]):
                return Form("viewer", encoding, delimiter, names)
    return None


def _listed(lines: list[str], encoding: str) -> Form | None:
    names = set()
    for line in lines:
        if (found := PROPERTY.match(line)) and found[1].casefold() in PROPERTIES and line[found.start(2) - 2 : found.start(2)].startswith(":"):
            names.add(found[1].casefold())
    if names.intersection(TIMES) and names.intersection(IDS) and len(names) > 2:
        return Form("list", encoding)
    numbered = list(enumerate(lines))
    if any(details_head(numbered[n : n + 4]) for n in range(len(lines) - 3)):
        return Form("details", encoding)
    return Form("posted", encoding) if looks_posted(lines) else None


def as_posted(head: bytes) -> Form | None:
    """The form of a file that must hold texts of events, as its place tells; None where it holds no text."""
    encoding = encoding_of(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).lstrip("\ufeff")
    return None if "\0" in text[:1000] or not text.strip() else Form("posted", encoding)
