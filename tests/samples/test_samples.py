"""Every sample gives the verdict that its case.yml tells, and so does the same bundle in another form or at another time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

import backuptrace

from .writing import Files, Sample, as_agent_2_2, crlf, flat, folder, joined, moved, newest, oldest, samples, tarred, without, zipped

ROOT = Path(__file__).parents[2] / "sample_logs"
ALL = samples(ROOT)
FAULTY = [sample for sample in ALL if sample.faulty]
HEALTHY = next(sample for sample in ALL if sample.name == "healthy")
OF_STATE = {"extension-failed-provisioning"}
"""Samples whose cause is told by a status file or the configuration too, so that less than the whole bundle may not do."""


def supported(report: backuptrace.Report) -> list[str]:
    return [cause.id for cause in report.causes if cause.status == "supported"]


def check(sample: Sample, report: backuptrace.Report) -> None:
    """The first supported cause is the right one, and there is none that the case does not allow."""
    found = supported(report)
    assert found[:1] == ([sample.case.cause] if sample.faulty else [])
    assert set(found) <= sample.supported
    assert report.verdict.outcome == sample.case.outcome
    assert report.verdict.cause == (sample.case.cause if sample.faulty else None)


def named(list_of: list[Sample]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sample", list_of, ids=[sample.name for sample in list_of])


def test_the_samples_cover_the_causes() -> None:
    assert len(ALL) >= 22
    assert all(sample.case.origin == "synthetic" for sample in ALL)
    assert sum(path.stat().st_size for path in (ROOT / "linux").rglob("*") if path.is_file()) < 1_600_000


@named(ALL)
def test_the_verdict_of_the_case(sample: Sample) -> None:
    report = backuptrace.scan(sample.bundle)
    check(sample, report)
    if sample.faulty:
        shown = [evidence for evidence in report.causes[0].evidence if evidence.role == "supports"]
        assert any(sample.case.evidence in evidence.text for evidence in shown[:5]), [evidence.text[:200] for evidence in shown]
        assert all(evidence.line or not evidence.source.endswith(".log") for evidence in shown)


@named(FAULTY)
def test_the_code_of_the_portal_changes_nothing(sample: Sample) -> None:
    """It is a consequence of the fault and a hint for the order, never a proof."""
    check(sample, backuptrace.scan(sample.bundle, code=sample.case.code))


@named([sample for sample in ALL if not sample.faulty])
def test_a_code_makes_no_cause_out_of_nothing(sample: Sample) -> None:
    report = backuptrace.scan(sample.bundle, code="GuestAgentSnapshotTaskStatusError")
    assert supported(report) == []
    assert report.verdict.outcome != "explained"


@named([sample for sample in ALL if sample.case.outcome == "no-failure-seen"])
def test_on_a_healthy_machine_every_attempt_succeeds(sample: Sample) -> None:
    results = [attempt.result for attempt in backuptrace.scan(sample.bundle).attempts]
    assert results == ["succeeded"] * 2


@named(ALL)
def test_in_every_packing(sample: Sample, tmp_path: Path) -> None:
    files = sample.files()
    inner = zipped(files, tmp_path / "logs.zip")
    outer = {"readme.txt": b"The logs that you asked for.\n", "upload/logs.zip": inner.read_bytes()}
    for path in (
        folder(files, tmp_path / "folder"),
        zipped(files, tmp_path / "disk.zip", "device_0/"),
        tarred(files, tmp_path / "bundle.tar.gz", "./ticket 2211/vm/"),
        zipped(outer, tmp_path / "outer.zip"),
        tarred(outer, tmp_path / "outer.tgz"),
    ):
        check(sample, backuptrace.scan(path))


@named(ALL)
def test_with_other_line_ends(sample: Sample, tmp_path: Path) -> None:
    check(sample, backuptrace.scan(folder(crlf(sample.files()), tmp_path)))


@named(ALL)
@pytest.mark.parametrize("days", [-400, 1, 29])
def test_at_another_time(sample: Sample, days: int, tmp_path: Path) -> None:
    files = sample.files()
    later = moved(files, days)
    assert newest(later) == newest(files) + timedelta(days=days)
    check(sample, backuptrace.scan(folder(later, tmp_path)))


@named([sample for sample in FAULTY if sample.name not in OF_STATE])
def test_in_one_flat_folder(sample: Sample, tmp_path: Path) -> None:
    check(sample, backuptrace.scan(folder(flat(sample.files()), tmp_path)))


PARTS = ("waagent.log", "extension.log", "CommandExecution", "shell.log", "syslog", "messages", "waagent.conf", "/status/", "/config/")
LESS = [(sample, part) for sample in ALL for part in PARTS if any(part in name for name in sample.files())]


@pytest.mark.parametrize(("sample", "part"), LESS, ids=[f"{sample.name}-{part.strip('/')}" for sample, part in LESS])
def test_less_of_the_bundle_makes_no_other_cause(sample: Sample, part: str, tmp_path: Path) -> None:
    found = supported(backuptrace.scan(folder(without(sample.files(), part), tmp_path)))
    assert set(found) <= sample.supported


OTHER_LOCAL_TIME = {
    "certificate-missing", "healthy-agent-2-2", "linux-agent-not-running", "linux-python-module-gone", "out-of-memory", "selinux", "vm-shut-down",
}  # fmt: skip
"""Samples in which another log tells local time too, or decides."""


@named([sample for sample in ALL if sample.name not in OTHER_LOCAL_TIME])
@pytest.mark.parametrize("hours", [-7, 2])
def test_in_local_time_without_a_zone(sample: Sample, hours: int, tmp_path: Path) -> None:
    """The zone shows where the agent and the extension tell the same start."""
    check(sample, backuptrace.scan(folder(as_agent_2_2(sample.files(), hours), tmp_path)))


def a_week_before(older: Files, begin: datetime) -> Files:
    return moved(older, (begin - newest(older)).days - 7)


@named(ALL)
def test_a_fault_that_was_over_a_week_ago(sample: Sample, tmp_path: Path) -> None:
    """The same faults a week before good backups, in the same files: nothing stands in the way now."""
    newer = HEALTHY.files()
    report = backuptrace.scan(folder(joined(a_week_before(sample.files(), oldest(newer)), newer), tmp_path))
    assert supported(report) == []
    assert report.verdict.outcome in {"recovered", "no-failure-seen"}


@named(ALL)
def test_a_fault_a_week_after_good_backups(sample: Sample, tmp_path: Path) -> None:
    newer = sample.files()
    report = backuptrace.scan(folder(joined(a_week_before(HEALTHY.files(), oldest(newer)), newer), tmp_path))
    check(sample, report)


@named([sample for sample in FAULTY if sample.name != "linux-agent-outdated"])
def test_one_fault_after_another(sample: Sample, tmp_path: Path) -> None:
    """A fault of last week that a later one replaced: the later one counts."""
    older = next(other for other in FAULTY if other.name == "linux-agent-outdated")
    newer = sample.files()
    report = backuptrace.scan(folder(joined(a_week_before(older.files(), oldest(newer)), newer), tmp_path))
    check(sample, report)


def test_a_system_log_that_changes_its_form(tmp_path: Path) -> None:
    """After an upgrade to Ubuntu 24.04 syslog goes on in another form of line, with the year."""
    sample = next(other for other in FAULTY if other.name == "linux-agent-not-running")
    files = sample.files()
    files["var/log/syslog"] = b"Jul  1 06:00:01 sap-dev1 systemd[1]: Started Session 4 of user azureadmin.\n" + files["var/log/syslog"]
    check(sample, backuptrace.scan(folder(files, tmp_path)))
