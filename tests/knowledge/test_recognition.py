"""What a path allows is remembered, for the formats that it was asked of and no others."""

from __future__ import annotations

from backuptrace.knowledge import recognition
from backuptrace.knowledge.loading import load
from backuptrace.knowledge.recognition import recognise

HEAD = b"2026-05-01T02:00:00.000000Z INFO ExtHandler ExtHandler Goal state 1 is fine\n" * 3
PATH = "var/log/waagent.log"


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
