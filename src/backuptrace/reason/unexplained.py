"""Lines of trouble that no signature knows: their changing parts masked, grouped, counted.

A format declares them by milestones of the role `trouble` (a level, a traceback). Only kept hits are looked at, the first and last of
every hour, so a storm stays cheap: `count` is what was kept of a group, the log's own totals stand in its hits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from backuptrace.knowledge.compiled import Pack
from backuptrace.timeline.assembly import Placed, Timeline

MOST_GROUPS = 30
_RAISED = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt)\b")
_MASKS = [
    (re.compile(r"^\d{4}[-/]\d\d[-/]\d\d[T ]\S+\s*"), ""),
    (re.compile(r"https?://\S+"), "<url>"),
    (re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"), "<id>"),
    (re.compile(r"\b[0-9A-Fa-f]{16,}\b"), "<hex>"),
    (re.compile(r"\d+"), "<n>"),
]


@dataclass(frozen=True, slots=True)
class Group:
    """Alike lines: the masked text, the kept hits in order of time."""

    template: str
    items: list[Placed]


def group(timeline: Timeline, pack: Pack) -> list[Group]:
    """The groups, largest first, ties by first time and text."""
    troubles = {m.key for shape in pack.formats for m in shape.milestones if m.role == "trouble"}
    groups: dict[str, list[Placed]] = defaultdict(list)
    for slot in sorted(troubles):
        for item in timeline.placed.get(slot, ()):
            if item.event.offset not in item.log.explained:
                groups[mask(item)].append(item)
    found = [Group(template, items) for template, items in groups.items()]
    found.sort(key=lambda one: (-len(one.items), one.items[0].utc, one.template))
    return found[:MOST_GROUPS]


def mask(item: Placed) -> str:
    """The first line, and what a traceback says was raised, with numbers, ids and addresses folded."""
    lines = [line for line in item.event.told.text.splitlines() if line.strip()] or [""]
    text = lines[0]
    if any(line.startswith("Traceback (most recent call last)") for line in lines):
        text += "".join(f" … {line}" for line in reversed(lines) if _RAISED.match(line))[:200]
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return text.strip()[:300]
