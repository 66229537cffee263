"""What the portable subset takes, what it refuses, and how the block form differs from the line form."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backuptrace.matcher import Pattern, compile_patterns
from backuptrace.matcher.lineregex import PatternError, escaped, translate

REFUSED = [
    # pattern, column, part of what, part of the advice
    (r"foo(?=bar)", 3, "look-ahead", "second selection"),
    (r"foo(?!bar)", 3, "look-ahead", "second selection"),
    (r"x(?<=a)foo", 1, "look-behind", "second selection"),
    (r"x(?<!a)foo", 1, "look-behind", "second selection"),
    (r"(a)\1", 3, "back reference", "two selections"),
    (r"(?P<n>a)(?P=n)", 8, "back reference", ""),
    (r"(?>a+)b", 0, "atomic", ""),
    (r"ab++c", 3, "possessive", "second +"),
    (r"ab{2}+c", 5, "possessive", "second +"),
    (r"(?(1)a|b)", 0, "condition", ""),
    (r"(?#why)a", 0, "comment", ""),
    (r"(?i)foo", 0, "inline flags", "|i"),
    (r"(?<code>a)", 0, "named group", "(?P<name>...)"),
    (r"(?P<ö>a)", 0, "group name", ""),
    (r"(?P<n>a)(?P<n>b)", 8, "group name", ""),
    (r"(?P<n", 0, "group name", ""),
    ("", 0, "empty line", "words"),
    (r"a*", 0, "empty line", "words"),
    (r"foo|x?", 0, "empty line", "words"),
    (r"^$", 0, "empty line", "words"),
    (r"\b", 0, "empty line", "words"),
    (r"a{1001}", 1, "above 1000", "smaller"),
    (r"a{40000}", 1, "above 1000", "smaller"),
    ("a{" + "9" * 5000 + "}", 1, "above 1000", "smaller"),
    (r"a{3,2}", 1, "wrong way round", ""),
    (r"ba{0}", 2, "repeat of nothing", ""),
    (r"a{x}", 1, "a repeat must be", r"\{"),
    (r"a{²}", 1, "a repeat must be", r"\{"),
    (r"foo{", 3, "a repeat must be", r"\{"),
    (r"a{2}{3}", 4, "two repeats", ""),
    (r"a**", 2, "two repeats", ""),
    (r"*a", 0, "nothing to repeat", r"\*"),
    (r"(?:+a)", 3, "nothing to repeat", r"\+"),
    (r"^*a", 1, "anchor", ""),
    (r"(?:ab{0,200}){5}", 13, "500", "smaller"),
    (r"(?:(?:ab){1000}){1000}", 9, "500", "smaller"),
    ("x" + "a{1000}b" * 11, 0, "too large", "smaller"),
    ("\\." * 8000, 0, "too long", ""),
    (r"(?:a+)+b", 6, "two ways", "one class"),
    (r"(?:a|ab|b)*c", 10, "two ways", "one class"),
    (r"(?:\w+\s?){2,}x", 10, "two ways", "one class"),
    (r"(?:a?b?){0,50}c", 8, "two ways", "one class"),
    (r"(?:|a)+b", 6, "two ways", "one class"),
    (r"(?:(?:a?){2}b)+c", 14, "two ways", "one class"),
    ("a\nb", 1, "newline", "then"),
    (r"a\nb", 1, "newline", "then"),
    (r"a\x0ab", 1, "newline", "then"),
    ("a\\\nb", 1, "newline", "then"),
    (r"a[\n]b", 2, "newline", "leave"),
    (r"a[^\s\S]b", 1, "matches nothing", ""),
    (r"foo^bar", 3, "^ not at the start", r"\^"),
    (r"foo$bar", 3, "$ not at the end", r"\$"),
    (r"(?:^a)*b", 3, "^ not at the start", ""),
    (r"(?:a$)?b", 4, "$ not at the end", ""),
    (r"(?:a|b$)c", 6, "$ not at the end", ""),
    ("a\\", 1, "ends with a backslash", ""),
    (r"\Afoo", 0, r"\A", "^"),
    (r"\p{L}x", 0, r"\p", ""),
    (r"a\0", 1, r"\0", r"\x00"),
    (r"a\x4", 3, "hexadecimal", ""),
    (r"[a-", 0, "without its ]", r"\["),
    ("[a\\", 0, "without its ]", r"\["),
    (r"x[]", 1, "without its ]", r"\["),
    (r"[z-a]", 1, "range", ""),
    (r"[a-\d]", 1, "range", ""),
    (r"[äö]x", 1, "inside a class", "(?:"),
    (r"[\b]", 1, "inside a class", ""),
    (r"[\x4]", 3, "hexadecimal", ""),
    (r"[[:alpha:]]", 1, "named class", "[a-z]"),
    (r"(ab", 0, "without its )", r"\("),
    (r"ab)", 2, "without its (", r"\)"),
    ("(" * 30 + "a" + ")" * 30, 21, "20 deep", ""),
    ("a\ud800", 1, "surrogate", ""),
]


@pytest.mark.parametrize(("pattern", "column", "what", "fix"), REFUSED, ids=[repr(row[0])[:30] for row in REFUSED])
def test_refused_with_its_place_and_advice(pattern: str, column: int, what: str, fix: str) -> None:
    with pytest.raises(PatternError) as refused:
        translate(pattern)
    assert what in refused.value.what
    assert fix in refused.value.fix
    assert refused.value.fix or not fix
    assert refused.value.column == column


def found(pattern: str, line: bytes, *, ignore_case: bool = False) -> bool:
    return re.search(translate(pattern, ignore_case=ignore_case).line.encode(), line, re.IGNORECASE if ignore_case else 0) is not None


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (r"a.b", b"a\xffb"),
        (r"a\sb", b"a\x0bb"),
        (r"a[^x]b", b"a\xe4b"),
        (r"[]a]x", b"]x"),
        (r"[^]a]x", b"bx"),
        (r"[a-]x", b"-x"),
        (r"[\w.-]+@", b"a-b.c@"),
        (r"[^\W\d]x", b"_x"),
        (r"a\x00b", b"a\x00b"),
        ("größe", "größe".encode()),
        ("ä+x", b"\xc3\xa4\xc3\xa4x"),
        (r"{\"a\"", b'{"a"'),
        (r"a\{2\}", b"a{2}"),
        (r"a{2,}", b"aaa"),
        (r"(?:\d{1,3}\.){3}\d", b"168.63.129.16"),
        (r"(?:/[^/ ]+)+", b"/var/log"),
        (r"(?:ä|ö)+", "ö".encode()),
        (r'"(?:[^"\\]|\\.)*"x', rb'"a\"b"x'),
        (r"foo$", b"foo\r"),
        (r"foo$", b"foo"),
    ],
)
def test_taken(pattern: str, line: bytes) -> None:
    assert found(pattern, line)


def test_case_is_ignored_for_other_letters_than_ascii_too() -> None:
    assert found("ÄRGER", "ärger".encode(), ignore_case=True)
    assert found("ärger", "ÄRGER".encode(), ignore_case=True)
    assert not found("ärger", "ÄRGER".encode())
    assert not found("straße", b"STRASSE", ignore_case=True), "only the two spellings of one letter"
    assert not found("x[^a]y", b"xAy", ignore_case=True)
    assert not found(r"x[^b-\xff]y", b"xby", ignore_case=True), "a complement is taken after the case is folded"


def test_names_stay_in_the_line_form_only() -> None:
    made = translate(r"code (?P<code>\d+), (\w+)")
    match = re.search(made.line.encode(), b"code 42, abc")
    assert match is not None
    assert match.groupdict() == {"code": b"42"}
    assert made.names == {"code"}
    assert "?P" not in made.block


def test_the_value_before_the_end_is_free_of_the_carriage_return() -> None:
    match = re.search(translate(r"code (?P<code>\S+)$").line.encode(), b"code 42\r")
    assert match is not None
    assert match["code"] == b"42"


@pytest.mark.parametrize(
    ("pattern", "block"),
    [
        (r"foo\S+", r"foo[^\x09-\x0d ]"),
        (r"foo.*", "foo"),
        (r"foo.*?", "foo"),
        (r"foo(?:ab)+", "foo(?:ab)"),
        (r"foo(?:ab\d+){3}", r"foo(?:ab[0-9]+){2}(?:ab[0-9])"),
        (r"foo(?:a|x*)", "foo"),
        (r"foo(?:a*|b)(?:\s*|c)", "foo"),
        (r"foo(?:ab*|cd?)", "foo(?:a|c)"),
        (r"foo.*$", r"foo[^\n]*\r?$"),
        (r"foo(?:$|x)", r"foo(?:\r?$|x)"),
    ],
)
def test_greedy_tails_are_cut_off(pattern: str, block: str) -> None:
    assert translate(pattern).block == block


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [("abcdef", 6), (r"ab.cdef", 4), (r"ab|cdef", 2), (r"ab(?:cdef)?", 2), (r"x(?:abc|de)", 2), (r"\d+", 0), ("[.]a", 2), ("größe", 5), (r"a{3}bc", 2)],
)
def test_literal_says_how_selective_a_pattern_is(pattern: str, literal: int) -> None:
    assert translate(pattern).literal == literal


@pytest.mark.parametrize("pattern", [r"^foo", r"(?:^foo|bar)", r"\bfoo", r"(?:\b|x)foo"])
def test_a_floating_pattern_finds_its_field_anywhere_in_the_line(pattern: str) -> None:
    """`^` is the start of the field there; the word that comes before it in the line must not hide it."""
    matcher = compile_patterns([Pattern(translate(pattern, floating=True).block)], engine="re")
    assert matcher.scan(memoryview(b"INFOfoo\n"))


@given(st.text(max_size=30))
@settings(max_examples=50)
@example("a.b*c+?^$()[]{}|\\/ äß\x00\t'\"#")
def test_escaped_text_matches_itself_only(text: str) -> None:
    if not text or "\n" in text or any("\ud800" <= char <= "\udfff" for char in text):
        with pytest.raises(PatternError):
            translate(escaped(text))
        return
    line = translate(escaped(text)).line.encode()
    assert re.fullmatch(line, text.encode())
    assert not re.fullmatch(line, text.encode() + b"x")


@given(st.text(st.sampled_from(list("ab\\xns()[]{}|^$.*+?:<>P=!,0123-ä\n\ud800")), max_size=25))
@settings(max_examples=1000)
def test_hostile_patterns_raise_nothing_but_pattern_errors(text: str) -> None:
    columns: list[int] = []
    try:
        made = translate(text)
    except PatternError as error:
        columns.append(error.column)
    if columns:
        assert 0 <= columns[0] <= len(text)
        return
    re.compile(made.line.encode("ascii"))
    re.compile(made.block.encode("ascii"))
