"""Formats in words, for those who write signatures: which there are, and what a selection may ask of one."""

from __future__ import annotations

from collections.abc import Iterator

from backuptrace.errors import KnowledgeError
from backuptrace.knowledge.compiling import fields_of
from backuptrace.knowledge.library import Library
from backuptrace.knowledge.shapes import FormatShape
from backuptrace.knowledge.texts import pick
from backuptrace.report.safe import safe_text


def format_table(shelf: Library) -> str:
    """One row a format, sorted by id: reader, title. Raises KnowledgeError if a file could not be read."""
    if shelf.faults:
        raise KnowledgeError(shelf.faults)
    rows = [("ID", "KIND", "READER", "TITLE")]
    for name, (shape, file) in sorted(shelf.formats.items()):
        rows.append((("* " if shelf.origins[file.name].own else "") + name, shape.kind, shape.reader, pick(shape.title, "en")))
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    return safe_text("".join("  ".join([cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)]).rstrip() + "\n" for row in rows))


def format_page(shelf: Library, name: str) -> str:
    """One format: where it lies, its fields, milestones and sample lines."""
    shape, file = shelf.formats[name]
    return safe_text("\n".join([name, f"  {pick(shape.title, 'en')}", f"  file: {file.name}", f"  {shape.kind}, reader {shape.reader}", *_parts(shape)])) + "\n"


def _parts(shape: FormatShape) -> Iterator[str]:
    for label, values in (("lies at", shape.path), ("never at", shape.not_path), ("by name", shape.name), ("channels", shape.channel)):
        if values:
            yield f"  {label}: {', '.join(values)}"
    if shape.heartbeat:
        yield f"  heartbeat: {shape.heartbeat}"
    if shape.notes:
        yield f"  notes: {' '.join(shape.notes.split())}"
    yield from ("", "Fields, to be asked for in a selection with `source: " + shape.id + "`")
    known = sorted({*fields_of(shape)} - {"stamp"})
    yield "  " + (", ".join(known) if known else "the keys of the file, as they are written")
    if shape.milestones:
        yield from ("", "Milestones, to be taken over with `milestone: " + shape.id + ".<name>`")
        yield from (f"  {key}: {pick(milestone.summary, 'en')}" for key, milestone in shape.milestones.items())
    if shape.samples:
        yield from ("", "Sample lines")
        yield from (f"  {line}" for sample in shape.samples for line in sample.text.splitlines()[:3])
