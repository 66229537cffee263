"""`backuptrace diff` and `backuptrace verify` on real bundles: what differs, and whether a fix took."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from backuptrace.cli.comparing import STATUSES

from .conftest import Run

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "linux"
RECOVERED = SAMPLES / "healthy-after-fault"


def cut(source: Path, target: Path, stop: str, *only: str) -> Path:
    """The bundle as it was before the first line that holds `stop`; `only`: the names of logs that are cut."""
    shutil.copytree(source, target)
    for log in target.rglob("*.log"):
        if not only or log.name in only:
            lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
            end = next((n for n, line in enumerate(lines) if re.search(stop, line)), len(lines))
            log.write_text("".join(lines[:end]), encoding="utf-8")
    for status in target.rglob("1.status"):
        status.unlink()
    for status in target.rglob("0_status"):
        status.rename(status.with_name("0.status"))
    return target


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """The machine on the day of its failed backup."""
    return cut(RECOVERED, tmp_path / "failing", "2026-11-18")


def verified(run: Run, *arguments: str | Path) -> dict[str, Any]:
    done = run("verify", *arguments, "--format", "json", "--exit-code")
    found = json.loads(done.stdout)
    assert done.returncode == STATUSES[found["result"]], done.stderr
    return found  # type: ignore[no-any-return]


def test_a_good_backup_after_the_fault_proves_the_fix(run: Run, failing: Path) -> None:
    found = verified(run, failing, RECOVERED)
    assert (found["result"], found["cause"]) == ("fixed", "fsfreeze-failed")
    assert found["good"].startswith("2026-11-18T01:00:39")
    assert found["before"]["outcome"] == "explained"
    german = run("verify", failing, RECOVERED, "--lang", "de").stdout.decode()
    assert german.startswith("Die Abhilfe wirkt")


def test_a_bundle_that_reaches_no_further_tells_nothing(run: Run, failing: Path) -> None:
    assert verified(run, failing, failing)["result"] == "cannot-tell"
    assert verified(run, RECOVERED, failing)["result"] == "nothing-to-verify", "it had recovered"


def test_quiet_logs_without_a_backup_are_no_proof(run: Run, failing: Path, tmp_path: Path) -> None:
    later = cut(RECOVERED, tmp_path / "later", "2026-11-18", "extension.log", "shell.log", "CommandExecution.log")
    log = later / "var" / "log" / "waagent.log"
    log.write_text("".join(line for line in log.read_text().splitlines(keepends=True) if not (line.startswith("2026-11-18") and "VMSnapshot" in line)))
    found = verified(run, failing, later)
    assert found["after"]["to"] > found["before"]["to"]
    assert found["result"] == "not-tried"


def test_a_fault_that_goes_on_is_not_fixed_and_shown(run: Run, tmp_path: Path) -> None:
    before = SAMPLES / "wireserver-lost-later"
    log = (before / "var" / "log" / "waagent.log").read_text().splitlines()
    bad = [line for line in log if "168.63.129.16" in line and re.search("timed out|unreachable|IOError", line)]
    early = cut(before, tmp_path / "early", re.escape(bad[-1][:27]))
    found = verified(run, early, before)
    assert found["result"] == "not-fixed"
    assert found["evidence"]
    assert all(item["time"] > found["before"]["to"] for item in found["evidence"])


def test_without_a_failure_there_is_nothing_to_verify(run: Run) -> None:
    assert verified(run, SAMPLES / "healthy", SAMPLES / "healthy")["result"] == "nothing-to-verify"


def test_bundles_of_two_machines_are_not_taken_for_one_in_silence(run: Run, failing: Path) -> None:
    for other, noted in ((SAMPLES / "fsfreeze-failed", True), (failing, False)):
        told = " ".join(run("verify", other, RECOVERED).stdout.decode().split())
        assert ("of machines with different names (mysql-a1, pg-rep3): are they of the same VM?" in told) is noted


def test_diff_counts_in_words(run: Run) -> None:
    told = " ".join(run("diff", SAMPLES / "healthy", SAMPLES / "fsfreeze-failed").stdout.decode().split())
    assert "(some_mount): never in A, 3 times in B" in told
    assert "(final): never in A, once in B" in told


def test_diff_tells_versions_configuration_events_and_causes(run: Run) -> None:
    done = run("diff", SAMPLES / "healthy", SAMPLES / "waagent-conf", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == "backuptrace.diff/1"
    assert {"agent_version", "extension_version", "python"} <= {fact["name"] for fact in found["facts"]}
    changed = {(one["name"], one["before"], one["after"]): one["place"] for one in found["settings"]}
    assert changed["Extensions.Enabled", "y", "n"] == "etc/waagent.conf:7"
    assert ("waagent-conf", "no-evidence", "supported") in {(one["cause"], one["before"], one["after"]) for one in found["causes"]}
    event = next(one for one in found["events"] if one["selection"] == "conf_off")
    assert (event["before"], event["after"], event["evidence"]["line"]) == (0, 1, 7)
    assert all(not one["before"] or not one["after"] for one in found["events"])


def test_a_bundle_does_not_differ_from_itself(run: Run) -> None:
    found = json.loads(run("diff", SAMPLES / "waagent-conf", SAMPLES / "waagent-conf", "--format", "json").stdout)
    assert {key: found[key] for key in ("causes", "facts", "settings", "events", "unknown_lines", "only_a", "only_b", "notes")} == {
        key: [] for key in ("causes", "facts", "settings", "events", "unknown_lines", "only_a", "only_b", "notes")
    }
    text = run("diff", SAMPLES / "waagent-conf", SAMPLES / "waagent-conf", "--lang", "de").stdout.decode()
    assert "Nichts von dem, was backuptrace ansieht, ist verschieden." in text


def test_sources_that_one_bundle_lacks_are_named_and_not_compared(run: Run, tmp_path: Path) -> None:
    less = tmp_path / "less"
    shutil.copytree(SAMPLES / "waagent-conf", less)
    (less / "etc" / "waagent.conf").unlink()
    found = json.loads(run("diff", less, SAMPLES / "waagent-conf", "--format", "json").stdout)
    assert found["only_b"] == ["Configuration of the Linux agent"]
    assert found["events"] == []
    assert not any(one["source"] == "Configuration of the Linux agent" for one in found["settings"])


def test_secrets_of_settings_are_hidden(run: Run, tmp_path: Path) -> None:
    for name, secret in (("a", "kX9vR2mWq7TzPd4L"), ("b", "nB5yHc8JsGf3UeVa")):
        shutil.copytree(SAMPLES / "waagent-conf", tmp_path / name)
        conf = tmp_path / name / "etc" / "waagent.conf"
        conf.write_text(conf.read_text() + f"\nHttpProxy.Password={secret}\n")
    for arguments in ((), ("--format", "json"), ("--all",)):
        shown = run("diff", tmp_path / "a", tmp_path / "b", *arguments).stdout
        assert b"HttpProxy.Password" in shown
        assert b"kX9vR2mWq7TzPd4L" not in shown
        assert b"nB5yHc8JsGf3UeVa" not in shown
