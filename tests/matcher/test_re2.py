"""RE2 in the place of Hyperscan: the traps of its own, and the same report from every engine."""

from __future__ import annotations

import json
import random
import re
import time
from pathlib import Path
from typing import Any

import pytest

from backuptrace.errors import UsageError
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.matcher import ENGINES, Matcher, Pattern, chosen, compile_patterns
from backuptrace.matcher.lineregex import translate

pytest.importorskip("re2", reason="google-re2 is not installed")
pytest.importorskip("hyperscan", reason="no hyperscan on this platform")

ROOT = Path(__file__).resolve().parents[2]
LOGS = [
    path
    for folder in (ROOT / "sample_logs", ROOT.parent / "shared" / "cases")
    if folder.is_dir()
    for path in sorted(folder.rglob("*"))
    if path.suffix in (".log", ".txt", ".status") or path.name in ("syslog", "messages", "HandlerStatus")
]


def matcher(*patterns: str, ignore_case: bool = False) -> Matcher:
    return compile_patterns([Pattern(translate(pattern, ignore_case=ignore_case).block, ignore_case) for pattern in patterns], engine="re2")


def lines(made: Matcher, block: bytes) -> set[tuple[int, int]]:
    return {(index, block.count(b"\n", 0, end - 1)) for index, end in made.scan(memoryview(block))}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(cached=False, engine="hyperscan")


