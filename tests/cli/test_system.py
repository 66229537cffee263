"""Advice fits the machine: no Windows command for a Linux bundle, and no Linux command for a Windows one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
WINDOWS = ("Get-", "Test-", "vssadmin", "icacls", "ipconfig", "reg ", "w32tm", "manage-bde")
LINUX = ("sudo ", "systemctl", "df ", "journalctl", "curl ", "cat ", "ls ", "grep ")


@pytest.mark.parametrize(
    "path, foreign, other",
    [
        ("WindowsAzure/Logs/WaAppAgent.log", LINUX, "linux-agent-not-running"),
        ("var/log/waagent.log", WINDOWS, "windows-agent-unresponsive"),
        ("var/log/unknown.log", WINDOWS, "windows-agent-unresponsive"),
    ],
)
def test_advice_fits_the_system(path: str, foreign: tuple[str, ...], other: str, run: Run, tmp_path: Path) -> None:
    log = tmp_path / "case" / path
    log.parent.mkdir(parents=True)
    log.write_text("2026-11-22T03:00:01.000001Z INFO Daemon Daemon Azure Linux Agent Version: 2.11.1.4\n", encoding="utf-8")
    report = json.loads(run("scan", tmp_path / "case", "--code", "GuestAgentSnapshotTaskStatusError", "--format", "json").stdout)
    assert not [row["command"] for row in report["next"] if row["command"].startswith(foreign)]
    assert report["next"]
    assert {cause["status"] for cause in report["causes"] if cause["id"] == other} == {"not-applicable"}
