"""All faults of all data files at once: what loading refuses, what the engine refuses, and what the lints say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backuptrace.errors import Fault, KnowledgeError
from backuptrace.knowledge import lints_formats, lints_patterns, lints_tests, lints_when
from backuptrace.knowledge.compiled import Format, Pack
from backuptrace.knowledge.compiling import compile_library
from backuptrace.knowledge.library import Library
from backuptrace.knowledge.lints import Finding, FormatLint, FormatView, SignatureLint, SignatureView
from backuptrace.matcher import compile_patterns

SIGNATURE_LINTS: tuple[SignatureLint, ...] = (*lints_patterns.LINTS, *lints_when.LINTS, *lints_tests.LINTS)
FORMAT_LINTS: tuple[FormatLint, ...] = lints_formats.LINTS
_PLACE = re.compile(r"(.*?):(\d+):(\d+)$")


def check(library: Library) -> list[Finding]:
    """Every finding, by file and place; empty if there is nothing to say."""
    pack, faults = None, list(library.faults)
    try:
        pack = compile_library(library, "check")
    except KnowledgeError as error:
        faults = list(error.faults)
    findings = [Finding("load", "error", fault) for fault in faults]
    findings += linted(library)
    if pack:
        findings += [Finding("matcher-refuses", "error", fault) for fault in refused(library, pack)]
    return sorted(dict.fromkeys(findings), key=_order)


def linted(library: Library) -> Iterator[Finding]:
    """What the lints find in everything that has its shape."""
    for format_shape, file in library.formats.values():
        for format_lint in FORMAT_LINTS:
            yield from (Finding(format_lint.name, format_lint.severity, fault) for fault in format_lint.check(FormatView(format_shape, file, library)))
    for shape, file in library.signatures.values():
        view = SignatureView(shape, file, library)
        for lint in SIGNATURE_LINTS:
            yield from (Finding(lint.name, lint.severity, fault) for fault in lint.check(view))


def refused(library: Library, pack: Pack) -> Iterator[Fault]:
    """Patterns that pass as portable and that the engine does not take all the same, each with the selections that need it."""
    for shape in pack.formats:
        try:
            compile_patterns(shape.patterns)
        except ValueError:
            yield from _one_by_one(library, shape)


def _one_by_one(library: Library, shape: Format) -> Iterator[Fault]:
    for pattern, watched in zip(shape.patterns, shape.watch, strict=True):
        try:
            compile_patterns([pattern])
        except ValueError as error:
            fix = "make it shorter, with fewer and smaller repeats"
            for slot in (slot for one in watched for slot in one.slots):
                yield Fault(_place(library, shape.slots[slot].key), f"the engine refuses the pattern: {error}", fix)


def _place(library: Library, key: str) -> str:
    """Where the selection or milestone of a slot is declared."""
    owner, _, name = key.partition("/")
    if name:
        return library.signatures[owner][1].key(f"$.select.{name}")
    owner, _, name = key.rpartition(".")
    return library.formats[owner][1].key(f"$.milestones.{name}")


def _order(finding: Finding) -> tuple[str, int, int]:
    found = _PLACE.match(finding.fault.where)
    return (found[1], int(found[2]), int(found[3])) if found else (finding.fault.where, 0, 0)


def counted(findings: Iterable[Finding]) -> tuple[int, int]:
    """(errors, warnings)."""
    found = list(findings)
    errors = sum(finding.severity == "error" for finding in found)
    return errors, len(found) - errors
