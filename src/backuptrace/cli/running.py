"""What all commands share: options, the terminal, and the end of the work with an exit status."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from enum import Enum
from typing import Annotated

import typer

from backuptrace.cli import output
from backuptrace.cli.guarding import guarded


class Format(str, Enum):
    """The renderings of a page."""

    text = "text"
    json = "json"


class ReportFormat(str, Enum):
    """The renderings of a report; `report.forms.FORMS`."""

    text = "text"
    json = "json"
    html = "html"
    md = "md"
    csv = "csv"
    parquet = "parquet"
    jsonl = "jsonl"


class Engine(str, Enum):
    """The engines that search lines; `matcher.ENGINES`."""

    hyperscan = "hyperscan"
    re2 = "re2"
    re = "re"


class Lang(str, Enum):
    """The languages of texts."""

    en = "en"
    de = "de"


BundleArgument = Annotated[
    str, typer.Argument(metavar="BUNDLE", help="A folder, zip or tar archive of collected logs, a single log, or / of the VM.", show_default=False)
]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the texts.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to write it.")]
EngineOption = Annotated[
    Engine | None,
    typer.Option("--engine", help="How lines are searched; by default the fastest that is installed. All find the same.", show_default=False),
]
SignaturesOption = Annotated[
    list[str] | None,
    typer.Option("--signatures", metavar="DIR", help="Use the signature files in this folder as well; may be given more than once."),
]
ParsersOption = Annotated[
    list[str] | None,
    typer.Option("--parsers", metavar="DIR", help="Use the format files in this folder as well; may be given more than once."),
]
CodeOption = Annotated[
    str | None,
    typer.Option("--code", metavar="CODE", help="The error code that the portal shows, such as UserErrorGuestAgentStatusUnavailable."),
]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="When the backup job failed, such as 2026-11-22T03:12Z; by default the last attempt is judged."),
]
TzOption = Annotated[
    str | None,
    typer.Option("--tz", metavar="ZONE", help="Zone of the machine's local time where the bundle does not tell it, such as Europe/Berlin or +02:00."),
]
ExitCodeOption = Annotated[bool, typer.Option("--exit-code", help="Let the exit status tell what was found, see below.")]
NoRedactOption = Annotated[bool, typer.Option("--no-redact", help="Leave secrets in what is written as the logs have them, instead of tokens such as <sas-1>.")]
WidthOption = Annotated[
    int | None,
    typer.Option("--width", metavar="N", min=40, max=1000, help="Columns of the text; by default those of the terminal, 80 in a file."),
]


def columns_of_terminal() -> int:
    """Columns of the terminal, or what COLUMNS says, else 80."""
    return shutil.get_terminal_size().columns


def colorful() -> bool:
    """Colour for a person at a terminal. NO_COLOR refuses it (https://no-color.org), FORCE_COLOR wants it in a pipe too; the former counts more."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def warn_of_secrets(lang: Lang) -> None:
    """Says what `--no-redact` does."""
    from backuptrace.report.phrases import tongue

    output.note(tongue(lang.value).say("redact.off"))


def run(work: Callable[[], int]) -> None:
    """Runs the work of a command and ends it with its exit status. Raises typer.Exit."""
    raise typer.Exit(guarded(work))
