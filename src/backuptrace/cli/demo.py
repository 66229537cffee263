"""`backuptrace demo`: a verdict in one command, on small bundles that come with the package."""

from __future__ import annotations

from typing import Annotated

import typer

from backuptrace.cli import output
from backuptrace.cli.running import Lang, LangOption, ReportFormat, WidthOption, run
from backuptrace.cli.scan import ALWAYS, deliver

DEMOS = {
    "wireserver-unreachable": "a firewall rule in the VM drops all traffic to 168.63.129.16",
    "fsfreeze-failed": "a file system is held frozen by another snapshot tool",
    "healthy": "good backups on a quiet machine",
}
"""Name -> what happened on the made-up machine; the first is shown by default."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=ALWAYS)(demo)


def demo(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Which bundle; see --list.", show_default=False)] = next(iter(DEMOS)),
    *,
    show_list: Annotated[bool, typer.Option("--list", help="List the bundles and exit.")] = False,
    format: Annotated[ReportFormat, typer.Option("--format", help="How to write the report.")] = ReportFormat.text,  # noqa: A002
    lang: LangOption = Lang.en,
    show_all: Annotated[bool, typer.Option("--all", help="Leave nothing out of the text report.")] = False,
    width: WidthOption = None,
) -> None:
    """Scan a small made-up bundle that comes with backuptrace."""

    def work() -> int:
        if show_list:
            broad = max(map(len, DEMOS))
            output.write_stdout("".join(f"{key.ljust(broad)}  {story}\n" for key, story in DEMOS.items()))
            return 0
        from importlib.resources import as_file, files

        from backuptrace.api import scan
        from backuptrace.errors import UsageError

        if name not in DEMOS:
            raise UsageError("no such demo", where=name, fix="choose one of: " + ", ".join(DEMOS))
        output.note(f"demo: a made-up bundle in which {DEMOS[name]}" if name != "healthy" else f"demo: a made-up bundle with {DEMOS[name]}")
        with as_file(files("backuptrace") / "demo" / f"{name}.tar.gz") as bundle:
            report = scan(bundle, language=lang.value)
        deliver(report, None, output.format_of(None, format.value), width=width, show_all=show_all)
        return 0

    run(work)
