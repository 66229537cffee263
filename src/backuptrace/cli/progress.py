"""A line on standard error for work that takes long: only for a person at a terminal, and only after two seconds."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

DELAY, PAUSE = 2.0, 0.2
"""Seconds before the first line, and between two."""
T = TypeVar("T")


def wanted(quiet: bool = False) -> bool:
    """Whether somebody looks at standard error."""
    with contextlib.suppress(AttributeError, ValueError):
        return not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return False


class Progress:
    """A counter that overwrites its own line; silent until `DELAY` has passed. Use as a context: the line is wiped at the end."""

    def __init__(self, what: str, total: int | None = None, *, quiet: bool = False) -> None:
        self.what, self.total, self.shown = what, total, 0
        self.next = time.monotonic() + DELAY if wanted(quiet) else float("inf")

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self._write("\r" + " " * self.shown + "\r")

    def at(self, done: int, note: str = "") -> None:
        """Says how far the work is."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + PAUSE
        from backuptrace.report.safe import safe_text

        count = f"{done} of {self.total}" if self.total else str(done)
        line = safe_text(f"{self.what}: {count}" + (f", {note}" if note else "")).replace("\n", " ")[:78]
        self._write("\r" + line + " " * (self.shown - len(line)))
        self.shown = len(line)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def tracked(items: Iterable[T], what: str, total: int | None = None, *, quiet: bool = False) -> Iterator[T]:
    """The items one by one, with a line of progress."""
    with Progress(what, total, quiet=quiet) as progress:
        for number, item in enumerate(items):
            progress.at(number)
            yield item
