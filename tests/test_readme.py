"""The README tells the truth: its commands, output, options and exit statuses are those of the program."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import backuptrace
from backuptrace.knowledge import library
from backuptrace.knowledge.loading import load
from backuptrace.proving import prove
from backuptrace.report.text import render

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def scanned_sample() -> str:
    """The sample that the README's first command scans."""
    return shlex.split(blocks("sh")[0].splitlines()[-1])[-1]


@pytest.fixture(scope="module")
def report() -> Any:
    return backuptrace.scan(ROOT / scanned_sample(), cache=False)


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "backuptrace", *arguments], capture_output=True, text=True, encoding="utf-8", check=True, cwd=ROOT, timeout=120
    )
    return done.stdout


def test_it_opens_with_two_commands() -> None:
    scan, test = blocks("sh")
    assert scan.splitlines()[0] == test.splitlines()[0]
    assert README.index(scan) < README.index(test) < README.index("\n## ")
    assert scan.splitlines()[-1].startswith(".venv/bin/backuptrace scan sample_logs/")
    assert test.splitlines()[-1].startswith(".venv/bin/python -m pytest")


def test_the_output_shown_is_what_the_command_prints(report: Any) -> None:
    command, *shown = blocks("console")[0].splitlines()
    assert command.split()[1:] == ["backuptrace", "scan", scanned_sample()]
    printed = render(report, width=80, color=False, show_all=False).splitlines()
    at = 0
    for line in shown:
        if line != "[...]":
            assert line in printed[at:], f"README shows a line that is not printed (any more), or not there:\n{line}"
            at = printed.index(line, at) + 1
    skipped = [n for n, line in enumerate(shown) if line == "[...]"]
    assert skipped, "the output is shortened, and says so"


def test_the_python_example_runs(report: Any) -> None:
    code = blocks("python")[0]
    names: dict[str, Any] = {}
    exec(code.replace('"sample_logs/', f'r"{ROOT.as_posix()}/sample_logs/'), names)
    for expression, value in re.findall(r"^(report\S+)  # ('[^']*'|\d+)$", code, re.MULTILINE):
        assert repr(eval(expression, names)) == value
    told = code[code.index("a pandas.DataFrame: ") + 20 :].splitlines()[0]
    assert set(told.removesuffix(", ...").split(", ")) <= set(names["frame"].columns)
    assert names["text"] == report.to_json()


def test_every_command_is_named() -> None:
    told = run("--help")
    commands = re.findall(r"^  ([a-z]+) ", told[told.index("Commands:") :].split("\n\n")[0], re.MULTILINE)
    table = README[README.index("| command | |") : README.index("| option | |")]
    assert [command for command in commands if f"`backuptrace {command}" not in table] == []


def test_every_option_is_explained() -> None:
    known = set(re.findall(r"--[a-z][a-z-]+", run("scan", "--help"))) - {"--help"}
    table = README[README.index("| option | |") : README.index("| exit status | |")]
    assert set(re.findall(r"--[a-z][a-z-]+", table)) == known


def test_every_exit_status_is_explained() -> None:
    told = run("scan", "--help")
    told = told[told.index("Exit status:") :]
    table = README[README.index("| exit status | |") : README.index("From Python:")]
    explained = re.findall(r"\d+", " ".join(row.split("|")[1] for row in table.splitlines() if row.startswith("|")))
    assert sorted(explained) == sorted(set(re.findall(r"\b\d+\b", told)))


def test_every_outcome_is_explained() -> None:
    from typing import get_args

    from backuptrace.report.document import Outcome

    table = README[README.index("| outcome | meaning |") : README.index("## Usage")]
    assert re.findall(r"^\| ([a-z][a-z-]+) \|", table, re.MULTILINE)[1:] == list(get_args(Outcome))


def test_the_limits_are_those_of_the_code() -> None:
    from backuptrace.bundle.limits import GIB, Limits

    limits = Limits()
    told = f"{limits.member // GIB} GiB for one member, {limits.total // GIB} GiB in all, {limits.ratio}:1 compression, {limits.depth} archives deep, {limits.count:,} entries"
    assert told in README


def test_the_example_signature_of_the_guide_holds(tmp_path: Path) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = guide[guide.index("```yaml\n") + 8 :].split("```\n")[0]
    file = tmp_path / "linux" / "agent" / "frozen.yml"
    file.parent.mkdir(parents=True)
    file.write_text(example, encoding="utf-8")
    mine = [str(tmp_path)]
    shape, _ = library.shape(library.sources(mine)).signatures["linux.agent.frozen"]
    proofs = list(prove(shape, load(mine, cached=False)))
    assert [(proof.name, proof.got) for proof in proofs if not proof.holds] == []
    assert {proof.wanted for proof in proofs} >= {"supported", "none", "unknown"}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        assert target.startswith("https://") or ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_paths_named_in_the_pages_exist(page: str) -> None:
    """`src/...`, `tests/...` and the like in backticks; placeholders in <> or capitals aside."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|tests|parsers|signatures|sample_logs|benchmarks|docs|\.ci)/[\w./-]*)`", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing
