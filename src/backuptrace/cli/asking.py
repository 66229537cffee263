"""What the commands share that ask more of a bundle than its report: how they judge it and print their answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from backuptrace.cli import output
from backuptrace.cli.progress import Reading

if TYPE_CHECKING:
    from backuptrace.judged import Judged
    from backuptrace.knowledge.loading import Knowledge
    from backuptrace.knowledge.texts import Language

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


def put_json(page: object) -> None:
    """A page as indented JSON, harmless when it is shown."""
    from backuptrace.report.jsontext import json_text

    output.write_stdout(json_text(page).encode())
