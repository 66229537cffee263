"""A clock that goes back inside a log is found and told, and what is no jump is not."""

from __future__ import annotations

from pathlib import Path

import pytest

import backuptrace
from backuptrace.timeline.clock import NO_YEAR

BEAT = "INFO ExtHandler ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.12.0.2 is running as the goal state agent [DEBUG HeartbeatCounter: 1;UpdateGSErrors: 0;]"


def notes(tmp_path: Path, name: str, lines: list[str]) -> list[str]:
    path = tmp_path / "var/log" / name
    path.parent.mkdir(parents=True)
    path.write_text("".join(line + "\n" for line in lines))
    (coverage,) = backuptrace.scan(tmp_path).coverage
    return [note for note in coverage.notes if note != NO_YEAR]


@pytest.mark.parametrize(
    ("times", "told"),
    [
        (["08:00:00", "08:30:00", "07:20:00", "07:50:00"], ["the clock went back by 4200 s, to 2026-03-01T07:20:00.000001Z"]),
        (
            ["08:00:00", "08:30:00", "07:20:00", "07:50:00", "06:50:00"],
            ["the clock went back by 4200 s, to 2026-03-01T07:20:00.000001Z", "the clock went back by 3600 s, to 2026-03-01T06:50:00.000001Z"],
        ),
        (["08:00:00", "07:54:59"], ["the clock went back by 301 s, to 2026-03-01T07:54:59.000001Z"]),
        (["08:00:00", "08:00:03", "08:00:02", "08:30:00"], []),
        (["08:00:00", "07:55:01", "08:30:00"], []),
        (["08:00:00", "08:30:00", "09:00:00"], []),
    ],
)
def test_the_log_of_the_agent(times: list[str], told: list[str], tmp_path: Path) -> None:
    assert notes(tmp_path, "waagent.log", [f"2026-03-01T{time}.000001Z {BEAT}" for time in times]) == told


def test_the_newest_fact_is_that_of_the_latest_time_not_of_the_last_line(tmp_path: Path) -> None:
    path = tmp_path / "waagent.log"
    told = [("08:00:00", "2.9.0.1"), ("08:30:00", "2.9.0.2"), ("07:20:00", "2.9.0.3"), ("07:50:00", "2.9.0.4")]
    starts = [f"2026-03-01T{time}.000001Z INFO Daemon Azure Linux Agent Version: {version}\n" for time, version in told]
    path.write_text("".join([*starts, f"2026-03-01T09:00:00.000001Z {BEAT}\n"]))
    facts = {fact.name: (fact.value, fact.source) for fact in backuptrace.scan(path).facts}
    assert facts["agent_package_version"] == ("2.9.0.2", "waagent.log:2")


def test_a_new_year_is_no_jump(tmp_path: Path) -> None:
    boot = "sample kernel: [    0.000000] Linux version 6.1.0 (x)"
    assert notes(tmp_path, "syslog", [f"Dec 31 23:50:00 {boot}", f"Jan  1 00:10:00 {boot}"]) == []


def test_the_keys_of_an_attempt(tmp_path: Path) -> None:
    """What ties a run to the platform's goal state and to the service's job."""
    handler = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
    (tmp_path / f"var/log/azure/{handler}").mkdir(parents=True)
    (tmp_path / "var/log/waagent.log").write_text(
        f"2026-03-01T08:00:01.000001Z INFO ExtHandler [{handler}-1.0.9120.0] Target handler state: enabled [incarnation_7]\n"
        f"2026-03-01T08:00:01.100001Z INFO ExtHandler [{handler}-1.0.9120.0] Enable extension: [main/handle.sh enable]\n"
    )
    lines = (
        "starting enable", "current seq no is 4", "taskId: 5e0b7a10-0000-4000-8000-000000000000",
        "command start time is 2026-03-01 07:59:44.939520 and utcNow is 2026-03-01 08:00:03", "Enable,success,1,,False",
    )  # fmt: skip
    text = "".join(f"2026-03-01 08:00:0{n + 2}.000001 [{handler}-1.0]{line}\n" for n, line in enumerate(lines))
    (tmp_path / f"var/log/azure/{handler}/extension.log").write_text(text)
    (attempt,) = backuptrace.scan(tmp_path).attempts
    assert attempt.keys == {"goal_state": "7", "sequence": "4", "task": "5e0b7a10-0000-4000-8000-000000000000", "asked": "2026-03-01 07:59:44.939520"}
