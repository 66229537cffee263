"""Broken data files: every message names the place and the remedy. The expected texts lie beside the files.

After a wanted change: `BACKUPTRACE_WRITE_EXPECTED=1 python -m pytest tests/knowledge/test_broken_files.py`, then read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from backuptrace.knowledge import lints, yamlfile
from backuptrace.knowledge.checking import check
from backuptrace.knowledge.library import Source, shape

FOLDER = Path(__file__).parent / "broken"
FILES = sorted(FOLDER.glob("*.yml"))
CAUSE = """\
schema: 1
id: sample-cause
os: [linux]
title: The service is broken
observable: guest
explanation: It does not start.
steps: [Repair it.]
doc: {url: https://example.org}
source: {id: own}
"""
CONF = """\
schema: 1
id: app-conf
title: Settings
os: linux
kind: state
reader: conf
path: [etc/app.conf]
expected: {why: It tells whether the service is on., command: cat /etc/app.conf}
"""
MILESTONES = """\
milestones:
  start: {match: {message|startswith: service started}, summary: the service starts}
"""
SOUND = [
    Source("app.yml", "linux/app", (lints.FORMAT + MILESTONES).encode(), "parsers", own=False),
    Source("app-conf.yml", "linux/app-conf", CONF.encode(), "parsers", own=False),
    Source("sample-cause.yml", "causes/sample-cause", CAUSE.encode(), "signatures", own=False),
]


def told(name: str, raw: bytes) -> str:
    """What `signatures check` writes about one file among sound ones."""
    stem = name.removesuffix(".yml")
    path, folder = {"format": (f"linux/{stem}", "parsers"), "cause": (f"causes/{stem}", "signatures")}.get(stem.split("-")[0], (f"linux/{stem}", "signatures"))
    found = check(shape([*SOUND, Source(name, path, raw, folder, own=True, root="broken")]))
    return "".join(f"{finding}\n" for finding in found)


def test_the_files_around_are_sound() -> None:
    assert check(shape(SOUND)) == []


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_message(path: Path) -> None:
    expected = path.with_suffix(".expected.txt")
    got = told(path.name, path.read_bytes())
    if os.environ.get("BACKUPTRACE_WRITE_EXPECTED"):
        expected.write_text(got, encoding="utf-8")
    assert got == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_fault_has_a_place_and_a_remedy(path: Path) -> None:
    lines = path.read_bytes().count(b"\n") + 2
    blocks = re.split(rf"(?m)^(?={re.escape(path.name)}:)", told(path.name, path.read_bytes()))[1:]
    assert blocks
    for block in blocks:
        place = re.match(rf"{re.escape(path.name)}:(\d+):(\d+): (?:error|warning): \S", block)
        assert place
        assert 1 <= int(place[1]) <= lines
        assert re.search(r"(?m)^  do: \S", block), block


def test_there_are_more_than_twenty_and_each_has_its_own_message() -> None:
    assert len(FILES) > 20
    assert len({re.sub(r"^\S+: ", "", path.with_suffix(".expected.txt").read_text(encoding="utf-8")) for path in FILES}) == len(FILES)


def test_no_expected_text_without_its_file() -> None:
    assert {path.name.removesuffix(".expected.txt") for path in FOLDER.glob("*.txt")} == {path.stem for path in FILES}


def test_a_file_that_is_too_large() -> None:
    message = told("huge.yml", b"# filler\n" * (yamlfile.MAX_BYTES // 9 + 1))
    assert message == f"huge.yml:1:1: error: the file is larger than {yamlfile.MAX_BYTES} bytes\n  do: split it: one signature a file\n"


def test_a_file_that_is_nested_too_deep() -> None:
    message = told("deep.yml", b"a: " + b"[" * 200 + b"]" * 200)
    assert "nested more than" in message
    assert "do: make it flat" in message


def test_a_broken_format_is_not_blamed_on_the_signatures_that_use_it() -> None:
    broken = Source("app.yml", "linux/app", lints.FORMAT.replace("title:", "tittle:").encode(), "parsers", own=False)
    signature = Source("s.yml", "linux/example", lints.SIGNATURE.replace("linux-agent-not-running", "sample-cause").encode(), "signatures", own=False)
    found = check(shape([broken, *SOUND[1:], signature]))
    assert [finding.fault.where.split(":")[0] for finding in found] == ["app.yml"]


def test_two_files_with_one_id() -> None:
    text = lints.SIGNATURE.replace("linux-agent-not-running", "sample-cause").encode()
    twice = [Source(f"own/linux/example.{end}", "linux/example", text, "signatures", own=True, root="own") for end in ("yaml", "yml")]
    found = check(shape([*SOUND, *twice]))
    assert [str(finding) for finding in found] == [
        "own/linux/example.yml:2:5: error: 'linux.example' is declared twice, also in own/linux/example.yaml\n  do: keep one of the two"
    ]
