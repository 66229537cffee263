"""The JSON Schemas: as the shapes say, accepting all built-in files and refusing what the loader refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backuptrace.knowledge import describing, schemas, yamlfile
from backuptrace.knowledge.library import sources
from backuptrace.knowledge.schemas import KINDS, made, shipped

jsonschema = pytest.importorskip("jsonschema", reason="pip install -e '.[test]'")
TABLES = ("confidence.yml", "releases.yml")
"""Files that are written by programs or hold one table; they have no schema of their own."""
FILES = [item for item in sources() if item.path not in TABLES]


def kind_of(path: str, folder: str) -> str:
    if folder == "parsers":
        return "events" if path.startswith("windows/events/") else "format"
    if path == "releases.yml":
        return "releases"
    return "cause" if path.startswith("causes/") else "code" if path.startswith("errors/") else "signature"


def errors(kind: str, data: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in jsonschema.Draft202012Validator(json.loads(shipped(kind))).iter_errors(data)]


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_shipped_schema_is_what_the_shapes_say(kind: str) -> None:
    assert json.loads(shipped(kind)) == made(kind), "run: python -m backuptrace.knowledge.schemas"
    jsonschema.Draft202012Validator.check_schema(json.loads(shipped(kind)))


@pytest.mark.parametrize("item", FILES, ids=[item.name for item in FILES])
def test_built_in_file_fits(item: Any) -> None:
    loaded = yamlfile.read(item.name, item.raw, [])
    assert loaded
    assert errors(kind_of(item.path, item.folder), loaded.data) == []


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_key_is_described(kind: str) -> None:
    bare = [
        f"{name}.{key}"
        for name, definition in made(kind)["$defs"].items()
        for key, value in definition.get("properties", {}).items()
        if not value.get("description")
    ]
    assert not bare, "add a sentence in knowledge/describing.py"


def test_no_description_of_a_key_that_is_gone() -> None:
    known = {(name, key) for kind in KINDS for name, definition in made(kind)["$defs"].items() for key in definition.get("properties", {})}
    told = {(name, key) for name, keys in describing.NOTES.items() for key in keys if name in {shape for shape, _ in known}}
    assert told <= known


GOOD: dict[str, Any] = {
    "schema": 1,
    "id": "linux.x",
    "title": "T",
    "select": {"failed": {"source": "waagent", "message|contains": "words"}, "start": {"milestone": "waagent.agent-start"}},
    "verdicts": [{"cause": "dhcp", "when": "failed and start", "why": "W."}],
}


def test_a_minimal_signature_fits() -> None:
    assert errors("signature", GOOD) == []


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"tittle": "T"},
        {"status": "stabel"},
        {"verdicts": []},
        {"verdicts": [{"cause": "dhcp", "why": "W."}]},
        {"select": {}},
        {"select": {"failed": {"message|contains": "words"}}},
        {"select": {"failed": {"source": "waagent"}}},
        {"select": {"within": {"source": "waagent", "message": "x"}}},
        {"select": {"failed": {"source": "waagent", "message|begins": "x"}}},
        {"tests": [{"name": "n", "expect": "maybe", "files": {}}]},
    ],
)
def test_mistakes_do_not_fit(change: dict[str, Any]) -> None:
    assert errors("signature", {**GOOD, **change})


def test_modifiers_and_words_are_those_of_the_language() -> None:
    from backuptrace.knowledge.selections import MODIFIERS
    from backuptrace.knowledge.when import KEYWORDS

    text = json.dumps(made("signature"))
    assert "|".join(MODIFIERS) in text
    assert all(f"|{word}" in text or f"({word}" in text or f":{word}" in text for word in KEYWORDS)
    assert schemas.text("signature") == shipped("signature")
