"""Lints on what a selection looks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from backuptrace.errors import Fault
from backuptrace.knowledge.compiled import LINED
from backuptrace.knowledge.lints import Severity, SignatureLint, SignatureView
from backuptrace.knowledge.selections import Layout, SelectionError, byte_patterns, conditions, literal_length

GOOD_LITERAL = 5
"""Plain characters that make a pattern rare; fewer than selections.LEAST_LITERAL are refused."""


class ShortPattern(SignatureLint):
    """A pattern with few certain characters in a row hits ordinary lines too: each hit costs time, and may be wrong."""

    name = "short-pattern"
    severity: ClassVar[Severity] = "warning"
    bad = """
select:
  failed: {source: app, message|contains: fail}
  repaired: {source: app, message|startswith: service started}
"""
    good = """
select:
  failed: {source: app, message|contains: failed to start}
  repaired: {source: app, message|startswith: service started}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for name in view.shape.select:
            shape = view.format_of(name)
            if not shape or shape.reader not in LINED:
                continue
            try:
                layout = Layout.of(shape)
                found = conditions(view.selection(name), layout)
                byte_patterns(found, layout)
                length = literal_length(found)
            except SelectionError:
                continue
            if length and length < GOOD_LITERAL:
                what = f"the pattern of {name!r} has only {length} certain characters in a row"
                yield Fault(view.file.key(f"$.select.{name}"), what, f"add words that only this message has, {GOOD_LITERAL} characters or more")


class StableWithNotes(SignatureLint):
    """A signature that is more than experimental tells in `notes` where its facts come from, so that the next one can check them."""

    name = "stable-with-notes"
    bad = """
status: stable
"""
    good = """
status: stable
notes: The wording is that of service.py; a single failure while the machine starts is normal and not counted.
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        if view.shape.status != "experimental" and not view.shape.notes.strip():
            fix = "add `notes:` with the source of the wording and what looks alike, or write `status: experimental`"
            yield Fault(view.file.place("$.status"), f"status {view.shape.status} without notes", fix)


LINTS: tuple[SignatureLint, ...] = (ShortPattern(), StableWithNotes())
