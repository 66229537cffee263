"""The identifiers that a support case needs: which of many, in which order."""

from __future__ import annotations

from pathlib import Path

import backuptrace
from backuptrace.report import text

SAMPLES = Path(__file__).parents[2] / "sample_logs"


def test_those_of_the_judged_job_come_last_where_the_text_report_looks() -> None:
    report = backuptrace.scan(SAMPLES / "azure" / "backup-in-progress")
    assert (report.identifiers.job, report.identifiers.activity) == (["j-0721", "j-0722"], ["act-j-0721", "act-j-0722"])
    assert "job j-0722; activity act-j-0722" in text.render(report)


def test_of_many_the_newest_are_told_in_the_order_of_time(tmp_path: Path) -> None:
    def line(hour: int, name: int) -> str:
        told = f"[incarnation_{hour} channel: WireServer source: Fabric activity: a-{name} correlation c-{name} created: x]"
        return f"2026-11-23T{hour:02}:00:05.213651Z INFO ExtHandler ExtHandler ProcessExtensionsGoalState started {told}\n"

    log = tmp_path / "waagent.log"
    log.write_text("".join(line(hour, 10 if hour == 21 else hour) for hour in range(24)), encoding="utf-8")
    ids = backuptrace.scan(log).identifiers
    assert ids.activity == [f"a-{n}" for n in (*range(3, 10), *range(11, 21), 10, 22, 23)]
    assert ids.correlation == [name.replace("a", "c") for name in ids.activity]
