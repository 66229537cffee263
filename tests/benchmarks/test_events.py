"""The speed measurements of event logs run, on made logs of a few chunks; what they measure is not asserted, but equal matches are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(BENCHMARKS / script), *arguments], capture_output=True, text=True, timeout=300, check=False)


def test_against_python_evtx() -> None:
    done = run("event_speed.py", "--made", "4", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[:4]] == ["reader", "python-evtx,", "evtx", "backuptrace,"]


def test_with_the_search_for_wanted_words() -> None:
    done = run("event_search.py", "--chunks", "4", "--rounds", "1")
    assert "other events were found" not in done.stderr and not done.stderr, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["log", "Application", "AppLocker", "Security", "System"]
