"""Two healthy weeks of a busy machine are silent, whatever the agent's release, the distribution and the zone are, and with less of the bundle too."""

from __future__ import annotations

from pathlib import Path

import pytest

import backuptrace

from .busy import weeks
from .machine import EXTENSION, PROFILES, Profile
from .writing import Files, folder

SILENT = ("no-failure-seen", "recovered", "cannot-tell")


@pytest.fixture(params=PROFILES, ids=[profile.name for profile in PROFILES])
def profile(request: pytest.FixtureRequest) -> Profile:
    found = request.param
    assert isinstance(found, Profile)
    return found


def supported(files: Files, tmp_path: Path) -> tuple[backuptrace.Report, list[str]]:
    report = backuptrace.scan(folder(files, tmp_path))
    return report, [cause.id for cause in report.causes if cause.status == "supported"]


def test_two_weeks_with_a_backup_every_night(profile: Profile, tmp_path: Path) -> None:
    report, causes = supported(weeks(profile, 1), tmp_path)
    assert causes == []
    assert report.verdict.outcome == "recovered"
    results = [attempt.result for attempt in report.attempts]
    assert results.count("failed") == 1
    assert results[-3:] == ["succeeded"] * 3


def test_two_weeks_without_any_backup_to_end_what_was_before(profile: Profile, tmp_path: Path) -> None:
    """Nothing draws a line below the noise of the two weeks."""
    files = {name: data for name, data in weeks(profile, 2, backups=False).items() if not name.startswith(EXTENSION)}
    report, causes = supported(files, tmp_path)
    assert causes == []
    assert report.verdict.outcome in SILENT


def test_only_the_logs_of_the_agent(profile: Profile, tmp_path: Path) -> None:
    report, causes = supported({name: data for name, data in weeks(profile, 3).items() if "waagent.log" in name}, tmp_path)
    assert causes == []
    assert report.verdict.outcome in SILENT


def test_the_generator_tells_a_dead_agent_from_a_quiet_one(tmp_path: Path) -> None:
    """The silence above is worth something: the same machine without its agent's last hours is reported."""
    files = weeks(next(p for p in PROFILES if p.name == "ubuntu-2.12-zone-unknown"), 1)
    log = files["var/log/waagent.log"].splitlines(keepends=True)
    files["var/log/waagent.log"] = b"".join(line for line in log if line < b"2026-03-16T01")
    _, causes = supported(files, tmp_path)
    assert causes == ["linux-agent-not-running"]
