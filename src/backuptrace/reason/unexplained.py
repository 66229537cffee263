"""Lines of trouble that no signature knows: their changing parts masked, grouped, counted.

A format declares them by milestones of the role `trouble` (a level, a traceback). Only kept hits are looked at, the first and last of
every hour, so a storm stays cheap: `count` is what was kept of a group, the log's own totals stand in its hits.
"""

from __future__ import annotations

import re
from collections import defaultdict

import msgspec

from backuptrace.timeline.assembly import Timeline
from backuptrace.timeline.placed import Placed

MOST_GROUPS = 30
TRACEBACK = "Traceback (most recent call last)"
_RAISED = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt)\b")
_STAMP = re.compile(r"^\d{4}[-/]\d\d[-/]\d\d[T ]\S+\s*")
_URL = re.compile(r"https?://\S+")
_ID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_HEX = re.compile(r"\b[0-9A-Fa-f]{16,}\b")
_NUMBER = re.compile(r"\d\d*")
"""Two classes where one with `+` would do: so `re` passes over the rest faster."""
_AS_HEX = bytes.maketrans(bytes(range(256)), bytes(ord("0") if byte in b"0123456789ABCDEFabcdef" else ord(" ") for byte in range(256)))
_LONG = b"0" * 16


class Group(msgspec.Struct, frozen=True):
    """Alike lines: the masked text, the kept hits in order of time."""

    template: str
    items: list[Placed]


def group(timeline: Timeline) -> list[Group]:
    """The groups, largest first, ties by first time and text."""
    troubles = sorted(m.key for m in timeline.milestones if m.role == "trouble")
    groups: dict[str, list[Placed]] = defaultdict(list)
    for slot in troubles:
        for item in timeline.placed[slot]:
            if item.event.offset not in item.log.explained:
                groups[mask(item)].append(item)
    found = [Group(template, items) for template, items in groups.items()]
    found.sort(key=lambda one: (-len(one.items), one.items[0].utc, one.template))
    return found[:MOST_GROUPS]


def mask(item: Placed) -> str:
    """The first line, and what a traceback says was raised, with numbers, ids and addresses folded."""
    whole = item.event.told.text
    lines = whole.splitlines()
    text = next((line for line in lines if line.strip()), "")
    if TRACEBACK in whole and any(line.startswith(TRACEBACK) for line in lines):
        text += "".join(f" … {line}" for line in reversed(lines) if _RAISED.match(line))[:200]
    if stamp := _STAMP.match(text):
        text = text[stamp.end() :]
    if "://" in text:
        text = _URL.sub("<url>", text)
    if text.count("-") >= 4:
        text = _ID.sub("<id>", text)
    if _LONG in text.encode("utf-8", "surrogatepass").translate(_AS_HEX):
        text = _HEX.sub("<hex>", text)
    return _NUMBER.sub("<n>", text).strip()[:300]