def blocks() -> list[bytes]:
    """One line for each kind of line in the logs at hand (numbers aside), shuffled, with damage of the usual kinds."""
    kinds: dict[bytes, bytes] = {}
    for path in LOGS:
        for line in path.read_bytes()[: 1 << 18].splitlines(keepends=True) if path.is_file() else []:
            kinds.setdefault(re.sub(rb"[0-9a-fA-F]+", b"0", line), line)
    found = list(kinds.values())
    random.Random(5).shuffle(found)
    made = [b"".join(found[at : at + 4000]) for at in range(0, len(found), 4000)]
    return [*made, made[0].replace(b"\n", b"\r\n"), made[0].upper(), made[0].replace(b"a", b"\xe4\x00"), made[0][: len(made[0]) // 2]] if made else []


def test_the_built_in_patterns_find_the_same_lines_in_every_engine(knowledge: Knowledge) -> None:
    samples = [sample.encode() + b"\n" for ready in knowledge.formats.values() for sample in _literals(ready.shape.patterns)]
    everything = [*blocks(), b"".join(samples)]
    hits = 0
    for ready in knowledge.formats.values():
        fast, other = ready.matcher, compile_patterns(ready.shape.patterns, engine="re2")
        slow = compile_patterns(ready.shape.patterns, engine="re")
        for number, block in enumerate(everything):
            expected = lines(fast, block)
            assert lines(other, block) == expected, ready.shape.id
            if number in {0, len(everything) - 1}:  # the undamaged lines, and those near to the patterns
                assert lines(slow, block) == expected, ready.shape.id
            hits += len(expected)
    assert hits > 100


def _literals(patterns: list[Pattern]) -> list[str]:
    """A text for each pattern that is near to what it looks for: its plain characters."""
    return [re.sub(r"\\x([0-7][0-9a-f])", lambda m: chr(int(m[1], 16)), re.sub(r"\[[^]]*\][*+?]?|\(\?:|\)|[*+?^$|]", "", p.block)) for p in patterns]


@pytest.mark.parametrize("engine", ["re2", "re"])
def test_the_report_is_the_same_from_every_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    from backuptrace.api import scan

    monkeypatch.setenv("BACKUPTRACE_CACHE", str(tmp_path / "cache"))
    bundle = ROOT / "sample_logs" / "linux" / "wireserver-unreachable"

    def report(name: str) -> dict[str, Any]:
        monkeypatch.setenv("BACKUPTRACE_ENGINE", name)
        made: dict[str, Any] = json.loads(scan(bundle).to_json())
        return made

    one, other = report("hyperscan"), report(engine)
    assert one == other
    assert one["causes"]
    # the second time each finds its own cache
    assert len(list((tmp_path / "cache").glob("*.cache"))) == 2
    assert report("hyperscan") == one


def test_case_is_ignored_in_ascii_letters_only() -> None:
    r"""Latin-1 knows \xc4 as the other case of \xe4, here they are halves of different letters; every byte is tried alone and in classes."""
    block = b"\n".join(bytes([value]) for value in range(256) if value != 10)
    for value in set(range(256)) - {10}:
        for form in (rf"\x{value:02x}", rf"[\x{value:02x}!]", rf"[^\x{value:02x}]"):
            made = Pattern(translate(form, ignore_case=True).block, ignore_case=True)
            exact = re.compile(translate(form, ignore_case=True).line.encode(), re.IGNORECASE)
            expected = {(0, number) for number, line in enumerate(block.split(b"\n")) if exact.search(line)}
            assert lines(compile_patterns([made], engine="re2"), block) == expected, form


def test_the_end_of_a_hit_is_that_of_the_match() -> None:
    block = b"x" * 5000 + b" alpha one " + b"y" * 5000 + b" beta\nnothing\nalpha one"
    assert matcher("beta", "alpha one", r"one$").scan(memoryview(block)) == [(1, 5010), (0, 10016), (1, len(block)), (2, len(block))]


def test_a_set_that_ran_out_of_memory_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = matcher("alpha", "beta")

    class Blind:
        def Match(self, text: bytes) -> None:  # noqa: N802
            """What the binding says when the automaton does not fit: nothing."""

    monkeypatch.setattr(made, "_all", Blind())
    assert made.scan(memoryview(b"x\nalpha beta\n")) == [(0, 7), (1, 12)]


def test_patterns_that_need_a_large_automaton_stay_fast() -> None:
    """With its default of 8 MB for the automaton RE2 is 50 times slower here."""
    rng = random.Random(9)
    words = ["".join(rng.choices("abcdefghij", k=8)) for _ in range(400)]
    pairs = list(zip(words, reversed(words), strict=True))
    made = matcher(*(f"{a} {b} failed with code [0-9]+" for a, b in pairs), *(f"{a} .*{b} code [0-9]+" for a, b in pairs[:100]))
    block = b"".join(f"2026/11/22 03:12:07 INFO {rng.choice(words)} and {rng.choice(words)} nothing else in this line\n".encode() for _ in range(20_000))
    made.scan(memoryview(block))
    began = time.process_time()
    assert made.scan(memoryview(block)) == []
    assert time.process_time() - began < 0.25


def test_the_longest_repeats_of_the_subset_are_taken() -> None:
    for pattern in ("a{1000}", "(?:a{20}b){20}c", "(?:[ab]{0,50}c){1,9}d", "a{2,}b{999,}"):
        compile_patterns([Pattern(translate(pattern).block)], engine="re2")


def test_what_engine_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.delenv("BACKUPTRACE_ENGINE", raising=False)
    assert chosen() == "hyperscan"
    monkeypatch.setenv("BACKUPTRACE_ENGINE", "re")
    assert (chosen(), chosen("re2")) == ("re", "re2"), "the argument is stronger than the environment"
    monkeypatch.setenv("BACKUPTRACE_ENGINE", "perl")
    with pytest.raises(UsageError, match="no such engine") as caught:
        chosen()
    assert all(engine in caught.value.fix for engine in ENGINES)
    monkeypatch.delenv("BACKUPTRACE_ENGINE")
    monkeypatch.setitem(sys.modules, "backuptrace.matcher.hyperscan_engine", None)
    assert chosen() == "re2"
    assert compile_patterns([Pattern("foo")]).engine == "re2"
    monkeypatch.setitem(sys.modules, "backuptrace.matcher.re2_engine", None)
    with pytest.raises(UsageError) as caught:
        chosen("re2")
    assert "google-re2" in caught.value.fix
