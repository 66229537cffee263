"""The speed measurement runs, on logs of 1 MB; what it measures is not asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "scan_speed.py"


def measured(*args: str) -> str:
    done = subprocess.run([sys.executable, str(SCRIPT), *args, "--rounds", "1"], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("speed")


def test_logs(work: Path) -> None:
    table = measured("logs", "--size", "1", "--signatures", "20", "--work", str(work))
    head, *rows = table.splitlines()
    assert head.split()[:3] == ["log", "signatures", "patterns"]
    assert any(row.startswith("synthetic-1 ") for row in rows)
    assert json.loads((work / "report.json").read_text())["causes"], "the made-up failures must be found"
    assert (work / "waagent-synthetic-1.log").stat().st_size >= 1_000_000


def test_start(work: Path) -> None:
    rows = measured("start", "--work", str(work)).splitlines()
    assert [row[:10].strip() for row in rows[1:]] == ["python -c", "--help", "scan a sma"]
