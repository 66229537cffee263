"""What a worker does with one bundle: scan it, write its report, and give back its rows. Loaded once per worker, from the warm cache."""

from __future__ import annotations

import contextlib
import os
import traceback
from pathlib import Path

import msgspec

from backuptrace.api import ScanOptions, scan_with
from backuptrace.errors import BackuptraceError, BundleError
from backuptrace.fleet.journal import UNFINISHED
from backuptrace.fleet.options import Options
from backuptrace.fleet.rows import Entry, State, entry_of
from backuptrace.fleet.worker import Work
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.model import Problem
from backuptrace.redact.redactor import redacted
from backuptrace.report.html import render
from backuptrace.report.jsontext import encoded, json_bytes


class Job(msgspec.Struct, frozen=True):
    """A bundle to scan: its path, its key, and the name of the files for its report, without suffix."""

    path: str
    key: str
    report: str


def scanner(options: Options, reports: str) -> Work:
    """The work of `worker.serve`: a `Job` as MessagePack in, an `Entry` as JSON out. Raises what `load` raises."""
    knowledge = load(options.signatures, options.parsers, engine=options.engine)
    jobs = msgspec.msgpack.Decoder(Job)
    return lambda task: one(knowledge, options, Path(reports), jobs.decode(task))


def one(knowledge: Knowledge, options: Options, reports: Path, job: Job) -> bytes:
    """Scans a bundle. Whatever is wrong with it is told in the entry. Raises MemoryError, and BackuptraceError if the report cannot be written."""
    try:
        asked = ScanOptions(language=options.language, tz=options.tz, limits=options.limits, redact=options.redact)
        report = scan_with(knowledge, job.path, asked)
        text = json_bytes(report)
        shown = render(report).encode() if options.html else b""
        entry = entry_of(report, job.key, job.report, len(text), len(shown))
    except MemoryError:
        raise
    except BundleError as error:
        told = f"{error.what}: {error.why}" if error.why else error.what
        return _without(options, job, "unreadable", Problem("unreadable", "", told, error.fix))
    except Exception as error:  # noqa: BLE001  a fault of ours costs this bundle, not the fleet
        at = traceback.extract_tb(error.__traceback__)[-1]
        what = f"internal error: {type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"
        fix = "a fault of backuptrace, not of the bundle: report this message, and try `backuptrace scan` with it"
        return _without(options, job, "failed", Problem("internal", "", what, fix))
    put(reports / f"{job.report}.json", text)
    if shown:
        put(reports / f"{job.report}.html", shown)
    return encoded(entry)


def _without(options: Options, job: Job, state: State, problem: Problem) -> bytes:
    if options.redact:
        problem = msgspec.structs.replace(problem, what=redacted(problem.what))
    return encoded(Entry(key=job.key, state=state, problems=[problem]))


def put(path: Path, data: bytes) -> None:
    """Writes a file through another one, so that it is there whole or not at all. Raises BackuptraceError."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}{UNFINISHED}")  # noqa: PTH118  a path object costs as much as the writing
    try:
        with open(temporary, "wb", buffering=0) as file:  # noqa: PTH123  as above
            left = memoryview(data)
            while left:
                left = left[file.write(left) :]
        os.replace(temporary, path)  # noqa: PTH105  as above
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108  as above
        raise BackuptraceError("cannot write a result", where=str(path), why=error.strerror or str(error), fix="is there room on the disk?") from error
