"""JSON Schemas of the data files, made from their shapes: an editor completes and checks with them (docs/signatures.md).

The schema files in `schemas/` are shipped; a test holds them equal to what this module makes. Write them anew with
`python -m backuptrace.knowledge.schemas`.
"""

from __future__ import annotations

import json
from importlib.resources import files
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from backuptrace.knowledge import when as ast
from backuptrace.knowledge.definitions import HEAD
from backuptrace.knowledge.describing import NOTES
from backuptrace.knowledge.eventdict import EventsShape
from backuptrace.knowledge.selections import MODIFIERS
from backuptrace.knowledge.shapes import CauseShape, CodeShape, FormatShape, ReleasesShape, SignatureShape

KINDS: dict[str, Any] = {
    "signature": SignatureShape, "format": FormatShape, "cause": CauseShape, "code": CodeShape, "releases": ReleasesShape, "events": EventsShape,
}  # fmt: skip
_BASE = "https://json-schema.org/draft/2020-12/schema"
_NO_WORD = f"^(?!(?:{'|'.join(sorted(ast.KEYWORDS))})"
_NAME = f"{_NO_WORD}$)[A-Za-z_][A-Za-z0-9_]*$"
_DEFINED = rf"{_NO_WORD}(?:\(|$)){HEAD}$"
_DURATION = "^([0-9]{1,9}[smhd])?$"
_CONDITION = rf"^[^|]+(\|({'|'.join(MODIFIERS)}))*$"


def made(kind: str) -> dict[str, Any]:
    """The schema of one kind of file, from its shape."""
    schema: dict[str, Any] = msgspec.json.schema(KINDS[kind])
    definitions = schema.get("$defs", {})
    for name, definition in definitions.items():
        definition["description"] = cleandoc(definition["description"])  # Python 3.13 strips docstrings itself
        for key, value in definition.get("properties", {}).items():
            if told := NOTES.get(name, {}).get(key):
                definition["properties"][key] = {"description": told, **value}
    _narrow(definitions)
    return {"$schema": _BASE, "title": f"backuptrace {kind}", **schema}


def _narrow(definitions: dict[str, Any]) -> None:
    """What the loader checks beyond the shape, as far as a schema can say it."""
    selection = {
        "description": "which records: `source` (or `milestone`), then conditions `field|modifier: value`; all must hold, a list means any of its values",
        "propertyNames": {"pattern": _CONDITION},
        "properties": {
            "source": {"type": "string", "description": "id of a format in parsers/"},
            "milestone": {"type": "string", "description": "format.name of a milestone that the format declares"},
        },
    }
    if "SignatureShape" in definitions:
        properties = definitions["SignatureShape"]["properties"]
        properties["select"]["propertyNames"] = {"pattern": _NAME}
        properties["define"]["propertyNames"] = {"pattern": _DEFINED}
        value = properties["select"]["additionalProperties"]
        either = [{"required": ["source"], "minProperties": 2}, {"required": ["milestone"]}]
        properties["select"]["additionalProperties"] = {**value, **selection, "anyOf": either}
        properties["select"]["minProperties"] = properties["verdicts"]["minItems"] = 1
    if "FormatShape" in definitions:
        definitions["FormatShape"]["properties"]["heartbeat"]["pattern"] = _DURATION
        match = definitions["MilestoneShape"]["properties"]["match"]
        match["propertyNames"], match["minProperties"] = {"pattern": _CONDITION}, 1


def shipped(kind: str) -> str:
    """The text of the schema file in the package."""
    return (files(__package__) / "schemas" / f"{kind}.schema.json").read_text("utf-8")


def text(kind: str) -> str:
    """The schema as the file holds it."""
    return json.dumps(made(kind), indent=2, ensure_ascii=False) + "\n"


def write_all() -> None:
    """Writes every schema file anew."""
    folder = Path(__file__).parent / "schemas"
    folder.mkdir(exist_ok=True)
    for kind in KINDS:
        (folder / f"{kind}.schema.json").write_text(text(kind), encoding="utf-8")


if __name__ == "__main__":
    write_all()
