"""Where a report goes: standard output or a file, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

from backuptrace.errors import BackuptraceError, UsageError
from backuptrace.report.forms import BINARY, SUFFIXES


def format_of(target: str | None, wanted: str | None) -> str:
    """The form of a report (`report.forms.FORMS`): as the suffix of the file says, else as wanted, else text.

    Raises UsageError where the suffix tells no form and none is wanted, where the two contradict each other, and for bytes that a terminal cannot show.
    """
    if target is None or target == "-":
        if wanted in BINARY and sys.stdout.isatty():
            raise UsageError(f"{wanted} is no text for a terminal", fix=f"write it to a file: -o report.{wanted}")
        return wanted or "text"
    suffix = Path(target).suffix.lower()
    found = SUFFIXES.get(suffix)
    if wanted is None:
        if found is None and suffix:
            raise UsageError("the suffix tells no format", where=target, why=f"known are {', '.join(SUFFIXES)}", fix="choose one of them, or add --format")
        return found or "text"
    plain = suffix == ".txt" and wanted not in BINARY
    if found not in {None, wanted} and not plain:
        why = f"{suffix} means {found}, --format says {wanted}"
        right = next(suffix for suffix, form in SUFFIXES.items() if form == wanted)
        raise UsageError("the suffix and --format contradict each other", where=target, why=why, fix=f"leave out --format, or name the file {right}")
    return wanted


def check_target(target: str) -> None:
    """Refuses, before the long scan, a file that cannot be written. Raises UsageError."""
    path = Path(target)
    if path.is_dir():
        raise UsageError("cannot write the report", where=target, why="it is a folder", fix="name a file: -o report.json")
    if not path.parent.is_dir():
        raise UsageError("cannot write the report", where=target, why="its folder does not exist", fix="create the folder first")


def write_file(target: str, data: bytes) -> None:
    """Writes through a new file in the same folder, so that readers see the old report or the whole new one.

    Links are followed; a pipe or device is written directly. Raises BackuptraceError.
    """
    path = Path(os.path.realpath(target))
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with path.open("wb") as file:
                file.write(data)
            return
        temporary = path.with_name(f".{path.name[:100]}.{os.urandom(8).hex()}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BackuptraceError("cannot write the report", where=target, why=error.strerror or str(error), fix="choose another file with -o") from error


def write_stdout(data: bytes | str) -> None:
    """Bytes as they are, text in the encoding of the terminal with what it lacks escaped; a reader that went away is no error.

    Raises BackuptraceError where standard output cannot take it.
    """
    try:
        if isinstance(data, bytes):
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            sys.stdout.write(data)
            sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered would fail again when Python flushes at its end.
        with contextlib.suppress(OSError, ValueError):
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, sys.stdout.fileno())
            os.close(sink)
    except OSError as error:
        raise BackuptraceError("cannot write to standard output", why=error.strerror or str(error), fix="write to a file with -o") from error


def note(text: str) -> None:
    """One or more lines on standard error, without secrets (a path or address may hold one), harmless for the terminal."""
    from backuptrace.redact.redactor import redacted
    from backuptrace.report.safe import safe_text

    with contextlib.suppress(OSError):
        sys.stderr.write(f"{safe_text(redacted(text))}\n")
        sys.stderr.flush()
