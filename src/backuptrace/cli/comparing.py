"""`backuptrace diff` and `backuptrace verify`: two bundles compared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from backuptrace.cli import asking
from backuptrace.cli.running import (
    ExitCodeOption,
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

if TYPE_CHECKING:
    from backuptrace.comparing import Compared
    from backuptrace.knowledge.loading import Knowledge
    from backuptrace.knowledge.texts import Language

VERIFY_EPILOG = f"""{asking.EPILOG}
With --exit-code: 0 only if the fix took (or nothing failed before); 10 it did not; 20 it cannot be told yet."""
STATUSES = {"fixed": 0, "nothing-to-verify": 0, "not-fixed": 10, "other-cause": 10, "still-failing": 10, "not-tried": 20, "cannot-tell": 20}


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog=asking.EPILOG, short_help="Compare two bundles: a good one and a bad one.")(diff)
    app.command(epilog=VERIFY_EPILOG, short_help="Tell whether a fix took: a bundle from before it, one after it.")(verify)


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="The bundle to compare with: the last good one, or of a good VM.", show_default=False)],
    b: Annotated[str, typer.Argument(metavar="B", help="The bundle in question: the first bad one, or of the bad VM.", show_default=False)],
    *,
    lang: LangOption = Lang.en,
    format: FormatOption = Format.text,  # noqa: A002  the name of the option
    tz: TzOption = None,
    show_all: asking.AllOption = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
    width: WidthOption = None,
) -> None:
    """Compare two bundles: versions, configuration, events and causes."""

    def work() -> int:
        from backuptrace.comparing import diff as compare
        from backuptrace.report.diff_page import diff_text

        knowledge = asking.knowledge_of(signatures, parsers)
        page = compare(_whole(a, knowledge, lang.value, tz), _whole(b, knowledge, lang.value, tz))
        asking.put(page, format, width, partial(diff_text, show_all=show_all))
        return 0

    run(work)


def verify(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="The bundle that shows the failure.", show_default=False)],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="A bundle of the same VM, taken after the fix.", show_default=False)],
    *,
    lang: LangOption = Lang.en,
    format: FormatOption = Format.text,  # noqa: A002  the name of the option
    code: Annotated[str | None, typer.Option("--code", metavar="CODE", help="The error code that the portal showed before the fix.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="When the job before the fix failed, such as 2026-11-22T03:12Z.")] = None,
    tz: TzOption = None,
    exit_code: ExitCodeOption = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
    width: WidthOption = None,
) -> None:
    """Tell whether a fix took: what a bundle taken after it says of the cause that an earlier one shows."""

    def work() -> int:
        from backuptrace.answer import report
        from backuptrace.comparing import verify as check
        from backuptrace.report.diff_page import verify_text

        knowledge = asking.knowledge_of(signatures, parsers)
        first = report(asking.judged_of(before, knowledge, lang.value, code=code, at=at, tz=tz))
        page = check(first, report(asking.judged_of(after, knowledge, lang.value, tz=tz)))
        asking.put(page, format, width, verify_text)
        return STATUSES[page.result] if exit_code else 0

    run(work)


def _whole(path: str, knowledge: Knowledge, language: Language, tz: str | None) -> Compared:
    from backuptrace.bundle.opening import open_bundle
    from backuptrace.comparing import Compared
    from backuptrace.scanning.bundles import declared_by
    from backuptrace.scanning.settings import settings_of

    judged = asking.judged_of(path, knowledge, language, tz=tz)
    with open_bundle(path, declared=declared_by(knowledge)) as bundle:
        settings, cut = settings_of(bundle, judged.scanned.logs, knowledge)
    return Compared(judged, settings, cut)
