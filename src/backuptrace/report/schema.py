"""The JSON Schema of the report, generated from the structs of `document`; `report.schema.json` beside this file is its stored form.

After a change of `document`: `python -m backuptrace.report.schema > src/backuptrace/report/report.schema.json`.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from inspect import cleandoc
from typing import Any

import msgspec

from backuptrace.report.document import SCHEMA, Report

FILE = "report.schema.json"


def generate() -> dict[str, Any]:
    """The schema as plain data. Every key that the structs know is required, because the tool always writes all of them; further keys are allowed."""
    (reference,), parts = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    for part in parts.values():
        if "description" in part:
            part["description"] = cleandoc(part["description"])  # Python 3.13 and msgspec 0.23 strip docstrings themselves
        if "properties" in part:
            part["required"] = list(part["properties"])
            for value in part["properties"].values():
                value.pop("default", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA, **reference, "$defs": parts}


def schema_text() -> str:
    """The schema as it is stored."""
    return msgspec.json.format(msgspec.json.encode(generate()), indent=2).decode() + "\n"


def stored() -> str:
    """The schema that ships with the package."""
    return files(__package__).joinpath(FILE).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.stdout.write(schema_text())
