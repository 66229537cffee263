"""docs/signatures.md as a stranger reads it: its files are written, its commands are run, its tables are held against the code."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args, get_type_hints

import pytest
import yaml
from loadrules import ALL, LoadRule, reason

from backuptrace.knowledge import shapes, when
from backuptrace.knowledge.definitions import definitions
from backuptrace.knowledge.selections import MODIFIERS
from backuptrace.knowledge.when_parser import parse

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "signatures.md"
TEXT = GUIDE.read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:<!-- (file|append): (\S+) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)
SKIP = "[...]"


class Step(NamedTuple):
    """A file to write or append to, or a console block to run."""

    kind: str
    path: str
    text: str


def steps() -> Iterator[Step]:
    for action, path, language, text in BLOCK.findall(TEXT):
        if action or language == "console":
            yield Step(action or "console", path, text)


def run(command: str, folder: Path) -> tuple[str, int]:
    """Standard output and error together, as on a terminal, and the exit status."""
    words = shlex.split(command)
    assert words[0] == "backuptrace"
    environment = {**os.environ, "BACKUPTRACE_CACHE": str(folder / "cache"), "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "backuptrace", *words[1:]],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
        timeout=120,
    )
    return done.stdout, done.returncode


def shown_in_order(shown: list[str], printed: list[str]) -> str:
    """The first line of the guide that is not printed, or not there; "" if all are."""
    at = 0
    for line in shown:
        if line == SKIP:
            continue
        parts = [re.escape(part) for part in line.split(SKIP)]
        found = next((n for n, text in enumerate(printed[at:], at) if re.fullmatch(".*".join(parts), text)), None)
        if found is None:
            return line
        at = found + 1
    return ""


def test_the_guide_can_be_followed(tmp_path: Path) -> None:
    commands = 0
    for step in steps():
        if step.kind != "console":
            path = tmp_path / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text((path.read_text(encoding="utf-8") if step.kind == "append" else "") + step.text, encoding="utf-8")
            continue
        for part in re.split(r"(?m)^\$ ", step.text)[1:]:
            command, *shown = part.rstrip("\n").split("\n")
            printed, status = run(command, tmp_path)
            assert status == (3 if ": error: " in part else 0), f"{command}\n{printed}"
            missing = shown_in_order(shown, printed.splitlines())
            assert not missing, f"{command}\nthe guide shows, and it does not print (there):\n{missing}\n\nprinted:\n{printed}"
            if SKIP not in part:
                assert len(printed.splitlines()) <= len(shown) + 1, f"{command} prints more than the guide shows:\n{printed}"
            commands += 1
    assert commands >= 9


def test_the_scan_of_the_guide_finds_the_cause_by_the_new_files(tmp_path: Path) -> None:
    import backuptrace

    for step in steps():
        if step.kind != "console":
            path = tmp_path / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text((path.read_text(encoding="utf-8") if step.kind == "append" else "") + step.text, encoding="utf-8")
    bundle = tmp_path / "bundle"
    report = backuptrace.scan(bundle, signatures=[str(tmp_path / "own/signatures")], parsers=[str(tmp_path / "own/parsers")], cache=False)
    assert [cause.id for cause in report.causes if cause.status == "supported"] == ["pre-post-script"]
    assert "is not quiet" in report.causes[0].evidence[0].text
    assert "transaction 4711" in report.causes[0].evidence[0].text, "the further lines belong to the record"
    assert "pre-post-script" not in [cause.id for cause in backuptrace.scan(bundle, cache=False).causes if cause.status == "supported"]


def table(heading: str) -> list[list[str]]:
    """The rows of all tables of a section, cells without blanks around them."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows if not set(row[0].strip()) <= set("-")]


def expressions() -> list[str]:
    return [text for row in table("Reference: when") for text in re.findall(r"`([^`]+)`", row[0])]


def read(text: str) -> when.When:
    """An expression over the selections and the definitions of the reference."""
    names, formats = ["failed", "repaired", "started", "net_dns", "net_route"], ["waagent"]
    example = yaml.safe_load(next(block for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL) if block.startswith("define:")))
    defined, mistakes = definitions(example["define"], names, formats)
    assert mistakes == []
    assert all(parse(verdict["when"], names, formats, defined) for verdict in example["verdicts"])
    return parse(text, names, formats, defined)


@pytest.mark.parametrize("text", expressions())
def test_every_expression_of_the_reference_is_one(text: str) -> None:
    read(text)


def test_every_word_and_every_node_of_the_language_has_an_example() -> None:
    words = {word for text in expressions() for word in re.findall(r"[a-z]+", text)}
    assert when.KEYWORDS - {"after"} <= words
    trees = [read(text) for text in expressions()]
    seen = {type(part).__name__ for tree in trees for part in when.nodes(tree)}
    assert {kind.__name__ for kind in when.When.__args__} - {"First", "Last"} <= seen, "first and last are operands"


def test_every_row_says_what_true_and_unknown_mean() -> None:
    for row in table("Reference: when")[1:]:
        assert len(row) == 3
        assert row[2]


def test_every_modifier_is_explained() -> None:
    told = {name for row in table("Reference: selections") for name in re.findall(r"\\\|([a-z]+)", row[0])}
    assert told == set(MODIFIERS)


@pytest.mark.parametrize(
    "heading, shape", [("Reference: verdicts", shapes.VerdictShape), ("Reference: formats", shapes.FormatShape), ("Reference: tests", shapes.TestShape)]
)
def test_every_key_is_explained(heading: str, shape: type) -> None:
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    keys = set(shape.__struct_fields__) - {"schema", "id", "title", "os", "notes", "name"}  # type: ignore[attr-defined]
    assert not [key for key in sorted(keys) if f"`{key}`" not in section]


def test_every_word_of_the_choices_of_a_format_is_explained() -> None:
    section = TEXT.split("\n## Reference: formats\n")[1].split("\n## ")[0]
    choices = (get_type_hints(shape)[key] for shape, key in ((shapes.FormatShape, "reader"), (shapes.RecordStart, "time"), (shapes.JsonRecords, "time")))
    assert [word for choice in choices for word in get_args(choice) if f"`{word}`" not in section] == []


def rules() -> str:
    """The tables of the rules as the guide must hold them."""
    out = []
    for title, chosen in (("kept by every scan", True), ("found by `signatures check`", False)):
        out += [f"| rule, {title} | |", "| --- | --- |"]
        for rule in ALL:
            if isinstance(rule, LoadRule) is chosen:
                out.append(f"| `{rule.name}`{' (warning)' if rule.severity == 'warning' else ''} | {reason(rule)} |")
        if not chosen:
            out.append("| `matcher-refuses` | The engine takes every pattern; none is known that is portable and yet refused. |")
        out.append("")
    return "\n".join(out)


def test_the_rules_are_listed() -> None:
    before, rest = TEXT.split("<!-- rules -->\n")
    told, after = rest.split("<!-- end of rules -->")
    if os.environ.get("BACKUPTRACE_WRITE_EXPECTED"):
        GUIDE.write_text(f"{before}<!-- rules -->\n{rules()}<!-- end of rules -->{after}", encoding="utf-8")
    else:
        assert told == rules(), "BACKUPTRACE_WRITE_EXPECTED=1 writes them anew"


def test_links_inside_the_guide() -> None:
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"(?m)^## (.+)$", TEXT)}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
