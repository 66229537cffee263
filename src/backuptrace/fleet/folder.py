"""The folder of the results: what lies in it, who may write there, and what goes when it is no part of the fleet any more."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from backuptrace.errors import BackuptraceError, UsageError
from backuptrace.fleet import tables
from backuptrace.fleet.journal import UNFINISHED
from backuptrace.fleet.sources import JOURNAL

REPORTS, SUMMARY, PAGE, LOCK = "reports", "fleet.json", "fleet.html", "fleet.lock"
_REPORT = re.compile(r"^[\w.-]*-[0-9a-f]{12}\.(?:json|html)$")


def check(folder: Path) -> None:
    """Raises UsageError if the folder is a file or holds something else, BackuptraceError if it cannot be looked at or made."""
    try:
        held = {entry.name for entry in os.scandir(folder)}
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise UsageError("cannot write the results", where=str(folder), why="it is a file", fix="name a folder: -o results") from error
    except OSError as error:
        raise _unwritable(folder, error) from error
    if held - {LOCK, REPORTS} and JOURNAL not in held:
        raise UsageError("the folder holds something else", where=str(folder), why="it has files, but no results of a fleet", fix="name a new or empty folder")


def make(folder: Path) -> None:
    """Makes the folder for the results and that of the reports. Raises BackuptraceError."""
    try:
        (folder / REPORTS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> BackuptraceError:
    return BackuptraceError("cannot write the results", where=str(folder), why=error.strerror or str(error), fix="choose another folder with -o")


def forget(folder: Path) -> None:
    """Removes what earlier runs left, and nothing else."""
    unfinished = folder / (JOURNAL + UNFINISHED)
    for path in (folder / SUMMARY, folder / PAGE, unfinished, folder / JOURNAL, *(tables.path_of(folder, name) for name in tables.COLUMNS)):
        path.unlink(missing_ok=True)
    prune(folder, set())


def prune(folder: Path, wanted: set[str]) -> None:
    """Removes reports of bundles that are not part of the fleet any more, and what a killed worker left half-written."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder / REPORTS) as found:
        for entry in list(found):
            if entry.name not in wanted and (_REPORT.match(entry.name) or entry.name.endswith(UNFINISHED)):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One run at a time; the system lets go of the lock however the run ends. Raises UsageError."""
    with (folder / LOCK).open("ab") as file:
        try:
            _lock(file)
        except OSError as error:
            raise UsageError(
                "another run is writing there", where=str(folder), why="two runs cannot share a folder", fix="wait for it, or choose another folder with -o"
            ) from error
        yield


def _lock(file: IO[Any]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
