"""A knowledge file is plain data; everything else is refused with its place."""

from __future__ import annotations

import msgspec
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backuptrace.errors import Fault
from backuptrace.knowledge import yamlfile
from backuptrace.knowledge.library import sources
from backuptrace.knowledge.yamlfile import KnowledgeFile


def loaded(text: str | bytes) -> KnowledgeFile:
    faults: list[Fault] = []
    file = yamlfile.read("f.yml", text.encode() if isinstance(text, str) else text, faults)
    assert file is not None, faults
    assert not faults
    return file


def refused(raw: bytes) -> Fault:
    faults: list[Fault] = []
    assert yamlfile.read("f.yml", raw, faults) is None
    (fault,) = faults
    return fault


@pytest.mark.parametrize(
    ("raw", "place", "what"),
    [
        (b"a: &x 1\nb: *x\n", "2:4", "alias *x"),
        (b"a: [*x]\n", "1:5", "alias *x"),
        (b"&x a: 1\n*x : 2\n", "2:1", "alias *x"),
        (b'a: !!int "5"\n', "1:4", "tag"),
        (b"a:\n  - !foo 5\n", "2:5", "tag !foo"),
        (b"a: ! 5\n", "1:4", "tag"),
        (b"!!python/object/apply:os.system [x]\n", "1:1", "tag"),
        (b"a: !!binary eA==\n", "1:4", "tag"),
        (b"a: 1\nb: 2\na: 3\n", "3:1", "'a' stands twice"),
        (b"a:\n  b: {c: 1, c: 2}\n", "2:13", "'c' stands twice"),
        (b"a: 1\n---\nb: 2\n", "2:1", "another document"),
        (b"a: 1\n" * 300_000, "1:1", "larger than"),
        (b"[" * 1_000_000, "1:31", "nested more than 30"),
        (b"- " * 5000 + b"x", "1:61", "nested more than 30"),
        (b"a: {" * 40, "1:117", "nested more than 30"),
        (b"\xff\xfea\x00", "1:1", "no UTF-8"),
        (b"a: 1\nb: \xe4\n", "2:4", "no UTF-8"),
        (b"a: \x1b[0m\n", "1:4", "U+001B"),
        (b"a: 1\nb: \x00\n", "2:4", "U+0000"),
        (b'a: "\\ud800"\n', "1:4", "surrogate"),
        (b'a: "\\U00110000"\n', "1:1", "no valid YAML"),
        (b"a: [1\nb: 2\n", "2:2", "no valid YAML"),
        (b"a: b: c\n", "1:5", "mapping values"),
        (b"a:\n\t- b\n", "2:1", "cannot start"),
        (b"? [a]\n: 1\n", "1:3", "a key must be plain"),
        (b"? {a: 1}\n: 1\n", "1:3", "a key must be plain"),
    ],
)
def test_refused_with_its_place(raw: bytes, place: str, what: str) -> None:
    fault = refused(raw)
    assert what in fault.what
    assert fault.where == f"f.yml:{place}"

    if b"[" * 40 not in raw:  # no file of ours is that deep
        faults: list[Fault] = []
        assert yamlfile.read("f.yml", raw, faults, ours=True) is None
        assert faults == [fault]


def test_the_quick_reader_finds_in_our_files_what_the_other_one_finds() -> None:
    quick = 0
    for source in sources():
        one, other = (yamlfile.read(source.name, source.raw, [], ours=ours) for ours in (True, False))
        assert one is not None
        assert other is not None
        assert (one.data, one._marks) == (other.data, other._marks)
        quick += yamlfile._quickly(source.raw) is not None
    assert quick > 300 or not yaml.__with_libyaml__


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("y", "y"), ("n", "n"), ("yes", "yes"), ("No", "No"), ("on", "on"), ("OFF", "OFF"),
        ("true", True), ("False", False), ("TRUE", True), ("'true'", "true"),
        ("null", None), ("~", None), ("", None), ("'null'", "null"), ('"~"', "~"), ("''", ""),
        ("5", 5), ("-5", -5), ("0", 0), ("'5'", "5"), ("010", "010"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("1:30", "1:30"), ("+5", "+5"), ("9" * 5000, "9" * 5000),
        ("1.50", "1.50"), (".inf", ".inf"), ("2026-11-25", "2026-11-25"), ("<<", "<<"), ("=", "="),
        ("'a: b'", "a: b"), ('"\\x1b"', "\x1b"), ("größe", "größe"),
    ],
)  # fmt: skip
def test_values_are_what_they_look_like(written: str, value: object) -> None:
    data = loaded(f"a: {written}\n").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_keys_stay_text() -> None:
    assert loaded("5: a\non: b\nnull: c\n<<: {x: 1}\n").data == {"5": "a", "on": "b", "null": "c", "<<": {"x": 1}}


