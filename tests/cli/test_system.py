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


@pytest.mark.parametrize(
    "disk, log, system",
    [
        ("Linux", None, "linux"),
        ("Windows", None, "windows"),
        ("Plan9", None, "unknown"),
        ("Windows", "var/log/waagent.log", "linux"),
    ],
)
def test_without_logs_azure_tells_the_system_and_logs_know_better(disk: str, log: str | None, system: str, run: Run, tmp_path: Path) -> None:
    model = {
        "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm01",
        "name": "vm01",
        "location": "westeurope",
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "storageProfile": {"osDisk": {"osType": disk}, "dataDisks": []},
    }
    case = tmp_path / "case"
    case.mkdir()
    (case / "vm.json").write_text(json.dumps(model), encoding="utf-8")
    if log is not None:
        (case / log).parent.mkdir(parents=True)
        (case / log).write_text("2026-11-22T03:00:01.000001Z INFO Daemon Daemon Azure Linux Agent Version: 2.11.1.4\n", encoding="utf-8")
    report = json.loads(run("scan", case, "--format", "json").stdout)
    assert report["bundle"]["os"] == system
    foreign = {"linux": "windows-agent-unresponsive", "windows": "linux-agent-not-running"}.get(system)
    assert all(cause["status"] == "not-applicable" for cause in report["causes"] if cause["id"] == foreign)
