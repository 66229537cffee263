"""Which bundles a fleet consists of: folders, globs, lists of them and single files, each bundle once, in the order of their paths.

A file that is named is a bundle, whatever it is called. A folder is one if it looks like the machine's own (`MARKS`) or holds nothing but loose files;
any other folder stands for what lies in it, archives and folders alike. What is left aside there becomes a problem.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from backuptrace.bundle.liveroot import is_root
from backuptrace.bundle.names import printable
from backuptrace.errors import UsageError
from backuptrace.model import Problem

MARKS = ("var/log", "var/lib/waagent", "etc/waagent.conf", "WindowsAzure", "Packages/Plugins", "Windows/System32", "waagent.log", "WaAppAgent.log")
"""What lies in a folder of one machine: the paths of the agents' logs, of either system, or the logs themselves."""
_ARCHIVE = re.compile(r"\.(?:zip|tar|tgz|tbz2?|txz|tzst|tar\.(?:gz|bz2|xz|zst))$", re.IGNORECASE)
JOURNAL = "fleet.journal"
"""A folder with such a file holds results of a fleet, not bundles."""
DEEPEST = 12
MOST = 200_000
"""Entries of one folder that are looked at."""
LIST = "@"
_GLOB = re.compile(r"[*?\[]")


class Source(NamedTuple):
    """One bundle. path: absolute; label: what it is called among the others; size: bytes; stamp: tells, with path and size, whether it changed."""

    path: str
    label: str
    size: int
    stamp: str

    @property
    def identity(self) -> str:
        """The same text as long as the bundle is the same."""
        return f"{self.path}\0{self.size}\0{self.stamp}"


class Found(NamedTuple):
    """The bundles in the order of their labels, and what was left aside."""

    sources: list[Source]
    problems: list[Problem]


def find(named: Sequence[str], *, without: str = "") -> Found:
    """The bundles that paths, globs and lists (`@list.txt`, `@-`: standard input; a path or glob a line, `#` begins a comment) stand for.

    without: a folder that is no part of it, the results. Raises UsageError for a path, glob or list that is not there.
    """
    walk = _Walk(Path(without).resolve() if without else None)
    for text in _expanded(named):
        walk.named(text)
    named_as = zip(walk.found, _labels(walk.found), strict=True)
    sources = sorted((Source(str(path), label, *measure(path)) for path, label in named_as), key=lambda source: (source.label, source.path))
    return Found(sources, walk.problems)


