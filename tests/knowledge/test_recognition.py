"""What a path allows is remembered, for the formats that it was asked of and no others."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backuptrace.knowledge import recognition
from backuptrace.knowledge.loading import Ready, load
from backuptrace.knowledge.recognition import recognise

HEAD = b"2026-05-01T02:00:00.000000Z INFO ExtHandler ExtHandler Goal state 1 is fine\n" * 3
PATH = "var/log/waagent.log"
FORMATS = list(load([], []).formats.values())


def test_the_same_path_is_judged_by_the_formats_at_hand() -> None:
    formats = list(load([], []).formats.values())
    others = [ready for ready in formats if ready.shape.id != "waagent"]
    for _ in range(2):
        found = recognise(PATH, HEAD, formats, lone=False)
        assert found.ready is not None
        assert (found.ready.shape.id, found.why, found.sure) == ("waagent", "its path and first lines", True)
        assert recognise(PATH, HEAD, others, lone=False).ready is None
        assert recognise(PATH, b"something else\n", formats, lone=False).why == "its path"
        assert recognise(f"var/log/azure/Other.Extension/{PATH}", HEAD, formats, lone=False).ready is None
        assert recognise(f"elsewhere/{PATH.rpartition('/')[2]}", HEAD, formats, lone=False).why == "its name and first lines"


def test_only_so_many_paths_are_remembered() -> None:
    formats = list(load([], []).formats.values())
    for number in range(recognition.PATHS + 50):
        recognise(f"etc/{number}/waagent.conf", b"", formats, lone=False)
    assert recognition._by_path.cache_info().currsize == recognition.PATHS


EXCERPT = b"""2026/05/01 02:00:00.742721 INFO [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0.9120.0] Target handler state: enabled
2026/05/01 02:00:00.747218 ERROR Event: name=Microsoft.Azure.RecoveryServices.VMSnapshotLinux, op=None, message=[ExtensionError] Downgrade not allowed
"""


@pytest.mark.parametrize(("name", "known_as"), [("paste.txt", "waagent"), ("CommandExecution.log", "command-execution")])
def test_lines_that_two_logs_may_hold_are_told_by_how_they_begin_or_by_the_name(name: str, known_as: str) -> None:
    found = recognise(name, EXCERPT, FORMATS, lone=True)
    assert found.ready is not None
    assert found.ready.shape.id == known_as


TEXTS = [
    "lease {",
    "x",
    " ",
    "\r",
    "\n",
    "\n\n",
    "Chain INPUT (policy ACCEPT",
    "os: 1",
    "a|b",
    "\ufeff",
    "[SnapshotThread]",
    '"aggregateStatus"',
    "MSI (s) Product: x",
]


@given(parts=st.lists(st.sampled_from(TEXTS), max_size=8), own=st.data())
def test_a_head_is_found_where_a_plain_search_finds_it(parts: list[str], own: st.DataObject) -> None:
    tricky = st.sampled_from(["^a|b", "^(?:a|b)$", "^[|)]", "^\\(|x", "(?m)^x", "\\Ax", "x$"])
    wanted = own.draw(tricky | st.sampled_from([head for ready in FORMATS for head in ready.shape.head]))
    text = "".join([*parts, own.draw(st.one_of(st.just(""), st.from_regex(wanted.replace(r"\A", ""))))]).encode()
    ready = Ready(replace(FORMATS[0].shape, head=[wanted]), None)
    assert recognition.begins(ready, text) == bool(re.search(wanted.encode(), text, re.MULTILINE))


NAMES = ["waagent.log", "WAAGENT.LOG", "extension.log", "a.status", "0.settings", "syslog.1", "x", ""]
FOLDERS = ["var/log", "var/log/azure", "WindowsAzure/Logs", "Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0.9", "status", ""]


@given(folders=st.lists(st.sampled_from(FOLDERS), max_size=3), name=st.sampled_from(NAMES), own=st.data())
def test_a_path_without_a_clue_fits_no_glob(folders: list[str], name: str, own: st.DataObject) -> None:
    path = "/".join([*folders, name])
    for ready in FORMATS:
        globs = [*ready.shape.path, *ready.shape.name]
        tried = [path]
        if globs:  # and a path made from one of its own globs
            tried.append(own.draw(st.sampled_from(globs)).replace("**", "a/b").replace("*", "x7").replace("?", "x"))
        for one in tried:
            assert any(clue in one.lower() for clue in ready.clues) or not ready.wanted.search(one), (ready.shape.id, one)
