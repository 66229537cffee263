"""`backuptrace coverage` and `backuptrace collect`: what is in a bundle, what is missing, how to get it."""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import Annotated

import typer

from backuptrace.cli import asking, output
from backuptrace.cli.running import (
    AtOption,
    BundleArgument,
    CodeOption,
    Format,
    FormatOption,
    Lang,
    LangOption,
    ParsersOption,
    SignaturesOption,
    TzOption,
    WidthOption,
    run,
)


class Target(str, Enum):
    """Where a script runs; `knowledge.collecting.TARGETS`."""

    linux = "linux"
    windows = "windows"
    azure = "azure"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog=asking.EPILOG)(coverage)
    app.command(epilog=asking.EPILOG, short_help="Print a short script that gathers what is missing.")(collect)


def coverage(
    bundle: BundleArgument,
    *,
    lang: LangOption = Lang.en,
    format: FormatOption = Format.text,  # noqa: A002  the name of the option
    code: CodeOption = None,
    at: AtOption = None,
    tz: TzOption = None,
    show_all: asking.AllOption = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
    width: WidthOption = None,
) -> None:
    """Tell what is in a bundle, what is missing and how to get it."""

    def work() -> int:
        from backuptrace.covered import coverage_page
        from backuptrace.report.coverage_page import coverage_text

        page = coverage_page(asking.judged_of(bundle, asking.knowledge_of(signatures, parsers), lang.value, code=code, at=at, tz=tz))
        asking.put(page, format, width, partial(coverage_text, show_all=show_all))
        return 0

    run(work)


def collect(
    bundle: Annotated[
        str | None,
        typer.Argument(metavar="[BUNDLE]", help="Leave out what this bundle holds already; by default everything is gathered.", show_default=False),
    ] = None,
    *,
    target: Annotated[Target, typer.Option("--print", help="Print the script for a Linux VM (sh), a Windows VM (PowerShell) or for Azure (az in sh).")],
    lang: LangOption = Lang.en,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
) -> None:
    """Print a short script that gathers what is missing, to be read and run by you: its commands change nothing.

    backuptrace itself runs none of them.
    """

    def work() -> int:
        from backuptrace.knowledge.collecting import takes
        from backuptrace.report.collecting import script

        knowledge, have = asking.knowledge_of(signatures, parsers), set()
        if bundle is not None:
            have = asking.judged_of(bundle, knowledge, lang.value).held
        output.write_stdout(script(takes(knowledge.pack, target.value, leave_out=have), target.value, lang.value))
        return 0

    run(work)
