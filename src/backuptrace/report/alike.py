"""How lines of logs are told in short, and which of them say the same but for numbers and ids."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backuptrace.readers.winevent import SEPARATOR, START
from backuptrace.report.document import Evidence

_HEX = "[0-9a-fA-F]"
_VARIABLE = re.compile(rf"{_HEX}(?:{_HEX}{{7}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}|(?:(?<=[0-9])|(?=[a-fA-F]*[0-9])){_HEX}{{7,}}|(?<=[0-9])[0-9]*)")
"""GUIDs, long hexadecimal numbers, any other number. It begins with a class of characters, because `re` looks for those quickly."""
_HEAD = re.compile(
    r"(?:\[\d{8}\]\s*)?"
    r"(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\[\d\d/\d\d/\d{4} \d\d:\d\d:\d\d(?:\.\d+)?\]"
    r"|(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d(?: [A-Z]{3,5} \d{4}-)?)\s*"
    r"(?:\[[A-Za-z]+(?:\.[\w-]+){2,}\]\s*)?"
)
"""A number of the thread, a stamp, and the long name of a program in brackets that the name of its log tells too."""
_EVENT = re.compile(f"{START}{SEPARATOR}?")
FAR, BEFORE = 120, 20
"""A hit that begins so many characters into its line is told from a few characters before it."""


def masked(text: str) -> str:
    """The text with everything that varies from line to line as `0`."""
    return _VARIABLE.sub("0", text)


def alike(lines: Sequence[Evidence]) -> list[list[Evidence]]:
    """Lines of one source that differ in numbers and ids only, as one group; groups in the order of their first line."""
    groups: dict[tuple[str, str, str], list[Evidence]] = {}
    for item in lines:
        groups.setdefault((item.source, item.signature, masked(item.text)), []).append(item)
    return list(groups.values())


def hit_line(text: str, at: int) -> str:
    """The line around the character `at` without its stamp; of a long line the part from the hit on."""
    begin, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[begin : end if end >= 0 else len(text)]
    if event := _EVENT.match(line):
        return _event(event, line, at - begin)
    head = _HEAD.match(line)
    shown = head.end() if head else 0
    into = at - begin - shown
    return f"…{line[at - begin - BEFORE :]}".rstrip() if into > FAR else line[shown:].strip()


def _event(head: re.Match[str], line: str, at: int) -> str:
    """`Application Error 1000: AppName=..., ModuleName=...`: an event of Windows by its provider, its id and its values."""
    name, into = f"{head['provider']} {head['event_id']}", at - head.end()
    values = f"…{line[at - BEFORE :]}" if into > FAR else line[head.end() :]
    return f"{name}: {', '.join(values.strip().split(SEPARATOR))}" if values.strip() else name


def quotable(item: Evidence) -> str:
    """The text to quote a line of; where no line of several is marked as the one that hit, all of them as one."""
    return item.text if item.hit_to else " ".join(line.strip() for line in item.text.split("\n") if line.strip())


def event_name_at(text: str) -> int:
    """Where in the line of a Windows event the name of its provider begins: time, record and channel are told beside it. 0 for any other line."""
    event = _EVENT.match(text)
    return event.start("provider") if event else 0
