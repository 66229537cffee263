"""What a format or signature must have beyond being readable: small classes, each with a bad and a good example that a test runs.

An *error* keeps the file from doing what it says (exit status 3 of `backuptrace signatures check`); a *warning* is worth a look.
The examples are YAML: they replace whole keys of `SIGNATURE` or `FORMAT` below, and may add files.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from backuptrace.errors import Fault
from backuptrace.knowledge import when as ast
from backuptrace.knowledge.compiling import source_of
from backuptrace.knowledge.definitions import definitions
from backuptrace.knowledge.library import Library
from backuptrace.knowledge.shapes import FormatShape, Selection, SignatureShape
from backuptrace.knowledge.when_parser import WhenError, parse
from backuptrace.knowledge.yamlfile import KnowledgeFile

Severity = Literal["error", "warning"]

FORMAT = """\
schema: 1
id: app
title: A sample log
os: linux
kind: indexed
reader: lines
path: [var/log/app.log]
head: ['^[0-9-]{10}T[0-9:]{8}Z ']
expected: {why: It is the only witness., command: cat /var/log/app.log}
records:
  - start: '(?P<stamp>[0-9-]{10}T[0-9:]{8}Z) (?P<level>INFO|ERROR) '
fields: {level: ' {} '}
heartbeat: 30m
samples:
  - text: '2026-11-22T03:00:00Z INFO service started'
    fields: {level: INFO, message: service started}
"""
"""What the examples of format lints change; signatures of the examples may use it as source `app`."""

SIGNATURE = """\
schema: 1
id: linux.example
title: The service cannot start
select:
  failed: {source: app, message|startswith: cannot start the service}
  repaired: {source: app, message|startswith: service started}
verdicts:
  - cause: linux-agent-not-running
    when: failed
    why: The service says that it cannot start.
    refuted_by: [repaired]
tests:
  - name: it fails
    expect: supported
    files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}
  - name: it starts
    expect: none
    files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}
"""
"""What the examples of signature lints change."""


@dataclass(frozen=True)
class SignatureView:
    """A signature as the lints see it: its shape, its file for places, all other files."""

    shape: SignatureShape
    file: KnowledgeFile
    library: Library

    @cached_property
    def whens(self) -> list[tuple[int, ast.When]]:
        """(number of the verdict, its tree) of each `when` that can be read."""
        found = []
        selections, formats = list(self.shape.select), [*self.library.formats, *self.library.broken]
        defined, _ = definitions(self.shape.define, selections, formats)
        for n, verdict in enumerate(self.shape.verdicts):
            try:
                found.append((n, parse(verdict.when, selections, formats, defined)))
            except WhenError:
                continue
        return found

    def format_of(self, name: str) -> FormatShape | None:
        """The format that a selection looks at; None if it is not known."""
        found = self.library.formats.get(source_of(self.shape.select[name]))
        return found and found[0]

    def selection(self, name: str) -> Selection:
        """The conditions of a selection, those of its milestone included."""
        selection = self.shape.select[name]
        shape, milestone = self.format_of(name), str(selection.get("milestone", ""))
        known = shape.milestones.get(milestone.rpartition(".")[2]) if shape and milestone else None
        return {**known.match, **selection} if known else selection

    def tests_of(self, cause: str, *expected: str) -> int:
        """How many tests expect one of these statuses for a cause."""
        first = self.shape.verdicts[0].cause if self.shape.verdicts else ""
        return sum(test.expect in expected and (test.cause or first) == cause for test in self.shape.tests)

    def when_place(self, n: int) -> str:
        """file:line:column of a verdict's `when`."""
        return self.file.place(f"$.verdicts[{n}].when")


@dataclass(frozen=True)
class FormatView:
    """A format as the lints see it."""

    shape: FormatShape
    file: KnowledgeFile
    library: Library


class Rule(ABC):
    """What all lints tell of themselves; the docstring says why."""

    name: ClassVar[str]
    severity: ClassVar[Severity] = "error"
    bad: ClassVar[str]
    good: ClassVar[str]


class SignatureLint(Rule):
    """A rule for one signature."""

    @abstractmethod
    def check(self, view: SignatureView) -> Iterator[Fault]:
        """Each breach with its place and remedy."""


class FormatLint(Rule):
    """A rule for one format."""

    @abstractmethod
    def check(self, view: FormatView) -> Iterator[Fault]:
        """Each breach with its place and remedy."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault with the rule that found it; `rule` is `load` where the file could not be used at all."""

    rule: str
    severity: Severity
    fault: Fault

    def __str__(self) -> str:
        where, _, rest = str(self.fault).partition(": ")
        return f"{where}: {self.severity}: {rest}" + ("" if self.rule == "load" else f"\n  rule: {self.rule}")
