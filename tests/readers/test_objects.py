"""Objects of Azure in one spelling, and texts of labels as such objects."""

from __future__ import annotations

from typing import Any

import pytest

from backuptrace.readers import labelled
from backuptrace.readers.folding import MAX_DEPTH, folded, lost


def test_names_lose_their_case_and_properties_dissolve() -> None:
    assert folded({"Id": 1, "Properties": {"Level": "x", "ID": 2, "properties": {"deep": [{"Properties": {"A": None}}]}}}) == {
        "id": 1,
        "level": "x",
        "deep": [{"a": None}],
    }


def test_a_null_of_the_object_itself_yields_to_its_properties() -> None:
    assert folded({"state": None, "properties": {"state": "Failed"}}) == {"state": "Failed"}


def test_dates_of_powershell() -> None:
    assert folded({"Time": "/Date(1667952000500)/"}) == {"time": "2022-11-09T00:00:00.500000+00:00"}
    assert folded("/Date(9999999999999999)/") == "/Date(9999999999999999)/"


def test_what_is_nested_without_end_ends() -> None:
    deep: Any = "x"
    for _ in range(MAX_DEPTH + 20):
        deep = {"properties": deep, "a": deep} if isinstance(deep, str) else {"a": deep}
    assert "x" not in repr(folded(deep))


@pytest.mark.parametrize(
    ("value", "is_lost"),
    [
        ({"a": ["Microsoft.Azure.Management.Compute.Models.InstanceViewStatus"]}, True),
        ({"a": "System.Collections.Generic.List`1[Microsoft.Azure.X]"}, True),
        ({"a": "@{Code=PowerState/running; Level=Info}"}, True),
        ({"type": "Microsoft.Azure.RecoveryServices.VMSnapshot", "b": "System is fine"}, False),
    ],
)
def test_values_that_powershell_left_out(value: Any, is_lost: bool) -> None:
    assert lost(value) is is_lost


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Error Code: UserErrorX\nError Message: It failed: badly.\n", {"errorcode": "UserErrorX", "errormessage": "It failed: badly."}),
        ("Error Code\nUserErrorX\n\nError Message\nIt failed.\n", {"errorcode": "UserErrorX", "errormessage": "It failed."}),
        ("Fehlercode: UserErrorX\nEmpfohlene Aktion: Warten", {"errorcode": "UserErrorX", "recommendedaction": "Warten"}),
        ("ErrorCode    : 400239\r\nErrorMessage : no\r\n", {"errorcode": "400239", "errormessage": "no"}),
        ("ERROR: (ScopeLocked) It is locked.\nCode: ScopeLocked", {"error": {"code": "ScopeLocked", "message": "It is locked."}, "code": "ScopeLocked"}),
        ('trace {"error":{"code":"ScopeLocked","message":"It\'s locked"}}', {"error": {"code": "ScopeLocked", "message": "It's locked"}}),
        (
            "VMAgent :\n  VmAgentVersion : 2.7\n  Statuses[0] :\n    Code : A\n  Statuses[1] :\n    Code : B\n",
            {"vmagentversion": "2.7", "statuses": [{"code": "A"}, {"code": "B"}]},
        ),
        ("just a text, without anything", {}),
    ],
)
def test_texts_of_labels(text: str, found: dict[str, Any]) -> None:
    read = labelled.read(text)
    assert {name: value for name, value in read.items() if name in found} == found
    assert found or not read
