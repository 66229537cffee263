"""The name of the machine in the report: each source that tells it, the newest one where several do, none where nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest
import windowsbundles as bundles
from windowsfaults import NIGHT, events
from windowstexts import told

import backuptrace
from backuptrace.fleet.rows import entry_of
from backuptrace.report.text import render

from .writing import Files, folder

BOOT = b"Mar 11 03:00:05 web-07 kernel: [    0.000000] Linux version 5.15.0-1064-azure (buildd@x) #73\nMar 11 03:00:06 web-07 systemd[1]: Started Azure Linux Agent.\n"
SOURCES: dict[str, tuple[str, Files]] = {
    "etc/hostname": ("hr-app1", {"etc/hostname": b"hr-app1\n", "var/log/waagent.log": b"2026-03-11T03:00:01.000001Z INFO Daemon Daemon Azure Linux Agent Version: 2.9.1.1\n"}),
    "system log": ("web-07", {"var/log/syslog": BOOT}),
    "uname": ("sample", {"commands/uname.txt": b"Linux sample 5.15.0-1064-azure #73-Ubuntu SMP Tue x86_64 GNU/Linux\n"}),
    "event log": ("VM01", bundles.evtx(events(None))),
    "event log as XML": ("VM01", bundles.exports(events(None), "viewer xml", "en")),
    "ipconfig": ("srv-app01", {"ipconfig.txt": b"\r\nWindows IP Configuration\r\n\r\n   Host Name . . . . . . . . . . . . : srv-app01\r\n   Primary Dns Suffix  . . . . . . . : \r\n"}),
    "systeminfo": ("SRV-APP01", {"systeminfo.txt": b"\r\nHost Name:                 SRV-APP01\r\nOS Name:                   Microsoft Windows Server 2019 Datacenter\r\n"}),
    "registry": (
        "SRV-APP01",
        {"name.reg": b'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName]\r\n"ComputerName"="SRV-APP01"\r\n'},
    ),
    "instance view": (
        "shop-db01",
        {"az/view.json": b'{"name": "vm1", "instanceView": {"computerName": "shop-db01", "statuses": [{"code": "PowerState/running"}], "vmAgent": {"vmAgentVersion": "2.15.0.1", "statuses": []}}}'},
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_tells_it(source: str, tmp_path: Path) -> None:
    wanted, files = SOURCES[source]
    report = backuptrace.scan(folder(files, tmp_path))
    assert report.bundle.host == wanted
    assert [fact.value for fact in report.facts if fact.name == "host"] == [wanted]


def test_nothing_tells_it(tmp_path: Path) -> None:
    report = backuptrace.scan(
        folder({"WindowsAzure/Logs/WaAppAgent.log": b"[00000020] 2026-03-11T03:00:00Z [HEART] WindowsAzureGuestAgent Heartbeat.\r\n"}, tmp_path)
    )
    assert report.bundle.host is None
    assert all(fact.name != "host" for fact in report.facts)


def test_a_table_without_the_computer_tells_it_not(tmp_path: Path) -> None:
    report = backuptrace.scan(folder(bundles.exports(events(None), "viewer csv", "en"), tmp_path))
    assert report.bundle.host is None


def test_the_newest_name_counts(tmp_path: Path) -> None:
    """A machine that was renamed; and what a record with a time says stands above what a file without one says."""
    renamed = [
        told("en", NIGHT + hour * 3_600_000_000, 100 + hour, "EventLog", 6005, [], computer=name) for hour, name in enumerate(["OLD01", "OLD01", "NEW01"])
    ]
    files = bundles.evtx(renamed) | {"name.reg": SOURCES["registry"][1]["name.reg"]}
    assert backuptrace.scan(folder(files, tmp_path)).bundle.host == "NEW01"


def test_the_text_report_names_it_once(tmp_path: Path) -> None:
    wanted, files = SOURCES["etc/hostname"]
    assert render(backuptrace.scan(folder(files, tmp_path)), width=200, show_all=True).count(f"host {wanted}") == 1


def test_hosts_that_are_called_alike_are_not_one_vm_of_a_fleet(tmp_path: Path) -> None:
    report = backuptrace.scan(folder(SOURCES["etc/hostname"][1], tmp_path))
    assert entry_of(report, "key", "name", 1, 1).vm == ""
