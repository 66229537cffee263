"""`backuptrace scan`: a bundle in, a report out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backuptrace.cli import bounds, output
from backuptrace.cli.progress import Reading
from backuptrace.cli.running import (
    AtOption,
    BundleArgument,
    CodeOption,
    EngineOption,
    ExitCodeOption,
    Lang,
    LangOption,
    NoRedactOption,
    ParsersOption,
    ReportFormat,
    SignaturesOption,
    TzOption,
    WidthOption,
    colorful,
    columns_of_terminal,
    run,
    warn_of_secrets,
)

if TYPE_CHECKING:
    from backuptrace.report.document import Report

ALWAYS = """Exit status: 0 the scan was done, whatever it found; 1 internal error or the report could not be written; 2 wrong usage;
3 a faulty signature or parser file; 4 nothing readable in the bundle; 130 interrupted."""
STATUSES = f"""{ALWAYS}
With --exit-code also: 10 a cause is supported; 20 no cause is supported and the evidence is incomplete."""
SUPPORTED, INCOMPLETE = 10, 20


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=STATUSES)(scan)


def scan(
    bundle: BundleArgument,
    *,
    format: Annotated[  # noqa: A002  the name of the option
        ReportFormat | None,
        typer.Option("--format", help="How to write the report; by default text, or as the suffix of the output file says."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the report to this file instead of standard output: .html to attach to a case, .md for a ticket, .txt, .json, "
            ".csv and .parquet for tables, .jsonl for Timesketch.",
        ),
    ] = None,
    lang: LangOption = Lang.en,
    code: CodeOption = None,
    at: AtOption = None,
    tz: TzOption = None,
    show_all: Annotated[bool, typer.Option("--all", help="Leave nothing out of the text report: every cause, all evidence, the whole timeline.")] = False,
    exit_code: ExitCodeOption = False,
    no_redact: NoRedactOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing but errors on standard error: no progress, no summary beside a file.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell on standard error what was read, how much and how fast.")] = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Compile the signatures anew and store nothing.")] = False,
    width: WidthOption = None,
    root: Annotated[
        bool | None,
        typer.Option(
            "--root/--no-root",
            help="BUNDLE is `/` of a running VM or a mounted OS disk: open only files that a format declares. By default such a folder is recognised.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", metavar="N", min=1, max=1024, help="Processes that read one large log; by default one a processor, up to 4.")
    ] = None,
    max_member: bounds.MaxMember = None,
    max_total: bounds.MaxTotal = None,
    max_ratio: bounds.MaxRatio = None,
    max_depth: bounds.MaxDepth = None,
    max_members: bounds.MaxMembers = None,
    engine: EngineOption = None,
) -> None:
    """Find out from a bundle of logs why the backup failed.

    Reads the bundle, changes nothing in it and needs no network. The report goes to standard output, everything else to standard error.
    """

    def work() -> int:
        limits = bounds.limits_of(member=max_member, total=max_total, ratio=max_ratio, depth=max_depth, members=max_members)
        rendering = output.format_of(out, format and format.value)
        if out is not None and out != "-":
            output.check_target(out)
        from backuptrace.api import scan as scan_bundle

        if no_redact and not quiet:
            warn_of_secrets(lang)
        reading = Reading(quiet=quiet, verbose=verbose)
        report = scan_bundle(
            bundle, code=code, at=at, tz=tz, signatures=signatures or (), parsers=parsers or (), cache=not no_cache, language=lang.value,
            limits=limits, root=root, engine=engine and engine.value, watch=reading, redact=not no_redact, jobs=jobs or 0,
        )  # fmt: skip
        reading.close()
        deliver(report, out, rendering, width=width, show_all=show_all, quiet=quiet)
        return findings_status(report) if exit_code else 0

    run(work)


def deliver(report: Report, target: str | None, rendering: str, *, width: int | None, show_all: bool, quiet: bool = False) -> None:
    """Writes the report; all but the text for a terminal is UTF-8, whatever the terminal speaks."""
    to_file = target is not None and target != "-"
    if rendering == "text" and not to_file:
        from backuptrace.report.text import render

        output.write_stdout(render(report, width=width or columns_of_terminal(), color=colorful(), show_all=show_all))
        return
    from backuptrace.report.forms import written

    data = written(report, rendering, width=width or 80, show_all=show_all)
    if target is None or not to_file:
        output.write_stdout(data)
        return
    output.write_file(target, data)
    if not quiet:
        output.note(f"{target}: {report.verdict.sentence}")


def findings_status(report: Report) -> int:
    """The exit status of `--exit-code`: 10 for a supported cause, 20 where the evidence was not enough to say, else 0."""
    if report.supported():
        return SUPPORTED
    return INCOMPLETE if report.verdict.outcome in {"cannot-tell", "unexplained"} else 0
