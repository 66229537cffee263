"""The schema that ships is the one of the code, and every report obeys it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from backuptrace.report.document import Report
from backuptrace.report.schema import generate, schema_text, stored

VALIDATOR = jsonschema.Draft202012Validator(json.loads(stored()))


def test_the_shipped_schema_is_up_to_date() -> None:
    assert stored() == schema_text(), "run: python -m backuptrace.report.schema > src/backuptrace/report/report.schema.json"
    jsonschema.Draft202012Validator.check_schema(generate())


@pytest.mark.parametrize("outcome", ["explained", "recovered", "no-failure-seen", "unexplained", "cannot-tell"])
def test_every_report_obeys_the_schema(outcome: str, report_of: Callable[..., Report]) -> None:
    VALIDATOR.validate(json.loads(report_of(outcome).to_json()))


def _drop(document: dict[str, Any]) -> None:
    del document["problems"]


def _drop_inner(document: dict[str, Any]) -> None:
    del document["causes"][0]["evidence"][0]["line"]


def _status(document: dict[str, Any]) -> None:
    document["causes"][0]["status"] = "maybe"


def _time(document: dict[str, Any]) -> None:
    document["focus"]["from"] = "2026-11-22 03:10"


def _long(document: dict[str, Any]) -> None:
    document["causes"][0]["evidence"][0]["text"] = "x" * 2001


@pytest.mark.parametrize("damage", [_drop, _drop_inner, _status, _time, _long])
def test_the_schema_refuses_what_breaks_the_contract(damage: Callable[[dict[str, Any]], None], report: Report) -> None:
    document = json.loads(report.to_json())
    damage(document)
    assert not VALIDATOR.is_valid(document)


def test_the_schema_allows_further_keys(report: Report) -> None:
    document = json.loads(report.to_json())
    document["new"] = document["causes"][0]["new"] = 1
    assert VALIDATOR.is_valid(document)
