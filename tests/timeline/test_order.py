"""The report's timeline is in the true order of events, whatever clocks the logs have and whenever they were flushed.

A machine's night is told as one list of events with their true times, half a second to minutes apart. From it come logs as they are really
written: the agent's in UTC, the system log in local time without a year, cloud-init in UTC, the extension with its freeze block behind later lines.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backuptrace.api import scan

HANDLER = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
AGENT, SYSLOG, CLOUD = "var/log/waagent.log", "var/log/syslog", "var/log/cloud-init.log"
EXTENSION = f"var/log/azure/{HANDLER}/extension.log"
NIGHT = [
    (SYSLOG, "kernel: [    0.000000] Linux version 5.15.0-1064-azure (buildd@lcy02) #73", "boots (Linux"),
    (CLOUD, "util.py[DEBUG]: Cloud-init v. 23.1.2 running 'init-local' at x", "cloud-init 23.1.2"),
    (AGENT, "INFO Daemon Daemon Azure Linux Agent Version: 2.12.0.4", "agent 2.12.0.4 starts"),
    (AGENT, "INFO ExtHandler ExtHandler Azure Linux Agent (Goal State Agent version 2.12.0.4)", "agent 2.12.0.4 takes over"),
    (SYSLOG, "beat", ""),
    (AGENT, f"INFO ExtHandler [{HANDLER}-1.0.9120.0] Enable extension: [main/handle.sh enable]", "starts the backup extension"),
    (EXTENSION, "starting enable", "the backup extension starts"),
    (EXTENSION, "taskId: 5e0b7a10-0000-4000-8000-000000000001", "backup job"),
    (EXTENSION, "PreSnapshot: Status Code: 200", "presnapshot call with 200"),
    (EXTENSION, "*1. Starting Freeze Binary ", "step 1: freeze program"),
    (EXTENSION, "*4. Freeze Completed (Signal=1 received)", "step 4: file systems"),
    (SYSLOG, "systemd-logind[611]: System is powering down.", "is powering down"),
    (EXTENSION, "*5. Snaphotting (Host) Started", "step 5: snapshot starts"),
    (EXTENSION, "*6. Snaphotting (Host) Completed", "step 6: snapshot call"),
    (EXTENSION, "*7. Sending Thaw Signal to Binary", "step 7: thaw"),
    (EXTENSION, "flush", ""),
    (EXTENSION, "Enable,error,2,Enable failed with exception in safe freeze or snapshot ,False", "code 2"),
    (AGENT, "INFO Daemon Daemon Agent WALinuxAgent-2.12.0.4 forwarding signal 15 to WALinuxAgent-2.12.0.4", "asked to stop"),
]  # fmt: skip


def night(zone: str, seed: int, begin: datetime, *, told: str) -> tuple[dict[str, str], list[str]]:
    """The logs, and what the timeline must show in this order. `told`: what tells the zone: name, console or freeze."""
    r = random.Random(seed)
    at, local = begin, ZoneInfo(zone)
    logs: dict[str, list[str]] = {AGENT: [], SYSLOG: [], CLOUD: [], EXTENSION: []}
    held: list[str] = []
    order = []
    for path, text, summary in NIGHT:
        at += timedelta(seconds=r.choice([2, 3, 5, 40]), microseconds=r.randrange(999_999))
        here = at.astimezone(local)
        if text == "beat":
            line = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z INFO ExtHandler ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.12.0.4 is running as the goal state agent [DEBUG HeartbeatCounter: 0;UpdateGSErrors: 0;]"
            logs[AGENT].append(line)
            if told == "console":
                logs[SYSLOG].append(f"{here:%b %e %H:%M:%S} night01 python3[812]: {line}")
        elif text == "flush":
            logs[EXTENSION] += held
            if told == "freeze":
                logs[EXTENSION].append(
                    f"{at:%Y-%m-%d %H:%M:%S.%f} [{HANDLER}-1.0]{here - timedelta(seconds=4):%Y-%m-%d %H:%M:%S} ****** 8. Binary Thaw Signal Received"
                )
        elif text.startswith("*"):
            held.append(f"{at:%Y/%m/%d %H:%M:%S.%f}  Info  ****** {text[1:]} ")
            logs[EXTENSION].append(f"{at + timedelta(milliseconds=9):%Y-%m-%d %H:%M:%S.%f} [{HANDLER}-1.0]df command executed for process wait time value299")
        elif path == EXTENSION:
            logs[path].append(f"{at:%Y-%m-%d %H:%M:%S.%f} [{HANDLER}-1.0]{text}")
        elif path == SYSLOG:
            logs[path].append(f"{here:%b %e %H:%M:%S} night01 {text}")
        elif path == CLOUD:
            logs[path].append(f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03} - {text}")
        else:
            logs[path].append(f"{at:%Y-%m-%dT%H:%M:%S.%f}Z {text}")
        if summary:
            order.append(summary)
    files = {path: "\n".join(lines) + "\n" for path, lines in logs.items()}
    if told == "name":
        files["etc/timezone"] = zone + "\n"
    return files, order


@pytest.mark.parametrize("told", ["name", "console", "freeze"])
@pytest.mark.parametrize(
    ("zone", "begin"),
    [
        ("Europe/Berlin", "2026-07-01T21:58:10"),
        ("America/Los_Angeles", "2026-12-31T23:59:50"),
        ("Asia/Kolkata", "2027-01-01T00:00:10"),
        ("Pacific/Auckland", "2026-02-28T23:59:20"),
        ("UTC", "2026-11-23T01:00:00"),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_true_order(zone: str, begin: str, told: str, seed: int, tmp_path: Path) -> None:
    files, order = night(zone, seed, datetime.fromisoformat(begin).replace(tzinfo=timezone.utc), told=told)
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    shown = [entry.summary for entry in scan(tmp_path).timeline]
    found = [next((words for words in order if words in summary), summary) for summary in shown]
    assert found == order
