"""Lints on formats."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backuptrace.errors import Fault
from backuptrace.knowledge.compiling import fields_of
from backuptrace.knowledge.lints import FormatLint, FormatView
from backuptrace.knowledge.selections import Layout, head_pattern
from backuptrace.knowledge.shapes import AttemptResult, FormatShape, JsonRecords, MilestoneShape


class StartsProven(FormatLint):
    """Each way in which a record starts needs a sample line: a start that never matches loses every time of the log."""

    name = "sample-for-each-start"
    bad = """
samples: []
"""
    good = """
samples:
  - {text: '2026-11-22T03:00:00Z ERROR no space', fields: {level: ERROR, message: no space}}
"""

    def check(self, view: FormatView) -> Iterator[Fault]:
        starts = [] if isinstance(view.shape.records, JsonRecords) else [record.start for record in view.shape.records or ()]
        for key, expressions in (("records", starts), ("rows", view.shape.rows)):
            known: list[re.Pattern[str]] = []
            for n, text in enumerate(expressions):
                try:
                    start = re.compile(text)
                except re.error:
                    continue
                if not any(_first(start, sample.text, key) and not any(_first(other, sample.text, key) for other in known) for sample in view.shape.samples):
                    fix = "add one under `samples` with the fields that must come out, or change the expression so that it fits one of them"
                    yield Fault(view.file.place(f"$.{key}[{n}]"), "no sample line starts a record in this way", fix)
                known.append(start)


def _first(start: re.Pattern[str], text: str, key: str) -> bool:
    if key == "records":
        return bool(start.match(text))
    return bool(start.search(text.splitlines()[-1] if text else ""))  # lines above it hold carried fields


def _head_of(shape: FormatShape, text: str) -> dict[str, str]:
    """The named groups of the record start that matches a sample line."""
    for record in () if isinstance(shape.records, JsonRecords) else shape.records or ():
        try:
            found = re.match(record.start, text)
        except re.error:
            continue
        if found:
            return {name: value for name, value in found.groupdict().items() if value}
    return {}


class NameNeedsHead(FormatLint):
    """A bare file name proves little: `name` is used only where `head` matches the first lines too."""

    name = "name-needs-head"
    bad = """
name: ["*app*.log"]
head: []
"""
    good = """
name: ["*app*.log"]
head: ['^[0-9-]{10}T[0-9:]{8}Z (?:INFO|ERROR) ']
"""

    def check(self, view: FormatView) -> Iterator[Fault]:
        if view.shape.name and not view.shape.head:
            yield Fault(view.file.key("$.name"), "`name` without `head` is never used", "add a regular expression for the first lines under `head`")


class PathWithinBundle(FormatLint):
    """A path is the end of a path in the bundle: one with a root or a drive fits no file."""

    name = "path-within-bundle"
    bad = """
path: [/var/log/app.log]
"""
    good = """
path: [var/log/app.log]
"""

    def check(self, view: FormatView) -> Iterator[Fault]:
        for key, globs in (("path", view.shape.path), ("not_path", view.shape.not_path), ("name", view.shape.name)):
            for n, glob in enumerate(globs):
                if rooted := _ROOT.match(glob):
                    rest = glob[rooted.end() :].replace("\\", "/")
                    yield Fault(view.file.place(f"$.{key}[{n}]"), f"no path in a bundle begins with {rooted[0]}", f"write `{rest}`")


_ROOT = re.compile(r"(?:[A-Za-z]:)?[/\\]+|[A-Za-z]:")


class FieldTemplate(FormatLint):
    """A template tells how a named group of `records` stands on the line; one that is wrong or idle loses hits or speed."""

    name = "field-template"
    bad = """
fields: {level: ' level ', thread: ' {} ', stamp: '\\[{}\\] '}
"""
    good = """