def measure(path: Path) -> tuple[int, str]:
    """Size in bytes and a text that changes when the bundle does: the time of its last change, of a folder a sum over its files."""
    try:
        info = path.stat()
    except OSError:
        return 0, "gone"
    if not stat.S_ISDIR(info.st_mode):
        return info.st_size, str(info.st_mtime_ns)
    total, sum_ = 0, hashlib.blake2b(digest_size=12)
    tops = [path / mark for mark in MARKS if (path / mark).is_dir()] if is_root(path) else [path]
    for entry in islice(_files(tops), MOST):
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        total += info.st_size
        name = entry.path[len(str(path)) :]
        sum_.update(f"{name}\0{info.st_size}\0{info.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return total, sum_.hexdigest()


def _files(tops: Sequence[Path]) -> Iterator[os.DirEntry[str]]:
    """The files below some folders, in a fixed order; links are not followed."""
    stack = list(reversed(tops))
    while stack:
        folders = []
        for entry in _listing(stack.pop()):
            if _is_folder(entry):
                folders.append(Path(entry.path))
            else:
                yield entry
        stack += reversed(folders)


def _expanded(named: Sequence[str]) -> Iterator[str]:
    for text in named:
        if not text.startswith(LIST) or Path(text).exists():
            yield text
            continue
        for line in _lines(text[len(LIST) :]):
            if line.strip() and not line.startswith("#"):
                yield line.strip("\r\n")


def _lines(name: str) -> list[str]:
    try:
        if name == "-":
            return sys.stdin.read().splitlines()
        return Path(name).read_text("utf-8-sig", "surrogateescape").splitlines()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError("cannot read the list of bundles", where=printable(name), why=why, fix="name a text file with one path a line") from error


class _Walk:
    """Collects the bundles, each once however many ways lead to it."""

    def __init__(self, without: Path | None) -> None:
        self._without = without
        self._real: set[Path] = set()
        self._folders: dict[Path, Path] = {}
        """Folders as they were named, and where they are: to find that out takes longer than all else."""
        self.found: list[Path] = []
        self.problems: list[Problem] = []

    def named(self, text: str) -> None:
        """A path or glob that somebody wrote."""
        if os.path.lexists(text):
            self._path(Path(text), 0, named=True)
            return
        pattern = _GLOB.search(text) is not None
        paths = sorted(glob.glob(text, recursive=True)) if pattern else []  # noqa: PTH207  the pattern may begin anywhere, and be absolute
        if not paths:
            reason = "nothing matches it" if pattern else "there is no file or folder of this name"
            raise UsageError("no such bundles", where=printable(text), why=reason, fix="check the spelling and the current folder")
        for path in paths:
            self._path(Path(path), 0, named=True)

    def _path(self, path: Path, depth: int, *, named: bool = False) -> None:
        if path.is_dir():
            self._folder(path, depth)
        elif named or _ARCHIVE.search(path.name):
            self._add(path)

    def _add(self, path: Path) -> None:
        folder = self._folders.get(path.parent)
        if folder is None:
            folder = self._folders[path.parent] = path.parent.resolve()
        here = folder / path.name
        real = path.resolve() if path.name in {"", ".."} or here.is_symlink() else here
        if real not in self._real:
            self._real.add(real)
            self.found.append(here if path.name else real)

    def _folder(self, path: Path, depth: int) -> None:
        real = path.resolve()
        if self._without in {real, *real.parents} or real in self._real:
            return
        if os.path.lexists(path / JOURNAL):
            self._aside("results", path, "holds the results of a fleet, not bundles", "")
        elif looks_like_one(path):
            self._add(path)
        else:
            self._within(path, depth)

    def _within(self, path: Path, depth: int) -> None:
        """A folder that is no bundle: what lies in it."""
        folders, archives, loose = [], [], []
        for entry in _listing(path):
            if _is_folder(entry):
                folders.append(entry)
            elif entry.is_symlink() and Path(entry.path).is_dir():
                self._aside("link", Path(entry.path), "is a link to a folder and was not followed", "name it as a source of its own")
            elif _ARCHIVE.search(entry.name):
                archives.append(entry)
            else:
                loose.append(entry)
        inner = sorted(folders + archives, key=lambda entry: entry.name)
        if loose and not inner:
            self._add(path)
            return
        if loose:
            names = ", ".join(entry.name for entry in loose[:3]) + (", ..." if len(loose) > 3 else "")
            self._aside("loose", path, f"files beside the bundles were left aside, {len(loose)} in all: {names}", "name them as sources if they are bundles")
        elif not inner:
            self._aside("empty", path, "is an empty folder, or may not be read", "check what was copied there")
        if inner and depth >= DEEPEST:
            self._aside("depth", path, f"lies more than {DEEPEST} folders deep; what is in it was left aside", "name it as a source of its own")
            return
        for entry in inner:
            if _is_folder(entry):
                self._folder(Path(entry.path), depth + 1)
            else:
                self._add(Path(entry.path))

    def _aside(self, kind: str, path: Path, what: str, fix: str) -> None:
        self.problems.append(Problem(kind, printable(str(path)), printable(what), fix))


def looks_like_one(path: Path) -> bool:
    """Whether the folder is that of one machine."""
    return any((path / mark).exists() for mark in MARKS)


def _listing(path: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, by name; nothing where it cannot be read."""
    try:
        with os.scandir(path) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _labels(paths: Sequence[Path]) -> list[str]:
    """Each path from the last folder that all have in common, '/' between its parts."""
    if not paths:
        return []
    try:
        common = Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:  # drives of Windows
        return [printable(os.fsencode(path.as_posix())) for path in paths]
    return [printable(os.fsencode(path.relative_to(common).as_posix())) for path in paths]


def short_name(label: str) -> str:
    """The label without the suffix of an archive."""
    return _ARCHIVE.sub("", label) or label
