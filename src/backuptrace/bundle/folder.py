"""A folder as a bundle: its regular files sorted by path. Links, devices and pipes are never opened."""

from __future__ import annotations

import io
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from backuptrace.bundle.artifact import Artifact, Member
from backuptrace.bundle.limits import StreamError
from backuptrace.bundle.names import file_path
from backuptrace.bundle.seen import Seen
from backuptrace.bundle.streams import FileStream, unreadable

if TYPE_CHECKING:
    from backuptrace.bundle.context import Context

# winnt.h: IO_REPARSE_TAG_MOUNT_POINT (junctions) and IO_REPARSE_TAG_SYMLINK.
_REPARSE = (0xA0000003, 0xA000000C)


def walk(context: Context, root: Path) -> Iterator[Artifact]:
    """The files below `root` in the order of their paths, those in archives in the archive's place."""
    stack = [iter(_listing(context, root, ""))]
    seen = Seen()
    while stack:
        name = next(stack[-1], None)
        if name is None:
            stack.pop()
        elif name.endswith("/"):
            stack.append(iter(_listing(context, root, name)))
        else:
            yield from _file(context, root, name, seen)
        if context.budget.spent:
            return


def _listing(context: Context, root: Path, folder: str) -> list[str]:
    """The entries of a folder as paths from the root, sorted; folders end in '/', so that the order is that of whole paths."""
    names: list[str] = []
    if context.budget.full:
        return names
    try:
        with os.scandir(f"{root}/{folder}") as found:
            for entry in itertools.islice(found, context.budget.left + 1):
                context.budget.entry()
                names.append(folder + entry.name + "/" * _is_folder(entry))
    except StreamError as error:
        context.report(file_path(folder) if folder else ".", error)
    except OSError as error:
        context.report(file_path(folder) if folder else ".", refused(error))
    return sorted(names)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False) and getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) not in _REPARSE
    except OSError:
        return False


def _file(context: Context, root: Path, name: str, seen: Seen) -> Iterator[Artifact]:
    path = file_path(name)
    if len(path) > context.limits.path:
        context.report(path, StreamError("limit", f"a path of {len(path)} characters; the file was skipped", "move the folder up"))
        return
    try:
        opened = open_file(root / name)
    except StreamError as error:
        context.report(path, error)
        return
    except OSError as error:
        context.report(path, refused(error))
        return
    unique, problem = seen.unique(path)
    if problem:
        context.report(path, problem)
    with opened as file:
        size = os.fstat(file.fileno()).st_size
        yield from context.open(FileStream(file, size), Member(unique, size), 0)


def open_file(path: Path, *, follow: bool = False) -> io.FileIO:
    """Opens a regular file unbuffered. Looks before it opens (opening a pipe waits for a writer, opening a device may act) and once more after.

    Raises StreamError (link, special) for what is no regular file, OSError where the system refuses.
    """
    _regular(path.stat(follow_symlinks=follow))
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    file = io.FileIO(os.open(path, flags if follow else flags | getattr(os, "O_NOFOLLOW", 0)), "rb")
    try:
        _regular(os.fstat(file.fileno()))
    except (StreamError, OSError):
        file.close()
        raise
    return file


def _regular(info: os.stat_result) -> None:
    if stat.S_ISREG(info.st_mode) and getattr(info, "st_reparse_tag", 0) not in _REPARSE:
        return
    if stat.S_ISLNK(info.st_mode) or getattr(info, "st_reparse_tag", 0) in _REPARSE:
        raise StreamError(
            "link", "is a symbolic link; links are not followed, so that nothing outside the bundle is read", "copy the file it points to into the bundle"
        )
    raise StreamError("special", f"is {special(info.st_mode)} and was not opened", "nothing needs to be done, unless a log should stand there")


def special(mode: int) -> str:
    """What a file is that is no regular one."""
    kinds = ((stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"), (stat.S_ISDIR, "a folder"))
    return next((text for test, text in kinds if test(mode)), "no regular file")


def refused(error: OSError) -> StreamError:
    """What the system said when a file or folder was opened."""
    if isinstance(error, PermissionError):
        return StreamError("permission", "may not be read by this user", "run as root (sudo), or copy the logs as root and give them to this user")
    if isinstance(error, FileNotFoundError):
        return StreamError("io", "went away while the folder was read", "pass a copy of the folder, not one that is being written")
    return unreadable(error)
