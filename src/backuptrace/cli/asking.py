"""What the commands share whose answer is a page: how they judge a bundle, print the page, and refuse a name that nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from backuptrace.cli import output
from backuptrace.cli.progress import Reading
from backuptrace.cli.running import Format, colorful, columns_of_terminal
from backuptrace.errors import UsageError

if TYPE_CHECKING:
    from backuptrace.judged import Judged
    from backuptrace.knowledge.loading import Knowledge
    from backuptrace.knowledge.shapes import CauseShape, CodeShape
    from backuptrace.knowledge.texts import Language

P = TypeVar("P")
EPILOG = """Exit status: 0 the question was answered, whatever the answer; 1 internal error; 2 wrong usage; 3 a faulty signature or parser file;
4 nothing readable in the bundle; 130 interrupted."""
AllOption = Annotated[bool, typer.Option("--all", help="Leave nothing out of the text.")]


def knowledge_of(signatures: Sequence[str] | None, parsers: Sequence[str] | None) -> Knowledge:
    """Formats, signatures and catalogue. Raises KnowledgeError."""
    from backuptrace.knowledge.loading import load

    return load(signatures or (), parsers or ())


def judged_of(bundle: str, knowledge: Knowledge, language: Language, *, code: str | None = None, at: str | None = None, tz: str | None = None) -> Judged:
    """The bundle, judged; secrets are taken out of all that is made of it. Raises BundleError, UsageError."""
    from backuptrace.api import ScanOptions, judged_with

    reading = Reading(quiet=False, verbose=False)
    judged = judged_with(knowledge, bundle, ScanOptions(code=code, at=at, tz=tz, language=language, watch=reading, jobs=0))
    reading.close()
    return judged


def put(page: P, form: Format, width: int | None, text: Callable[..., str]) -> None:
    """Prints a page: as indented JSON that is harmless when it is shown, or as `text(page, width=.., color=..)`."""
    if form is Format.text:
        output.write_stdout(text(page, width=width or columns_of_terminal(), color=colorful()))
        return
    from backuptrace.report.jsontext import json_bytes

    output.write_stdout(json_bytes(page))


def unknown(what: str, name: str, causes: Sequence[CauseShape], codes: Sequence[CodeShape] = ()) -> UsageError:
    """The error for a name that the catalogue does not have, with those that look like it."""
    from backuptrace.knowledge.catalogue import close_names

    close = close_names(name, causes, codes)
    return UsageError(what, where=name, fix=f"did you mean {' or '.join(close)}?" if close else "`backuptrace causes list` shows the causes")
