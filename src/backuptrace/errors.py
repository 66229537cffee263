"""Everything that backuptrace can refuse, as one family.

    BackuptraceError            exit status 1
    ├── UsageError              2  the command was called wrongly
    ├── KnowledgeError          3  a format, signature or cause file is faulty (all faults at once)
    └── BundleError             4  nothing readable in the bundle

Each error says what happened, where, why and what to do.
A damaged member of a bundle is no error: it becomes a `model.Problem` in the report, and the rest is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple


class BackuptraceError(Exception):
    """Base of all errors: `what` happened, `where`, `why`, and what to do (`fix`)."""

    exit_status: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.why, self.fix = what, where, why, fix

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        lines += [f"  {label}: {text}" for label, text in (("why", self.why), ("do", self.fix)) if text]
        return "\n".join(lines)


class UsageError(BackuptraceError):
    """The command or function was called with unusable arguments."""

    exit_status = 2


class Fault(NamedTuple):
    """One mistake in a knowledge file; `where` is file:line:column, `caret` marks the place inside an expression."""

    where: str
    what: str
    fix: str = ""
    caret: str = ""

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}", *("  " + line for line in self.caret.splitlines())]
        return "\n".join([*lines, f"  do: {self.fix}"] if self.fix else lines)


class KnowledgeError(BackuptraceError):
    """One or more format, signature or cause files are faulty; `faults` holds every mistake found."""

    exit_status = 3

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} fault(s) in the knowledge files")

    def __str__(self) -> str:
        return "\n".join([f"{self.what}:", *(str(fault) for fault in self.faults)])


class BundleError(BackuptraceError):
    """Nothing could be read: not found, no permission, empty, or not a bundle."""

    exit_status = 4