def test_a_byte_order_mark_and_crlf_are_taken() -> None:
    file = loaded(b"\xef\xbb\xbfa: 1\r\nb: x\r\n")
    assert file.data == {"a": 1, "b": "x"}
    assert file.place("$.b") == "f.yml:2:4"


def test_an_empty_file_holds_nothing() -> None:
    assert loaded("# only a comment\n").data is None


MARKED = """\
id: x
verdicts:
  - when: a and bb
    why: "quoted when"
  - {when: 'c then d', n: 5}
  - when: >
      folded
      text
  - when: plain over
      two lines
empty:
"""


@pytest.mark.parametrize(
    ("path", "column", "place"),
    [
        ("$", 0, "1:1"),
        ("$.id", 0, "1:5"),
        ("$.verdicts", 0, "3:3"),
        ("$.verdicts[0]", 0, "3:5"),
        ("$.verdicts[0].when", 0, "3:11"),
        ("$.verdicts[0].when", 6, "3:17"),
        ("$.verdicts[0].why", 0, "4:10"),
        ("$.verdicts[0].why", 3, "4:14"),  # the quote itself is no character of the text
        ("$.verdicts[1].when", 2, "5:15"),
        ("$.verdicts[1].n", 0, "5:27"),
        ("$.verdicts[2].when", 9, "6:11"),  # spread over lines: the start
        ("$.verdicts[3].when", 9, "9:11"),
        ("$.empty", 0, "11:7"),
        ("$.verdicts[0].unknown.deeper[3]", 0, "3:5"),
        ("$.nothing", 0, "1:1"),
        ("no path at all", 0, "1:1"),
    ],
)
def test_places(path: str, column: int, place: str) -> None:
    assert loaded(MARKED).place(path, column) == f"f.yml:{place}"


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    n: int


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    items: list[Inner] = []
    table: dict[str, Inner] = {}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id: 5\n", "1:5"),
        ("id: a\nitems:\n  - n: x\n", "3:8"),
        ("id: a\nitems:\n  - n: 1\n    m: 2\n", "4:5"),
        ("id: a\nitens: []\n", "2:1"),
        ("items: []\n", "1:1"),
        ("id: a\ntable:\n  k: {n: x}\n", "3:10"),
        ("- a\n", "1:1"),
        ("# nothing\n", "1:1"),
    ],
)
def test_a_wrong_shape_becomes_a_fault_with_its_place(text: str, place: str) -> None:
    faults: list[Fault] = []
    assert loaded(text).convert(Outer, faults) is None
    (fault,) = faults
    assert fault.what
    assert fault.where == f"f.yml:{place}"


def test_a_right_shape_is_converted() -> None:
    faults: list[Fault] = []
    assert loaded("id: a\nitems: [{n: 1}]\n").convert(Outer, faults) == Outer("a", [Inner(1)])
    assert not faults


@given(st.one_of(st.binary(max_size=60), st.text(st.sampled_from(list("ab:-[]{}&*!|>'\"\\ux0%@`#,?\n\t ~=<1")), max_size=40).map(str.encode)))
@settings(max_examples=600, deadline=None)
@example(b'a: "\\Uffffffff"')
@example(b"%YAML 9.9\n---\na: 1")
@example(b"? " * 200)
def test_hostile_bytes_become_faults_only(raw: bytes) -> None:
    faults: list[Fault] = []
    file = yamlfile.read("f.yml", raw, faults)
    assert (file is None) == bool(faults)
    if file is not None:
        assert msgspec.json.decode(msgspec.json.encode(file.data)) == file.data
