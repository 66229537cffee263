"""Which declared format an artifact has: by its path, by its bare name, by its first bytes; scored and explained.

A lone file is judged by its first bytes whatever it is called. In a larger bundle the path decides, because lines of our logs are
quoted in foreign files (another extension's output, a ticket robot's messages): a look at the content alone would take those for ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from backuptrace.knowledge.loading import Ready
from backuptrace.knowledge.shapes import FormatShape

HEAD = 64 << 10
"""Bytes that are looked at."""
_ROTATED = re.compile(r"(?:\.gz|\.bz2|\.xz|\.zst|\.\d{1,4}|-\d{8}(?:-\d+)?|-\d{4}-\d\d-\d\d(?:-\d+)?|\.old)$")


class Recognised(NamedTuple):
    """The format (None: unknown), the base path that rotated parts of one log share, and why."""

    ready: Ready | None
    base: str
    why: str


def base_path(path: str) -> str:
    """The path without marks of rotation and compression: `waagent.log-2026-11-23-1795408797.gz` -> `waagent.log`."""
    folder, slash, name = path.rpartition("/")
    while (shorter := _ROTATED.sub("", name)) not in (name, ""):
        name = shorter
    return folder + slash + name


def recognise(path: str, head: bytes, formats: Iterable[Ready], *, lone: bool) -> Recognised:
    """The best format for an artifact; `lone`: the bundle is this single file."""
    inner = path.rsplit("!", 1)[-1]
    base = base_path(inner)
    best, score, why = None, 0, "no format is declared for this path"
    for ready in formats:
        by_path = _any(ready.shape.path, base) and not _any(ready.shape.not_path, base)
        named = not by_path and _any(ready.shape.name, base.rpartition("/")[2]) and not _any(ready.shape.not_path, base)
        if not (by_path or named or lone):
            continue
        seen = any(pattern.search(head) for pattern in ready.heads) if ready.heads else False
        points = 4 + seen if by_path else 2 if named and seen else 1 if lone and seen else 0
        if points > score:
            how = "its path" if by_path else "its name and first lines" if named else "its first lines"
            best, score, why = ready, points, how
    return Recognised(best, path[: len(path) - len(inner)] + base, why)


def matches_path(shape: FormatShape, path: str) -> bool:
    """Whether an artifact with this path, or with this bare name, may have the format."""
    base = base_path(path.rsplit("!", 1)[-1])
    return (_any(shape.path, base) or _any(shape.name, base.rpartition("/")[2])) and not _any(shape.not_path, base)


def _any(globs: Iterable[str], path: str) -> bool:
    return any(_compiled(glob).search(path) for glob in globs)


@lru_cache(2048)
def _compiled(glob: str) -> re.Pattern[str]:
    """A glob on the end of a path, whole components, any case; `*` and `?` cross no slash, `**` does."""
    text = re.escape(glob.replace("\\", "/")).replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return re.compile(f"(?:^|/){text}$", re.IGNORECASE)
