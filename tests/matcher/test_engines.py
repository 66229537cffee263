"""The traps of the engines, each one once found as a missed or a false hit."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from importlib.util import find_spec

import pytest

from backuptrace.errors import UsageError
from backuptrace.matcher import Hits, Matcher, Pattern, compile_patterns
from backuptrace.matcher.lineregex import translate

hyperscan = pytest.importorskip("hyperscan", reason="no hyperscan on this platform")
ENGINES = ["hyperscan", pytest.param("re2", marks=pytest.mark.skipif(find_spec("re2") is None, reason="google-re2 is not installed")), "re"]


def matcher(*patterns: str, engine: str = "hyperscan", ignore_case: bool = False, compiled: bytes | None = None) -> Matcher:
    made = [Pattern(translate(pattern, ignore_case=ignore_case).block, ignore_case) for pattern in patterns]
    return compile_patterns(made, engine=engine, compiled=compiled)


def lines(hits: Hits, block: bytes) -> list[tuple[int, int]]:
    """(pattern, line number from 0) of each hit, once."""
    return sorted({(index, block.count(b"\n", 0, end - 1)) for index, end in hits})


@pytest.mark.parametrize("engine", ENGINES)
def test_a_nul_inside_a_literal_is_part_of_it(engine: str) -> None:
    """With the engine's own literal mode this pattern would be the letter E."""
    utf16 = "E\x00r\x00r\x00"
    block = b"E nothing\nE\x00r\x00r\x00o\x00r\x00\n"
    assert lines(matcher(utf16, r"r\x00o", engine=engine).scan(memoryview(block)), block) == [(0, 1), (1, 1)]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_end_of_a_line_is_found_before_both_kinds_of_line_ends_and_at_the_end(engine: str) -> None:
    block = b"foo\r\nfoo\nfoo \nfoo\rx\nfoo"
    assert lines(matcher("foo$", engine=engine).scan(memoryview(block)), block) == [(0, 0), (0, 1), (0, 4)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "pattern", [r"foo\sbar", r"foo\s*bar", r"foo[^x]bar", r"foo\Dbar", r"foo\Wbar", r"foo[\x00-\x20]bar", r"foo[^\S ]?bar", r"foo[\t-\r]bar"]
)
def test_nothing_crosses_a_newline(engine: str, pattern: str) -> None:
    r"""`\v` alone stands for every vertical space in one engine: `\s` must not be written with it."""
    block = b"foo\nbar\nfoo\r\nbar\nfoo\tbar\n"
    assert lines(matcher(pattern, engine=engine).scan(memoryview(block)), block) == [(0, 4)]


def test_greedy_tails_do_not_multiply_the_hits() -> None:
    block = b"code abcdefghijklmnopqrstuvwxyz and more words behind it\n"
    assert len(matcher(r"code \S+").scan(memoryview(block))) == 1
    assert len(matcher(r"code .*").scan(memoryview(block))) == 1
    assert len(matcher(r"code (?:\w+ )+").scan(memoryview(block))) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_bytes_that_are_no_utf8(engine: str) -> None:
    block = b"\xff\xfe foo\n\xc3 bar \xc3\xa4\n\x80\x80bar\xc3\n"
    patterns = ["foo", r"\xc3 bar", "ä$", r"^.{2}bar"]
    assert lines(matcher(*patterns, engine=engine).scan(memoryview(block)), block) == [(0, 0), (1, 1), (2, 1), (3, 1), (3, 2)]


