"""The measurement of a fleet runs, on three small bundles; what it measures is not asserted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "fleet_speed.py"


def test_fleet(tmp_path: Path) -> None:
    small = ["--bundles", "3", "--size", "0.1", "--signatures", "20", "--rounds", "1", "--work", str(tmp_path)]
    done = subprocess.run([sys.executable, str(SCRIPT), *small], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines())
    assert rows["bundles"] == "3"
    assert float(rows["1 worker / 2 workers"]) > 0
