"""The settings that a bundle holds, key by key: configuration files and other states of the machine, for comparing two bundles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from backuptrace.bundle.opening import Bundle
from backuptrace.knowledge.loading import Knowledge, Ready
from backuptrace.knowledge.sectioning import plain
from backuptrace.model import Log
from backuptrace.readers import conf, jsontree, rows, xmltree
from backuptrace.readers.encodings import utf8
from backuptrace.readers.stream import beginning

CAP = 1 << 20
"""Bytes of a source that are compared."""
MOST = 5_000
"""Settings of a source that are compared."""
DEEPEST = 12
READERS = ("conf", "json", "xml", "rows")


class Setting(NamedTuple):
    """A value and where it stands; `line` counts from 1, None where it is not known."""

    value: str
    path: str
    line: int | None = None


Settings = dict[str, dict[str, Setting]]
"""Format id -> key -> setting. Of texts that are no `key = value` each line is a key of its own, with itself as value."""


def settings_of(bundle: Bundle, logs: Sequence[Log], knowledge: Knowledge) -> tuple[Settings, list[str]]:
    """The settings of all sources without times, and the paths of those that were too long to be compared whole. Reads the bundle once more."""
    wanted: dict[str, list[Log]] = {}
    for log in logs:
        if log.format in knowledge.formats and (shape := knowledge.formats[log.format].shape).timeless and shape.reader in READERS:
            wanted.setdefault(log.path, []).append(log)
    found: Settings = {}
    cut: list[str] = []
    for artifact in bundle.artifacts():
        parts = wanted.get(artifact.path, [])
        raw = beginning(artifact, CAP + 1) if parts else b""
        full = len(raw) > CAP
        for log in parts:
            ready = knowledge.formats[log.format]
            text = plain(raw)[log.begin : log.begin + log.size] if log.section else raw
            keys = found.setdefault(ready.shape.id, {})
            for key, setting in _settings(text[:CAP], artifact.path, ready):
                if len(keys) >= MOST:
                    break
                keys[key] = setting if setting.line is None else setting._replace(line=log.above + setting.line)
            full = full or len(keys) >= MOST
        if full:
            cut.append(artifact.path)
    return found, cut


def _settings(raw: bytes, path: str, ready: Ready) -> Iterator[tuple[str, Setting]]:
    text = utf8(raw).decode("utf-8", "replace")
    if ready.shape.reader == "conf":
        for setting in conf.settings(text):
            yield setting.key, Setting(setting.value, path, setting.line)
    elif ready.shape.reader == "rows":
        for row in rows.rows(text, ready.rows, ready.shape.carry):
            line = row.text.strip()
            yield " ".join([*(row.fields.get(name, "") for name in ready.shape.carry), line]).strip(), Setting(line, path, row.line)
    else:
        try:
            data = jsontree.read(utf8(raw)) if ready.shape.reader == "json" else xmltree.read(utf8(raw))
        except ValueError:
            return
        for key, value in _leaves(data, "", DEEPEST):
            yield key, Setting(value, path)


def _leaves(data: Any, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    if not depth:
        return
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, f"{prefix}.{key}" if prefix else str(key), depth - 1)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _leaves(value, f"{prefix}[{number}]", depth - 1)
    elif data is not None:
        yield prefix, str(data)