fields: {level: ' {} '}
"""

    def check(self, view: FormatView) -> Iterator[Fault]:
        known = fields_of(view.shape)
        for name, template in view.shape.fields.items():
            place = view.file.place(f"$.fields.{name}")
            if template.count("{}") != 1:
                yield Fault(place, f"the template of {name!r} needs one {{}}", "write it as on the line: ' {} ' or '\\[{}\\] '")
            elif known and name not in known:
                fix = f"write (?P<{name}>...) in `records`, or remove the template"
                yield Fault(view.file.key(f"$.fields.{name}"), f"no record start has a group {name!r}", fix)
            else:
                try:
                    re.compile(template.replace("{}", "x"))
                except re.error as error:
                    yield Fault(place, f"no regular expression: {error}", "escape the characters [ ( . * + ? with \\")
                    return
        yield from self.on_the_line(view)

    def on_the_line(self, view: FormatView) -> Iterator[Fault]:
        """Each template, and all together, against the sample lines."""
        layout = Layout.of(view.shape)
        told: set[str] = set()
        for n, sample in enumerate(view.shape.samples, 1):
            values = {name: value for name, value in _head_of(view.shape, sample.text).items() if "{}" in layout.templates.get(name, "")}
            wrong = [name for name in values if not re.search(head_pattern({name: values[name]}, layout), sample.text)]
            if not wrong and not re.search(head_pattern(values, layout), sample.text):
                wrong = list(values)[-1:]
            for name in wrong:
                if name not in told:
                    told.add(name)
                    what = f"{values[name]!r} does not stand in sample {n} as the template of {name!r} says: conditions on it would find nothing"
                    fix = "write what stands directly before and behind it, ' {} ' or '\\[{}\\] ', and keep the order of the line"
                    yield Fault(view.file.place(f"$.fields.{name}"), what, fix)


class MilestoneFields(FormatLint):
    """What a milestone shows or joins by must be a field of the record or a named group of its own patterns."""

    name = "milestone-fields"
    bad = r"""
milestones:
  start: {match: {message|re: '^service (?P<name>[a-z]+) starts'}, summary: 'service {nam} starts', facts: {service: title}}
"""
    good = r"""
milestones:
  start: {match: {message|re: '^service (?P<name>[a-z]+) starts'}, summary: 'service {name} starts', facts: {service: name}}
"""

    def check(self, view: FormatView) -> Iterator[Fault]:
        fields = fields_of(view.shape)
        for key, milestone in view.shape.milestones.items():
            known = {*fields, *_groups(milestone)}
            for path, name in _mentions(milestone):
                if fields and name not in known:
                    place = view.file.place(f"$.milestones.{key}.{path}")
                    yield Fault(place, f"the milestone {key!r} has no field {name!r}", "known are: " + ", ".join(sorted(known)))


class EndTellsResult(FormatLint):
    """The end of an attempt must tell how it ended, else no verdict can be judged by it."""

    name = "attempt-end-with-result"
    bad = """
milestones:
  done: {match: {message|startswith: service ended}, summary: the service ends, role: attempt-end}
"""
    good = """
milestones:
  done: {match: {message|startswith: service ended}, summary: the service ends, role: attempt-end, result: failed}
"""

    def check(self, view: FormatView) -> Iterator[Fault]:
        for key, milestone in view.shape.milestones.items():
            if milestone.role == "attempt-step" and milestone.result == "succeeded":
                continue
            if (milestone.role in ("attempt-end", "job")) != bool(milestone.result):
                what = "an attempt-end without `result`" if milestone.role == "attempt-end" else "a `result` without `role: attempt-end`"
                yield Fault(view.file.key(f"$.milestones.{key}"), what, "write `role: attempt-end` and `result: failed`, `succeeded` or {field, succeeded}")


def _groups(milestone: MilestoneShape) -> set[str]:
    texts = [text for value in milestone.match.values() for text in (value if isinstance(value, list) else [value])]
    return {name for text in texts for name in re.findall(r"\(\?P<(\w+)>", str(text))}


def _mentions(milestone: MilestoneShape) -> Iterator[tuple[str, str]]:
    """(path below the milestone, name of a field) of each mention."""
    texts = milestone.summary if isinstance(milestone.summary, str) else f"{milestone.summary.en} {milestone.summary.de}"
    yield from (("summary", name) for name in re.findall(r"\{(\w+)\}", texts))
    yield from ((f"keys.{key}", name) for key, name in milestone.keys.items())
    yield from ((f"facts.{key}", name) for key, name in milestone.facts.items())
    if milestone.code:
        yield "code", milestone.code
    if milestone.until:
        yield "until", milestone.until
    if isinstance(milestone.result, AttemptResult):
        yield "result.field", milestone.result.field


LINTS: tuple[FormatLint, ...] = (StartsProven(), PathWithinBundle(), NameNeedsHead(), FieldTemplate(), MilestoneFields(), EndTellsResult())
