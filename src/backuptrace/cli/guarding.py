"""Every command runs through `guarded`: a failure becomes a message on standard error and the exit status of its kind."""

from __future__ import annotations

import os
from collections.abc import Callable

from backuptrace.cli import output
from backuptrace.errors import BackuptraceError

INTERNAL, INTERRUPTED = 1, 130


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
