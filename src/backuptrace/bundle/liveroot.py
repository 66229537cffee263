"""`/` of a running VM, or an OS disk that is mounted somewhere: only paths that a format declares are opened, and nothing else is looked for.

The walk goes down only where some declared path leads, so that it costs a few dozen listings however large the disk is. Everything is listed, but
not opened, inside the folders of the agent and of the backup extension. Symbolic links resolve inside the root, as after `chroot`, and never
leave it; /proc, /sys and /dev are never entered, not by a link either: reading there may act or never end.
"""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from backuptrace.bundle.artifact import Artifact, Member
from backuptrace.bundle.folder import open_file, refused
from backuptrace.bundle.limits import StreamError
from backuptrace.bundle.names import file_path
from backuptrace.bundle.seen import Seen
from backuptrace.bundle.streams import FileStream

if TYPE_CHECKING:
    from backuptrace.bundle.context import Context

CLOSED = frozenset({"proc", "sys", "dev"})
AGENT = ("var/lib/waagent/", "var/log/azure/", "windowsazure/", "packages/plugins/")
"""The folders in which everything is listed (linux: the agent's and the extensions'; windows: the agent's, the extensions')."""
LISTED = 2000
"""Unknown files that are listed at most."""
DEEPEST = 12
LINKS = 40  # as the kernel (MAXSYMLINKS)
_PROGRAMS = ("usr/bin/env", "usr/bin/sh", "bin/sh", "sbin/init", "usr/lib/systemd/systemd")


class Declared(msgspec.Struct, frozen=True):
    """What may be opened. globs: gives paths from the root, `*` within a part, `**` for any number of them; base: a file's name without marks of rotation."""

    globs: Callable[[], Iterable[str]]
    base: Callable[[str], str]

    def parts(self) -> list[tuple[str, ...]]:
        """The globs in parts, in lower case; one that may begin anywhere (`**/x`) would search the whole disk and is left out."""
        split = [tuple(glob.lower().strip("/").split("/")) for glob in self.globs()]
        return [parts for parts in split if parts[0] != "**" and parts[0] not in CLOSED]


def is_root(path: Path) -> bool:
    """Whether this is the top of an installed system, and not only a copy of some of its files: its programs are there, too."""
    if (path / "etc").is_dir() and (path / "var" / "log").is_dir():
        return any(os.path.lexists(path / program) for program in _PROGRAMS)
    return _find(path, "windows", "system32", "ntoskrnl.exe")


def _find(path: Path, *parts: str) -> bool:
    try:
        for part in parts:
            with os.scandir(path) as found:
                path = next(Path(entry.path) for entry in found if entry.name.lower() == part)
    except (OSError, StopIteration):
        return False
    return True


def walk(context: Context, root: Path, declared: Declared) -> Iterator[Artifact]:
    """The declared files below `root` in the order of their paths; unknown files of the agent's folders come unopened (`Artifact.listed`)."""
    yield from _Walk(context, root, declared.base).folder("", declared.parts(), 0)


