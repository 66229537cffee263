"""`backuptrace explain`, `backuptrace causes list` and `--lang`, as people run them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def words(done: subprocess.CompletedProcess[bytes]) -> str:
    assert done.returncode == 0, done.stderr.decode()
    return " ".join(done.stdout.decode().split())


@pytest.mark.parametrize("name", ["UserErrorRpCollectionLimitReached", "usererrorrpcollectionlimitreached"])
def test_a_code_names_its_causes_in_the_documented_order(run: Run, name: str) -> None:
    text = words(run("explain", name))
    parts = [
        "CODE UserErrorRpCollectionLimitReached",
        "The Restore Point collection max limit has reached",
        "1. A lock keeps old restore points",
        "rp-collection-lock",
    ]
    parts += ["2. Too many restore points", "rp-collection-limit", "SOURCE", "published 2025-11-12, checked 2026-", "https://learn.microsoft.com/azure/backup/"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize("number, code", [("320001", "ResourceNotFound"), ("402", "GuestAgentInvokedCommandTooLate"), ("123", "UserErrorUnableToOpenMount")])
def test_a_number_is_understood(run: Run, number: str, code: str) -> None:
    text = words(run("explain", number))
    assert f"CODE {code}" in text
    assert number in text


def test_a_cause_tells_what_to_do_what_proves_it_and_what_to_run(run: Run) -> None:
    text = words(run("explain", "wireserver_unreachable"))
    parts = ["CAUSE wireserver-unreachable", "WHAT TO DO", "WHAT PROVES IT", "WHAT REFUTES IT", "COMMANDS THAT TELL MORE"]
    parts += ["sudo nft list ruleset", "MIND", "SOURCE"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "Linux: Test from the VM" in text
    assert "Windows: Test from the VM" in text


def test_a_cause_in_german(run: Run) -> None:
    text = words(run("explain", "selinux", "--lang", "de"))
    assert "URSACHE selinux" in text
    assert "SELinux verweigert dem Agent den Zugriff" in text
    assert "WAS DAGEGEN SPRICHT" in text
    assert "Linux: " not in text, "only one system: not said again and again"


def test_a_page_as_json(run: Run) -> None:
    cause = json.loads(run("explain", "dhcp", "--format", "json", "--lang", "de").stdout)
    assert (cause["kind"], cause["id"], cause["language"]) == ("cause", "dhcp", "de")
    assert {"os", "text"} == set(cause["proves"][0])
    assert all(command["command"] for command in cause["commands"])
    code = json.loads(run("explain", "UserErrorKeyVaultPermissionsNotConfigured", "--format", "json").stdout)
    assert (code["kind"], code["causes"][0]["id"]) == ("code", "keyvault-permissions")


def test_a_typo_gets_a_suggestion_and_status_2(run: Run) -> None:
    done = run("explain", "UserErrorFsFrezeFailed")
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"did you mean UserErrorFsFreezeFailed" in done.stderr
    assert run("explain", "zzzzzz").returncode == 2


def test_the_list_of_causes(run: Run) -> None:
    lines = run("causes", "list", "--width", "100").stdout.decode().splitlines()
    assert sum(1 for line in lines if line.startswith(("wireserver-unreachable  ", "dhcp  ", "vss-writer  "))) == 3
    assert lines[-1] == "45 causes"
    assert "DHCP ist in der VM abgeschaltet" in run("causes", "list", "--lang", "de").stdout.decode()


def test_old_sources_are_listed_with_their_dates(run: Run) -> None:
    lines = run("causes", "list", "--stale", "--width", "120").stdout.decode().splitlines()
    assert any(line.startswith("2021-04") and line.endswith("clock-wrong") for line in lines)
    assert any("rest on a source older than 365 days on " in line for line in lines)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_pages_fit_the_width(run: Run, width: int) -> None:
    for name in ("dhcp", "GuestAgentSnapshotTaskStatusError"):
        for line in run("explain", name, "--width", str(width)).stdout.decode().splitlines():
            assert len(line) <= width or line.startswith("    ") or "://" in line or "`" in line, line


def test_a_scan_in_german(run: Run, bundle: Path) -> None:
    text = words(run("scan", bundle, "--lang", "de"))
    assert text.startswith("Eine Sicherung kann hier nicht gelingen: 168.63.129.16 ist nicht erreichbar.")
    assert "WAS ZU TUN IST" in text
    document = json.loads(run("scan", bundle, "--lang", "de", "--format", "json").stdout)
    assert document["language"] == "de"
    assert document["causes"][0]["title"] == "168.63.129.16 ist nicht erreichbar"
    assert document["verdict"]["outcome"] == "explained", "ids and codes stay"


def test_another_language_is_wrong_usage(run: Run, bundle: Path) -> None:
    assert run("scan", bundle, "--lang", "fr").returncode == 2


def test_a_zone_puts_local_time_beside_utc(run: Run, bundle: Path) -> None:
    text = words(run("scan", bundle, "--tz", "+05:30"))
    assert "2026-11-22 03:01:40 UTC (08:31:40 local)" in text
