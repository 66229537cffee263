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
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment(environment))
    complaint = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stderr:
        process.stderr.close()
    if process.returncode not in (0, 1) or (process.returncode == 1 and complaint):
        raise SystemExit(f"{' '.join(command)}\nended with {process.returncode}: {complaint.decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10)


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """That of this script, in which modules may be compiled once, as they are wherever the package is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | dict(more or {})


def peak_of_tree(command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Runs it once more and tells the most memory that it and its own processes held at one time, bytes, shared pages counted once (Linux; else 0)."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment(environment))
    most = 0
    while process.poll() is None:
        most = max(most, _held(process.pid))
        time.sleep(0.01)
    return most


def _held(pid: int) -> int:
    """Proportional set size of a process and of all below it; 0 for one that has just ended."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    own = next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)
    return own + sum(_held(int(child)) for child in children)


def middle(runs: Sequence[Run]) -> Run:
    """Median time, highest peak."""
    return Run(median(r.wall for r in runs), median(r.cpu for r in runs), max(r.peak for r in runs))


def warm(path: Path) -> None:
    """Reads a file once, so that every round finds it in the page cache."""
    buffer = bytearray(1 << 20)
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