class _Walk:
    """One pass over the root."""

    def __init__(self, context: Context, root: Path, base: Callable[[str], str]) -> None:
        self._context, self._root, self._base = context, root, base
        self._names = Seen()
        self._been: set[tuple[int, int]] = set()
        self._lost: dict[str, StreamError] = {}
        """Links that lead nowhere, or out of the root."""
        self._listed = 0
        self._pseudo = _devices(root)

    def folder(self, path: str, globs: Sequence[tuple[str, ...]], depth: int) -> Iterator[Artifact]:
        """path: '' or ending in '/'; globs: what may still follow."""
        inside = path.lower().startswith(AGENT)
        for name in self._entries(path):
            if self._context.budget.spent:
                return
            if name.endswith("/"):
                following, lower = _below(globs, name[:-1].lower()), (path + name).lower()
                leads = inside or any(home.startswith(lower) for home in AGENT)
                if (following or leads) and depth < DEEPEST and lower.removesuffix("/") not in CLOSED:
                    yield from self.folder(path + name, following, depth + 1)
            elif any(_ends(parts, name) or _ends(parts, self._base(name)) for parts in globs):
                yield from self._file(path + name)
            elif path + name in self._lost and _below(globs, name.lower()):
                self._context.report(file_path(path + name), self._lost[path + name])
            elif inside:
                yield from self._mentioned(path + name)

    def _entries(self, path: str) -> list[str]:
        """The names in a folder, sorted; folders end in '/'."""
        names: list[str] = []
        try:
            real = self._resolved(path)
            info = real.stat(follow_symlinks=False)
            if (info.st_dev, info.st_ino) in self._been or self._context.budget.full:
                return names
            self._been.add((info.st_dev, info.st_ino))
            with os.scandir(real) as found:
                for entry in found:
                    self._context.budget.entry()
                    names.append(entry.name + "/" * self._is_folder(path, entry))
        except StreamError as error:
            self._context.report(file_path(path) if path else ".", error)
        except OSError as error:
            self._context.report(file_path(path) if path else ".", refused(error))
        return sorted(names)

    def _is_folder(self, path: str, entry: os.DirEntry[str]) -> bool:
        try:
            if not entry.is_symlink():
                return entry.is_dir(follow_symlinks=False)
            return self._resolved(path + entry.name).is_dir()
        except StreamError as error:
            self._lost[path + entry.name] = error
        except OSError as error:
            self._lost[path + entry.name] = refused(error)
        return False

    def _resolved(self, path: str) -> Path:
        """Where a path of the root really lies: links are read as if the root were '/'. Raises OSError, StreamError (link)."""
        done: list[str] = []
        todo = deque(path.split("/"))
        links = 0
        while todo:
            part = todo.popleft()
            if part == "..":
                del done[-1:]
            elif part not in ("", "."):
                here = self._root.joinpath(*done, part)
                if stat.S_ISLNK(here.lstat().st_mode):
                    links += 1
                    target = str(here.readlink()) if links <= LINKS and os.name == "posix" else None
                    if target is None:
                        raise StreamError("link", "is a link that cannot be followed", "pass the file it points to alone")
                    if target.startswith("/"):
                        done.clear()
                    todo.extendleft(reversed(target.split("/")))
                else:
                    done.append(part)
                    self._outside_pseudo(done)
        return self._root.joinpath(*done)

    def _outside_pseudo(self, parts: list[str]) -> None:
        if parts[0].lower() in CLOSED:
            raise StreamError("link", f"leads into /{parts[0]}, where nothing is opened", "pass the file it points to alone")

    def _file(self, path: str) -> Iterator[Artifact]:
        shown = file_path(path)
        try:
            real = self._resolved(path)
            info = real.stat(follow_symlinks=False)
            if (info.st_dev, info.st_ino) in self._been:
                return  # one file under two names, such as messages -> messages.1
            self._been.add((info.st_dev, info.st_ino))
            if info.st_dev in self._pseudo:
                kernels = StreamError("special", "lies in a file system of the kernel and was not opened", "nothing needs to be done")
                self._context.report(shown, kernels)
                return
            opened = open_file(real)
        except StreamError as error:
            self._context.report(shown, error)
            return
        except OSError as error:
            self._context.report(shown, refused(error))
            return
        unique, problem = self._names.unique(shown)
        if problem:
            self._context.report(shown, problem)
        with opened as file:
            size = os.fstat(file.fileno()).st_size
            yield from self._context.open(FileStream(file, size), Member(unique, size), 0)

    def _mentioned(self, path: str) -> Iterator[Artifact]:
        self._listed += 1
        if self._listed > LISTED:
            if self._listed == LISTED + 1:
                what = f"more than {LISTED} unknown files in the agent's folders; the others are not listed"
                self._context.report(".", StreamError("limit", what, "nothing needs to be done"))
            return
        try:
            size: int | None = (self._root / path).lstat().st_size
        except OSError:
            size = None
        unique, _ = self._names.unique(file_path(path))
        yield self._context.listed(Member(unique, size))


def _devices(root: Path) -> set[int]:
    """The file systems that are mounted on /proc, /sys and /dev, of which no file may be opened however it is reached."""
    found: set[int] = set()
    try:
        own = root.stat().st_dev
        for name in CLOSED:
            if (root / name).is_dir() and not (root / name).is_symlink() and (device := (root / name).stat().st_dev) != own:
                found.add(device)
    except OSError:
        return found
    return found


def _below(globs: Sequence[tuple[str, ...]], name: str) -> list[tuple[str, ...]]:
    """What may follow in a folder of this name."""
    out: list[tuple[str, ...]] = []
    for parts in globs:
        rest = parts
        while rest[:1] == ("**",):
            rest = rest[1:]
        if rest != parts:
            out.append(parts)
        if len(rest) > 1 and _fits(rest[0], name):
            out.append(rest[1:])
    return list(dict.fromkeys(out))


def _ends(parts: tuple[str, ...], name: str) -> bool:
    """Whether a file of this name is where the glob leads."""
    while parts[:1] == ("**",):
        parts = parts[1:]
        if not parts:
            return True
    return len(parts) == 1 and _fits(parts[0], name)


def _fits(glob: str, name: str) -> bool:
    return _compiled(glob)(name.lower()) is not None


@lru_cache(2048)
def _compiled(glob: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(re.escape(glob).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL).fullmatch
