"""The one door to a bundle: `open_bundle(path)`.

    with open_bundle("logs.zip") as bundle:
        for artifact in bundle.artifacts():
            while got := artifact.readinto(view):
                ...

Kinds of `Bundle.problems`: limit, path, link, special, encrypted, duplicate, unsupported, crc, size, truncated, damaged, trailing, overlap, sparse,
permission, io, live-root. Only a bundle without anything readable raises an error (BundleError).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Generator, Iterator
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Literal, cast, final

from backuptrace.bundle import folder, liveroot
from backuptrace.bundle.artifact import Artifact, Member
from backuptrace.bundle.context import Context
from backuptrace.bundle.limits import Limits, StreamError
from backuptrace.bundle.liveroot import Declared
from backuptrace.bundle.names import printable
from backuptrace.bundle.streams import FileStream
from backuptrace.errors import BundleError
from backuptrace.model import Problem

Kind = Literal["folder", "zip", "tar", "file"]


LIVE = "the root of an installed system: only files that a format declares were opened"


@final
class Bundle:
    """An opened bundle. name: its last path component; kind: what it is, by content; problems: what could not be read, complete after `artifacts`;
    live: it is the root of an installed system, of which only declared paths are opened.
    """

    def __init__(self, path: Path, limits: Limits, declared: Declared | None, root: bool | None) -> None:
        self.name = printable(os.fsencode(path.absolute().name or str(path)))
        self.problems: list[Problem] = []
        self._path, self._limits = path, limits
        self._folder = _inspected(path)
        self._declared = declared
        if root and not self._folder:
            raise BundleError("no root of a system", where=printable(str(path)), why="it is a file", fix="name the folder at which the disk is mounted")
        self.live = declared is not None and self._folder and (liveroot.is_root(path) if root is None else root)
        self._context: Context
        self._pass: Generator[Artifact, None, None]
        self._first = self._begin()
        self._fresh = True
        self.kind = cast("Kind", "folder" if self._folder else self._context.form)

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes every file; artifacts cannot be read any more."""
        self._pass.close()

    def artifacts(self) -> Iterator[Artifact]:
        """Every file of the bundle: a folder sorted by path, an archive in its own order, archives within it in their place.

        An artifact can be read until the next one is asked for. A second call starts over (and ends the first pass); `problems` are then found anew.
        Never raises for damage; BundleError only if the bundle changed so much that a second pass finds nothing.
        """
        first = self._first if self._fresh else self._restart()
        self._fresh = False
        current = self._pass
        yield first
        yield from current

    def _restart(self) -> Artifact:
        self._pass.close()
        self.problems.clear()
        return self._begin()

    def _begin(self) -> Artifact:
        """Starts a pass. Raises BundleError if it has not a single artifact."""
        self._context = Context(self._limits, self.problems, single=not self._folder)
        self._pass = self._run(self._context)
        first = next(self._pass, None)
        if first is None:
            raise _nothing(self._path, folder_wanted=self._folder, problems=self.problems)
        return first

    def _run(self, context: Context) -> Generator[Artifact, None, None]:
        try:
            if self.live and self._declared:
                self.problems.append(Problem("live-root", "", LIVE, "to read every file below it, pass --no-root"))
                yield from liveroot.walk(context, self._path, self._declared)
                return
            if self._folder:
                yield from folder.walk(context, self._path)
                return
            with _opened(self._path) as file:
                size = os.fstat(file.fileno()).st_size
                yield from context.open(FileStream(file, size), Member(self.name, size), 0)
        finally:
            context.close()


def open_bundle(path: str | os.PathLike[str], limits: Limits | None = None, *, declared: Declared | None = None, root: bool | None = None) -> Bundle:
    """Opens a folder, a zip, a tar or a single log (plain, gz, bz2, xz, zst), recognised by content.

    declared: what may be opened where the folder is the root of an installed system; root: whether it is one (None: look; see `liveroot.is_root`).

    Raises BundleError (exit status 4) if there is nothing that can be read: not found, no permission, a device, pipe or socket, empty.
    """
    if not os.fspath(path):
        raise BundleError("no path given", why="the name is empty", fix="name the folder, archive or log to read")
    return Bundle(Path(path), limits or Limits(), declared, root)


def _inspected(path: Path) -> bool:
    """True for a folder, False for a regular file. Raises BundleError for everything else."""
    try:
        info = path.stat()
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error
    if stat.S_ISDIR(info.st_mode):
        return True
    if not stat.S_ISREG(info.st_mode):
        raise BundleError(
            f"is {folder.special(info.st_mode)}, not a bundle",
            where=printable(str(path)),
            why="only folders and regular files are opened",
            fix="save what it delivers to a file and pass that",
        )
    if not info.st_size:
        raise BundleError("the file is empty", where=printable(str(path)), why="it has 0 bytes", fix="collect or copy it again; was there room on the disk?")
    return False


def _opened(path: Path) -> FileIO:
    try:
        return folder.open_file(path, follow=True)
    except OSError as error:
        raise _refused(path, error) from error
    except StreamError as error:
        raise BundleError(error.what, where=printable(str(path)), why="it changed while it was opened", fix=error.fix) from error


_ADDRESS = re.compile(r"(?:https?|ftp|s3|abfss?|wasbs?):/", re.IGNORECASE)


def _refused(path: Path, error: OSError | ValueError) -> BundleError:
    where = printable(str(path))
    if _ADDRESS.match(where):
        return BundleError(
            "an address, not a file",
            where=where,
            why="backuptrace uses no network",
            fix="download it first (az storage blob download, curl, a browser), then name the file",
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return BundleError("not found", where=where, why="there is no file or folder of this name", fix="check the spelling and the current folder")
    if isinstance(error, PermissionError):
        return BundleError(
            "no permission", where=where, why="this user may not read it", fix="run as root (sudo), or copy it as root and give the copy to this user"
        )
    return BundleError("cannot be opened", where=where, why=getattr(error, "strerror", None) or str(error), fix="check the path, the disk or the share")


def _nothing(path: Path, *, folder_wanted: bool, problems: list[Problem]) -> BundleError:
    """No artifact at all: says why, with the first problems met."""
    reasons = "; ".join(f"{problem.where}: {problem.what}".removeprefix(": ") for problem in problems[:3])
    what = "the folder holds no readable file" if folder_wanted else "nothing in it can be read"
    fix = problems[0].fix if problems else "pass the folder or archive that holds the logs"
    return BundleError(what, where=printable(str(path)), why=reasons or "it is empty", fix=fix)