@pytest.mark.parametrize("engine", ENGINES)
def test_case_is_ignored_in_letters_outside_ascii(engine: str) -> None:
    block = "FEHLER: ÜBERLAUF\nfehler: überlauf\nfehler: Überlauf\n".encode()
    ignoring = matcher("überlauf", engine=engine, ignore_case=True).scan(memoryview(block))
    assert lines(ignoring, block) == [(0, 0), (0, 1), (0, 2)]
    assert lines(matcher("überlauf", engine=engine).scan(memoryview(block)), block) == [(0, 1)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize(("pattern", "prefix", "pair"), [("A$", b"", b"A"), (r"error.*:\s", b"error", b": "), (r"foobar.*[ab][cd]", b"foobar", b"bc")])
def test_a_match_at_the_very_end_of_a_block_is_found(engine: str, ending: bytes, pattern: str, prefix: bytes, pair: bytes) -> None:
    """Vectorscan 5.4.12 loses it in blocks of 17 bytes and more; an excerpt often ends just there."""
    made = matcher(pattern, engine=engine)
    for length in [*range(70), 255, 256, 257, 300, 5000]:
        for before in (b"", b"first line\n", b"first line\n" * 100):
            block = before + prefix + b"x" * length + pair + ending
            assert lines(made.scan(memoryview(block)), block) == [(0, before.count(b"\n"))], (length, before[:3])


@pytest.mark.parametrize("engine", ENGINES)
def test_hits_come_in_order_of_their_end_and_once(engine: str) -> None:
    block = b"".join(random.Random(7).choice([b"alpha beta\n", b"beta alpha\n", b"gamma\n", b"alpha\n"]) for _ in range(500))
    hits = matcher("alpha", "beta", "gamma", "alpha.*beta", engine=engine).scan(memoryview(block))
    assert [end for _, end in hits] == sorted(end for _, end in hits)
    assert len(set(hits)) == len(hits)
    expected = sum(block.count(word) for word in (b"alpha", b"beta", b"gamma", b"alpha beta"))
    assert len(hits) == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_views_into_a_reused_buffer(engine: str) -> None:
    buffer = bytearray(b"xxfoo\nfoo bar\n")
    made = matcher("foo", engine=engine)
    view = memoryview(buffer)[2:10]
    assert made.scan(view) == [(0, 3), (0, 7)]
    buffer[2:5] = b"bar"
    assert made.scan(view) == [(0, 7)]
    assert made.scan(memoryview(b"")) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_no_patterns_no_hits(engine: str) -> None:
    made = compile_patterns([], engine=engine)
    assert made.scan(memoryview(b"anything\n")) == []
    assert made.dump() is None


@pytest.mark.parametrize("engine", ENGINES)
def test_a_refused_pattern_is_named(engine: str) -> None:
    """Such texts come past `lineregex` only by hand or from an old cache."""
    with pytest.raises(ValueError, match="pattern 1"):
        compile_patterns([Pattern("foo"), Pattern("a(")], engine=engine)


def test_one_matcher_for_each_thread() -> None:
    block = b"alpha one\nbeta two\n" * 20_000
    made = [matcher("alpha", r"two$"), matcher("beta", r"one$")]
    results: dict[int, list[int]] = {0: [], 1: []}

    def work(number: int) -> None:
        results[number] += [len(made[number].scan(memoryview(block))) for _ in range(10)]

    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {0: [40_000] * 10, 1: [40_000] * 10}


def test_an_exception_in_the_callback_comes_out_and_the_engine_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    made = matcher("foo")
    scan: Callable[..., object] = made._database.scan  # type: ignore[attr-defined]

    class Interrupted:
        def scan(self, data: object, match_event_handler: Callable[..., None]) -> None:
            def handler(*hit: object) -> None:
                match_event_handler(*hit)
                raise KeyboardInterrupt

            scan(data, match_event_handler=handler)

    with monkeypatch.context() as patched:
        patched.setattr(made, "_database", Interrupted())
        with pytest.raises(KeyboardInterrupt):
            made.scan(memoryview(b"foo\n"))
    assert made.scan(memoryview(b"foo\n")) == [(0, 3)]


def test_the_compiled_form_is_taken() -> None:
    compiled = matcher("foo", "bar").dump()
    assert compiled is not None
    # other patterns on purpose: they show that nothing was compiled anew
    made = matcher("spam", "eggs", compiled=compiled)
    assert made.scan(memoryview(b"foo bar spam\n")) == [(0, 3), (1, 7)]


def damaged() -> list[bytes]:
    good = matcher("foo", "bar").dump() or b""
    rng = random.Random(3)
    flipped = [good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :] for at in (0, 4, 8, 40, len(good) // 2)]
    return [b"", b"x", good[: len(good) // 2], good[:-1], good + b"x", os.urandom(500), bytes(len(good)), rng.randbytes(len(good)), *flipped]


@pytest.mark.parametrize("number", range(len(damaged())))
def test_a_damaged_compiled_form_is_built_anew(number: int) -> None:
    made = matcher("foo", "bar", compiled=damaged()[number])
    assert made.scan(memoryview(b"foo bar\n")) == [(0, 3), (1, 7)]
    assert made.dump() == matcher("foo", "bar").dump()


def test_a_compiled_form_of_another_mode_is_built_anew() -> None:
    streaming = hyperscan.Database(mode=hyperscan.HS_MODE_STREAM)
    streaming.compile(expressions=[b"foo"], ids=[0], elements=1, flags=[0])
    made = matcher("foo", compiled=bytes(hyperscan.dumpb(streaming)))
    assert made.scan(memoryview(b"foo\n")) == [(0, 3)]


def test_the_standard_library_serves_where_there_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.delenv("BACKUPTRACE_ENGINE", raising=False)
    monkeypatch.setitem(sys.modules, "backuptrace.matcher.hyperscan_engine", None)
    monkeypatch.setitem(sys.modules, "backuptrace.matcher.re2_engine", None)
    made = compile_patterns([Pattern("foo")])
    assert made.engine == "re"
    assert made.scan(memoryview(b"a foo\n")) == [(0, 5)]
    with pytest.raises(UsageError, match="not installed"):
        compile_patterns([Pattern("foo")], engine="hyperscan")
