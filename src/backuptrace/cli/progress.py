"""A line on standard error for work that takes long: only for a person at a terminal, and only after two seconds."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from backuptrace.cli import output

MB = 1_000_000
DELAY, PAUSE = 2.0, 0.2
"""Seconds before the first line, and between two."""
T = TypeVar("T")


def wanted(quiet: bool) -> bool:
    """Whether somebody looks at standard error."""
    with contextlib.suppress(AttributeError, ValueError):
        return not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return False


class Progress:
    """A counter that overwrites its own line; silent until `DELAY` has passed. `close` wipes the line."""

    def __init__(self, what: str, total: int | None = None, *, quiet: bool = False) -> None:
        self.what, self.total, self.shown = what, total, 0
        self.next = time.monotonic() + DELAY if wanted(quiet) else float("inf")

    def close(self) -> None:
        """Wipes the line."""
        if self.shown:
            self._write("\r" + " " * self.shown + "\r")

    def at(self, done: int, note: Callable[[], str] = str) -> None:
        """Says how far the work is; note: makes what stands behind the count, when it is shown."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + PAUSE
        from backuptrace.redact.redactor import redacted
        from backuptrace.report.safe import safe_text

        count = f"{done} of {self.total}" if self.total else str(done)
        told = note()
        line = safe_text(redacted(f"{self.what}: {count}" + (f", {told}" if told else ""))).replace("\n", " ")[:78]
        self._write("\r" + line + " " * (self.shown - len(line)))
        self.shown = len(line)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


class Reading:
    """Looks on while a bundle is read: a line of progress, or with `verbose` a line for each artifact and one for all. Called by the scan."""

    def __init__(self, *, quiet: bool, verbose: bool) -> None:
        self.verbose, self.path, self.size, self.total, self.files = verbose, "", 0, 0, 0
        self.begin: float | None = None
        self.progress = Progress("reading", quiet=quiet or verbose)

    def __call__(self, path: str, size: int) -> None:
        """Some more bytes of an artifact were read."""
        if self.begin is None:
            self.begin = time.monotonic()
        if path != self.path:
            self._told()
            self.path, self.size, self.files = path, 0, self.files + 1
        self.size += size
        self.total += size
        self.progress.at(self.files, lambda: f"{self.total / MB:.0f} MB, {path}")

    def _told(self) -> None:
        if self.verbose and self.path:
            output.note(f"read {self.path} ({self.size:,} bytes)")

    def close(self) -> None:
        """Tells of the last artifact and of all together."""
        self._told()
        self.progress.close()
        if self.verbose and self.begin is not None:
            took = time.monotonic() - self.begin
            output.note(f"read {self.files} files, {self.total:,} bytes in {took:.1f} s ({self.total / MB / max(took, 0.001):.0f} MB/s)")


def tracked(items: Iterable[T], what: str, total: int | None = None, *, quiet: bool = False) -> Iterator[T]:
    """The items one by one, with a line of progress."""
    progress = Progress(what, total, quiet=quiet)
    try:
        for number, item in enumerate(items):
            progress.at(number)
            yield item
    finally:
        progress.close()
