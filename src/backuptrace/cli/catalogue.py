"""`backuptrace explain` and `backuptrace causes list`: the catalogue of causes and codes, without any bundle."""

from __future__ import annotations

from typing import Annotated

import typer

from backuptrace.cli import asking, output
from backuptrace.cli.running import Format, FormatOption, Lang, LangOption, ParsersOption, SignaturesOption, WidthOption, colorful, columns_of_terminal, run

EPILOG = "Exit status: 0 done; 1 internal error; 2 wrong usage, or a name that the catalogue does not know; 3 a faulty signature or parser file."
_causes = typer.Typer(help="The documented causes of failed backups.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog=EPILOG, short_help="Explain an error code of the portal, or a cause.")(explain)
    app.add_typer(_causes, name="causes")


def explain(
    name: Annotated[str, typer.Argument(metavar="CODE|CAUSE", help="A code of the portal, its number, or the id of a cause; in any case.", show_default=False)],
    *,
    lang: LangOption = Lang.en,
    format: FormatOption = Format.text,  # noqa: A002  the name of the option
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
    width: WidthOption = None,
) -> None:
    """Explain an error code or a cause: causes in the documented order, steps, what proves and refutes it, commands, source."""

    def work() -> int:
        from backuptrace.knowledge.catalogue import find_cause, find_code
        from backuptrace.report.explaining import cause_page, cause_text, code_page, code_text

        pack = asking.knowledge_of(signatures, parsers).pack
        if (code := find_code(name, pack.codes)) is not None:
            asking.put(code_page(code, pack.causes, lang.value), format, width, code_text)
        elif (cause := find_cause(name, pack.causes)) is not None:
            asking.put(cause_page(cause, lang.value), format, width, cause_text)
        else:
            raise asking.unknown("neither a code of the portal nor a cause", name, pack.causes, pack.codes)
        return 0

    run(work)


@_causes.command("list", epilog=EPILOG, short_help="List the causes of the catalogue.")
def list_causes(
    *,
    lang: LangOption = Lang.en,
    stale: Annotated[bool, typer.Option("--stale", help="Only entries, causes and codes, whose source was published more than a year ago.")] = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
    width: WidthOption = None,
) -> None:
    """List the causes of the catalogue, or the entries whose sources are old."""

    def work() -> int:
        from datetime import datetime, timezone

        from backuptrace.knowledge import catalogue
        from backuptrace.report.explaining import list_text, stale_text

        pack = asking.knowledge_of(signatures, parsers).pack
        columns, color = width or columns_of_terminal(), colorful()
        if stale:
            today = datetime.now(timezone.utc).date()
            old = catalogue.stale(pack.causes, pack.codes, today)
            text = stale_text(old, len(pack.causes) + len(pack.codes), today, lang.value, width=columns, color=color)
        else:
            text = list_text(sorted(pack.causes, key=lambda cause: cause.id), lang.value, width=columns, color=color)
        output.write_stdout(text)
        return 0

    run(work)
