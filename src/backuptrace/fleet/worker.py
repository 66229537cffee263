"""A worker: a process that does one task at a time for its parent, over a pipe, and dies with it.

Messages to the parent: one byte that says what it is, then bytes. `R`: ready; `D`: the answer to the task; `M`: no memory was left for it;
`S`: nothing more can be done, the parts of an error; `X`: it cannot start, and why. An empty message to the worker ends it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

from backuptrace.errors import BackuptraceError

Work = Callable[[bytes], bytes]
"""Task in, answer out. What it raises ends the worker: MemoryError concerns the task, BackuptraceError ends the whole run, anything else is a crash."""
READY, DONE, MEMORY, STOP, BROKEN = b"R", b"D", b"M", b"S", b"X"
COLLECT = 64
"""Tasks between two searches for rings of garbage."""
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def serve(pipe: Connection, parent: int, make: Callable[..., Work], arguments: tuple[Any, ...], memory: int | None) -> None:
    """What a worker runs. make(*arguments): prepares the work, once; memory: bytes that it may have (None: no bound)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    _die_with(parent)
    _quiet()
    _bound(memory)
    try:
        work = make(*arguments)
    except Exception as error:  # noqa: BLE001  whatever it is, the parent tells it
        pipe.send_bytes(BROKEN + f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
        return
    gc.disable()
    gc.collect()
    gc.freeze()
    with contextlib.suppress(EOFError, OSError):  # the parent is gone
        _loop(pipe, work)


def _loop(pipe: Connection, work: Work) -> None:
    pipe.send_bytes(READY)
    number = 0
    while task := pipe.recv_bytes():
        try:
            answer = DONE + work(task)
        except MemoryError:
            pipe.send_bytes(MEMORY)
            return
        except BackuptraceError as error:
            pipe.send_bytes(STOP + f"{error.what}\0{error.where}\0{error.why}\0{error.fix}".encode("utf-8", "replace"))
            return
        pipe.send_bytes(answer)
        del answer
        number += 1
        if number % COLLECT == 0:
            gc.collect()


def _die_with(parent: int) -> None:
    """Ends this process when its parent ends, however that does; also in the midst of a task that never ends."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            if ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0:
                if os.getppid() != parent:  # it was quicker
                    os._exit(1)
                return
    Thread(target=_watch, name="backuptrace-parent", daemon=True).start()


def _watch() -> None:
    import multiprocessing

    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _quiet() -> None:
    """What a library writes as it dies is not for the terminal; the parent tells of the death."""
    if os.environ.get("BACKUPTRACE_DEBUG"):
        return
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(null, stream)
        os.close(null)


def _bound(memory: int | None) -> None:
    """A ceiling for the address space and no core files, where the system knows such things."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None:
        with contextlib.suppress(OSError, ValueError):
            hard = resource.getrlimit(resource.RLIMIT_AS)[1]
            resource.setrlimit(resource.RLIMIT_AS, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))
