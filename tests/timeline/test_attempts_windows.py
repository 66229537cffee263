"""Backup attempts on Windows: the agent tells that its command ended, the extension and its status file tell how the snapshot went."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import backuptrace

HANDLER = "Microsoft.Azure.RecoveryServices.VMSnapshot"
COMMAND = rf"C:\Packages\Plugins\{HANDLER}\1.0.68.0\IaaSBcdrExtension.exe"
AGENT = "WindowsAzure/Logs/WaAppAgent.log"
EXTENSION = f"WindowsAzure/Logs/Plugins/{HANDLER}/1.0.68.0/IaaSBcdrExtension.log"
STATUS = f"Packages/Plugins/{HANDLER}/1.0.68.0/Status/4.status"
START = datetime(2026, 3, 1, 2, 0, tzinfo=timezone.utc)


def agent(minutes: float, text: str, level: str = "INFO") -> str:
    return f"[00000006] {START + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ} [{level}]  {text}\n"


def extension(minutes: float, text: str, level: str = "Information") -> str:
    return f"{START + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}.0000000Z [{level}]:\t{text}\n"


def status(minutes: float, word: str, code: int) -> str:
    return f'[{{"version": "1.0", "timestampUTC": "{START + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}", "status": {{"name": "VMSnapshot", "operation": "Enable", "status": "{word}", "code": {code}}}}}]'


def scan(root: Path, files: dict[str, str]) -> backuptrace.Report:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return backuptrace.scan(root)


BEATS = "".join(agent(-5 * n, "WindowsAzureGuestAgent Heartbeat.", "HEART") for n in range(30, 0, -1))
ENABLE = agent(0, f"Beginning enable of plugin {HANDLER}.")
ENABLED = agent(1, f"Successfully enabled plugin {HANDLER}.")
DONE = "DoSnapshot=complete. WaitResult:True, AnySnapshotFailed:False, AllSnapshotFailed:False, ReturnValue:True, DoSnapshotRunDuration:00:00:01"


def test_agent_and_extension_make_one_attempt(tmp_path: Path) -> None:
    steps = extension(0.1, "Loading configuration {ConfigFile = main.config}") + extension(0.3, "Registered the provider with VSS") + extension(0.8, DONE)
    (attempt,) = scan(tmp_path, {AGENT: BEATS + ENABLE + ENABLED, EXTENSION: steps}).attempts
    assert attempt.result == "succeeded"


def test_where_only_the_agent_tells_its_word_counts(tmp_path: Path) -> None:
    (attempt,) = scan(tmp_path, {AGENT: BEATS + ENABLE + ENABLED}).attempts
    assert (attempt.result, attempt.ended) == ("succeeded", "2026-03-01T02:01:00.000000Z")


def test_a_command_that_ended_well_is_no_snapshot(tmp_path: Path) -> None:
    """The status file, written later, says that the snapshot failed."""
    (attempt,) = scan(tmp_path, {AGENT: BEATS + ENABLE + ENABLED, STATUS: status(4, "error", 16)}).attempts
    assert (attempt.result, attempt.code) == ("failed", "16")


def test_a_failure_that_the_extension_tells_before_the_agent_is_content(tmp_path: Path) -> None:
    failed = extension(0.1, "Loading configuration {ConfigFile = main.config}") + extension(0.5, DONE.replace("ReturnValue:True", "ReturnValue:False"), "Error")
    (attempt,) = scan(tmp_path, {AGENT: BEATS + ENABLE + ENABLED, EXTENSION: failed}).attempts
    assert attempt.result == "failed"


def test_a_command_that_is_killed_after_an_hour_and_a_half(tmp_path: Path) -> None:
    beats = "".join(agent(5 * n, "WindowsAzureGuestAgent Heartbeat.", "HEART") for n in range(1, 18))
    killed = agent(90, f"Command {COMMAND} of {HANDLER} has not exited on time! Killing it...", "ERROR")
    waiting = extension(0.1, "Loading configuration {ConfigFile = main.config}") + extension(0.8, "Waiting for PrepareForBackup")
    (attempt,) = scan(tmp_path, {AGENT: BEATS + ENABLE + beats + killed, EXTENSION: waiting}).attempts
    assert (attempt.started, attempt.result) == ("2026-03-01T02:00:00.000000Z", "failed")
    assert attempt.reached
    assert "PrepareForBackup" in attempt.reached
