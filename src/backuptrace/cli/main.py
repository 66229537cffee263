"""The command `backuptrace`: arguments in, an answer out, and an exit status that scripts can use.

Importing this module and `--help` load typer only; the reading and reasoning parts are imported when a command starts its work.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import Annotated

import typer

from backuptrace import __version__
from backuptrace.cli import catalogue, comparing, coverage, demo, fleet, scan, signatures, why
from backuptrace.cli.guarding import INTERRUPTED
from backuptrace.cli.usage import Commands

COMMANDS = (scan, why, coverage, comparing, fleet, demo, catalogue, signatures)
"""Modules with commands, in the order of `--help`: each has `register(app)`."""

app = typer.Typer(
    name="backuptrace",
    cls=Commands,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in COMMANDS:
    module.register(app)


def _version(wanted: bool) -> None:
    if not wanted:
        return
    typer.echo(f"backuptrace {__version__}")
    raise typer.Exit


@app.callback(epilog=scan.STATUSES)
def _backuptrace(
    *,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")] = False,
) -> None:
    """Follow a failed Azure VM backup from the logs of the VM back to the documented cause."""


def main() -> int:
    """The console entry point; returns the exit status."""
    # A scan makes records by the hundred thousand and no rings of them; looking for rings takes a quarter of its time.
    gc.disable()
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
