"""The causes of a report on real bundles: a contradicted one names the line that refutes it, open ones name what would settle them."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import FAILS, Run

SAMPLES = Path(__file__).parents[2] / "sample_logs"
GOOD = "2026-11-22T03:{m:02}:00.000001Z INFO ExtHandler ExtHandler ProcessGoalState completed [Incarnation: 2; 12 ms]\n"


def test_the_line_that_refutes_a_cause_is_named(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "case" / "var" / "log" / "waagent.log"
    log.parent.mkdir(parents=True)
    log.write_text(FAILS + "".join(GOOD.format(m=m) for m in range(10, 40)))
    report = json.loads(run("scan", tmp_path / "case", "--format", "json").stdout)
    cause = next(cause for cause in report["causes"] if cause["id"] == "wireserver-unreachable")
    assert cause["status"] == "contradicted"
    (line,) = [item for item in cause["evidence"] if item["role"] == "contradicts"]
    assert line["line"] == 6
    assert "var/log/waagent.log:6 at 2026-11-22 03:10:00 UTC" in cause["why"]
    german = run("scan", tmp_path / "case", "--lang", "de").stdout.decode()
    assert "var/log/waagent.log:6" in german.split("VORÜBER")[1].replace("\n", "").replace("    ", "")


def test_open_causes_name_source_time_and_command_and_the_next_settles_most(run: Run) -> None:
    report = json.loads(run("scan", SAMPLES / "azure" / "clean", "--format", "json").stdout)
    assert report["verdict"]["outcome"] == "unexplained"
    open_ = {cause["id"] for cause in report["causes"] if cause["status"] in ("unknown", "not-visible")}
    for cause in report["causes"]:
        if cause["id"] in open_:
            assert any(need["what"] and need["command"] and need["from"] for need in cause["needs"]), cause["id"]
    assert {name for row in report["next"] for name in row["settles"]} == open_
    sizes = [len(row["settles"]) for row in report["next"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1


def test_a_cause_of_the_control_plane_names_its_export(run: Run, bundle: Path) -> None:
    report = json.loads(run("scan", bundle, "--format", "json").stdout)
    lock = next(cause for cause in report["causes"] if cause["id"] == "rp-collection-lock")
    assert lock["status"] == "not-visible"
    assert "Resource locks" in lock["why"]
    assert "az lock list -o json" in [need["command"] for need in lock["needs"]]
