"""Objects of Azure in one spelling, and texts of labels as such objects."""

from __future__ import annotations

from typing import Any

import pytest

from backuptrace.readers import labelled, yamltext
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


def test_what_powershell_writes_on_one_line() -> None:
    assert folded({"A": ["@{Code=PowerState/running; Level=Info}"]}) == {"a": [{"code": "PowerState/running", "level": "Info"}]}


def test_properties_that_powershell_writes_on_one_line() -> None:
    assert folded({"LockId": "x", "Properties": "@{level=CanNotDelete; notes=no}"}) == {"lockid": "x", "level": "CanNotDelete", "notes": "no"}


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("3/2/2026 3:00:05 PM", "2026-03-02T15:00:05+00:00"),
        ("3/2/2026, 12:00:05.250 AM", "2026-03-02T00:00:05.250000+00:00"),
        ("3/2/2026 15:00:05", "3/2/2026 15:00:05"),
        ("02.03.2026 15:00:05", "2026-03-02T15:00:05+00:00"),
        ("13/2/2026 3:00:05 PM", "13/2/2026 3:00:05 PM"),
        ("2/03/2026 3:00:05 PM", "2/03/2026 3:00:05 PM"),
    ],
)
def test_times_that_tell_their_order(written: str, time: str) -> None:
    assert folded({"StartTime": written}) == {"starttime": time}


def test_yaml_is_text_only_and_without_aliases() -> None:
    assert yamltext.read("- id: /s\n  on: true\n  at: 2026-03-02\n  none: null\n  list:\n  - code: 1\n") == {
        "id": "/s",
        "on": "true",
        "at": "2026-03-02",
        "none": None,
        "list": [{"code": "1"}],
    }
    assert list(yamltext.items("\n- a: 1\n  b:\n  - c\n- a: 2\n")) == [(2, "- a: 1\n  b:\n  - c\n"), (5, "- a: 2\n")]
    assert list(yamltext.items("a:\n- b\n")) == [(1, "a:\n- b\n")]
    for bad in ("a: &a [x]\nb: [*a, *a]", "a: [", "[" * 5000, "? !!python/object/apply:os.system ['x']\n: 1\n- 2"):
        with pytest.raises(ValueError, match="Error"):
            yamltext.read(bad)


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
        ({"a": folded("@{Code=x; Statuses=System.Object[]}")}, True),
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
            {"vmagent": {"vmagentversion": "2.7", "statuses": [{"code": "A"}, {"code": "B"}]}},
        ),
        ("Error Code<br>UserErrorX<br/>Error Message<br>The &quot;x&quot;.<br>", {"errorcode": "UserErrorX", "errormessage": 'The "x".'}),
        ("<tr><td><b>Error code</b></td><td>UserErrorX</td></tr>", {"errorcode": "UserErrorX"}),
        ("**Error code**: UserErrorX <br>\n**Error message**: no <br>", {"errorcode": "UserErrorX", "errormessage": "no"}),
        ("just a text, without anything", {}),
    ],
)
def test_texts_of_labels(text: str, found: dict[str, Any]) -> None:
    read = labelled.read(text)
    assert {name: value for name, value in (read[0] if read else {}).items() if name in found} == found
    assert len(read) == bool(found)


STATUS = """
ResourceGroupName          : rg
Name                       : vm01
VMAgent                    :
  VmAgentVersion           : 2.7.41491.1100
  ExtensionHandlers[0]     :
    Type                   : Vendor.X
    Status                 :
      Code                 : ProvisioningState/failed
  Statuses[0]              :
    Code                   : ProvisioningState/succeeded
    DisplayStatus          : Ready
Extensions[0]              :
  Name                     : X
  Statuses[0]              :
    Code                   : ProvisioningState/failed/1
Statuses[0]                :
  Code                     : ProvisioningState/succeeded
Statuses[1]                :
  Code                     : PowerState/running
"""


def test_a_list_of_powershell_keeps_what_is_inside_what() -> None:
    (view,) = labelled.read(STATUS)
    assert view["vmagent"]["statuses"] == [{"code": "ProvisioningState/succeeded", "displaystatus": "Ready"}]
    assert view["extensions"] == [{"name": "X", "statuses": [{"code": "ProvisioningState/failed/1"}]}]
    assert [status["code"] for status in view["statuses"]] == ["ProvisioningState/succeeded", "PowerState/running"]


def test_several_objects_in_one_text() -> None:
    text = "Name : a\nLockId : /x\nProperties : @{level=CanNotDelete; notes=}\n\nName : b\nLockId : /y\n"
    assert [(one["name"], one["lockid"]) for one in labelled.read(text)] == [("a", "/x"), ("b", "/y")]
