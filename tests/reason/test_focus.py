"""What is judged of an excerpt: a few lines that somebody chose."""

from __future__ import annotations

from pathlib import Path

import pytest

import backuptrace

NAME = "[Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0]"
BEGUN = f"""\
2025-03-01 02:00:00.000001 {NAME}starting enable
2025-03-01 02:00:01.000001 {NAME}Enable,success,4,Transitioning state in extension,False
"""
FAULT = f"2025-03-01 02:00:09.000001 {NAME}Failed to FIFREEZE: Device or resource busy\n"


def supported(tmp_path: Path, log: str) -> list[str]:
    path = tmp_path / "extension.log"
    path.write_text(log, encoding="utf-8")
    return [cause.id for cause in backuptrace.scan(path).causes if cause.status == "supported"]


def test_an_attempt_whose_end_was_left_out_is_judged_as_one(tmp_path: Path) -> None:
    assert supported(tmp_path, FAULT) == ["fsfreeze-failed"]
    assert supported(tmp_path, BEGUN + FAULT) == ["fsfreeze-failed"]


def test_what_lies_before_a_good_attempt_is_over(tmp_path: Path) -> None:
    good = f"2025-03-01 02:00:39.000001 {NAME}Enable,success,1,Enable Succeeded,False\n"
    assert supported(tmp_path, BEGUN + FAULT + good) == []


@pytest.mark.parametrize(
    ("at", "words", "basis"),
    [
        ("2025-03-02T02:00Z", "the logs do not reach the time given, 2025-03-02 02:00 UTC", "no backup attempt was seen near it"),
        ("2025-02-28T02:00Z", "the logs do not reach the time given, 2025-02-28 02:00 UTC", "no backup attempt was seen near it"),
        ("2025-03-01T01:50Z", "the backup attempt near the time given ended at 2025-03-01 02:00 UTC and succeeded", "the backup attempt near it succeeded"),
        ("2025-03-01T02:10Z", "the backup attempt near the time given ended at 2025-03-01 02:00 UTC and succeeded", "the backup attempt near it succeeded"),
        ("2025-03-01T16:00Z", "near the time given, 2025-03-01 16:00 UTC, the bundle shows no backup attempt", "no backup attempt was seen near it"),
    ],
)
def test_the_sentence_tells_what_the_logs_hold_for_the_time_given(at: str, words: str, basis: str, tmp_path: Path) -> None:
    good = f"2025-03-01 02:00:39.000001 {NAME}Enable,success,1,Enable Succeeded,False\n"
    later = "".join(f"2025-03-01 {hour:02}:00:00.000001 {NAME}Guest Agent Version is :WALinuxAgent-2.9.1.1\n" for hour in range(3, 23))
    path = tmp_path / "extension.log"
    path.write_text(BEGUN + good + later, encoding="utf-8")
    report = backuptrace.scan(path, at=at)
    assert report.verdict.outcome == "cannot-tell"
    assert words in report.verdict.sentence
    assert basis in report.focus.basis
