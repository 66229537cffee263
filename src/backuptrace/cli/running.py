"""What all commands share: options, the terminal, and how work ends with a message and an exit status."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from enum import Enum
from typing import Annotated

import typer

from backuptrace.cli import output
from backuptrace.errors import BackuptraceError

INTERNAL, WRONG_USAGE, INTERRUPTED = 1, 2, 130


class Format(str, Enum):
    """The renderings of a report or page."""

    text = "text"
    json = "json"


class Lang(str, Enum):
    """The languages of texts."""

    en = "en"
    de = "de"


LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the texts.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to write it.")]
SignaturesOption = Annotated[
    list[str] | None,
    typer.Option("--signatures", metavar="DIR", help="Use the signature files in this folder as well; may be given more than once."),
]
ParsersOption = Annotated[
    list[str] | None,
    typer.Option("--parsers", metavar="DIR", help="Use the format files in this folder as well; may be given more than once."),
]
WidthOption = Annotated[
    int | None,
    typer.Option("--width", metavar="N", min=40, max=1000, help="Columns of the text; by default those of the terminal, 80 in a file."),
]


def columns_of_terminal() -> int:
    """Columns of the terminal, or what COLUMNS says, else 80."""
    return shutil.get_terminal_size().columns


def colorful() -> bool:
    """Colour only for a person at a terminal who did not refuse it (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def run(work: Callable[[], int]) -> None:
    """Runs the work of a command and ends it with its exit status. Raises typer.Exit."""
    raise typer.Exit(guarded(work))


def guarded(work: Callable[[], int]) -> int:
    """Runs the work; every failure becomes a message on standard error and the exit status of its kind, without a traceback."""
    try:
        return work()
    except BackuptraceError as error:
        output.note(f"backuptrace: {error}")
        return error.exit_status
    except KeyboardInterrupt:
        output.note("backuptrace: interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last line of defence: people get a message, not a traceback
        debug = bool(os.environ.get("BACKUPTRACE_DEBUG"))
        if debug:
            import traceback

            output.note(traceback.format_exc().rstrip())
        shown = str(error).splitlines()
        output.note(f"backuptrace: internal error: {type(error).__name__}" + (f": {shown[0]}" if shown else ""))
        output.note("  why: a fault of backuptrace, not of the bundle")
        more = "" if debug else ", and the traceback that BACKUPTRACE_DEBUG=1 adds"
        output.note(f"  do: report this message and the output of `backuptrace --version`{more}; leave out what must stay private")
        return INTERNAL
