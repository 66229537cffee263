"""What is judged of an excerpt: a few lines that somebody chose."""

from __future__ import annotations

from pathlib import Path

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
