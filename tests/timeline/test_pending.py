"""What is not over where the logs end: the answer is "cannot tell", with what was seen and what to collect, never "no failure is seen"."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from backuptrace.api import scan
from backuptrace.report.document import Report

START = datetime(2026, 3, 1, 2, 0, tzinfo=timezone.utc)
AGENT, EXTENSION = "var/log/waagent.log", "var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/extension.log"
OTHERS = {"etc/waagent.conf": "Extensions.Enabled=y\n"}
HEARTBEAT = "ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.9.1.1 is running as the goal state agent [DEBUG HeartbeatCounter: 1;HeartbeatId: 0;UpdateGSErrors: 0;AutoUpdate: 1]"
LOST = (
    "ExtHandler Error fetching the goal state: [ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] "
    "GET http://168.63.129.16/machine/?comp=goalstate -- IOError timed out -- 6 attempts made"
)
BACK = "ExtHandler Fetching the goal state recovered from previous errors. Fetched incarnation_3 (certificates: [])"
STARTS = "Daemon Azure Linux Agent Version: 2.9.1.1"
NO_LEASE = "Daemon Failed to send DHCP request: [DhcpError] timed out"
WORKS = "ExtHandler WALinuxAgent-2.9.1.1 running as process 1203"
GOAL = (
    "ExtHandler ProcessExtensionsGoalState started [incarnation_4 channel: WireServer source: Fabric activity: a1 correlation c1 created: 2026-03-01T02:00:00Z]"
)
GOAL_2_7 = "ExtHandler ProcessExtensionsInGoalState started [Incarnation: 4; Activity Id: NA; Correlation Id: NA; GS Creation Time: NA]"
DONE = "ExtHandler ProcessExtensionsGoalState completed [incarnation_4 7228 ms]"


def report(root: Path, *told: tuple[float, str], extension: tuple[tuple[float, str], ...] = ()) -> Report:
    """A day of a quiet agent, then what is told: (minutes after it, text of the agent). An hour of silence is no hole."""
    quiet = [(START + timedelta(minutes=30 * n), HEARTBEAT) for n in range(48)]
    later = START + timedelta(days=1)
    lines = [*quiet, *((later + timedelta(minutes=minutes), text) for minutes, text in told)]
    files = {**OTHERS, AGENT: "".join(f"{at:%Y-%m-%dT%H:%M:%S}.000000Z INFO ExtHandler {text}\n" for at, text in lines)}
    if extension:
        steps = [(later + timedelta(minutes=minutes), text) for minutes, text in extension]
        files[EXTENSION] = "".join(f"{at:%Y-%m-%d %H:%M:%S}.000000 [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0]{text}\n" for at, text in steps)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return scan(root)


@pytest.mark.parametrize(
    ("told", "since", "what"),
    [
        ([(1, LOST)], "2026-03-02 02:01", "the agent gets no goal state"),
        ([(1, LOST), (2.7, LOST)], "2026-03-02 02:01", "the agent gets no goal state"),
        ([(1, LOST), (3, BACK), (9, LOST)], "2026-03-02 02:09", "the agent gets no goal state"),
        ([(1, STARTS)], "2026-03-02 02:01", "agent 2.9.1.1 starts"),
        ([(1, STARTS), (2, NO_LEASE)], "2026-03-02 02:02", "the agent finds no wire server"),
        ([(1, GOAL)], "2026-03-02 02:01", "goal state incarnation_4 is processed"),
        ([(1, GOAL_2_7)], "2026-03-02 02:01", "goal state 4 is processed"),
    ],
)
def test_what_begins_where_the_logs_end_is_told(tmp_path: Path, told: list[tuple[float, str]], since: str, what: str) -> None:
    found = report(tmp_path, *told)
    assert found.verdict.outcome == "cannot-tell"
    assert not found.supported()
    assert f"at {since} UTC this began" in found.verdict.sentence
    assert what in found.verdict.sentence
    assert found.next[0].command == "sudo tar czf waagent-logs.tar.gz /var/log/waagent.log*"


@pytest.mark.parametrize(
    "told",
    [
        [(1, HEARTBEAT)],
        [(1, LOST), (3, BACK)],
        [(1, STARTS), (1.2, WORKS)],
        [(1, GOAL), (1.2, DONE)],
        [(1, LOST), (31, HEARTBEAT)],  # silent for half an hour: whatever it was, it is no beginning any more
    ],
)
def test_what_is_over_does_not_count(tmp_path: Path, told: list[tuple[float, str]]) -> None:
    assert report(tmp_path, *told).verdict.outcome == "no-failure-seen"


def test_an_attempt_without_an_end_names_its_last_step(tmp_path: Path) -> None:
    steps = ((0.1, "starting enable"), (0.2, "taskId: 5e0b7a10-0000-4000-8000-000000000001"), (0.3, "****** 1. Starting Freeze Binary"))
    found = report(tmp_path, extension=steps)
    assert found.verdict.outcome == "cannot-tell"
    assert "the backup attempt that began at 2026-03-02 02:00 UTC has no end in the logs" in found.verdict.sentence
    assert "freez" in found.verdict.sentence
    done = (*steps, (0.9, "Enable,success,1,,False"))
    assert report(tmp_path, extension=done).verdict.outcome == "no-failure-seen"


def test_a_few_lines_without_a_failure_are_not_called_a_sound_machine(tmp_path: Path) -> None:
    (tmp_path / "waagent.log").write_text(f"2026-03-01T02:00:00.000000Z INFO ExtHandler {HEARTBEAT}\n")
    few = scan(tmp_path / "waagent.log")
    assert few.verdict.outcome == "no-failure-seen"
    assert "in these few lines" in few.verdict.sentence
    whole = report(tmp_path / "whole", (1, HEARTBEAT))
    assert whole.verdict.outcome == "no-failure-seen"
    assert "few lines" not in whole.verdict.sentence
