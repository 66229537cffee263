"""Bundles on disk and the command as people run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

FAILS = """\
2026-11-22T03:00:01.000001Z INFO Daemon Daemon Azure Linux Agent Version: 2.11.1.4
2026-11-22T03:00:02.000001Z INFO Daemon Daemon Wire server endpoint:168.63.129.16
2026-11-22T03:01:40.000001Z INFO Daemon Daemon WireServer is not responding. Reset dhcp endpoint
2026-11-22T03:01:40.000002Z INFO Daemon Daemon Protocol endpoint not found: [ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] \
GET http://168.63.129.16/ -- IOError timed out -- 6 attempts made
2026-11-22T03:01:40.000003Z INFO Daemon Daemon Retry detect protocol: retry=0
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder with the log of an agent that cannot reach 168.63.129.16."""
    log = tmp_path / "case" / "var" / "log" / "waagent.log"
    log.parent.mkdir(parents=True)
    log.write_text(FAILS, encoding="utf-8")
    return tmp_path / "case"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`python -m backuptrace` with the arguments, in an environment without a terminal."""

    def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH", "SYSTEMROOT", "HOME", "LANG", "BACKUPTRACE_CACHE"}}
        variables = {**kept, **environment}
        return subprocess.run(
            [sys.executable, "-m", "backuptrace", *map(str, arguments)], capture_output=True, check=False, env=variables, cwd=tmp_path, timeout=120
        )

    return call
