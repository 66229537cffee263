"""Events as JSON, of Windows PowerShell and of PowerShell 7."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backuptrace.model import UTC_CLOCK, utc_text
from backuptrace.readers.exports import sniff

from .conftest import Read

EVENT: dict[str, Any] = {
    "Id": 8229,
    "Level": 3,
    "ProviderName": "VSS",
    "LogName": "Application",
    "RecordId": 4711,
    "MachineName": "vm01",
    "TimeCreated": "/Date(1740276607123)/",
    "LevelDisplayName": "Warnung",
    "Properties": [{"Value": "0x800423f4, The writer experienced a non-transient error."}, {"Value": ""}],
    "Message": "a text in any language",
}
OLD = {"EventID": 7034, "EntryType": 1, "Source": "Service Control Manager", "InstanceId": 3221232506, "Index": 7, "TimeGenerated": "/Date(1740276607000)/"} | {
    "Message": "x", "ReplacementStrings": ["RdAgent", "1"]
}  # fmt: skip
TIMES = ["/Date(1740276607123)/", "2025-02-23T03:10:07.123+01:00", {"value": "/Date(1740276607123)/", "DisplayHint": 2, "DateTime": "Sonntag"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("single", [True, False])
def test_an_event(read_export: Read, time: object, encoding: str, *, single: bool) -> None:
    event = EVENT | {"TimeCreated": time}
    found, account = read_export(json.dumps(event if single else [event, event], indent=4).replace("/Date", "\\/Date").encode(encoding))
    assert len(found) == (1 if single else 2)
    assert (utc_text(found[0].time), found[0].clock) == ("2025-02-23T02:10:07.123000Z", UTC_CLOCK)
    assert (found[0].provider, found[0].event_id, found[0].level, found[0].channel, found[0].computer, found[0].number) == (
        "VSS",
        8229,
        3,
        "Application",
        "vm01",
        4711,
    )
    assert "0x800423f4" in str(found[0].data)
    assert account.problems == []


def test_an_entry_of_the_old_command(read_export: Read) -> None:
    found, _ = read_export(json.dumps([OLD]).encode())
    assert [(e.provider, e.event_id, utc_text(e.time)) for e in found] == [("Service Control Manager", 7034, "2025-02-23T02:10:07.000000Z")]
    assert "RdAgent" in str(found[0].data)


def test_what_is_no_event_is_told(read_export: Read) -> None:
    text = json.dumps([EVENT, {"a": 1}, EVENT])[:-1] + ', {"Id": tru'
    found, account = read_export(text.encode())
    assert [event.event_id for event in found] == [8229, 8229]
    assert sorted(problem.kind for problem in account.problems) == ["export-broken-record", "export-cut"]


@pytest.mark.parametrize(
    "other",
    [
        {"name": "disk", "Id": "/subscriptions/s", "TimeCreated": "2025-02-23T02:10:07Z", "ProvisioningState": "Succeeded"},
        {"Id": "/subscriptions/s", "Source": {"Id": "/subscriptions/s/vm"}, "TimeCreated": "2025-02-23T02:10:07Z"},
    ],
)
def test_objects_of_azure_are_none(other: dict[str, Any]) -> None:
    found = sniff(json.dumps([other]).encode())
    assert found is None or found.kind != "json"
