"""Samples of one machine with three endings, of which only event logs tell the cause: the verdict, what it hangs on, and the files are those of the builder."""

from __future__ import annotations

from pathlib import Path

import pytest

import backuptrace

from .endings import CASES, files
from .writing import samples

ROOT = Path(__file__).parents[2] / "sample_logs"
ALL = {sample.name: sample for sample in samples(ROOT, "windows") if sample.name in CASES}


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_verdict_of_the_case(name: str) -> None:
    sample = ALL[name]
    report = backuptrace.scan(sample.bundle)
    assert [cause.id for cause in report.supported()] == [sample.case.cause]
    assert report.verdict.outcome == sample.case.outcome
    shown = [item for item in report.causes[0].evidence if item.role == "supports"]
    assert any(sample.case.evidence in item.text for item in shown)
    assert any(item.record and item.source.endswith(".evtx") for item in shown)


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_cause_hangs_on_its_events(name: str, tmp_path: Path) -> None:
    """Without the event log that tells it the antivirus is not suspected."""
    for path, data in files(name).items():
        if not path.endswith((".evtx", "sc_qc_vss.txt", "12.status")):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data)
    supported = [cause.id for cause in backuptrace.scan(tmp_path).supported()]
    assert supported == (["application-control"] if name == "application-control" else []), "the agent logs error 1260 itself"


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_files_are_those_that_the_builder_writes(name: str) -> None:
    for path, data in files(name).items():
        assert (ROOT / "windows" / name / path).read_bytes() == data, path
