"""Samples of causes that agent, backup extension and event logs tell together: the verdict, whole, damaged, in parts, and after a good backup."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import evtxdamage as damage
import pytest

import backuptrace

from .extensioncases import CASES, LAST, asked
from .writing import Files, folder, samples

ROOT = Path(__file__).parents[2] / "sample_logs"
ALL = {sample.name: sample for sample in samples(ROOT, "windows") if sample.name in CASES}
each = pytest.mark.parametrize("name", sorted(CASES))
BY_TEXT = sorted(set(CASES) - {"clock-wrong"})
"""Told without any event log, too."""


def check(name: str, report: backuptrace.Report) -> None:
    assert [cause.id for cause in report.supported()] == [CASES[name].cause]
    assert report.verdict.outcome == "explained"


@each
def test_the_verdict_of_the_case(name: str) -> None:
    sample = ALL[name]
    report = backuptrace.scan(sample.bundle)
    check(name, report)
    shown = [item for item in report.causes[0].evidence if item.role == "supports"]
    assert any(sample.case.evidence in item.text for item in shown[:5])
    assert report.bundle.host
    assert all(problem.kind == "note" for problem in report.problems), report.problems


@each
def test_the_files_are_those_that_the_builder_writes(name: str) -> None:
    assert ALL[name].files() == CASES[name].files()
    assert (ROOT / "windows" / name / "case.yml").read_text("utf-8") == CASES[name].text()


@pytest.mark.parametrize("name", BY_TEXT)
def test_without_the_event_logs(name: str, tmp_path: Path) -> None:
    files = {path: data for path, data in CASES[name].files().items() if not path.endswith(".evtx")}
    check(name, backuptrace.scan(folder(files, tmp_path)))


@each
def test_with_event_logs_that_were_copied_while_in_use(name: str, tmp_path: Path) -> None:
    files = {path: damage.count_told(data, 0) if path.endswith(".evtx") else data for path, data in CASES[name].files().items()}
    check(name, backuptrace.scan(folder(files, tmp_path)))


def test_the_clock_by_its_event_log_alone(tmp_path: Path) -> None:
    files = {path: data for path, data in CASES["clock-wrong"].files().items() if path.endswith("System.evtx")}
    check("clock-wrong", backuptrace.scan(folder(files, tmp_path)))


def _good() -> Files:
    machine = asked("APP-11")
    machine.good(LAST + timedelta(hours=2), 22)
    return machine.files(LAST + timedelta(hours=3))


def test_the_machine_is_silent_where_the_third_night_ends_well(tmp_path: Path) -> None:
    report = backuptrace.scan(folder(_good(), tmp_path))
    assert report.supported() == []
    assert report.verdict.outcome in {"no-failure-seen", "recovered"}
