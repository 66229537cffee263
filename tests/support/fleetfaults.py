"""Work for the pool that goes wrong by the name of its bundle; importable in the worker processes."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backuptrace.fleet.options import Options

Work = Callable[[bytes], bytes]


def echo(folder: str) -> Work:
    """Answers with its task, after what the task asks for; writes its process id to a file for each task."""

    def work(task: bytes) -> bytes:
        Path(folder, f"{task.decode()}.{time.monotonic_ns()}").write_text(str(os.getpid()))
        misbehave(task.decode(), folder)
        return task.upper()

    return work


def upper() -> Work:
    """Answers with its task."""
    return bytes.upper


def real(options: Options, reports: str) -> Work:
    """The real scan, before which a bundle may do harm by its name."""
    import msgspec

    from backuptrace.fleet.work import Job, scanner

    scan = scanner(options, reports)

    def work(task: bytes) -> bytes:
        misbehave(Path(msgspec.msgpack.decode(task, type=Job).path).name, str(Path(reports).parent))
        return scan(task)

    return work


def broken(kind: str) -> Work:
    """Cannot be prepared."""
    misbehave(kind, "")
    raise OSError("no such knowledge")


def misbehave(name: str, folder: str) -> None:
    """What the name says."""
    if name.startswith("segfault"):
        ctypes.string_at(0)
    if name.startswith("abort"):
        os.abort()
    if name.startswith("exit"):
        os._exit(7)
    if name.startswith("slow"):
        time.sleep(0.2)
    if name.startswith("hang"):
        while True:
            time.sleep(60)
    if name.startswith("deaf"):  # not even SIGTERM ends it
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
        while True:
            time.sleep(60)
    if name.startswith("eats"):
        eaten = []
        while True:
            eaten.append(bytearray(64 << 20))
    if name.startswith("once"):
        mark = Path(folder) / f"{name}.seen"
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
