"""The speed measurement of event logs runs, on a made log of four chunks; what it measures is not asserted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "event_speed.py"


def test_made_log() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--made", "4", "--rounds", "1"], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[:4]] == ["reader", "python-evtx,", "evtx", "backuptrace,"]
    assert any(line.startswith("volsnap") for line in done.stdout.splitlines())
