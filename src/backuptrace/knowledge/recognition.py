"""Which declared format an artifact has: by its path, by its bare name, by its first bytes; scored and explained.

A lone file is judged by its first bytes whatever it is called. In a larger bundle the path decides, because lines of our logs are
quoted in foreign files (another extension's output, a ticket robot's messages): a look at the content alone would take those for ours.
For the same reason nothing in the log folder of another extension is taken by its name or by the end of its path. Where several formats
fit equally well, the one that explains most of the first lines wins, then one that tells how a line begins, not only a word in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from backuptrace.knowledge.globs import one_of
from backuptrace.knowledge.loading import Ready
from backuptrace.knowledge.shapes import FormatShape

HEAD = 64 << 10
"""Bytes that are looked at."""
_ROTATED = re.compile(r"(?:(?<=\.log)\.bak|\.gz|\.bz2|\.xz|\.zst|\.\d{1,4}|-\d{8}(?:-\d+)?|-\d{4}-\d\d-\d\d(?:-\d+)?|\.old)$")


PATHS = 500
"""Paths of which is remembered what they allow: those of one bundle are those of the next."""
LOOKED_AT = 200
"""Lines that decide between formats."""
SURE = 0.9
"""Of these the part that a format explains if there can be no doubt."""
_TRUNCATED = re.compile(r"truncated_var_log_([^_]+)$")
_FOREIGN = re.compile(r"(?:^|[/_])(?:var[/_]log[/_]azure|WindowsAzure[/_]Logs[/_]Plugins)[/_](?!Microsoft\.Azure\.RecoveryServices\.)[^/]", re.IGNORECASE)
"""The log folder of an extension that is not ours, also with its name flattened: only a path that names it counts there."""
_NUMBERED = re.compile(r"\.\d{3}(?=\.log$)", re.IGNORECASE)
"""The Windows agent rolls WaAppAgent.log to WaAppAgent.000.log."""
_HISTORY = re.compile(r"(history/)\d{4}-\d\d-\d\d[^/!]*?(?:\.zip!|/)", re.IGNORECASE)


class Recognised(NamedTuple):
    """The format (None: unknown), the base path that rotated parts of one log share, and why.

    sure: its path or name and its first lines agree, or its first lines alone leave no doubt.
    """

    ready: Ready | None
    base: str
    why: str
    sure: bool = False


def base_path(path: str) -> str:
    """The path without marks of rotation and compression: `waagent.log-2026-11-23-1795408797.gz` -> `waagent.log`.

    The agent's collector cuts large files (`truncated_var_log_syslog.1`): a rotated one gets the name of the log that it is a part of.
    What the agent keeps of its goal states (`history/2026-11-23T00-33-18__2/`, `.zip`) shares one path for all times.
    """
    folder, slash, name = path.rpartition("/")
    whole = name
    while (shorter := _ROTATED.sub("", name)) not in (name, ""):
        name = shorter
    name = _NUMBERED.sub("", name)
    if name != whole and (cut := _TRUNCATED.match(name)):
        name = f"var/log/{cut[1]}"
    return folder + slash + name


def is_foreign(path: str) -> bool:
    """Whether a path lies in the log folder of an extension that is not ours: what stands there may quote anything."""
    return _FOREIGN.search(path.rsplit("!", 1)[-1]) is not None


def recognise(path: str, head: bytes, formats: Sequence[Ready], *, lone: bool) -> Recognised:
    """The best format for an artifact; `lone`: the bundle is this single file."""
    inner = path.rsplit("!", 1)[-1]
    base = base_path(inner)
    foreign = is_foreign(path)
    best: Sequence[Ready]
    fitting, best = _by_path(base, foreign, tuple(formats))
    why = "its path" if best else "no format is declared for this path"
    if best and (begun := [ready for ready in best if begins(ready, head)]):
        best, why = begun, "its path and first lines"
    elif not best and not foreign and (best := [ready for ready in fitting if ready.names.search(base) and begins(ready, head)]):
        why = "its name and first lines"
    elif not best and lone and (best := [ready for ready in formats if begins(ready, head)]):
        why = "its first lines"
    chosen = max(best, key=lambda ready: (explained(ready, head), begins(ready, head, by_line=True))) if len(best) > 1 else best[0] if best else None
    outer = path[: len(path) - len(inner)]
    sure = why.endswith("and first lines") or (chosen is not None and lone and chosen.shape.reader == "lines" and explained(chosen, head) >= SURE)
    return Recognised(chosen, _HISTORY.sub(r"\1*/", outer + base), why, sure=sure)


@lru_cache(PATHS)
def _by_path(base: str, foreign: bool, formats: Sequence[Ready]) -> tuple[Sequence[Ready], Sequence[Ready]]:
    """The formats that a path or bare name allows, and those of them that declare the path."""
    path = base.lower()
    likely = {ready for clue, ready in _clues(formats) if clue in path}
    wanted = [ready for ready in formats if ready in likely and ready.wanted.search(base)]
    fitting = [ready for ready in wanted if not ready.refused.search(base)]
    return fitting, [ready for ready in fitting if (ready.foreign_paths if foreign else ready.paths).search(base)]


@lru_cache(16)
def _clues(formats: Sequence[Ready]) -> list[tuple[str, Ready]]:
    return [(clue, ready) for ready in formats for clue in ready.clues]


def begins(ready: Ready, head: bytes, *, by_line: bool = False) -> bool:
    """Whether one of the format's heads is there; by_line: one that tells how a line begins."""
    return any(pattern.search(_below_newline(head) if newline else head) for pattern, newline in ready.heads if newline or not by_line)


@lru_cache(1)
def _below_newline(head: bytes) -> bytes:
    """Every line with a newline before it."""
    return b"\n" + head


def explained(ready: Ready, head: bytes) -> float:
    """How much of the first lines the format explains, 0 to 1; of a document, whether it begins as such."""
    lines = [line for line in head.split(b"\n", LOOKED_AT)[:LOOKED_AT] if line.strip()]
    if ready.shape.reader == "lines":
        return sum(any(start.match(line) for start, _, _ in ready.starts) for line in lines) / (len(lines) or 1)
    if ready.shape.reader == "rows":
        texts = [line.decode("utf-8", "replace") for line in lines]
        return sum(any(row.search(text) for row in ready.rows) for text in texts) / (len(texts) or 1)
    return float(head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{[" if ready.shape.reader == "json" else b"<" if ready.shape.reader == "xml" else b"\0"))


def matches_path(shape: FormatShape, path: str) -> bool:
    """Whether an artifact with this path, or with this bare name, may have the format."""
    base = base_path(path.rsplit("!", 1)[-1])
    return one_of([*shape.path, *shape.name]).search(base) is not None and not one_of(shape.not_path).search(base)
