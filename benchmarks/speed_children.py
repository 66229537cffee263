"""Runs a program and measures it: wall seconds, CPU seconds, peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Run(NamedTuple):
    """wall, cpu: seconds; peak: bytes of resident memory (never less than that of this script, which starts the program)."""

    wall: float
    cpu: float
    peak: int


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Raises SystemExit where the program fails (ripgrep's 1 for `nothing found` is no failure)."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment and {**os.environ, **environment})
    complaint = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stderr:
        process.stderr.close()
    if process.returncode not in (0, 1) or (process.returncode == 1 and complaint):
        raise SystemExit(f"{' '.join(command)}\nended with {process.returncode}: {complaint.decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10)


def middle(runs: Sequence[Run]) -> Run:
    """Median time, highest peak."""
    return Run(median(r.wall for r in runs), median(r.cpu for r in runs), max(r.peak for r in runs))


def warm(path: Path) -> None:
    """Reads a file once, so that every round finds it in the page cache."""
    buffer = bytearray(1 << 20)
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
