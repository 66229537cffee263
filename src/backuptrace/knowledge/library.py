"""All data files: found, read and shaped; nothing compiled yet. Every fault is collected, none stops the reading.

Built-in folders ship inside the package (`backuptrace.parsers`, `backuptrace.signatures`); folders of the user come after them,
a file with the same id replaces the earlier one, and that is reported.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from backuptrace.errors import Fault, UsageError
from backuptrace.knowledge.eventdict import FOLDER, EventsShape
from backuptrace.knowledge.eventlayout import laid_out
from backuptrace.knowledge.shapes import CauseShape, CodeShape, ConfidenceShape, FormatShape, ReleasesShape, SignatureShape

if TYPE_CHECKING:
    from backuptrace.knowledge.yamlfile import KnowledgeFile

MOST_FILES = 20_000
TABLES = ("confidence.yml", "releases.yml")
"""Files of signatures/ that are no signatures."""


class Source(msgspec.Struct, frozen=True):
    """One data file, unread: the name shown to people, its path below its root, its bytes, whether it came from a user's folder, and which."""

    name: str
    path: str
    raw: bytes
    folder: str
    own: bool
    root: str = ""


class Library(msgspec.Struct):
    """The shaped files by id, with their KnowledgeFile for the places of later faults."""

    formats: dict[str, tuple[FormatShape, KnowledgeFile]] = {}
    signatures: dict[str, tuple[SignatureShape, KnowledgeFile]] = {}
    causes: dict[str, tuple[CauseShape, KnowledgeFile]] = {}
    codes: dict[str, tuple[CodeShape, KnowledgeFile]] = {}
    confidence: dict[str, list[int]] = {}
    releases: list[tuple[ReleasesShape, KnowledgeFile]] = []
    events: dict[str, tuple[EventsShape, KnowledgeFile]] = {}
    overrides: list[str] = []
    origins: dict[str, Source] = {}
    """file name -> the file"""
    broken: set[str] = set()
    """ids, by their names, of formats and causes whose files could not be shaped: what speaks of them is no fault of its own"""
    faults: list[Fault] = []


def sources(signatures: Sequence[str | Path] = (), parsers: Sequence[str | Path] = ()) -> list[Source]:
    """Every data file, built-in ones first, sorted by path within a root. Raises UsageError for a folder that does not exist."""
    found: list[Source] = []
    for folder, package, extra in (("parsers", "backuptrace.parsers", parsers), ("signatures", "backuptrace.signatures", signatures)):
        found += _below(import_module(package).__path__[0], folder, "", own=False)
        for root in map(Path, extra):
            if not root.is_dir():
                raise UsageError("not a folder", where=str(root), fix=f"give a folder with .yml files to --{folder}")
            found += _below(str(root), str(root), folder, own=True)
    if len(found) > MOST_FILES:
        raise UsageError(f"more than {MOST_FILES} data files", fix="point --signatures and --parsers at folders of signatures and formats only")
    return found


def fingerprint(items: Iterable[Source]) -> str:
    """SHA-256 over names and contents, as hexadecimal text."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(f"{item.folder}/{item.path}\0{len(item.raw)}\0".encode("utf-8", "surrogateescape") + item.raw)
    return digest.hexdigest()


def shape(items: Iterable[Source]) -> Library:
    """Reads every file into its shape. Faults are in `Library.faults`."""
    from backuptrace.knowledge import yamlfile

    library = Library()
    for item in items:
        library.origins[item.name] = item
        loaded = yamlfile.read(item.name, item.raw, library.faults, ours=not item.own)
        if loaded is None:
            library.broken.add(item.path.rsplit("/", 1)[-1])
            continue
        if item.own and (misplaced := _misplaced(item, loaded)):
            library.faults.append(misplaced)
            library.broken.add(item.path.rsplit("/", 1)[-1])
            continue
        if item.folder == "parsers" and item.path.startswith(FOLDER):
            _add(library, library.events, EventsShape, item, loaded, item.path.rsplit("/", 1)[-1])
        elif item.folder == "parsers":
            _add(library, library.formats, FormatShape, item, loaded, item.path.rsplit("/", 1)[-1])
        elif item.path.startswith("causes/"):
            _add(library, library.causes, CauseShape, item, loaded, item.path.rsplit("/", 1)[-1])
        elif item.path.startswith("errors/"):
            _add(library, library.codes, CodeShape, item, loaded, "")
        elif item.path == "confidence.yml":
            shaped = loaded.convert(ConfidenceShape, library.faults)
            library.confidence = {} if shaped is None else shaped.fired
        elif item.path == "releases.yml":
            table = loaded.convert(ReleasesShape, library.faults)
            library.releases += [] if table is None else [(table, loaded)]
        else:
            _add(library, library.signatures, SignatureShape, item, loaded, item.path.replace("/", "."))
    return library


def _misplaced(item: Source, loaded: KnowledgeFile) -> Fault | None:
    """A signature in a folder of formats, or the other way round: one folder given to both options."""
    foreign = {
        "parsers": {"signature": ("$.select", "$.verdicts"), "cause": ("$.observable", "$.steps")},
        "signatures": {"format": ("$.kind", "$.reader")},
    }
    for kind, keys in foreign.get(item.folder, {}).items():
        if all(map(loaded.holds, keys)):
            fix = "keep signatures and formats in two folders, and give one to --signatures and the other to --parsers"
            return Fault(loaded.place(), f"a {kind} in the folder that was given to --{item.folder}", fix)
    return None


def _add(library: Library, known: dict[str, Any], kind: Any, item: Source, loaded: KnowledgeFile, expected: str) -> None:
    shaped = loaded.convert(kind, library.faults)
    if shaped is None:
        library.broken.add(item.path.rsplit("/", 1)[-1])
        return
    key = shaped.code.casefold() if kind is CodeShape else shaped.id
    if expected and key != expected:
        library.faults.append(Fault(loaded.place("$.id"), f"the id {key!r} differs from the file's path", f"write `id: {expected}`, or move the file"))
    if key in known:
        earlier = library.origins[known[key][1].name]
        if not item.own or (earlier.own and item.root == earlier.root):
            library.faults.append(Fault(loaded.place("$.id"), f"{key!r} is declared twice, also in {earlier.name}", "keep one of the two"))
            return
        library.overrides.append(f"{item.name} replaces {known[key][1].name}")
    known[key] = (laid_out(shaped) if kind is FormatShape else shaped, loaded)


def _below(root: str, shown: str, folder: str, *, own: bool) -> list[Source]:
    """`folder`: parsers or signatures, "" when `shown` already is that name."""
    found: list[tuple[str, str]] = []
    stack = [("", root)]
    while stack and len(found) <= MOST_FILES:
        prefix, at = stack.pop()
        with os.scandir(at) as entries:
            for entry in entries:
                path = prefix + entry.name
                if entry.name.startswith((".", "__")):
                    continue
                if entry.is_dir():
                    stack.append((path + "/", entry.path))
                elif entry.name.endswith((".yml", ".yaml")):
                    found.append((path, entry.path))
    return [
        Source(f"{shown}/{path}", path if path in TABLES else path.rsplit(".", 1)[0], _bytes(file), folder or shown, own, shown) for path, file in sorted(found)
    ]


def _bytes(file: str) -> bytes:
    with open(file, "rb", buffering=0) as opened:  # noqa: PTH123  a Path for each of hundreds of files takes longer than to read them
        return opened.read()
