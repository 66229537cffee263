"""Nothing stays untranslated: the report's own words, the sentences of the lower floors, and a whole report."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.knowledge.texts import Language
from backuptrace.report.document import Report
from backuptrace.report.messages_de import MESSAGES
from backuptrace.report.phrases import _filled, tongue
from backuptrace.report.phrases_de import PHRASES as GERMAN
from backuptrace.report.phrases_en import PHRASES as ENGLISH
from backuptrace.report.text import render

from .saying import ROOT, sentences

FIELD = re.compile(r"\{(\w*)\}")
SAME = {
    "defect",
    "defect.source",
    "head.portal",
    "os.linux",
    "os.windows",
    "fact.cloud_init",
    "fact.openssl",
    "fact.kernel",
    "fact.python",
    "fact.region",
    "fact.os_name",
    "id.container",
    "form.tar",
    "form.zip",
    "time.at",
    "clause.times",
    "gaps.row",
    "diff.event",
    "script.tells",
    "attempts.code",
    "timeline.uncertain",
    "coverage.basis",
    "explain.code",
    "explain.codes",
    "fleet.outcome",
    "fleet.vms.one",
    "fleet.vms.many",
}
"""Phrases that are names, or the same word in both languages."""
KEY = re.compile(r"[a-z]+(?:[.-][a-z-]+)*")
SAMPLES = Path(__file__).parents[2] / "sample_logs" / "linux"


def used() -> Iterator[tuple[str, str]]:
    """(key or beginning of a key, file:line) of every phrase that the source asks for."""
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (name := getattr(node.func, "attr", getattr(node.func, "id", ""))) in {"say", "count", "word"} and node.args:
                ends = {"say": [""], "count": [".one", ".many"], "word": ["."]}[name]
                first = node.args[0]
                places = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                for place in places:
                    if isinstance(place, ast.Constant) and isinstance(place.value, str) and KEY.fullmatch(place.value):
                        yield from ((place.value + end, f"{file.name}:{node.lineno}") for end in ends)
                    elif isinstance(place, ast.JoinedStr) and isinstance(place.values[0], ast.Constant):
                        yield str(place.values[0].value), f"{file.name}:{node.lineno}"


def test_both_tables_have_the_same_keys_and_fields() -> None:
    assert list(GERMAN) == list(ENGLISH)
    for key, text in ENGLISH.items():
        assert text.strip()
        assert GERMAN[key].strip()
        assert sorted(set(FIELD.findall(text))) == sorted(set(FIELD.findall(GERMAN[key]))), key


def test_every_phrase_is_translated() -> None:
    assert {key for key, text in ENGLISH.items() if GERMAN[key] == text} <= SAME


def test_no_phrase_is_asked_for_that_the_tables_lack() -> None:
    lacking = [(key, place) for key, place in used() if not (key in ENGLISH or any(name.startswith(key) and key.endswith((".", "-")) for name in ENGLISH))]
    assert lacking == []


def spelled() -> Iterator[str]:
    """Every text, and every beginning of one that is filled in, that the source spells outside of the tables."""
    for file in ROOT.rglob("*.py"):
        if not file.stem.endswith(("_en", "_de")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_every_phrase_is_asked_for() -> None:
    """By name, or by a beginning such as `diff.only-`; many keys go through a variable on their way."""
    keys = {key for key, _ in used()}.union(spelled())
    families = tuple(key for key in keys if re.fullmatch(r"[a-z]+\.[a-z.-]*[.-]|[a-z]+\.", key))
    given = {f"more.{name}.{end}" for name in ("causes", "commands") for end in ("one", "many")}  # by the callers of `_left_out`
    assert [key for key in ENGLISH if key not in keys | given and not key.startswith(families)] == []


def test_every_sentence_of_the_lower_floors_has_its_german() -> None:
    known = {FIELD.sub("{}", english) for english in MESSAGES}
    lacking = {text: place for text, place in sentences().items() if text not in known}
    assert lacking == {}, "add them to report/messages_de.py"


def test_german_sentences_keep_what_is_filled_in() -> None:
    for english, german in MESSAGES.items():
        assert sorted(FIELD.findall(english)) == sorted(FIELD.findall(german)), english
        assert german != english


@pytest.mark.parametrize(
    "english, german",
    [
        ("is a hard link in the archive; links are not followed", "ist ein fester Link im Archiv; Links wird nicht gefolgt"),
        (
            "the name climbs out of the bundle with '..'; the member was skipped",
            "der Name führt mit „..“ aus dem Paket hinaus; die Datei im Archiv wurde übergangen",
        ),
        ("cache not used: /tmp/x is a link", "Zwischenspeicher nicht verwendet: /tmp/x ist ein Link"),
        ("linux.a/b: 900 hits in var/log/x: y, text kept of 24", "linux.a/b: 900 Treffer in var/log/x: y, der Text von 24 ist aufgehoben"),
        ("a sentence that nobody knows", "a sentence that nobody knows"),
        ("", ""),
    ],
)
def test_what_is_filled_in_is_translated_too(english: str, german: str) -> None:
    assert tongue("de").told(english) == german
    assert tongue("en").told(english) == english


@pytest.mark.parametrize("language, text", [("en", "1,234,567 records"), ("de", "1.234.567 Datensätze")])
def test_numbers(language: Language, text: str) -> None:
    assert tongue(language).count("coverage.records", 1_234_567) == text


@pytest.mark.parametrize("outcome", ["explained", "recovered", "no-failure-seen", "unexplained", "cannot-tell"])
def test_a_german_report_holds_no_english_phrase(outcome: str, report_of: Callable[..., Report]) -> None:
    report = report_of(outcome)
    text = " ".join(render(msgspec.structs.replace(report, language="de"), show_all=True, width=200).split())
    stands = " ".join(msgspec.json.encode(report).decode().split())
    for key, phrase in ENGLISH.items():
        for piece in FIELD.split(phrase)[::2]:
            words = piece.strip(" ,.:;()")
            if len(words.split()) >= 3 and words not in GERMAN[key] and words not in stands:  # the document's own texts are not translated here
                assert words not in text, key


PROSE = {"basis", "sentence", "title", "explanation", "text", "why", "what", "why_it_matters", "message", "reached", "recognised", "caveats", "fix", "notes"}
"""Keys of the document that hold prose; `summary` where it is a milestone, `source` where it is missing."""
WORDS = re.compile(r"[A-Za-zÄÖÜäöüß]{3,}")
NAMES = re.compile(r"^[\w.() -]*(?:waagent\.log|extension\.log|\d)[\w.() -]*$")


def pairs(one: Any, other: Any, key: str = "", parent: str = "") -> Iterator[tuple[str, str, str]]:
    if isinstance(one, dict):
        for name in one:
            yield from pairs(one[name], other[name], name, key)
    elif isinstance(one, list) and key not in {"evidence", "facts"}:
        assert len(one) == len(other), key
        for left, right in zip(one, other, strict=True):
            yield from pairs(left, right, key, parent)
    elif isinstance(one, str) and (key in PROSE or (key == "source" and parent == "missing")):
        yield key, one, other


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())[::4])
def test_a_german_scan_says_nothing_in_english(name: str) -> None:
    import backuptrace

    kind: Literal["en", "de"]
    both = []
    for kind in ("en", "de"):
        report = backuptrace.scan(SAMPLES / name, code="GuestAgentSnapshotTaskStatusError", language=kind)
        assert report.language == kind
        both.append(msgspec.to_builtins(report))
        both[-1]["timeline"] = [{"text": row["summary"]} for row in both[-1]["timeline"] if row["kind"] == "milestone"]
    same = {(key, text) for key, text, other in pairs(*both) if text == other and len(WORDS.findall(text)) > 1 and not NAMES.match(text)}
    assert same == set()


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["{a}", "{b}", "%", "%s", "{", "}", "{a b}", " word ", "ä."]), max_size=8).map("".join),
    st.sampled_from(["x", "100 %", "{b}", 5, None]),
)
def test_fields_are_filled_and_nothing_else_changes(template: str, value: object) -> None:
    values = {"a": value, "b": "%s{a}"}
    assert _filled(template, values) == re.sub(r"\{([ab])\}", lambda found: str(values[found[1]]), template)
