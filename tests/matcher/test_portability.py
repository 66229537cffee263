r"""Random patterns of the subset on random blocks: every engine finds the same lines.

What is promised: a block is split at `\n` alone; a line keeps its `\r`. For each pattern and line, some hit of the engine ends in the line
exactly if `re.search(line_form, line)` finds something, where `^` is the start of the line and `$` its end, before a `\r` or behind it.
Patterns that contradict themselves at a `\b` (`a\bb`) are refused by one engine when it compiles; they are left out.
"""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from backuptrace.matcher import Matcher, Pattern, compile_patterns
from backuptrace.matcher.lineregex import LineRegex, PatternError, translate

pytest.importorskip("hyperscan", reason="no hyperscan on this platform")
OTHERS = ["re", "re2"] if find_spec("re2") else ["re"]

ATOMS = [
    *"aAbBx 0_ä", "Ä", ".", r"\s", r"\S", r"\w", r"\W", r"\d", r"\D", "[ab]", "[^a]", r"[^\s]", r"[\x00-\x20]", r"[^\x00-a]", r"[^b\r]", "[.]",
    r"\x00", r"\xc3", r"\xff", r"\r", r"\t", r"\v", r"\b", r"\B", "ab", "error", ":",
]  # fmt: skip
REPEATS = ["", "", "", "", "", "?", "*", "+", "{2}", "{1,3}", "{2,}", "*?", "+?", "??", "{0,2}"]
BYTES = [b" ", b"\n", b"\n", b"\r\n", b"\r", b"\t", b"\x0b", b"\x00", b"\xc3", b"\xa4", b"\xff"]
PIECES = [*b"a A b B x 0 _ : ab error".split(), "ä".encode(), "Ä".encode(), b"x" * 20, *BYTES]


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.builds(lambda atom, repeat: atom + repeat, inner, st.sampled_from(REPEATS))
    branch = st.lists(repeated, max_size=4).map("".join)
    return st.builds(lambda lead, branches: f"{lead}{'|'.join(branches)})", st.sampled_from(["(?:", "("]), st.lists(branch, min_size=1, max_size=3))


atoms = st.recursive(st.sampled_from(ATOMS), grown, max_leaves=6)
sequences = st.lists(st.builds(lambda atom, repeat: atom + repeat, atoms, st.sampled_from(REPEATS)), min_size=1, max_size=5).map("".join)
patterns = st.builds(lambda start, middle, end: start + middle + end, st.sampled_from(["", "", "", "^"]), sequences, st.sampled_from(["", "", "", "$"]))
blocks = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)


def lines_of(matcher: Matcher, block: bytes) -> set[tuple[int, int]]:
    return {(index, block.count(b"\n", 0, end - 1)) for index, end in matcher.scan(memoryview(block))}


def both_forms(source: str, ignore_case: bool) -> list[LineRegex]:
    try:
        return [translate(source, ignore_case=ignore_case, floating=floating) for floating in (False, True)]
    except PatternError:
        return []


def compiled(pack: list[Pattern]) -> Matcher | None:
    try:
        return compile_patterns(pack, engine="hyperscan")
    except ValueError as refused:
        if "never match" not in str(refused):
            raise
        return None


def check(sources: list[str], ignore_case: bool, some_blocks: list[bytes]) -> None:
    forms = [pair for source in sources if (pair := both_forms(source, ignore_case))]
    made, floating = [pair[0] for pair in forms], [pair[1] for pair in forms]
    pack = [Pattern(one.block, ignore_case) for one in made + floating]
    fast = compiled(pack)
    assume(made)
    if fast is None:
        return
    others = [compile_patterns(pack, engine=engine) for engine in OTHERS]
    exact = [re.compile(one.line.encode("ascii"), re.IGNORECASE if ignore_case else 0) for one in made]
    for block in some_blocks:
        lines = block.split(b"\n")
        hits = lines_of(fast, block)
        for other in others:
            assert hits == lines_of(other, block), other.engine
        assert {hit for hit in hits if hit[0] < len(made)} == {(i, n) for i, one in enumerate(exact) for n, line in enumerate(lines) if one.search(line)}
        for i, one in enumerate(exact):
            for n, line in enumerate(lines):
                if any(one.search(line[start:]) for start in range(len(line) + 1)):
                    assert (len(made) + i, n) in hits, "a floating pattern finds its field wherever it begins in the line"


inputs = given(sources=st.lists(patterns, min_size=1, max_size=4), ignore_case=st.booleans(), some_blocks=st.lists(blocks, min_size=1, max_size=8))


@settings(max_examples=250, deadline=None)
@example(sources=["[ab]$"], ignore_case=True, some_blocks=[b"x" * 40 + b"A\n"])
@example(sources=[r"a\sb", r"error.*:\s"], ignore_case=False, some_blocks=[b"a\nb\na\x0bb\n", b"error" + b"x" * 40 + b": "])
@example(sources=["error(?:a|x*)"], ignore_case=False, some_blocks=[b"error\n"])
@inputs
def test_all_engines_find_the_same_lines(sources: list[str], ignore_case: bool, some_blocks: list[bytes]) -> None:
    check(sources, ignore_case, some_blocks)


@settings(max_examples=250, deadline=None)
@example(source="^(?:a|b+|(?:ab|^x))", ignore_case=False, some_blocks=[b"ab\nxb\nx\nba\n"])
@example(source="a|(?:b|error.*)", ignore_case=True, some_blocks=[b"B\nxerror\n"])
@given(source=patterns, ignore_case=st.booleans(), some_blocks=st.lists(blocks, min_size=1, max_size=8))
def test_a_pattern_is_found_where_one_of_its_alternatives_is(source: str, ignore_case: bool, some_blocks: list[bytes]) -> None:
    flags = re.IGNORECASE if ignore_case else 0
    for form in both_forms(source, ignore_case):
        whole = compile_patterns([Pattern(form.block, ignore_case)], engine="re")
        parts = [(compile_patterns([Pattern(block, ignore_case)], engine="re"), re.compile(line.encode("ascii"), flags)) for block, line in form.alternatives]
        for block in some_blocks:
            lines = block.split(b"\n")
            found = [lines_of(part, block) for part, _ in parts]
            assert set().union(*found) == lines_of(whole, block)
            exact = [{(0, n) for n, line in enumerate(lines) if one.search(line)} for _, one in parts]
            assert set().union(*exact) == {(0, n) for n, line in enumerate(lines) if re.search(form.line.encode("ascii"), line, flags)}
            assert all(some <= candidates for some, candidates in zip(exact, found, strict=True))


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@inputs
def test_all_engines_find_the_same_lines_at_length(sources: list[str], ignore_case: bool, some_blocks: list[bytes]) -> None:
    check(sources, ignore_case, some_blocks)
