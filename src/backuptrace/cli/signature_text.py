"""What the signature tools write: lists, one signature in words, results of tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from backuptrace.errors import KnowledgeError, UsageError
from backuptrace.knowledge.compiled import Pack
from backuptrace.knowledge.compiling import confidence_of, source_of
from backuptrace.knowledge.definitions import definitions
from backuptrace.knowledge.derived import formats_of
from backuptrace.knowledge.library import Library
from backuptrace.knowledge.shapes import SignatureShape, VerdictShape
from backuptrace.knowledge.texts import pick
from backuptrace.knowledge.when_parser import parse
from backuptrace.knowledge.wording import tree
from backuptrace.proving import Proof
from backuptrace.report.safe import safe_text

WIDEST = 50
"""Columns of a table."""


def rows(shelf: Library) -> list[dict[str, Any]]:
    """One row a signature, sorted by id. Raises KnowledgeError if a file could not be read."""
    if shelf.faults:
        raise KnowledgeError(shelf.faults)
    return [
        {
            "id": name,
            "title": pick(shape.title, "en"),
            "causes": list(dict.fromkeys(verdict.cause for verdict in shape.verdicts)),
            "sources": list(dict.fromkeys(source_of(selection) for selection in shape.select.values())),
            "status": shape.status,
            "confidence": confidence_of(shelf.confidence.get(name)),
            "tests": len(shape.tests),
            "file": file.name,
            "own": shelf.origins[file.name].own,
        }
        for name, (shape, file) in sorted(shelf.signatures.items())
    ]


def as_table(found: Sequence[dict[str, Any]]) -> str:
    """Columns as wide as they must be; a signature of many causes sticks out, lest it push the sources of all others away."""
    head = ["ID", "STATUS", "CONFIDENCE", "TESTS", "CAUSES", "SOURCES"]
    lines = [head] + [
        [("* " if row["own"] else "") + row["id"], row["status"], row["confidence"], str(row["tests"]), " ".join(row["causes"]), " ".join(row["sources"])]
        for row in found
    ]
    widths = [min(max(len(line[n]) for line in lines), WIDEST) for n in range(len(head) - 1)]
    return "".join("  ".join([cell.ljust(width) for cell, width in zip(line, [*widths, 0], strict=True)]).rstrip() + "\n" for line in lines)


def chosen(shelf: Library, ids: Sequence[str], *, single: bool = False, others: Sequence[str] = ()) -> list[str]:
    """The ids that the patterns name; without patterns those of the user's folders, if there are any, else all. Raises UsageError."""
    known = sorted(shelf.signatures)
    if not ids:
        own = [name for name in known if shelf.origins[shelf.signatures[name][1].name].own]
        only_formats = bool(others) and any(origin.own for origin in shelf.origins.values())
        return own or ([] if only_formats else known)
    if shelf.faults and any(not any(fnmatchcase(name, one) for name in known) for one in ids):
        raise KnowledgeError(shelf.faults)
    found: dict[str, None] = {}
    for one in ids:
        matching = [name for name in known if (name == one if single else fnmatchcase(name, one))]
        if not matching and not any(fnmatchcase(name, one) for name in others):
            close = get_close_matches(one, known, 3, 0.5) or [name for name in known if one in name][:3]
            raise UsageError("no such signature", where=one, fix=f"did you mean {', '.join(close)}?" if close else "see `backuptrace signatures list`")
        found.update(dict.fromkeys(matching))
    return list(found)


def chosen_formats(shelf: Library, ids: Sequence[str]) -> list[str]:
    """The formats that the patterns name; without patterns those of the user's folders, if there are own files at all, else all."""
    known = sorted(shelf.formats)
    if ids:
        return [name for name in known if any(fnmatchcase(name, one) for one in ids)]
    own = [name for name in known if shelf.origins[shelf.formats[name][1].name].own]
    return own if any(origin.own for origin in shelf.origins.values()) else known


def described(shelf: Library, pack: Pack, name: str) -> str:
    """One signature in words."""
    shape, file = shelf.signatures[name]
    lines = [name, f"  {pick(shape.title, 'en')}", f"  file: {file.name}", f"  status: {shape.status}, confidence: {confidence_of(shelf.confidence.get(name))}"]
    if shape.notes:
        lines.append(f"  notes: {shape.notes.strip()}")
    lines += ["", "Selections"]
    for selection in shape.select:
        lines += _selection(shelf, pack, shape, selection)
    if shape.define:
        lines += ["", "Definitions", *(f"  {key}: {' '.join(text.split())}" for key, text in shape.define.items())]
    for verdict in shape.verdicts:
        lines += ["", f"Verdict: {verdict.cause}", *_verdict(shelf, shape, verdict)]
    lines += ["", "Tests", *(f"  {test.name}: {test.cause or shape.verdicts[0].cause} is to be {test.expect}" for test in shape.tests)]
    return safe_text("\n".join(lines)) + "\n"


def _selection(shelf: Library, pack: Pack, shape: SignatureShape, name: str) -> Iterator[str]:
    selection = shape.select[name]
    source = source_of(selection)
    yield f"  {name}: {selection.get('milestone', source)}, {pick(shelf.formats[source][0].title, 'en')}"
    for key, value in selection.items():
        if key not in ("source", "milestone"):
            values = value if isinstance(value, list) else [value]
            yield f"    {key}: " + (" | " if "all" not in key.split("|") else " & ").join(map(str, values))
    compiled = formats_of(pack)[source]
    slot = next((n for n, slot in enumerate(compiled.slots) if slot.key == f"{shape.id}/{name}"), -1)
    for pattern, watching in zip(compiled.patterns, compiled.watch, strict=True):
        if any(slot in one.slots for one in watching):
            yield f"    searched as: {pattern.block}" + (" (any case)" if pattern.ignore_case else "")


def _verdict(shelf: Library, shape: SignatureShape, verdict: VerdictShape) -> Iterator[str]:
    yield f"  when: {' '.join(verdict.when.split())}"
    defined, _ = definitions(shape.define, list(shape.select), list(shelf.formats))
    yield from tree(parse(verdict.when, list(shape.select), list(shelf.formats), defined), "    ")
    yield f"  why: {pick(verdict.why, 'en')}"
    if verdict.refuted_by:
        yield f"  over when seen later: {', '.join(verdict.refuted_by)}"
    if not verdict.root:
        yield "  a consequence: ranked below deeper causes"


def proof_lines(proofs: Iterable[Proof], *, verbose: bool) -> Iterator[str]:
    """A line for each test that failed (or for all), with what the report says of it."""
    for proof in proofs:
        if proof.holds and verbose:
            yield safe_text(f"ok      {proof.signature}: {proof.name}")
        elif not proof.holds:
            yield safe_text(f"FAILED  {proof.signature}: {proof.name}: wanted {proof.wanted}, got {proof.got}")
            decided = proof.got in ("supported", "contradicted") or not proof.reasons
            for text in ([proof.why] if proof.why and decided else []) + list(proof.reasons):
                yield safe_text(f"        {text}")
