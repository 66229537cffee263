"""`backuptrace why`: evidence to the byte for a supported cause, the failed clause and the nearest miss for another."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

from backuptrace.knowledge.eventexport import export
from backuptrace.knowledge.shapes import EventShape

from .conftest import Run

SAMPLES = Path(__file__).parents[2] / "sample_logs"
WIRESERVER = SAMPLES / "linux" / "wireserver-unreachable"


def page(run: Run, *arguments: str | Path) -> dict[str, Any]:
    done = run("why", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == "backuptrace.why/1"
    return found  # type: ignore[no-any-return]


def lines(part: dict[str, Any]) -> list[dict[str, Any]]:
    own = [item for one in part["selections"] for item in one["evidence"]]
    return own + [item for inner in part["parts"] for item in lines(inner)]


def test_evidence_of_a_supported_cause_leads_to_file_line_and_byte(run: Run) -> None:
    found = page(run, "wireserver-unreachable", WIRESERVER)
    assert found["status"] == "supported"
    first = found["verdicts"][0]
    assert (first["truth"], first["failed"]) == ("true", "")
    shown = lines(first["tree"])
    assert shown
    archive, member = shown[0]["source"].split("!")
    with tarfile.open(WIRESERVER / archive) as tar:
        content = (tar.extractfile(member) or []).read()  # type: ignore[union-attr]
    for item in shown:
        assert content[item["offset"] :].startswith(item["text"].split("\n")[0].encode())
        assert content.split(b"\n")[item["line"] - 1].decode() == item["text"].split("\n")[0]


def test_another_cause_tells_the_clause_that_failed(run: Run) -> None:
    found = page(run, "fsfreeze-failed", WIRESERVER)
    assert found["status"] == "no-evidence"
    assert found["verdicts"]
    for verdict in found["verdicts"]:
        assert verdict["truth"] != "true"
        assert verdict["failed"]
        assert verdict["miss"]


def test_a_near_miss_tells_how_near(run: Run, tmp_path: Path) -> None:
    """Two of the calls that a signature wants three times within an hour."""
    log = tmp_path / "near" / "var" / "log" / "waagent.log"
    log.parent.mkdir(parents=True)
    told = "".join(
        f"2026-11-22T03:{m:02}:00.000001Z INFO ExtHandler ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.11.1.4 is running as the goal state agent\n"
        for m in range(40)
    )
    fails = "".join(
        f"2026-11-22T04:{m:02}:40.000001Z ERROR ExtHandler ExtHandler Error fetching the goal state: [ProtocolError] [Wireserver Exception] [HttpError] "
        "[HTTP Failed] GET http://168.63.129.16/machine/?comp=goalstate -- IOError timed out -- 6 attempts made\n"
        for m in (0, 1)
    )
    log.write_text(told + fails)
    done = run("why", "wireserver-unreachable", tmp_path / "near")
    text = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "linux.network.wireserver-lost: no" in text
    assert "seen: 2, compared with 3" in text


def test_an_excuse_is_told_by_its_name(run: Run, tmp_path: Path) -> None:
    """AppLocker blocked the extension long before the attempts that the agent's log shows."""
    agent = tmp_path / "old" / "WindowsAzure" / "Logs" / "WaAppAgent.log"
    agent.parent.mkdir(parents=True)
    agent.write_text(
        "[00000020] 2025-02-23T01:00:00Z [HEART] WindowsAzureGuestAgent Heartbeat.\n"
        "[00000014] 2025-02-23T02:00:00Z [INFO]  Beginning enable of plugin Microsoft.Azure.RecoveryServices.VMSnapshot.\n"
        "[00000014] 2025-02-23T02:00:20Z [ERROR] Enable command of Microsoft.Azure.RecoveryServices.VMSnapshot has exited with Exit code: 1\n"
    )
    event = EventShape(
        time="2025-02-03T02:10:07Z",
        channel="Microsoft-Windows-AppLocker/EXE and DLL",
        provider="Microsoft-Windows-AppLocker",
        event_id=8004,
        level="error",
        data={"FilePath": r"%OSDRIVE%\PACKAGES\PLUGINS\MICROSOFT.AZURE.RECOVERYSERVICES.VMSNAPSHOT\1.0.90.0\IAASBCDREXTENSION.EXE"},
    )
    (tmp_path / "old" / "applocker.xml").write_text(export([event]))
    english, german = (run("why", "application-control", tmp_path / "old", "--lang", lang, "--width", "120").stdout.decode() for lang in ("en", "de"))
    assert "failed  its exception holds: long_before_backup(applocker)\n" in english
    assert "[yes] long_before_backup(applocker): the first of these, unless the second is known:\n" in english
    assert "gescheitert  die Ausnahme davon trifft zu: long_before_backup(applocker)\n" in german
    assert "[ja] long_before_backup(applocker): das erste davon, falls nicht das zweite bekannt ist:\n" in german
    assert page(run, "application-control", tmp_path / "old")["verdicts"][0]["miss"] == ""


def test_german_and_hints_for_misspelt_causes(run: Run) -> None:
    german = run("why", "wireserver_unreachable", WIRESERVER, "--lang", "de").stdout.decode()
    assert "belegt, Vertrauen hoch" in german or "belegt" in german
    assert "Byte" in german
    wrong = run("why", "wireserver-unreachble", WIRESERVER)
    assert wrong.returncode == 2
    assert b"did you mean wireserver-unreachable" in wrong.stderr


def test_secrets_reach_no_page(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "case" / "var" / "log" / "waagent.log"
    log.parent.mkdir(parents=True)
    secret = "sig=q7xN2mZr9Pw4VtKs8LbYh3Fd6Gj1Rc5Ae0Uo%2BTiQ%3D"
    log.write_text(
        "2026-11-22T03:00:01.000001Z INFO Daemon Daemon Azure Linux Agent Version: 2.11.1.4\n"
        "2026-11-22T03:01:40.000002Z INFO Daemon Daemon Protocol endpoint not found: [ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] "
        f"GET http://168.63.129.16/?sv=2020-04-08&{secret} -- IOError timed out -- 6 attempts made\n"
    )
    for arguments in (("--format", "json"), ("--width", "100")):
        done = run("why", "wireserver-unreachable", tmp_path / "case", *arguments)
        assert done.returncode == 0, done.stderr
        assert b"IOError timed out" in done.stdout
        assert secret[4:].encode() not in done.stdout
