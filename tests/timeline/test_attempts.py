"""Backup attempts and the judged moment, as a user sees them in the report."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from backuptrace.api import scan
from backuptrace.report.document import Report

HANDLER = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
LOG = f"var/log/azure/{HANDLER}/extension.log"
START = datetime(2026, 3, 1, 2, 0, tzinfo=timezone.utc)


class Bundle:
    """Writes the agent's and the extension's log line by line on one clock."""

    def __init__(self, root: Path) -> None:
        self.root, self.now = root, START
        self.logs: dict[str, list[str]] = {"var/log/waagent.log": [], LOG: []}

    def wait(self, minutes: float) -> Bundle:
        self.now += timedelta(minutes=minutes)
        return self

    def agent(self, text: str, level: str = "INFO") -> Bundle:
        self.now += timedelta(seconds=1)
        self.logs["var/log/waagent.log"].append(f"{self.now:%Y-%m-%dT%H:%M:%S}.100000Z {level} ExtHandler {text}\n")
        return self

    def extension(self, text: str) -> Bundle:
        self.now += timedelta(seconds=1)
        self.logs[LOG].append(f"{self.now:%Y-%m-%d %H:%M:%S}.200000 [{HANDLER}-1.0]{text}\n")
        return self

    def attempt(self, task: str, *ending: str) -> Bundle:
        self.agent(f"[{HANDLER}-1.0.9120.0] Enable extension: [main/handle.sh enable]")
        self.extension("starting enable").extension(f"taskId: {task}").extension("Enable,success,4,Transitioning state in extension,False")
        for text in ending:
            self.extension(text)
        return self

    def quiet(self, hours: int) -> Bundle:
        for _ in range(hours * 2):
            self.wait(30).agent("ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.9.1.1 is running as the goal state agent [DEBUG HeartbeatCounter: 1;]")
        return self

    def scan(self, at: str | None = None) -> Report:
        for path, lines in self.logs.items():
            if lines:
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_text("".join(lines))
        return scan(self.root, at=at)


TASKS = [f"5e0b7a10-0000-4000-8000-00000000000{n}" for n in range(9)]
GOOD = ("Enable,success,1,,False",)
FROZEN = ("Failed to FIFREEZE: /data with error message: Device or resource busy", "freeze failed for some mount", "Enable,error,121,,False")


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    made = Bundle(tmp_path)
    made.agent("Daemon Azure Linux Agent Version: 2.9.1.1").agent("ExtHandler Azure Linux Agent (Goal State Agent version 2.9.1.1)").agent(
        "ExtHandler WALinuxAgent-2.9.1.1 running as process 77"
    )
    return made.quiet(12)


def results(report: Report) -> list[str]:
    return [attempt.result for attempt in report.attempts]


def test_agent_and_extension_lines_make_one_attempt(bundle: Bundle) -> None:
    report = bundle.attempt(TASKS[0], *GOOD).quiet(1).scan()
    (attempt,) = report.attempts
    assert (attempt.result, attempt.code, attempt.keys["task"]) == ("succeeded", "1", TASKS[0])
    assert attempt.started
    assert attempt.ended
    assert attempt.started < attempt.ended
    assert report.verdict.outcome == "no-failure-seen"


def test_a_failed_attempt_is_the_focus(bundle: Bundle) -> None:
    report = bundle.attempt(TASKS[0], *GOOD).quiet(24).attempt(TASKS[1], *FROZEN).quiet(1).scan()
    assert results(report) == ["succeeded", "failed"]
    assert report.attempts[1].causes == ["fsfreeze-failed"]
    assert report.verdict.cause == "fsfreeze-failed"
    assert report.focus.from_ == report.attempts[1].started
    assert "failed" in report.focus.basis


def test_a_success_after_it_makes_the_fault_history(bundle: Bundle) -> None:
    report = bundle.attempt(TASKS[0], *FROZEN).quiet(24).attempt(TASKS[1], *GOOD).quiet(1).scan()
    assert results(report) == ["failed", "succeeded"]
    assert report.verdict.outcome == "recovered"
    assert report.attempts[0].causes == ["fsfreeze-failed"], "the cause of the earlier attempt stays on record"
    assert report.supported() == []
    assert "succeeded" in report.verdict.sentence


def test_a_retry_minutes_later_is_an_attempt_of_its_own(bundle: Bundle) -> None:
    report = bundle.attempt(TASKS[0], *FROZEN).wait(3).attempt(TASKS[1], *GOOD).quiet(1).scan()
    assert results(report) == ["failed", "succeeded"]


def test_the_same_task_again_is_no_attempt(bundle: Bundle) -> None:
    bundle.attempt(TASKS[0], *GOOD).quiet(2).agent(f"[{HANDLER}-1.0.9120.0] Enable extension: [main/handle.sh enable]").extension("starting enable")
    report = bundle.extension(f"TaskId is same as last, so skip with Processed Status, current:{TASKS[0]}== last:{TASKS[0]}").quiet(1).scan()
    assert results(report) == ["succeeded"]
    assert report.verdict.outcome == "no-failure-seen"


def test_the_time_given_chooses_the_attempt(bundle: Bundle) -> None:
    report = bundle.attempt(TASKS[0], *FROZEN).quiet(24).attempt(TASKS[1], *GOOD).quiet(1).scan(at="2026-03-01T14:30Z")
    assert report.verdict.cause == "fsfreeze-failed"
    assert "time given" in report.focus.basis


def test_an_attempt_that_never_ends_is_unknown(bundle: Bundle) -> None:
    report = bundle.attempt(TASKS[0]).extension("****** 1. Starting Freeze Binary").quiet(2).scan()
    (attempt,) = report.attempts
    assert attempt.result == "unknown"
    assert attempt.reached


def test_a_fault_that_begins_after_the_failed_attempt_and_stays_is_judged(bundle: Bundle) -> None:
    bundle.attempt(TASKS[0], *FROZEN).quiet(24)
    for _ in range(20):
        bundle.wait(6).agent(
            "ExtHandler Error fetching the goal state: [ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] "
            "GET http://168.63.129.16/machine/?comp=goalstate -- IOError timed out -- 6 attempts made",
            "ERROR",
        )
    report = bundle.scan()
    assert report.verdict.cause == "wireserver-unreachable"
    assert "still open" in report.focus.basis


def test_nothing_but_heartbeats_is_no_failure(bundle: Bundle) -> None:
    report = bundle.scan()
    assert report.verdict.outcome == "no-failure-seen"
    assert "no backup attempt" in report.verdict.sentence


def test_timeline_is_in_order_and_marks_evidence(bundle: Bundle) -> None:
    report = bundle.attempt(TASKS[1], *FROZEN).quiet(1).scan()
    times = [row.time for row in report.timeline]
    assert times == sorted(times)
    assert any(row.kind == "evidence" and row.causes == ["fsfreeze-failed"] for row in report.timeline)
    frame = report.timeline_frame()
    assert len(frame) == len(report.timeline)


def test_the_agent_fails_the_next_run_minutes_after_a_good_one(bundle: Bundle) -> None:
    bundle.attempt(TASKS[0], *GOOD).wait(4)
    bundle.agent(
        f"ExtHandler Event: name={HANDLER}, op=Download, message=[ExtensionDownloadError] Failed to download {HANDLER}-1.0.9121.0 from all URIs. "
        "Last error: [HttpError] [HTTP Failed] GET https://example.blob.core.windows.net/p.zip -- IOError timed out -- 6 attempts made, duration=10",
        "ERROR",
    )
    report = bundle.quiet(1).scan()
    assert results(report) == ["succeeded", "failed"]


def test_an_attempt_without_an_end_after_a_good_one_is_judged(bundle: Bundle) -> None:
    report = bundle.attempt(TASKS[0], *GOOD).quiet(24).attempt(TASKS[1]).quiet(3).scan()
    assert results(report) == ["succeeded", "unknown"]
    assert "no end is recorded" in report.focus.basis


def test_a_cause_inside_the_judged_attempt_stands_before_an_older_one(bundle: Bundle) -> None:
    bundle.agent(
        "ExtHandler Error fetching the goal state: [ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] "
        "GET http://168.63.129.16/machine/?comp=goalstate -- IOError timed out -- 6 attempts made",
        "ERROR",
    )
    report = bundle.quiet(20).attempt(TASKS[0], *FROZEN).quiet(1).scan()
    assert report.verdict.cause == "fsfreeze-failed"


def test_what_changed_between_the_last_good_and_the_first_failed_attempt(bundle: Bundle) -> None:
    bundle.attempt(TASKS[0], *GOOD).quiet(20).agent("ExtHandler Azure Linux Agent (Goal State Agent version 2.15.0.1)")
    report = bundle.attempt(TASKS[1], *FROZEN).quiet(20).attempt(TASKS[2], *FROZEN).quiet(1).scan()
    assert report.changed is not None
    assert (report.changed.good, report.changed.failed) == ("1", "2")
    assert [(one.name, one.after) for one in report.changed.changes if one.name.startswith("agent")] == [("agent_version", "2.15.0.1")]


def test_nothing_is_compared_without_a_failure_behind_a_success(bundle: Bundle) -> None:
    assert bundle.attempt(TASKS[0], *FROZEN).quiet(20).attempt(TASKS[1], *GOOD).quiet(1).scan().changed is None
