"""The group of all commands: what it says about wrong arguments repeats what was typed, so it is redacted like every other message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

UsageError: type[BaseException] = typer.BadParameter.__bases__[0]
"""Of click; typer hands it out under no name of its own."""


@contextmanager
def _redacted() -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        from backuptrace.redact.redactor import redacted
        from backuptrace.report.safe import safe_text

        told = vars(error)
        told["message"] = safe_text(redacted(str(told.get("message", ""))))
        raise


class Commands(TyperGroup):
    """Parses and runs as any group does; its usage errors hold no secret and nothing that harms a terminal."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """The context of the command line. Raises UsageError."""
        with _redacted():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command of the context. Raises UsageError."""
        with _redacted():
            return super().invoke(ctx)
