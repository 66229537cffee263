"""Two weeks of a busy Windows server whose backups run well: noise of every day, restarts for updates, crashes of other programs.

As event logs and as exports, alone and beside the logs of the agent and of the extension.
"""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import windowsbundles as bundles
from eventforms import Told
from evtxwriter import Entry, written
from windowstexts import Language, told

from backuptrace.api import ScanOptions, scan_with
from backuptrace.knowledge.loading import load

START = 1_795_393_984_000_000
HOUR = 3600 * 1_000_000
DAYS = 14
SCM, DCOM, UPDATES = "Service Control Manager", "Microsoft-Windows-DistributedCOM", "Microsoft-Windows-WindowsUpdateClient"


def named(*values: str) -> list[tuple[str, str | int | bytes]]:
    return [(f"param{n}", value) for n, value in enumerate(values, 1)]


def classic(*values: str) -> list[tuple[str, str | int | bytes]]:
    return [("", value) for value in values]


def fortnight() -> tuple[list[Entry], list[Entry]]:
    """(System, Application), in the order of time."""
    rng = random.Random(7)
    found: list[tuple[int, str, str, int, int, list[tuple[str, str | int | bytes]], bool]] = []

    def add(at: float, channel: str, provider: str, event_id: int, level: int, data: list[tuple[str, str | int | bytes]], old: bool = False) -> None:
        found.append((START + int(at * HOUR), channel, provider, event_id, level, data, old))

    for day in range(DAYS):
        base = day * 24
        for _ in range(40):
            service = rng.choice(
                [
                    "Volume Shadow Copy",
                    "Microsoft Software Shadow Copy Provider",
                    "COM+ System Application",
                    "Distributed Transaction Coordinator",
                    "Windows Update",
                    "DHCP Client",
                ]
            )
            at = base + rng.random() * 24
            if service != "DHCP Client":
                add(at, "System", SCM, 7036, 4, named(service, "running"))
                add(at + 0.1, "System", SCM, 7036, 4, named(service, "stopped"))
        for _ in range(12):
            clsid = ("{8D8F4F83-3594-4F07-8369-FC3C3CAE4919}", "{F72671A9-012C-4725-9D2F-2A4D32D65169}")
            add(
                base + rng.random() * 24,
                "System",
                DCOM,
                10016,
                3,
                named("application-specific", "Local", "Activation", *clsid, "NT AUTHORITY", "SYSTEM", "S-1-5-18", "LocalHost (Using LRPC)"),
            )
            add(base + rng.random() * 24, "System", DCOM, 10010, 2, named("{9BA05972-F6A8-11CF-A442-00A0C90A8F39}"))
        add(base + 2.2, "Application", "VSS", 8224, 4, classic(), old=True)
        add(base + 2.1, "Application", "VSS", 8194, 2, classic("0x80070005, Access is denied.", "\n\nOperation:\n   Gathering Writer Data"), old=True)
        add(
            base + 2.1,
            "Application",
            "VSS",
            8193,
            2,
            classic("ConvertStringSidToSid(S-1-5-21-1.bak)", "0x80070539, The security ID structure is invalid.", ""),
            old=True,
        )
        add(base + 3.0, "Application", "Microsoft-Windows-Backup", 517, 2, [("ErrorCode", "2155347997")])
        add(
            base + 9.5,
            "Application",
            "Application Error",
            1000,
            2,
            classic("notepad.exe", "10.0.1", "5e0d1a2b", "ntdll.dll", "10.0", "5e0d1a2c", "c0000005", "1", "2"),
            old=True,
        )
        add(
            base + 9.51,
            "Application",
            "Windows Error Reporting",
            1001,
            4,
            classic("1", "5", "WindowsUpdateFailure3", "Not available", "0", "10.0", "8024402c"),
            old=True,
        )
        add(
            base + 10,
            "Application",
            "Microsoft-Windows-MSDTC 2",
            4202,
            4,
            [*named("0", "0", "0", "0", "0", "0", "0", "Mutual Authentication Required"), ("param9", "NT AUTHORITY\\NetworkService")],
        )
        add(base + 11, "System", "disk", 153, 3, classic("\\Device\\Harddisk1\\DR1", "0x1"), old=True)
        add(base + 11.5, "System", SCM, 7040, 4, named("Background Intelligent Transfer Service", "demand start", "auto start", "BITS"))
        add(base + 12, "System", UPDATES, 44, 4, [("updateTitle", "KB2267602")])
        add(base + 12.1, "System", UPDATES, 19, 4, [("updateTitle", "KB2267602")])
        if day % 7 == 3:  # the day of updates
            add(base + 22.0, "System", UPDATES, 19, 4, [("updateTitle", "2026-11 Cumulative Update")])
            add(base + 22.1, "System", UPDATES, 21, 4, [("updatelist", "- 2026-11 Cumulative Update")])
            add(
                base + 22.2,
                "System",
                "User32",
                1074,
                4,
                named(
                    "C:\\Windows\\system32\\svchost.exe (VM01)",
                    "VM01",
                    "Operating System: Service pack (Planned)",
                    "0x80020010",
                    "restart",
                    "",
                    "NT AUTHORITY\\SYSTEM",
                ),
            )
            add(base + 22.21, "System", SCM, 7036, 4, named("Windows Azure Guest Agent", "stopped"))
            add(base + 22.22, "System", "Microsoft-Windows-Dhcp-Client", 50037, 4, [("DwordVal", "1")])
            add(base + 22.23, "System", DCOM, 10005, 2, named("1115", "VSS", "Unavailable", "{E579AB5F-1CC4-44B4-BED9-DE0991FF0623}"))
            add(base + 22.24, "System", "EventLog", 6006, 4, [("Binary", b"\x01")], old=True)
            add(base + 22.3, "System", "EventLog", 6005, 4, [("Binary", b"\x01")], old=True)
            add(base + 22.31, "System", SCM, 7009, 2, named("30000", "Update Orchestrator Service"))
            add(base + 22.32, "System", "Microsoft-Windows-Dhcp-Client", 50036, 4, [])
            add(base + 22.33, "System", SCM, 7036, 4, named("Windows Azure Guest Agent", "running"))
    found.sort(key=lambda row: row[0])
    out: dict[str, list[Entry]] = {"System": [], "Application": []}
    for time, channel, provider, event_id, level, data, old in found:
        entries = out[channel]
        entries.append(Entry(provider, event_id, time, len(entries) + 1, channel, level=level, data=data, classic=old))
    return out["System"], out["Application"]


