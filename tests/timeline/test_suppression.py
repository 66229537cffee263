"""Lines that a writer left out count: in the coverage, and where a signature counts."""

from __future__ import annotations

from pathlib import Path

import pytest

import backuptrace

START = "2026-03-01T08:00:01.000001Z INFO Daemon Daemon Azure Linux Agent Version: 2.12.0.2\n"
FAILED = "walinuxagent.service: Main process exited, code=exited, status=1/FAILURE"


def scan(tmp_path: Path, files: dict[str, str]) -> backuptrace.Report:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return backuptrace.scan(tmp_path)


def coverage(report: backuptrace.Report, source: str) -> tuple[int, list[str]]:
    return next((one.suppressed, one.notes) for one in report.coverage if one.source == source)


@pytest.mark.parametrize(
    ("lines", "left_out"),
    [
        (["systemd[1]: other.service: x", "systemd[1]: message repeated 3 times: [ other.service: x]"], 2),
        (["systemd[1]: other.service: x", "last message repeated 7 times"], 7),
        (["systemd-journald[400]: Suppressed 1234 messages from walinuxagent.service"], 1234),
        (["rsyslogd: imjournal: 4000 messages lost due to rate-limiting (20000 allowed within 600 seconds)"], 4000),
        (["kernel: net_ratelimit: 12 callbacks suppressed"], 12),
        (["app[7]: message repeated 99999999999999999999 times: [ x]"], 0),
        (["app[7]: nothing of it"], 0),
    ],
)
def test_what_the_system_log_leaves_out(lines: list[str], left_out: int, tmp_path: Path) -> None:
    report = scan(tmp_path, {"var/log/syslog": "".join(f"Mar  1 08:00:0{n} sample {line}\n" for n, line in enumerate(lines)), "var/log/waagent.log": START})
    assert coverage(report, "var/log/syslog") == (left_out, [])


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([f"systemd[1]: {FAILED}"], False),
        ([f"systemd[1]: {FAILED}", f"systemd[1]: message repeated 3 times: [ {FAILED}]"], True),
        ([f"systemd[1]: {FAILED}", "last message repeated 3 times"], True),
        ([f"systemd[1]: {FAILED}", f"systemd[1]: message repeated 2 times: [ {FAILED}]"], False),
        ([f"systemd[1]: {FAILED}", "systemd[1]: message repeated 9 times: [ other.service: Main process exited, code=exited, status=1/FAILURE]"], False),
    ],
)
def test_a_count_takes_a_line_for_what_it_stands_for(lines: list[str], found: bool, tmp_path: Path) -> None:
    """The signature wants four failures in ten minutes."""
    report = scan(tmp_path, {"var/log/syslog": "".join(f"Mar  1 08:00:0{n} sample {line}\n" for n, line in enumerate(lines)), "var/log/waagent.log": START})
    assert (report.verdict.cause == "linux-agent-not-running") is found


def test_a_folded_line_is_read_as_the_line_itself(tmp_path: Path) -> None:
    report = scan(tmp_path, {"var/log/syslog": "Mar  1 08:00:02 sample systemd-logind[611]: message repeated 2 times: [ System is powering down.]\n"})
    assert report.verdict.cause == "vm-shut-down"


def test_what_the_agent_writes_once_an_hour_is_noted(tmp_path: Path) -> None:
    hourly = "Error in SendHostPluginHeartbeat: [HttpError] x --- [NOTE: Will not log the same error for the next hour]"
    lines = [f"2026-03-01T09:{n:02}:01.000001Z WARNING MonitorHandler ExtHandler {text}\n" for n, text in enumerate([hourly, "[PERIODIC] y", "z"])]
    report = scan(tmp_path, {"var/log/waagent.log": START + "".join(lines)})
    assert coverage(report, "var/log/waagent.log") == (0, ["2 records stand for repeats that were not written"])
