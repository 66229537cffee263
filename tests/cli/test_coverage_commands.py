"""`backuptrace coverage` and `backuptrace collect`: what is missing, and a script that gathers it and nothing secret."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backuptrace.knowledge.collecting import TARGETS, Target, takes
from backuptrace.knowledge.loading import load
from backuptrace.knowledge.texts import Language
from backuptrace.report.collecting import PRIVATE, script
from backuptrace.report.coverage_page import CoveragePage

from .conftest import Run

SAMPLES = Path(__file__).parents[2] / "sample_logs"
CHANGES = re.compile(r"\b(?:rm|mv|kill|umount|Set-Service|Restart-\w+|Stop-\w+|Remove-\w+|delete|create|update|reapply|deallocate) ")
KEYS = re.compile(r"\.(?:prv|pem|p7m|pfx|p12|key)\b|Certificates\.xml|export-certificate|PFX", re.IGNORECASE)


@pytest.fixture(scope="module")
def scripts() -> dict[tuple[Target, Language], str]:
    pack = load().pack
    return {(target, language): script(takes(pack, target), target, language) for target in TARGETS for language in ("en", "de")}


def commands(text: str) -> list[str]:
    """What the script runs beside its own frame."""
    return [line for line in text.splitlines() if re.match(r"(?:\[.*&& )?take |Take '", line)]


@pytest.mark.parametrize("target", TARGETS)
def test_every_command_of_the_data_stands_in_a_script_and_changes_nothing(target: Target, scripts: dict[tuple[Target, Language], str]) -> None:
    text = scripts[target, "en"]
    told = commands(text)
    assert len(told) > 15
    for line in told:
        assert not CHANGES.search(line), line
        assert not KEYS.search(line), line
    if target == "azure":
        assert all(" az " in line and "-o json" in line for line in told)
        assert not re.search(r"<[a-z]", "\n".join(told)), "a value nobody filled in"
    assert told == commands(scripts[target, "de"])
    assert text != scripts[target, "de"]


@pytest.mark.parametrize("target", ["linux", "azure"])
def test_scripts_are_sound_shell(target: Target, scripts: dict[tuple[Target, Language], str], tmp_path: Path) -> None:
    for language in ("en", "de"):
        file = tmp_path / f"{target}-{language}.sh"
        file.write_text(scripts[target, language], encoding="utf-8")
        subprocess.run(["sh", "-n", file], check=True)


def test_every_log_that_bundles_usually_hold_is_gathered(scripts: dict[tuple[Target, Language], str]) -> None:
    for shape in load().pack.formats:
        if shape.expected is not None:
            target: Target = "azure" if shape.expected.command.startswith("az ") else "linux" if shape.os == "linux" else "windows"
            assert shape.expected.command.split(" -g ")[0].split("<")[0].removeprefix("sudo ").strip() in scripts[target, "en"], shape.id


@pytest.mark.skipif(shutil.which("timeout") is None or shutil.which("tar") is None, reason="needs timeout and tar")
def test_the_archive_of_a_linux_script_is_a_bundle_without_keys(run: Run, tmp_path: Path) -> None:
    """A script of two commands of the same kind as the real ones, on a folder with keys in it."""
    from backuptrace.knowledge.collecting import Take

    logs = tmp_path / "var" / "log"
    logs.mkdir(parents=True)
    for name in (*(name.replace("*", "x") for name in PRIVATE), "waagent.log"):
        (logs / name).write_text("2026-06-09T07:32:44.000000Z INFO Daemon Daemon Azure Linux Agent Version:2.2.46\n")
    wanted = [Take(f"sudo tar czf logs.tar.gz -C {tmp_path} var", "logs", "waagent", []), Take("cat /etc/os-release", "system", "os-release", [])]
    (tmp_path / "collect.sh").write_text(script(wanted, "linux", "en"))
    subprocess.run(["sh", "collect.sh"], cwd=tmp_path, check=True, capture_output=True)
    (archive,) = tmp_path.glob("backuptrace-*.tar.gz")
    page = json.loads(run("coverage", archive, "--format", "json").stdout)
    assert "waagent" in {source["format"] for source in page["sources"]}
    assert [item["where"] for item in page["unread"] if Path(item["where"]).name != "collect-errors.txt"] == []


def test_coverage_tells_what_is_there_what_is_missing_and_how_to_get_it(run: Run) -> None:
    done = run("coverage", SAMPLES / "linux" / "linux-agent-not-running", "--format", "json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    assert {"waagent", "vmsnapshot-log"} <= {source["format"] for source in page["sources"]}
    missing = {gap["format"]: gap for gap in page["missing"]}
    assert missing["azure-lock"]["command"] == "az lock list -o json"
    assert "rp-collection-lock" in missing["azure-lock"]["settles"]
    assert missing["azure-lock"]["state"] == "missing"
    assert not any(name.startswith("event-") for name in missing), "a Linux machine has no event logs"
    assert not {"waagent", "vmsnapshot-log"} & {gap["format"] for gap in page["missing"] if gap["state"] == "missing"}
    order = [(not gap["usual"], gap["command"] is None, -len(gap["settles"])) for gap in page["missing"]]
    assert order == sorted(order)


def test_coverage_without_the_agent_log_asks_for_it_first(run: Run, tmp_path: Path) -> None:
    (tmp_path / "case" / "etc").mkdir(parents=True)
    (tmp_path / "case" / "etc" / "os-release").write_text('PRETTY_NAME="Ubuntu 22.04"\nVERSION_ID="22.04"\nID=ubuntu\n')
    for lang, word in (("en", "though it usually is"), ("de", "sonst aber üblich")):
        done = run("coverage", tmp_path / "case", "--lang", lang, "--code", "UserErrorGuestAgentStatusUnavailable")
        assert done.returncode == 0, done.stderr
        text = done.stdout.decode()
        assert word in text.split(" 2. ")[0]
        assert "sudo tar czf waagent-logs.tar.gz /var/log/waagent.log*" in text


def test_the_json_of_coverage_reads_back(run: Run) -> None:
    import msgspec

    done = run("coverage", SAMPLES / "azure" / "clean", "--format", "json", "--lang", "de")
    page = msgspec.json.decode(done.stdout, type=CoveragePage)
    assert page.language == "de"
    assert page.bundle.name == "clean"


def test_collect_leaves_out_what_a_bundle_holds(run: Run) -> None:
    whole = run("collect", "--print", "linux").stdout.decode()
    rest = run("collect", SAMPLES / "linux" / "wireserver-unreachable", "--print", "linux").stdout.decode()
    assert "/var/log/waagent.log*" in whole
    assert "/var/log/waagent.log*" not in rest
    assert "nft list ruleset" in rest


def test_collect_needs_to_know_where(run: Run) -> None:
    assert run("collect").returncode == 2
    assert run("collect", "--print", "solaris").returncode == 2


def test_a_log_that_is_there_in_part_is_not_called_missing() -> None:
    """Its first sentence names what is not in the bundle at all."""
    done = subprocess.run(
        [sys.executable, "-m", "backuptrace", "coverage", str(Path(__file__).parents[2] / "sample_logs/windows/antivirus")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert "Application.evtx" in done.stdout
    assert "Application event log" not in done.stdout.split("judged")[0]
