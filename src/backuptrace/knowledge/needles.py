r"""Texts that the raw bytes of an event must hold for a selection to hold: what is searched before anything of an event file is decoded.

A needle is plain ASCII text of a value that event files keep as text. What they may keep in binary form (numbers, GUIDs, SIDs, times,
true and false) is none, nor what the canonical line writes in another way (backslashes: a line break becomes `\n`), nor what only it has:
the names of classic data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from backuptrace.knowledge.compiled import RawPattern
from backuptrace.knowledge.selections import Condition
from backuptrace.matcher import Pattern
from backuptrace.matcher.lineregex import PatternError, escaped
from backuptrace.matcher.regexsyntax import Branches, Item, parse
from backuptrace.readers.eventdict import EventDictionary
from backuptrace.readers.eventwords import Words
from backuptrace.readers.winevent import MESSAGE


class Needle(NamedTuple):
    """Text of which an event that fulfils a selection holds at least one."""

    text: str
    ignore_case: bool


LEAST, LEAST_NAME = 3, 3
"""Characters of a needle; a provider may be called VSS or disk, and so may a service."""
_COMMON = (
    "running", "stopped", "paused", "disabled", "auto start", "demand start", "error", "warning", "information", "exe", "dll", "system", "system32",
    "windows", "microsoft", "microsoft-windows-", "service", "agent", "event", "provider", "program", "files",
)  # fmt: skip
"""Words of so many events that a search for them tells little: taken where there is nothing else."""
_BINARY_FORM = re.compile(r"[-+.{}0-9a-fx]*|s?[-0-9]*|[-0-9:.]*t?[-0-9:.]*z?", re.IGNORECASE)
"""Numbers and GUIDs, SIDs, times, and parts of them."""
_BINARY_WORDS = ("true", "false", "nan", "infinity")
_BINARY = "data.Binary"
_GROUP = re.compile(r"\(\?P<([^>]+)>")
_ESCAPED = "\\\t "
"""Characters of the canonical line that may stand for others of the file: escapes, and a blank for any run of white space."""


def needles(found: Sequence[Condition], names: Iterable[str] = ()) -> list[Needle] | None:
    """Needles of one selection, of which every event that fulfils it holds at least one; None where there is none.

    names: of data, as the event dictionary gives them. The values inside the event are rarer than its provider, which stands in every
    part of most logs.
    """
    known = [name.casefold() for name in (*names, MESSAGE)]
    wanted = [c for c in found if not c.negated]
    for kind in ("data.", "message", "provider"):
        best: list[Needle] | None = None
        for condition in wanted:
            if not condition.field.startswith(kind) or condition.field == _BINARY:
                continue
            made = _of(condition)
            if made and kind == "message" and any(needle.text.casefold() in name for needle in made for name in known):
                continue
            if made and (best is None or _shortest(made) > _shortest(best)):
                best = made
        if best is not None:
            return best
    return None


def data_names(words: Words) -> frozenset[str]:
    """Every name that the event dictionary gives to data."""
    events = [event for provider in words.providers for event in provider.events.values()]
    patterns = [pattern for event in events for patterns in (event.shapes, *event.extract.values()) for pattern in patterns]
    groups = {name for pattern in patterns for name in _GROUP.findall(pattern)}
    return frozenset(groups.union(*(event.fields for event in events), *(provider.renames.values() for provider in words.providers)))


def raw_patterns(found: Mapping[Needle, Sequence[int]], words: Words) -> list[RawPattern]:
    """Patterns for the raw bytes of an event file, UTF-16, single bytes and UTF-8, in every spelling that the event dictionary brings to the needle's text.

    found: needles with the slots that they are for.
    """
    dictionary = EventDictionary(words)
    known = {*words.services, *(word for table in words.tables.values() for word in table), *(provider.name for provider in words.providers)}
    texts: dict[tuple[str, bool], set[int]] = {}
    for needle, slots in found.items():
        held = [word for word in known if needle.text.casefold() in word.casefold()]
        others = {spelling for word in (needle.text, *sorted(held)) for spelling in dictionary.spellings(word)} - {needle.text}
        # The dictionary writes its words in their own case, whatever the file has.
        for text, ignore_case in [(needle.text, needle.ignore_case or bool(held)), *((spelling, True) for spelling in sorted(others))]:
            texts.setdefault((text, ignore_case), set()).update(slots)
    out: dict[Pattern, set[int]] = {}
    for (text, ignore_case), wanted_by in texts.items():
        if any(_covers(other, text, ignore_case) and wanted_by <= slots for other, slots in texts.items()):
            continue
        # An engine knows the two cases of ASCII letters only. Alternatives inside of a pattern would cost half of its speed.
        for form in sorted({text, text.lower(), text.upper()}) if ignore_case and not text.isascii() else [text]:
            for encoding in ("utf-16-le", "cp1252", "utf-8"):
                if _writable(form, encoding):
                    pattern = Pattern("".join(f"\\x{byte:02x}" for byte in form.encode(encoding)), ignore_case)
                    out.setdefault(pattern, set()).update(wanted_by)
    return [RawPattern(pattern, sorted(slots)) for pattern, slots in out.items()]


def _covers(other: tuple[str, bool], text: str, ignore_case: bool) -> bool:
    """Whether whatever holds the text holds the other one, which is shorter (or ignores case), too."""
    if not other[1]:
        return not ignore_case and other[0] != text and other[0] in text
    shorter = len(other[0]) < len(text) or (not ignore_case and len(other[0]) == len(text))
    return shorter and other[0].isascii() and other[0].lower() in text.lower()


def _writable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _shortest(made: list[Needle]) -> int:
    return _length([needle.text for needle in made])


def _of(condition: Condition) -> list[Needle] | None:
    texts: list[str] = []
    name = condition.field == "provider"
    alternatives = [[v] if name and condition.how == "equals" and v.isascii() and len(v) >= LEAST_NAME else _texts(condition, v) for v in condition.values]
    if condition.every:
        known = [found for found in alternatives if found]
        if not known:
            return None
        texts = max(known, key=_length)
    else:
        for found in alternatives:
            if not found:
                return None
            texts += found
    return [Needle(text, condition.ignore_case or name) for text in dict.fromkeys(texts)]


def _texts(condition: Condition, value: str) -> list[str] | None:
    try:
        branches, _ = parse(value if condition.how == "re" else escaped(value), ignore_case=condition.ignore_case)
    except PatternError:
        return None
    found = _required(branches)
    if found and condition.field == "message" and any("=" in text for text in found):
        return None  # it may name a datum, and classic events keep no names
    return found


def _required(branches: Branches) -> list[str] | None:
    """One text for each way in which the pattern can match; None where one of them needs none."""
    out: list[str] = []
    for branch in branches:
        found = _best(branch)
        if not found:
            return None
        out += found
    return out


def _best(branch: list[Item]) -> list[str] | None:
    groups = [_required(item.group) for item in branch if item.group is not None and item.low]
    choices = [[text] for text in _runs(branch) if _usable(text)] + [found for found in groups if found]
    return max(choices, key=_length, default=None)


def _length(texts: list[str]) -> int:
    """How much a search for them tells: characters of the shortest, none for a common word."""
    return min(0 if text.casefold() in _COMMON else len(text) for text in texts)


def _runs(branch: Iterable[Item]) -> list[str]:
    runs = [""]
    for item in branch:
        char = _char(item)
        if char:
            runs[-1] += char
        elif not (item.anchor and item.text != "\\B"):
            runs.append("")
    return runs


def _char(item: Item) -> str:
    """The one certain character of an item, "" where it is none or may be written otherwise in the file."""
    if item.anchor or item.group is not None or not item.plain or (item.low, item.high) != (1, 1) or min(item.values) > 127:
        return ""
    char = item.text if len(item.text) == 1 else bytes.fromhex(item.text[2:]).decode("latin-1") if item.text.startswith("\\x") else ""
    return "" if char in _ESCAPED else char


def _usable(text: str) -> bool:
    piece = text.lower().strip(",")
    return len(text) >= LEAST and not _BINARY_FORM.fullmatch(piece) and not any(piece in word for word in _BINARY_WORDS)
