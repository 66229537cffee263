"""The same logs as every collector packs and names them, and files that only quote them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest

from backuptrace.bundle.opening import open_bundle
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.model import Log
from backuptrace.redact.redactor import redacted
from backuptrace.scanning.bundles import scan_bundle

EXTENSION = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
AGENT = b"""2025-02-03T04:00:00.000001Z INFO Daemon Daemon Azure Linux Agent Version: 2.9.1.1
2025-02-03T04:05:06.123456Z INFO ExtHandler ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.9.1.1 is running as the goal state agent [DEBUG HeartbeatCounter: 0;]
2025-02-03T04:05:07.123456Z INFO ExtHandler ExtHandler Created firewall rules for Azure Fabric:
Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)
"""
SNAPSHOT = f"""2025-02-03 04:05:06.123456 [{EXTENSION}-1.0]starting enable
2025-02-03 04:05:16.123456 [{EXTENSION}-1.0]Enable,success,1,Enable Succeeded,True
""".encode()
SYSLOG = b"""Feb  3 04:00:00 sample systemd[1]: walinuxagent.service - Azure Linux Agent: Started.
Feb  3 04:05:06 sample kernel: [    5.1] Linux version 6.1.0 (sample@sample)
"""
GOAL = b"<GoalState><Incarnation>7</Incarnation><Container><ContainerId>c0</ContainerId></Container></GoalState>"
RESULTS = b"""2025-02-03T05:00:00Z INFO Starting log collection at 2025-02-03T05:00:00Z
2025-02-03T05:00:01Z INFO Output of command [ls -alF /var/log]:
total 32
-rw-r--r--  1 root root 18494 Feb  3 04:05 waagent.log
"""
LEASE = b'lease {\n  interface "eth0";\n  option unknown-245 a8:3f:81:10;\n}\n'
STATUS = b"""\xe2\x97\x8f walinuxagent.service - Azure Linux Agent
     Loaded: loaded (/lib/systemd/system/walinuxagent.service; enabled; vendor preset: enabled)
     Active: inactive (dead) since Mon 2025-02-03 04:05:06 UTC; 3h ago
