"""Windows samples: the verdict of each case, in every layout in which such logs travel, with other names, line ends, encodings and times."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path, PurePosixPath

import pytest

import backuptrace

from . import eventsamples
from .writing import Files, Sample, changed, folder, samples, tarred, zipped

ROOT = Path(__file__).parents[2] / "sample_logs"
ALL = [sample for sample in samples(ROOT, "windows") if sample.name not in eventsamples.NAMES and not any(name.endswith(".evtx") for name in sample.files())]
"""Those of text logs."""
HEALTHY = next(sample for sample in ALL if sample.name == "healthy")
FAULTY = [sample for sample in ALL if sample.faulty]
OF_STATE = {"extension-failed"}
"""Told by the state of the machine, which a good backup does not end."""


def supported(report: backuptrace.Report) -> list[str]:
    return [cause.id for cause in report.causes if cause.status == "supported"]


def check(sample: Sample, report: backuptrace.Report) -> None:
    found = supported(report)
    assert found[:1] == ([sample.case.cause] if sample.faulty else [])
    assert set(found) <= sample.supported
    assert report.verdict.outcome == sample.case.outcome


def named(list_of: list[Sample]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sample", list_of, ids=[sample.name for sample in list_of])


def bare(files: Files) -> Files:
    return {name.removeprefix("device_0/"): data for name, data in files.items()}


_US = re.compile(rb"(?<=\[)([01][0-9])/([0-3][0-9])/(20[0-9]{2})(?= [0-9:.]{11}\])")
_ISO = re.compile(rb"(?<![0-9])(20[0-9]{2})-([01][0-9])-([0-3][0-9])(?=T[0-9:]{8})")


def moved(files: Files, days: int) -> Files:
    """All stamps later by whole days."""
    by = timedelta(days=days)

    def us(found: re.Match[bytes]) -> bytes:
        return (datetime(int(found[3]), int(found[1]), int(found[2]), tzinfo=timezone.utc) + by).strftime("%m/%d/%Y").encode()

    def iso(found: re.Match[bytes]) -> bytes:
        return (datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=timezone.utc) + by).strftime("%Y-%m-%d").encode()

    return changed(files, lambda data: _ISO.sub(iso, _US.sub(us, data)))


def test_the_samples_hold_what_they_promise() -> None:
    assert len(ALL) >= 17
    assert sum(path.stat().st_size for path in (ROOT / "windows").rglob("*") if path.is_file()) < 1_000_000


@named(ALL)
def test_the_verdict_of_the_case(sample: Sample) -> None:
    report = backuptrace.scan(sample.bundle)
    check(sample, report)
    if sample.faulty:
        shown = [evidence for evidence in report.causes[0].evidence if evidence.role == "supports"]
        assert any(sample.case.evidence in evidence.text for evidence in shown[:5]), [evidence.text[:200] for evidence in shown]


@named(ALL)
def test_in_the_layouts_of_the_collectors(sample: Sample, tmp_path: Path) -> None:
    """InspectIaaSDisk puts a device before each path; CollectGuestLogs makes a zip, sent on inside another; a live disk is a plain folder."""
    files = bare(sample.files())
    inner = zipped(files, tmp_path / "VMAgentLogs.zip").read_bytes()
    for path in (
        zipped({**files, "results.txt": b"### Event Logs ###\r\n"}, tmp_path / "InspectIaaSDisk.zip", "device_1/"),
        zipped({"CollectGuestLogsTemp/VMAgentLogs.zip": inner}, tmp_path / "outer.zip"),
        tarred(files, tmp_path / "case.tar.gz", "./ticket 4711/"),
    ):
        check(sample, backuptrace.scan(path))


@named([sample for sample in ALL if sample.name != "healthy-after-fault"])
def test_logs_with_any_names_in_one_folder(sample: Sample, tmp_path: Path) -> None:
    """What a log is, its first lines tell; aggregate and handler status keep their names."""
    files = {PurePosixPath(name).name: data for name, data in sample.files().items()}
    renamed = {{"WaAppAgent.log": "agent of vm7.txt", "IaaSBcdrExtension1.log": "backup (1).log"}.get(name, name): data for name, data in files.items()}
    check(sample, backuptrace.scan(folder(renamed, tmp_path)))


@named(ALL)
def test_with_other_line_ends_and_in_upper_case(sample: Sample, tmp_path: Path) -> None:
    files = {name.upper(): data.replace(b"\r\n", b"\n") for name, data in sample.files().items()}
    check(sample, backuptrace.scan(folder(files, tmp_path)))


@named(ALL)
def test_texts_saved_as_utf_16(sample: Sample, tmp_path: Path) -> None:
    texts = {
        name: data.decode().encode("utf-16") if name.endswith((".log", ".txt")) and not data.startswith(b"\xff\xfe") else data
        for name, data in sample.files().items()
    }
    check(sample, backuptrace.scan(folder(texts, tmp_path)))


@named(ALL)
def test_at_another_time(sample: Sample, tmp_path: Path) -> None:
    check(sample, backuptrace.scan(folder(moved(sample.files(), -400), tmp_path)))


@named([sample for sample in FAULTY if sample.name not in OF_STATE])
def test_a_fault_that_was_over_a_week_ago(sample: Sample, tmp_path: Path) -> None:
    """The same logs continued by good backups: what stood in the way does no longer. Outputs of commands tell the present state."""
    older = {name: data for name, data in bare(sample.files()).items() if "/Logs/" in name and name.endswith(".log")}
    newer = moved(HEALTHY.files(), 400)
    logs = {name: older.get(name, b"") + data for name, data in newer.items()}
    report = backuptrace.scan(folder({**{k: v for k, v in older.items() if k not in newer}, **logs}, tmp_path))
    assert supported(report) == []
    assert report.verdict.outcome in {"recovered", "no-failure-seen"}


def test_the_agent_of_a_quoting_extension_is_not_ours(tmp_path: Path) -> None:
    """Another extension's log that quotes our lines makes no verdict."""
    sample = next(one for one in FAULTY if one.name == "wireserver-unreachable")
    quoted = next(data for name, data in sample.files().items() if name.endswith("WaAppAgent.log"))
    files = {**HEALTHY.files(), "WindowsAzure/Logs/Plugins/Contoso.Inventory/1.4.0.0/WaAppAgent.log": moved({"x": quoted}, 300)["x"]}
    assert supported(backuptrace.scan(folder(files, tmp_path))) == []