def texts_of_the_agent() -> dict[str, bytes]:
    """Its logs and those of the extension for the fortnight, from those of a good night."""
    out: dict[str, bytes] = {}
    for path in sorted(p for p in GOOD_NIGHT.rglob("*.log")):
        text = path.read_text("utf-8")
        out[path.relative_to(GOOD_NIGHT).as_posix()] = "".join(later(text, days) for days in AFTER).encode()
    return out


def later(text: str, days: int) -> str:
    return _DATE.sub(lambda found: str(date(int(found[1]), int(found[2]), int(found[3])) + timedelta(days=days)), text)


GOOD_NIGHT = Path(__file__).resolve().parents[2] / "sample_logs" / "windows" / "healthy"
AFTER = range(257, 257 + DAYS)
"""Days from the night of the sample to those of the fortnight."""
_DATE = re.compile(r"(2026)-(03)-(1[01])(?=T)")


def as_told(entries: list[Entry], language: Language) -> list[Told]:
    return [told(language, e.time, e.number, e.provider, e.event_id, [str(v) for _, v in e.data if not isinstance(v, bytes)]) for e in entries]


def supported(folder: Path, tz: str = "") -> list[tuple[str, str]]:
    report = scan_with(load(), folder, ScanOptions(tz=tz or None))
    assert {attempt.result for attempt in report.attempts} <= {"succeeded"}
    assert sum(source.records or 0 for source in report.coverage) > 1000
    return [(cause.id, cause.why) for cause in report.causes if cause.status == "supported"]


@pytest.mark.parametrize("agent", [False, True], ids=["event logs alone", "with the agent's logs"])
@pytest.mark.parametrize("hours", [0, 24 * 30], ids=["collected at once", "collected a month later"])
def test_a_busy_healthy_server_supports_no_cause(tmp_path: Path, hours: int, agent: bool) -> None:
    system, application = fortnight()
    if hours:
        system.append(Entry(SCM, 7036, START + (DAYS * 24 + hours) * HOUR, len(system) + 1, data=named("Windows Update", "running")))
    files = {"System.evtx": written(system), "Application.evtx": written(application)}
    files = {"Windows/System32/winevt/Logs/" + name: raw for name, raw in files.items()}
    assert supported(in_folder(files | (texts_of_the_agent() if agent else {}), tmp_path)) == []


@pytest.mark.parametrize(("form", "language"), [("viewer csv", "de"), ("viewer xml", "en"), ("wevtutil text", "ja"), ("list", "en"), ("clixml", "de")])
def test_nor_do_its_exports(form: str, language: Language, tmp_path: Path) -> None:
    both = [event for entries in fortnight() for event in as_told(entries, language)]
    files = bundles.exports(both, form, language)
    assert len(files) == 2
    assert supported(in_folder(files, tmp_path), str(bundles.ZONES[language])) == []


def in_folder(files: dict[str, bytes], to: Path) -> Path:
    for name, raw in files.items():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_bytes(raw)
    return to
