"""`backuptrace fleet`: many bundles in, tables, reports and a summary out."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from backuptrace.cli import bounds, output
from backuptrace.cli.progress import Progress
from backuptrace.cli.running import (
    EngineOption,
    ExitCodeOption,
    Lang,
    LangOption,
    NoRedactOption,
    ParsersOption,
    SignaturesOption,
    TzOption,
    WidthOption,
    colorful,
    columns_of_terminal,
    run,
    warn_of_secrets,
)
from backuptrace.cli.scan import ALWAYS, INCOMPLETE, SUPPORTED

if TYPE_CHECKING:
    from backuptrace.fleet.result import Result
    from backuptrace.fleet.running import Progress as State

STATUSES = f"""{ALWAYS} A bundle that fails is named and changes nothing of that, unless none can be read (4).
With --exit-code also: 10 a cause is supported on a VM; 20 none is, and the evidence of some VM is incomplete or a bundle failed."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=STATUSES, short_help="Scan many bundles and tell which causes they show.")(fleet)


def fleet(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Archives, folders of bundles, globs, or @list.txt with one of these a line (@-: standard input). A folder with var/log, WindowsAzure or the"
            " like is one bundle.",
            show_default=False,
        ),
    ],
    *,
    out: Annotated[
        str, typer.Option("--output", "-o", metavar="DIR", help="Folder for the results: new, empty, or that of an earlier run.", show_default=False)
    ],
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", metavar="N", min=1, max=1024, help="Processes that scan; by default one a processor.")] = None,
    timeout: Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=0.1, help="Longest time for one bundle; what takes longer is named.")] = 600,
    memory: Annotated[
        str, typer.Option("--memory", metavar="SIZE", help="Most address space of one process, such as 4G, where the system bounds it; `none`: no bound.")
    ] = "4G",
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on where an earlier run ended, and scan only what is new or changed; or forget what it did.")
    ] = True,
    retry: Annotated[bool, typer.Option("--retry", help="Try again the bundles that failed in an earlier run.")] = False,
    lang: LangOption = Lang.en,
    tz: TzOption = None,
    show_all: Annotated[bool, typer.Option("--all", help="Leave nothing out of the summary.")] = False,
    exit_code: ExitCodeOption = False,
    no_redact: NoRedactOption = False,
    html: Annotated[bool, typer.Option("--html/--no-html", help="Write each report as a page, too, and not only as JSON.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing but errors on standard error: no progress.")] = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
    width: WidthOption = None,
    max_member: bounds.MaxMember = None,
    max_total: bounds.MaxTotal = None,
    max_ratio: bounds.MaxRatio = None,
    max_depth: bounds.MaxDepth = None,
    max_members: bounds.MaxMembers = None,
    engine: EngineOption = None,
) -> None:
    """Scan many bundles and tell which causes they show, on how many VMs, since when, and what those have in common.

    A bundle that crashes or hangs costs only itself and is named. A run that was interrupted, by whatever, goes on with the same command.
    The summary goes to standard output; DIR holds it as fleet.html and fleet.json, with tables (Parquet) and a report for each bundle.
    """

    def work() -> int:
        limits = bounds.limits_of(member=max_member, total=max_total, ratio=max_ratio, depth=max_depth, members=max_members)
        ceiling = None if memory == "none" else bounds.size("--memory", memory)
        from backuptrace.fleet import running
        from backuptrace.fleet.options import Options
        from backuptrace.fleet.text import render

        if no_redact and not quiet:
            warn_of_secrets(lang)
        options = Options(
            language=lang.value, tz=tz, redact=not no_redact, limits=limits, engine=engine and engine.value, html=html,
            signatures=tuple(signatures or ()), parsers=tuple(parsers or ()),
        )  # fmt: skip
        looking = Looking(quiet=quiet)
        try:
            result = running.run(
                sources, out, options=options, jobs=jobs or 0, timeout=timeout, memory=ceiling, fresh=not resume, retry=retry,
                watch=looking, inform=looking.note,
            )  # fmt: skip
        except KeyboardInterrupt:
            looking.note("what is done is kept; the same command goes on")
            raise
        finally:
            looking.close()
        output.write_stdout(render(result, out, width=width or columns_of_terminal(), color=colorful(), show_all=show_all))
        return _status(result) if exit_code else 0

    run(work)


def _status(result: Result) -> int:
    if result.summary.causes:
        return SUPPORTED
    open_ = {"cannot-tell", "unexplained"} & set(result.summary.outcomes)
    return INCOMPLETE if open_ or result.failed or result.unreadable else 0


class Looking:
    """A line of progress: bundles, rate, time left. The time left counts bytes, of this run only."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.progress: Progress | None = None
        self.begin = (0.0, 0)

    def __call__(self, state: State) -> None:
        """Called for every bundle and twice a second."""
        if self.progress is None:
            self.progress = Progress("scanning", state.total, quiet=self.quiet)
            self.begin = (time.monotonic(), state.bytes_done)
        self.progress.at(state.done, partial(told, state, self.begin[1]))

    def note(self, text: str) -> None:
        """A line of its own, unless nobody wants it."""
        if not self.quiet:
            self.close()
            output.note(text)

    def close(self) -> None:
        """Wipes the line."""
        if self.progress is not None:
            self.progress.close()


def told(state: State, before: int) -> str:
    """`12.3 bundles/s, 2 min 5 s left, 1 failed`. before: bytes that were done when this run began."""
    from backuptrace.report.times import duration

    done, bytes_ = state.done - state.before, state.bytes_done - before
    parts = []
    if done and state.seconds > 0:
        parts.append(f"{done / state.seconds:.1f} bundles/s")
        if bytes_ > 0 and state.bytes_done < state.bytes_total:
            parts.append(f"{duration(state.seconds * (state.bytes_total - state.bytes_done) / bytes_)} left")
    if state.failed:
        parts.append(f"{state.failed} failed")
    return ", ".join(parts)