Feb  3 04:05:06 sample systemd[1]: Stopped Azure Linux Agent.
"""
PS = b"""USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root           1  0.0  0.1 167744 11892 ?        Ss   04:00   0:02 /sbin/init
root         812  0.1  0.4  45678 23456 ?        Ss   04:05   0:01 /usr/bin/python3 -u /usr/sbin/waagent -daemon
"""
DF = b"Filesystem     1K-blocks     Used Available Use% Mounted on\n/dev/sda1       30298176 30298176         0 100% /\n"
MOUNT = b"/dev/sda1 on / type ext4 (rw,relatime)\n/dev/sdb1 on /var/lib/waagent type ext4 (rw,noexec)\n"
ROUTE = b"default via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.4 metric 100\n168.63.129.16 via 10.0.0.1 dev eth0\n"
IPTABLES = b"Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)\nnum pkts bytes target prot opt in out source destination\n1 0 0 DROP tcp -- * * 0.0.0.0/0 168.63.129.16\n"
NFT = b"table ip filter {\n\tchain output {\n\t\ttype filter hook output priority 0; policy accept;\n\t\tip daddr 168.63.129.16 drop\n\t}\n}\n"
VERSION = b"WALinuxAgent-2.2.46 running on ubuntu 22.04\nPython: 3.10.12\nGoal state agent: 2.9.1.1\n"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(cached=False)


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return out.getvalue()


def logs(files: dict[str, bytes], tmp_path: Path, knowledge: Knowledge) -> dict[str, Log]:
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(files | {"padding.bin": b"\0"}))
    with open_bundle(path) as bundle:
        scanned = scan_bundle(bundle, knowledge)
    return {log.path: log for log in scanned.logs}


def formats(files: dict[str, bytes], tmp_path: Path, knowledge: Knowledge) -> dict[str, str]:
    return {path: log.format for path, log in logs(files, tmp_path, knowledge).items()}


COLLECTED = {
    "var/log/waagent.log": AGENT,
    f"var/log/azure/{EXTENSION}/extension.log": SNAPSHOT,
    "var/lib/waagent/history/2025-02-03T04-05-06__7.zip": zipped({"GoalState.xml": GOAL}),
    "results.txt": RESULTS,
}


def test_the_collector_of_the_agent(tmp_path: Path, knowledge: Knowledge) -> None:
    found = logs(COLLECTED | {"truncated_var_log_syslog.1": SYSLOG, "var/log/syslog": SYSLOG}, tmp_path, knowledge)
    assert {path: log.format for path, log in found.items()} == {
        "var/log/waagent.log": "waagent",
        f"var/log/azure/{EXTENSION}/extension.log": "vmsnapshot-log",
        "var/lib/waagent/history/2025-02-03T04-05-06__7.zip!GoalState.xml": "goal-state",
        "results.txt": "collector-results",
        "truncated_var_log_syslog.1": "linux-syslog",
        "var/log/syslog": "linux-syslog",
    }
    assert found["truncated_var_log_syslog.1"].base == found["var/log/syslog"].base
    assert found["results.txt"].spans[0].last > found["var/log/waagent.log"].spans[0].last


@pytest.mark.parametrize("prefix", ["device_0/", "sosreport-sample-2025-02-03-abcdef/", "a/b/c/", "rootfs/"])
def test_any_prefix(prefix: str, tmp_path: Path, knowledge: Knowledge) -> None:
    plain = formats(COLLECTED, tmp_path, knowledge)
    assert formats({prefix + path: data for path, data in COLLECTED.items()}, tmp_path, knowledge) == {prefix + path: form for path, form in plain.items()}


def test_flattened_names(tmp_path: Path, knowledge: Knowledge) -> None:
    files = {"var_log_waagent.log": AGENT, f"var_log_azure_{EXTENSION}_extension.log": SNAPSHOT, "var_log_syslog": SYSLOG, "etc_os-release": b"ID=debian\n"}
    assert list(formats(files, tmp_path, knowledge).values()) == ["waagent", "vmsnapshot-log", "linux-syslog", "os-release"]


@pytest.mark.parametrize(
    "folder", ["2025-02-03T04:05:06.123456_incarnation_7", "2025-02-03T04_05_06.123456_incarnation_7", "2025-02-03T04-05-06__7", "2025-02-03T04-05-06__7-99"]
)
def test_names_of_the_history(folder: str, tmp_path: Path, knowledge: Knowledge) -> None:
    files = {
        f"var/lib/waagent/history/{folder}/GoalState.7.xml": GOAL,
        f"var/lib/waagent/history/{folder}.zip": zipped({"GoalState.7.xml": GOAL}),
    }
    found = list(logs(files, tmp_path, knowledge).values())
    assert [log.format for log in found] == ["goal-state"] * 2
    assert len({log.base for log in found}) == 1
    assert [event.stamp for log in found for event in log.hits["goal-state.fetched"].kept] == [1_738_555_506_000_000] * 2


def test_a_sosreport_and_outputs_of_commands_under_any_name(tmp_path: Path, knowledge: Knowledge) -> None:
    files = {
        "sos/sos_commands/process/ps_auxwwwm": PS,
        "sos/sos_commands/filesys/df_-al_-x_autofs": DF,
        "sos/sos_commands/filesys/mount_-l": MOUNT,
        "sos/sos_commands/networking/ip_route_show_table_all": ROUTE,
        "sos/sos_commands/firewall_tables/iptables_-vnxL": IPTABLES,
        "sos/sos_commands/logs/journalctl_--no-pager": SYSLOG,
        "commands/1.txt": PS,
        "commands/2.out": DF,
        "commands/3": MOUNT,
        "commands/4.log": ROUTE,
        "commands/5.txt": NFT,
        "commands/6.txt": STATUS,
        "commands/7.txt": VERSION,
        "commands/8.txt": SYSLOG,
        "proc/mounts": b"/dev/sda1 / ext4 rw,relatime 0 0\n",
        "systemctl_status_walinuxagent.txt": STATUS,
        "ps-ef.txt": PS,
        "df-h.txt": DF,
        "etc/timezone": b"Europe/Berlin\n",
    }
    want = "processes disk-usage mounts ip-route firewall-rules linux-syslog processes disk-usage mounts ip-route firewall-rules agent-service program-versions"
    want += " linux-syslog mounts agent-service processes disk-usage timezone"
    assert list(formats(files, tmp_path, knowledge).values()) == want.split()


def test_leases(tmp_path: Path, knowledge: Knowledge) -> None:
    files = {
        "var/lib/dhcp/dhclient.eth0.leases": LEASE,
        "var/lib/dhclient/dhclient--eth0.lease": LEASE,
        "run/systemd/netif/leases/2": b"# This is private data. Do not parse.\nADDRESS=10.0.0.4\nOPTION_245=a83f8110\n",
    }
    found = logs(files, tmp_path, knowledge)
    assert {log.format for log in found.values()} == {"dhcp-lease"}
    assert [log.records for log in found.values()] == [2, 2, 2]


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("waagent.log.1", bytes),
        ("waagent.log.2.gz", gzip.compress),
        ("waagent.log.3.xz", lzma.compress),
        ("waagent.log-20250203.bz2", bz2.compress),
        ("waagent.log-2025-02-03-1738555506.gz", gzip.compress),
    ],
)
def test_rotated_parts_join_one_log(name: str, pack: object, tmp_path: Path, knowledge: Knowledge) -> None:
    assert callable(pack)
    found = logs({f"var/log/{name}": pack(AGENT), "var/log/waagent.log": AGENT}, tmp_path, knowledge)
    assert [log.format for log in found.values()] == ["waagent"] * 2
    assert {log.base for log in found.values()} == {"var/log/waagent.log"}


@pytest.mark.parametrize(
    "path",
    [
        "var/log/azure/Contoso.Inventory/output.log",
        "var/log/azure/Contoso.Inventory/waagent.log",
        "var/log/azure/Contoso.Inventory/commands/systemctl.txt",
        "var_log_azure_Contoso.Inventory_extension.log",
        "var/log/auth.log",
        "home/me/ticket.md",
    ],
)
@pytest.mark.parametrize("data", [AGENT, SNAPSHOT, STATUS, DF], ids=["agent", "snapshot", "status", "df"])
def test_what_only_quotes_our_logs_is_not_taken(path: str, data: bytes, tmp_path: Path, knowledge: Knowledge) -> None:
    assert formats({path: data}, tmp_path, knowledge) == {}


@pytest.mark.parametrize("data", [AGENT, STATUS, DF], ids=["agent", "status", "df"])
def test_what_the_log_of_another_extension_quotes_is_no_record_of_it(data: bytes, tmp_path: Path, knowledge: Knowledge) -> None:
    (log,) = logs({"var/log/azure/Contoso.Inventory/extension.log": data}, tmp_path, knowledge).values()
    assert (log.format, log.spans, log.hits) == ("extension-log-other", {}, {})


@pytest.mark.parametrize(
    ("data", "want"),
    [
        (AGENT, "waagent"),
        (SNAPSHOT, "vmsnapshot-log"),
        (SYSLOG, "linux-syslog"),
        (STATUS, "agent-service"),
        (PS, "processes"),
        (DF, "disk-usage"),
        (RESULTS, "collector-results"),
    ],
)
def test_a_lone_file_is_judged_by_its_lines(data: bytes, want: str, tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "saved.txt"
    path.write_bytes(data)
    with open_bundle(path) as bundle:
        (log,) = scan_bundle(bundle, knowledge).logs
    assert log.format == want
    assert log.recognised == "its first lines"


def test_the_choice_is_explained(tmp_path: Path, knowledge: Knowledge) -> None:
    found = logs({"var/log/waagent.log": AGENT, "var/log/syslog": b"\0", "old-waagent.txt": AGENT}, tmp_path, knowledge)
    assert [log.recognised for log in found.values()] == ["its path and first lines", "its path", "its name and first lines"]


def test_a_damaged_goal_state_is_a_problem(tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "bundle.zip"
    bomb = b'<!DOCTYPE a [<!ENTITY a "ha">]><GoalState>&a;</GoalState>'
    path.write_bytes(zipped({"GoalState.1.xml": bomb, "GoalState.2.xml": GOAL[:40], "GoalState.3.xml": b"<xml>empty placeholder file</xml>", "x": b"\0"}))
    with open_bundle(path) as bundle:
        problems = scan_bundle(bundle, knowledge).problems
    assert [(problem.kind, problem.where[-15:]) for problem in problems] == [("unreadable", "GoalState.1.xml"), ("unreadable", "GoalState.2.xml")]


def test_secrets_of_a_goal_state_leave_no_report(tmp_path: Path, knowledge: Knowledge) -> None:
    text = '<Extensions goalStateIncarnation="3"><StatusUploadBlob>https://a/b?sv=1&amp;sig=SECRET</StatusUploadBlob><PluginSettings><Plugin name="x">'
    text += '<RuntimeSettings seqNo="0">{"runtimeSettings": [{"handlerSettings": {"protectedSettings": "SECRET"}}]}</RuntimeSettings></Plugin></PluginSettings></Extensions>'
    (log,) = logs({"ExtensionsConfig.3.xml": text.encode()}, tmp_path, knowledge).values()
    kept = [event.told.text for hits in log.hits.values() for event in hits.kept]
    assert any("SECRET" in text for text in kept)
    assert not any("SECRET" in redacted(text) for text in kept)
