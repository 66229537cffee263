"""`backuptrace why`: the evidence of a cause down to file, line and byte, or which clause failed and by how little."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from backuptrace.cli import asking
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


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=asking.EPILOG)(why)


def why(
    cause: Annotated[str, typer.Argument(metavar="CAUSE", help="The id of a cause; `backuptrace causes list` shows them.", show_default=False)],
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
    """Tell why a cause is supported by a bundle, or why it is not.

    For a supported cause the tree of its evidence, down to file, line and byte; for another one the clause that failed and the nearest miss.
    """

    def work() -> int:
        from backuptrace.explained import why as explain
        from backuptrace.knowledge.catalogue import find_cause
        from backuptrace.report.why_page import why_text

        knowledge = asking.knowledge_of(signatures, parsers)
        found = find_cause(cause, knowledge.pack.causes)
        if found is None:
            raise asking.unknown("not a cause of the catalogue", cause, knowledge.pack.causes)
        judged = asking.judged_of(bundle, knowledge, lang.value, code=code, at=at, tz=tz)
        page = explain(judged, next(state for state in judged.states if state.cause.id == found.id))
        asking.put(page, format, width, partial(why_text, show_all=show_all))
        return 0

    run(work)
