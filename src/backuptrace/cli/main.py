"""The command `backuptrace`: arguments in, a report out, and an exit status that scripts can use.

Importing this module and `--help` load typer only; the reading and reasoning parts are imported when a scan starts.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from backuptrace import __version__
from backuptrace.cli import output
from backuptrace.errors import BackuptraceError

if TYPE_CHECKING:
    from backuptrace.report.document import Report

STATUSES = """Exit status: 0 the scan was done, whatever it found; 1 internal error or the report could not be written; 2 wrong usage;
3 a faulty signature or parser file; 4 nothing readable in the bundle; 130 interrupted.
With --exit-code also: 10 a cause is supported; 20 no cause is supported and the evidence is incomplete."""

INTERNAL, INTERRUPTED, SUPPORTED, INCOMPLETE = 1, 130, 10, 20

app = typer.Typer(name="backuptrace", add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True)


class Format(str, Enum):
    """The renderings of a report."""

    text = "text"
    json = "json"


def _version(wanted: bool) -> None:
    if not wanted:
        return
    typer.echo(f"backuptrace {__version__}")
    raise typer.Exit


@app.callback(epilog=STATUSES)
def _backuptrace(
    *,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")] = False,
) -> None:
    """Follow a failed Azure VM backup from the logs of the VM back to the documented cause."""


@app.command(epilog=STATUSES)
def scan(
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE", help="A folder, zip or tar archive of collected logs, or a single log.", show_default=False)],
    *,
    format: Annotated[  # noqa: A002  the name of the option
        Format | None,
        typer.Option("--format", help="How to write the report; by default text, or as the suffix of the output file says."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the report to this file (.json or .txt) instead of standard output."),
    ] = None,
    code: Annotated[
        str | None,
        typer.Option("--code", metavar="CODE", help="The error code that the portal shows, such as UserErrorGuestAgentStatusUnavailable."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="When the backup job failed, such as 2026-11-22T03:12Z; by default the last attempt is judged."),
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Leave nothing out of the text report: every cause, all evidence, the whole timeline.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Let the exit status tell what was found, see below.")] = False,
    no_redact: Annotated[
        bool,
        typer.Option("--no-redact", help="Show secrets and names as they are. Redaction is not there yet, so this changes nothing today."),
    ] = False,
    signatures: Annotated[
        list[str] | None,
        typer.Option("--signatures", metavar="DIR", help="Use the signature files in this folder as well; may be given more than once."),
    ] = None,
    parsers: Annotated[
        list[str] | None,
        typer.Option("--parsers", metavar="DIR", help="Use the format files in this folder as well; may be given more than once."),
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Compile the signatures anew and store nothing.")] = False,
    width: Annotated[
        int | None,
        typer.Option("--width", metavar="N", min=40, max=1000, help="Columns of the text report; by default those of the terminal, 80 in a file."),
    ] = None,
) -> None:
    """Find out from a bundle of logs why the backup failed.

    Reads the bundle, changes nothing in it and needs no network. The report goes to standard output, everything else to standard error.
    """
    del no_redact

    def work() -> int:
        rendering = output.format_of(out, format and format.value)
        if out is not None and out != "-":
            output.check_target(out)
        from backuptrace.api import scan as scan_bundle

        report = scan_bundle(bundle, code=code, at=at, signatures=signatures or (), parsers=parsers or (), cache=not no_cache)
        _deliver(report, out, rendering, width=width, show_all=show_all)
        return findings_status(report) if exit_code else 0

    raise typer.Exit(guarded(work))


def _deliver(report: Report, target: str | None, rendering: str, *, width: int | None, show_all: bool) -> None:
    """Writes the report; JSON is always UTF-8, whatever the terminal speaks."""
    to_file = target is not None and target != "-"
    if rendering == "json":
        text = report.to_json()
    else:
        from backuptrace.report.text import render

        columns = width or (80 if to_file else shutil.get_terminal_size().columns)
        text = render(report, width=columns, color=not to_file and _colorful(), show_all=show_all)
    if target is not None and to_file:
        output.write_file(target, text.encode())
        output.note(f"{target}: {report.verdict.sentence}")
    else:
        output.write_stdout(text.encode() if rendering == "json" else text)


def _colorful() -> bool:
    """Colour only for a person at a terminal who did not refuse it (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def findings_status(report: Report) -> int:
    """The exit status of `--exit-code`: 10 for a supported cause, 20 where the evidence was not enough to say, else 0."""
    if report.supported():
        return SUPPORTED
    return INCOMPLETE if report.verdict.outcome in {"cannot-tell", "unexplained"} else 0


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


def main() -> int:
    """The console entry point; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a replaced stream may lack it: suppressed
    try:
        app(prog_name="backuptrace")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0
