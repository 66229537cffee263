"""`backuptrace signatures ...` as people run it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from backuptrace.cli.main import main
from backuptrace.knowledge.library import shape, sources

Run = Callable[..., "Done"]
HEAVY = ["pandas", "numpy", "lark", "hyperscan", "yaml", "msgspec"]


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all of these commands: compiling everything takes seconds."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def run(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process (each start of a new one costs a second), in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKUPTRACE_CACHE", str(cache))

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["backuptrace", "signatures", *arguments])
        capsys.readouterr()
        status = main()
        out, err = capsys.readouterr()
        return Done(status, out, err)

    return call


@pytest.fixture
def own(run: Run, tmp_path: Path) -> list[str]:
    """Folders with a new signature, format and cause, as arguments."""
    folders = ["--signatures", "own/s", "--parsers", "own/p"]
    for kind, name in (("signature", "site.x"), ("format", "my-log"), ("cause", "my-cause")):
        done = run("new", name, "--kind", kind, *folders)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / done.stdout.strip()).is_file()
    return folders


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_templates_are_sound_tested_and_tidy(run: Run, own: list[str]) -> None:
    assert run("check", "--strict", *own).returncode == 0
    tested = run("test", "--verbose", *own)
    assert tested.returncode == 0
    assert len(re.findall("(?m)^ok ", tested.stdout)) == 5
    tidy = run("fmt", "--check", "own")
    assert (tidy.returncode, tidy.stdout) == (0, "")


def test_new_refuses_to_overwrite_and_ids_that_are_none(run: Run, own: list[str], tmp_path: Path) -> None:
    before = (tmp_path / "own/s/site/x.yml").read_bytes()
    again = run("new", "site.x", *own)
    assert again.returncode == 2
    assert "there already" in again.stderr
    assert (tmp_path / "own/s/site/x.yml").read_bytes() == before
    for name in ("../evil", "a", "A.b", "a..b", "a/b", ".a.b"):
        assert run("new", name, *own).returncode == 2
    assert not (tmp_path / "evil.yml").exists()


def test_check_tells_all_faults_of_all_files_and_ends_with_3(run: Run, own: list[str], tmp_path: Path) -> None:
    change(tmp_path / "own/s/site/x.yml", "cause: linux-agent-outdated", "cause: linux-agent-outdatet")
    change(tmp_path / "own/s/site/x.yml", "within 1h", "within 1hour")
    change(tmp_path / "own/p/my-log.yml", "heartbeat: 1h", "heartbeat: soon")
    done = run("check", *own)
    assert done.returncode == 3
    places = re.findall(r"(?m)^(own/\S+?):\d+:\d+: error: ", done.stdout)
    assert places == ["own/p/my-log.yml", "own/s/site/x.yml", "own/s/site/x.yml"]
    assert "did you mean 'linux-agent-outdated'?" in done.stdout
    caret = done.stdout[done.stdout.index("unknown unit") :].splitlines()[1:3]
    assert caret[0][caret[1].index("^") :].startswith("hour")
    assert "3 errors, 0 warnings" in done.stderr


def test_a_warning_is_a_fault_only_when_strict(run: Run, own: list[str], tmp_path: Path) -> None:
    change(tmp_path / "own/s/site/x.yml", "name: one failure is everyday life", "name: three failures, then an hour without the package")
    assert "warning" in run("check", *own).stdout
    assert run("check", *own).returncode == 0
    assert run("check", "--strict", *own).returncode == 3


def test_a_failing_test_ends_with_3_and_says_what_came_out(run: Run, own: list[str], tmp_path: Path) -> None:
    change(tmp_path / "own/s/site/x.yml", "expect: none", "expect: contradicted")
    change(tmp_path / "own/p/my-log.yml", "fields: {level: INFO,", "fields: {level: WARN,")
    done = run("test", *own)
    assert done.returncode == 3
    assert re.search(r"FAILED  site\.x: one failure is everyday life: wanted contradicted, got [a-z-]+\n", done.stdout)
    assert "FAILED  my-log: sample 1: wanted as written, got level is 'INFO', wanted 'WARN'" in done.stdout
    assert "2 failed" in done.stderr
    only = run("test", "my-log", *own)
    assert only.stdout.count("FAILED") == 1
    assert "0 signatures, 1 format," in only.stderr


def test_a_failing_test_tells_which_clause_decided(run: Run, own: list[str], tmp_path: Path) -> None:
    change(tmp_path / "own/s/site/x.yml", "count(failed) >= 3", "count(failed) >= 4")
    told = run("test", "site.x", *own).stdout
    assert "`count(failed) >= 4 within 1h and last(failed) then no downloaded within 30m` is false: at least 4 times failed, within 1h" in told
    assert "(seen: 3, compared with 4)" in told
    assert "does not cover the time" not in told, "the sources of all other signatures of the cause say nothing about this one"


def test_a_failing_test_tells_that_nobody_read_its_lines(run: Run, own: list[str], tmp_path: Path) -> None:
    path = tmp_path / "own/s/site/x.yml"
    text = path.read_text()
    path.write_text(text.replace("        2026-03-01T0", "        2026.03.01 0"))
    assert "var/log/waagent.log: none of its lines begins as a record of waagent does" in run("test", "site.x", *own).stdout
    path.write_text(text.replace("var/log/waagent.log", "var/log/wagent.log"))
    assert "var/log/wagent.log: no format reads this file" in run("test", "site.x", *own).stdout


def test_one_folder_for_signatures_and_formats_is_told_in_one_line_each(run: Run, own: list[str], tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "own/s", tmp_path / "own/p", dirs_exist_ok=True)
    shutil.copy(tmp_path / "own/p/my-log.yml", tmp_path / "own/s")
    found = run("check", *own).stdout.splitlines()
    assert [line for line in found if "error:" in line] == [
        "own/p/causes/my-cause.yml:2:1: error: a cause in the folder that was given to --parsers",
        "own/p/site/x.yml:2:1: error: a signature in the folder that was given to --parsers",
        "own/s/my-log.yml:2:1: error: a format in the folder that was given to --signatures",
    ]
    assert "give one to --signatures and the other to --parsers" in found[1]


def test_test_of_an_unknown_id(run: Run) -> None:
    done = run("test", "linux.agent.crash-lop")
    assert done.returncode == 2
    assert "linux.agent.crash-loop" in done.stderr


def test_ids_may_hold_stars(run: Run) -> None:
    count = sum(name.startswith("linux.network.") for name in shape(sources()).signatures)
    done = run("test", "linux.network.*")
    assert done.stderr.startswith(f"{count} signatures, 0 formats")
    assert done.returncode == 0


def test_list(run: Run, own: list[str]) -> None:
    known = shape(sources()).signatures
    text = run("list", *own).stdout.splitlines()
    assert len(text) == len(known) + 2
    mine = next(line for line in text if line.startswith("* "))
    assert mine.split() == ["*", "site.x", "experimental", "low", "4", "linux-agent-outdated", "waagent"]
    rows = json.loads(run("list", "--format", "json", *own).stdout)
    assert [row["id"] for row in rows] == sorted([*known, "site.x"])
    assert [row["id"] for row in rows if row["own"]] == ["site.x"]
    assert all(row["causes"] and row["sources"] and row["title"] and row["file"] for row in rows)


def test_show(run: Run, own: list[str]) -> None:
    text = run("show", "site.x", *own).stdout
    assert "searched as: Failed to download agent package" in text
    assert "      at least 3 times failed inside some 1h\n      the last failed, and no downloaded in the 30m after it\n" in text
    assert "over when seen later: downloaded" in text
    assert run("show", "site.y", *own).returncode == 2


@pytest.mark.parametrize("name", sorted(shape(sources()).signatures)[::6])
def test_show_tells_every_selection_and_verdict_of_built_in_ones(run: Run, name: str) -> None:
    signature = shape(sources()).signatures[name][0]
    text = run("show", name).stdout
    assert all(f"  {selection}: " in text for selection in signature.select)
    assert text.count("\nVerdict: ") == len(signature.verdicts)


def test_an_override_is_reported(run: Run, own: list[str], tmp_path: Path) -> None:
    target = tmp_path / "own/s/linux/agent/crash-loop.yml"
    target.parent.mkdir(parents=True)
    target.write_text((tmp_path / "own/s/site/x.yml").read_text(encoding="utf-8").replace("id: site.x", "id: linux.agent.crash-loop"), encoding="utf-8")
    done = run("check", *own)
    assert "own/s/linux/agent/crash-loop.yml replaces signatures/linux/agent/crash-loop.yml" in done.stderr


def test_fmt_changes_only_what_is_untidy(run: Run, own: list[str], tmp_path: Path) -> None:
    path = tmp_path / "own/s/site/x.yml"
    tidy = path.read_bytes()
    change(path, "title: The agent cannot download its own update\n", "")
    change(path, "verdicts:\n", 'title:   "The agent cannot download its own update"\nverdicts:\n')
    untidy = path.read_bytes()
    looked = run("fmt", "--check", *own)
    assert looked.returncode == 3
    assert looked.stdout == "own/s/site/x.yml: would change\n"
    assert path.read_bytes() == untidy
    done = run("fmt", *own)
    assert (done.returncode, done.stdout) == (0, "own/s/site/x.yml: formatted\n")
    assert path.read_bytes() == tidy
    assert run("fmt", *own).stdout == ""


def test_fmt_leaves_a_file_alone_in_which_a_comment_would_get_lost(run: Run, own: list[str], tmp_path: Path) -> None:
    path = tmp_path / "own/s/site/x.yml"
    change(path, "notes: >-", "notes: >-  # where from")
    before = path.read_bytes()
    done = run("fmt", *own)
    assert done.returncode == 3
    assert "left as it is" in done.stderr
    assert path.read_bytes() == before


def test_fmt_without_anything_to_do(run: Run) -> None:
    assert run("fmt").returncode == 2
    assert run("fmt", "nowhere").returncode == 2


@pytest.mark.parametrize("kind", ["signature", "format", "cause", "code"])
def test_schema(run: Run, kind: str) -> None:
    assert json.loads(run("schema", kind).stdout)["title"] == f"backuptrace {kind}"


def test_a_folder_that_is_none(run: Run) -> None:
    done = run("check", "--signatures", "nowhere")
    assert done.returncode == 2
    assert "nowhere: not a folder" in done.stderr


@pytest.mark.parametrize("arguments", [["signatures", "--help"], ["signatures", "check", "--help"], ["demo", "--list"], ["demo", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = f"import sys; sys.argv = ['backuptrace', *{arguments}]\nfrom backuptrace.cli.main import main\nmain()\nsys.stderr.write(','.join(m for m in {HEAVY} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr == b""


def test_a_selection_that_no_test_hits_is_named(run: Run, own: list[str], tmp_path: Path) -> None:
    """Another branch of `when` may keep the tests green while a pattern finds nothing."""
    assert "note" not in run("test", "site.x", *own).stdout
    change(tmp_path / "own/s/site/x.yml", "Successfully downloaded agent package", "Downloaded the package of the agent")
    done = run("test", "site.x", *own)
    assert "note    site.x: no test has a record for downloaded" in done.stdout


def test_show_and_list_tell_of_formats_too(run: Run, own: list[str]) -> None:
    table = run("list", "--formats", *own).stdout.splitlines()
    assert any(line.startswith("waagent ") and "indexed" in line for line in table)
    assert any(line.startswith("* my-log ") for line in table)
    page = run("show", "waagent").stdout
    for part in ("lies at: var/log/waagent.log", "level, message, prefix, text, thread", "agent-start: agent {version} starts", "Sample lines"):
        assert part in page
