"""`backuptrace signatures fmt`: data files on disk into their canonical form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from backuptrace.cli import output
from backuptrace.errors import Fault, UsageError
from backuptrace.knowledge import yamlfile
from backuptrace.knowledge.eventdict import EventsShape
from backuptrace.knowledge.formatting import formatted
from backuptrace.knowledge.shapes import CauseShape, CodeShape, FormatShape, SignatureShape


def format_files(paths: Sequence[Path], *, only_check: bool) -> bool:
    """Formats files, and those below folders. True if something was refused or, with `only_check`, would change. Raises UsageError."""
    if not paths:
        raise UsageError("nothing to format", fix="name files or folders, or give --signatures DIR")
    bad = False
    for path in _files(paths):
        raw, faults = path.read_bytes(), list[Fault]()
        kind = _kind(path, raw)
        if kind is None:
            continue
        text = formatted(str(path), raw, kind, faults)
        for fault in faults:
            output.note(str(fault))
        bad = bad or bool(faults)
        if text is not None and text.encode() != raw:
            bad = bad or only_check
            if not only_check:
                output.write_file(str(path), text.encode())
            output.write_stdout(f"{path}: {'would change' if only_check else 'formatted'}\n")
    return bad


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.suffix in (".yml", ".yaml") and found.is_file())
        elif path.is_file():
            yield path
        else:
            raise UsageError("not found", where=str(path), fix="name a file or folder that exists")


_EVENTS = frozenset(EventsShape.__struct_fields__) - {"schema", "id", "notes"}


def _kind(path: Path, raw: bytes) -> Any:
    """The shape by the keys that the file has; None for what is none of ours (confidence.yml, case.yml)."""
    loaded = yamlfile.read(str(path), raw, [])
    keys = loaded.data if loaded and isinstance(loaded.data, dict) else None
    if keys is None:
        return SignatureShape  # the fault is told when it is formatted
    for key, kind in (("verdicts", SignatureShape), ("select", SignatureShape), ("reader", FormatShape), ("explanation", CauseShape), ("code", CodeShape)):
        if key in keys and "origin" not in keys:
            return kind
    return EventsShape if "schema" in keys and _EVENTS.intersection(keys) else None
