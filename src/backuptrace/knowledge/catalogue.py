"""Looking things up in the catalogue of causes and codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches

import msgspec

from backuptrace.knowledge.shapes import CauseShape, CodeShape, Provenance

YEAR = 365
"""Days after which a source counts as old."""
_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")


def find_code(name: str, codes: Iterable[CodeShape]) -> CodeShape | None:
    """The code with this name or number, in any case."""
    wanted = name.strip().casefold()
    return next((code for code in codes if wanted in _names(code)), None)


def find_cause(name: str, causes: Iterable[CauseShape]) -> CauseShape | None:
    """The cause with this id, in any case; `_` and blanks count as `-`."""
    wanted = re.sub(r"[\s_]+", "-", name.strip().casefold())
    return next((cause for cause in causes if cause.id == wanted), None)


def close_names(name: str, causes: Sequence[CauseShape], codes: Sequence[CodeShape]) -> list[str]:
    """Up to three names that look like a mistyped one, the most similar first: ids of causes, names of codes."""
    known = {cause.id: cause.id for cause in causes}
    for code in codes:
        known |= {str(alias).casefold(): str(alias) for alias in code.aliases if isinstance(alias, str)}
        known[code.code.casefold()] = code.code
    wanted = name.strip().casefold()
    found = get_close_matches(wanted, list(known), 3, 0.6)
    if not found and len(wanted) >= 4:
        found = [key for key in known if wanted in key][:3]
    return list(dict.fromkeys(known[key] for key in found))


def _names(code: CodeShape) -> set[str]:
    return {code.code.casefold(), *(str(alias).casefold() for alias in code.aliases)}


class Stale(msgspec.Struct, frozen=True):
    """An entry whose source is old: `name` is the id of a cause or the name of a code, `days` its age, None where the source has no date."""

    name: str
    source: Provenance
    days: int | None


def day_of(text: str) -> date | None:
    """The day of `YYYY-MM-DD`, the first one of `YYYY-MM`; None for anything else."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return None


def stale(causes: Iterable[CauseShape], codes: Iterable[CodeShape], today: date) -> list[Stale]:
    """Entries whose source was published more than a year before `today`, or nobody knows when: the oldest first, then by name."""
    found = []
    for name, source in [*((cause.id, cause.source) for cause in causes), *((code.code, code.source) for code in codes)]:
        published = day_of(source.published)
        age = None if published is None else (today - published).days
        if age is None or age > YEAR:
            found.append(Stale(name, source, age))
    return sorted(found, key=lambda item: (item.days is not None, -(item.days or 0), item.name))
