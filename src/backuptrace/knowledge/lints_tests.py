"""Lints on the tests inside a signature: without them nobody knows what it finds, nor what it must not find."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import ClassVar

from backuptrace.errors import Fault
from backuptrace.knowledge import when as ast
from backuptrace.knowledge.compiling import source_of
from backuptrace.knowledge.lints import Severity, SignatureLint, SignatureView
from backuptrace.knowledge.recognition import matches_path
from backuptrace.knowledge.shapes import FormatShape, ObjectsShape, TestShape


class MustMatch(SignatureLint):
    """Each cause of a signature needs a test with `expect: supported`: a pattern that matches nothing looks like a sound machine."""

    name = "must-match"
    bad = """
tests:
  - {name: it starts, expect: none, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
"""
    good = """
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it starts, expect: none, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for n, verdict in enumerate(view.shape.verdicts):
            if verdict.cause not in [earlier.cause for earlier in view.shape.verdicts[:n]] and not view.tests_of(verdict.cause, "supported"):
                fix = "add a small bundle with the lines of the fault and `expect: supported`"
                yield Fault(view.file.place(f"$.verdicts[{n}].cause"), f"no test shows that {verdict.cause!r} is found", fix)


class MustNotMatch(SignatureLint):
    """A signature needs a test with `expect: none` or `contradicted`: what looks alike and is harmless decides its worth."""

    name = "must-not-match"
    bad = """
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
"""
    good = """
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - name: it recovers
    expect: contradicted
    files:
      var/log/app.log: |
        2026-11-22T03:00:00Z ERROR cannot start the service
        2026-11-22T03:00:05Z INFO service started
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        if not any(test.expect in ("none", "contradicted") for test in view.shape.tests):
            fix = "add a small bundle in which the same service is well, or recovers, with `expect: none` or `contradicted`"
            yield Fault(view.file.key("$.tests"), "no test shows what must not match", fix)


class UnknownForAbsence(SignatureLint):
    """Each verdict that rests on an absence (`not`, `then no`, `with no`, `count < n`) needs a test with `expect: unknown`.

    There the log ends too early, or is missing: nothing was seen is no proof that nothing was there.
    """

    name = "unknown-for-absence"
    bad = """
verdicts:
  - {cause: linux-agent-not-running, when: failed then no repaired within 10m, why: It does not come back.}
"""
    good = """
verdicts:
  - {cause: linux-agent-not-running, when: failed then no repaired within 10m, why: It does not come back.}
tests:
  - name: it fails
    expect: supported
    files:
      var/log/app.log: |
        2026-11-22T03:00:00Z ERROR cannot start the service
        2026-11-22T03:20:00Z INFO waiting
  - {name: it starts, expect: none, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
  - name: collected at once
    expect: unknown
    whole: true
    files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        counted: dict[str, int] = {}
        for n, when in view.whens:
            cause = view.shape.verdicts[n].cause
            if gone := ast.absences(when):
                counted[cause] = counted.get(cause, 0) + 1
                if view.tests_of(cause, "unknown") < counted[cause]:
                    what = f"the absence of {', '.join(sorted(gone))} decides, and no test shows the case in which it is unknown"
                    fix = "add a test with `expect: unknown` in which its log is missing, or ends too early (`whole: true`)"
                    yield Fault(view.when_place(n), what, fix)


class OwnCause(SignatureLint):
    """A test asks for a cause that the signature has."""

    name = "test-of-own-cause"
    bad = """
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it starts, expect: none, cause: dhcp, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
"""
    good = """
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it starts, expect: none, cause: linux-agent-not-running, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        causes = [verdict.cause for verdict in view.shape.verdicts]
        for n, test in enumerate(view.shape.tests):
            if test.cause and test.cause not in causes:
                where = view.file.place(f"$.tests[{n}].cause")
                yield Fault(where, f"no verdict of this signature has the cause {test.cause!r}", "write one of: " + ", ".join(dict.fromkeys(causes)))


class TestsReadSources(SignatureLint):
    """Each test that expects an answer holds a file that a source of the signature reads; else it would pass whatever the signature says."""

    name = "test-reads-a-source"
    __test__: ClassVar[bool] = False
    bad = """
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it starts, expect: none, files: {var/log/application.log: '2026-11-22T03:00:00Z INFO service started'}}
"""
    good = """
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it starts, expect: none, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        names = dict.fromkeys(source_of(selection) for selection in view.shape.select.values())
        shapes = [view.library.formats[name][0] for name in names if name in view.library.formats]
        if len(shapes) < len(names):
            return
        for n, test in enumerate(view.shape.tests):
            if test.expect == "unknown" or any(_reads(shape, test) for shape in shapes):
                continue
            known = ", ".join(_where(shape) for shape in shapes)
            what = f"no source of the signature reads a file or an event of the test {test.name!r}"
            key = "files" if test.files else "events" if test.events else "name"
            yield Fault(view.file.key(f"$.tests[{n}].{key}"), what, f"use a path such as {known}")


def _reads(shape: FormatShape, test: TestShape) -> bool:
    channels = "|".join(fnmatch.translate(channel) for channel in shape.channel)
    events = bool(channels) and any(re.match(channels, event.channel, re.IGNORECASE) for event in test.events)
    if shape.objects is not None:
        return any(_keyed(shape.objects, text) for text in test.files.values())
    return events or any(matches_path(shape, path) for path in test.files)


def _where(shape: FormatShape) -> str:
    told = [*shape.path, *shape.name, *(f"events of the channel {name}" for name in shape.channel)]
    return told[0] if told else f"any, with objects of the keys {shape.objects.keys[0] if shape.objects else ''}"


def _keyed(objects: ObjectsShape, text: str) -> bool:
    """Whether the text holds all keys of one of the alternatives, or of a message that has them in other words."""
    plain = re.sub(r"[ _-]", "", text.lower())
    ways = [[word.partition("=")[0].rpartition(".")[2] for word in way.split() if not word.startswith("!")] for way in objects.keys]
    return any(all(name in plain for name in way) for way in ways) or ("error.code" in objects.keys and re.search(r"\([A-Z][A-Za-z]+\) ", text) is not None)


class NamedOnce(SignatureLint):
    """Tests are told apart by their names."""

    name = "test-name-once"
    severity: ClassVar[Severity] = "warning"
    bad = """
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it fails, expect: none, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
"""
    good = MustMatch.good

    def check(self, view: SignatureView) -> Iterator[Fault]:
        names = [test.name for test in view.shape.tests]
        for n, name in enumerate(names):
            if name in names[:n]:
                yield Fault(view.file.place(f"$.tests[{n}].name"), f"a test named {name!r} is there already", "say what is different about this one")


LINTS: tuple[SignatureLint, ...] = (MustMatch(), MustNotMatch(), UnknownForAbsence(), OwnCause(), TestsReadSources(), NamedOnce())
