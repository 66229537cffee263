"""The command `backuptrace`: arguments in, an answer out, and an exit status that scripts can use.

Importing this module and `--help` load typer only; the reading and reasoning parts are imported when a command starts its work.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from backuptrace import __version__
from backuptrace.cli import scan
from backuptrace.cli.guarding import INTERRUPTED
from backuptrace.cli.usage import Commands

COMMANDS = {
    "scan": ("scan",),
    "why": ("why",),
    "coverage": ("coverage", "collect"),
    "comparing": ("diff", "verify"),
    "fleet": ("fleet",),
    "demo": ("demo",),
    "catalogue": ("explain", "causes"),
    "signatures": ("signatures",),
}
"""Modules with commands and what they are called, in the order of `--help`: each has `register(app)`."""


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The command line: with the command that is named first, or with all of them where none is. To make one costs as much as to scan a small log."""
    app = typer.Typer(
        name="backuptrace",
        cls=Commands,
        add_completion=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(epilog=scan.STATUSES)(_backuptrace)
    named = [module for module, names in COMMANDS.items() if arguments and arguments[0] in names]
    for module in named or COMMANDS:
        import_module(f"backuptrace.cli.{module}").register(app)
    return app


def _version(wanted: bool) -> None:
    if not wanted:
        return
    typer.echo(f"backuptrace {__version__}")
    raise typer.Exit


def _backuptrace(
    *,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")] = False,
) -> None:
    """Follow a failed Azure VM backup from the logs of the VM back to the documented cause."""


def main() -> int:
    """The console entry point; returns the exit status."""
    # A scan makes records by the hundred thousand and no rings of them; looking for rings takes a quarter of its time, and a tenth once more at the end.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a replaced stream may lack it: suppressed
    try:
        app_for(sys.argv[1:])(prog_name="backuptrace")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        gc.freeze()
    return 0
