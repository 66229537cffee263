"""Several commands' outputs in one text, as people paste and save them: each is read as what it is, with its line, and the rest is told."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backuptrace
from backuptrace.bundle.opening import open_bundle
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.knowledge.sectioning import MOST, MOST_SECTIONS, Cutter, plain
from backuptrace.model import Log
from backuptrace.scanning.bundles import Scanned, scan_bundle

SERVICE = """\
● walinuxagent.service - Azure Linux Agent
     Loaded: loaded (/lib/systemd/system/walinuxagent.service; enabled; vendor preset: enabled)
     Active: active (running) since Tue 2026-06-09 04:05:06 UTC; 3h ago
   Main PID: 812 (python3)
Jun  9 04:05:06 vm01 systemd[1]: Started Azure Linux Agent.
"""
FULL = """\
Filesystem      Size  Used Avail Use% Mounted on
/dev/root        29G   29G     0 100% /
tmpfs           1.9G     0  1.9G   0% /dev/shm
"""
ROOM = FULL.replace("29G     0 100%", "11G   18G  38%")
ROUTE = "default via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.4 metric 100\n168.63.129.16 via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.4 metric 100\n"
AGENT = """\
2026-06-09T07:00:01.000001Z INFO ExtHandler ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.11.1.12 is running as the goal state agent [DEBUG HeartbeatCounter: 3;]
2026-06-09T07:10:01.000001Z ERROR ExtHandler ExtHandler Event: name=WALinuxAgent, op=None, message=[Errno 28] No space left on device: '/var/lib/waagent/x'
"""
FIREWALL = """\
Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)
    pkts      bytes target     prot opt in     out     source               destination
       0        0 DROP       tcp  --  *      *       0.0.0.0/0            168.63.129.16

Chain INPUT (policy ACCEPT 0 packets, 0 bytes)
"""
WRITERS = """\
vssadmin 1.1 - Volume Shadow Copy Service administrative command-line tool
(C) Copyright 2001-2013 Microsoft Corp.

Writer name: 'System Writer'
   Writer Id: {e8132975-6f93-4464-a53e-1050253ae220}
   State: [1] Stable
   Last error: No error

Writer name: 'SqlServerWriter'
   Writer Id: {a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}
   State: [8] Failed
   Last error: Non-retryable error
"""
SERVICES = """

Status   Name               DisplayName
------   ----               -----------
Running  RdAgent            RdAgent
Stopped  VSS                Volume Shadow Copy

"""
PORT = "\n\nComputerName     : 168.63.129.16\nRemoteAddress    : 168.63.129.16\nRemotePort       : 32526\nTcpTestSucceeded : True\n\n"
NETCAT = "Connection to 168.63.129.16 32526 port [tcp/*] succeeded!\n"


def typed(*outputs: tuple[str, str], prompt: str = "azureuser@vm01:~$ ") -> str:
    """What a terminal shows."""
    return "".join(f"{prompt}{command}\n{output}" for command, output in outputs) + prompt.rstrip() + "\n"


LINUX = typed(
    ("sudo systemctl status walinuxagent --no-pager", SERVICE),
    ("df -h", FULL),
    ("ip route", ROUTE),
    ("nc -vz 168.63.129.16 32526", NETCAT),
    ("cat /etc/os-release", 'PRETTY_NAME="Ubuntu 22.04.4 LTS"\nID=ubuntu\nVERSION_ID="22.04"\n'),
    ("sudo tail -50 /var/log/waagent.log", AGENT),
)
KNOWN = ["agent-service", "disk-usage", "ip-route", "os-release", "transcript", "waagent"]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def scanned(path: Path, knowledge: Knowledge) -> Scanned:
    with open_bundle(path) as bundle:
        return scan_bundle(bundle, knowledge)


def read(text: str | bytes, tmp_path: Path, knowledge: Knowledge, name: str = "output.txt") -> dict[str, list[Log]]:
    """The logs of a single file, by format."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out: dict[str, list[Log]] = {}
    for log in scanned(path, knowledge).logs:
        out.setdefault(log.format, []).append(log)
    return out


def supports(report: backuptrace.Report) -> list[tuple[str, int | None]]:
    """(cause, line) of what speaks for the supported causes."""
    return [(cause.id, one.line) for cause in report.causes if cause.status == "supported" for one in cause.evidence if one.role == "supports"]


def test_each_output_is_read_as_what_its_command_prints(tmp_path: Path, knowledge: Knowledge) -> None:
    found = read(LINUX, tmp_path, knowledge)
    assert sorted(found) == KNOWN
    assert found["transcript"][0].notes == ["line 15: no format is known for the output of `nc -vz 168.63.129.16 32526`"]
    assert found["waagent"][0].recognised == "the command above lines 21 to 22"
    report = backuptrace.scan(tmp_path / "output.txt")
    assert report.causes[0].id == "disk-full"
    lines = LINUX.splitlines()
    assert {lines[line - 1].split()[-1] for _, line in supports(report) if line} == {"/", "'/var/lib/waagent/x'"}


def script(text: str) -> bytes:
    """As script(1) saves it: coloured prompts, titles of the window, typing that was taken back."""
    text = text.replace("azureuser@vm01:~$ ", "\x1b]0;azureuser@vm01: ~\x07\x1b[01;32mazureuser@vm01\x1b[00m:\x1b[01;34m~\x1b[00m$ ")
    text = text.replace("ip route", "ip roots\b\b\x1b[K\b\x1b[Kute").replace("\n", "\r\n")
    return ('Script started on 2026-06-09 07:15:00+00:00 [TERM="xterm"]\n' + text + "Script done on 2026-06-09 07:16:00+00:00\n").encode()


@pytest.mark.parametrize(
    ("form", "raw", "moved"),
    [
        ("cr lf", LINUX.replace("\n", "\r\n").encode(), 0),
        ("mark", b"\xef\xbb\xbf" + LINUX.encode(), 0),
        ("utf-16", LINUX.replace("\n", "\r\n").encode("utf-16"), 0),
        ("script", script(LINUX), 1),
        ("red hat", LINUX.replace("azureuser@vm01:~$", "[root@vm01 ~]#").encode(), 0),
        ("bare", LINUX.replace("azureuser@vm01:~$", "$").encode(), 0),
        ("root", LINUX.replace("azureuser@vm01:~$", "#").encode(), 0),
        ("trace", LINUX.replace("azureuser@vm01:~$", "+").encode(), 0),
    ],
)
def test_in_every_form_in_which_a_terminal_is_saved(form: str, raw: bytes, moved: int, tmp_path: Path, knowledge: Knowledge) -> None:
    found = read(raw, tmp_path, knowledge)
    assert sorted(found) == KNOWN, form
    plainly = tmp_path / "plain.txt"
    plainly.write_text(LINUX, encoding="utf-8")
    want = [(cause, line + moved if line else line) for cause, line in supports(backuptrace.scan(plainly))]
    assert supports(backuptrace.scan(tmp_path / "output.txt")) == want


def headed(text: str, form: str) -> str:
    return re.sub(r"^azureuser@vm01:~\$ ?(.*)$", lambda found: form.replace("@", found[1]) if found[1] else "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("form", ["===== @ =====", "### @ ###", "--- Output of: @ ---", "# @", "Output of `@`:", "**@**", "Command: @"])
def test_headings_that_name_the_command(form: str, tmp_path: Path, knowledge: Knowledge) -> None:
    assert sorted(read(headed(LINUX, form), tmp_path, knowledge)) == KNOWN


def test_without_prompts_first_lines_tell(tmp_path: Path, knowledge: Knowledge) -> None:
    text = f"Hello, here is what you asked for.\n\n{SERVICE}\ndf -h\n{FULL}\nthe log:\n\n{AGENT}\n\n{ROUTE}"
    found = read(text, tmp_path, knowledge)
    assert sorted(found) == ["agent-service", "disk-usage", "ip-route", "transcript", "waagent"]
    assert found["transcript"][0].notes == ["line 1: no format is known for this"]
    assert found["waagent"][0].recognised == "what stands in lines 16 to 17"
    assert ("disk-full", 11) in supports(backuptrace.scan(tmp_path / "output.txt"))


POWERSHELL = """\
**********************
Windows PowerShell transcript start
Start time: 20260609070102
Username: VM01\\admin
Machine: VM01 (Microsoft Windows NT 10.0.17763.0)
**********************
""" + typed(
    ("vssadmin list writers", WRITERS + "\n"),
    ("Get-Service RdAgent,VSS", SERVICES),
    ("Test-NetConnection 168.63.129.16 -Port 32526", PORT),
    ("Get-WinEvent -LogName Application -MaxEvents 1 | fl", "\n\nTimeCreated  : 2026-06-09 04:01:02\nProviderName : VSS\nId           : 8193\nMessage      : x\n\n"),
    ("az vm get-instance-view -g rg -n VM01 --query instanceView.vmAgent",
     '{\n  "statuses": [{"code": "ProvisioningState/Unavailable", "time": "2026-06-09T04:01:02+00:00"}],\n  "vmAgentVersion": "Unknown"\n}\n'),
    prompt="PS C:\\Users\\admin> ",
)  # fmt: skip
CONSOLE = "Microsoft Windows [Version 10.0.17763.5830]\n(c) 2018 Microsoft Corporation. All rights reserved.\n\n" + typed(
    ("vssadmin list writers", WRITERS + "\n"),
    ("sc query RdAgent", "[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n\nThe specified service does not exist as an installed service.\n\n"),
    ("reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Dhcp /v Start", "\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Dhcp\n    Start    REG_DWORD    0x4\n\n"),
    prompt="C:\\Windows\\system32>",
)  # fmt: skip


@pytest.mark.parametrize("raw", [POWERSHELL.replace("\n", "\r\n").encode(), POWERSHELL.encode("utf-16")], ids=["cr lf", "utf-16"])
def test_a_transcript_of_powershell(raw: bytes, tmp_path: Path, knowledge: Knowledge) -> None:
    found = read(raw, tmp_path, knowledge)
    assert sorted(found) == ["azure-instance", "event-application", "transcript", "vssadmin", "windows-port-test", "windows-services"]
    report = backuptrace.scan(tmp_path / "output.txt")
    assert report.verdict.cause == "vss-writer"
    lines = POWERSHELL.splitlines()
    assert {lines[line - 1].strip() for cause, line in supports(report) if cause == "vss-writer" and line} == {
        "State: [8] Failed",
        "Last error: Non-retryable error",
    }


def test_a_console_of_windows(tmp_path: Path, knowledge: Knowledge) -> None:
    found = read(CONSOLE, tmp_path, knowledge)
    assert sorted(found) == ["registry", "transcript", "vssadmin", "windows-services", "windows-system-info"]
    lines = CONSOLE.splitlines()
    at = {lines[line - 1].split()[0] for _, line in supports(backuptrace.scan(tmp_path / "output.txt")) if line}
    assert {"State:", "[SC]", "Start"} <= at


def test_without_prompts_an_output_begins_above_the_line_that_tells_it(tmp_path: Path, knowledge: Knowledge) -> None:
    text = WRITERS + "\nWindows IP Configuration\n\nEthernet adapter Ethernet:\n\n   DHCP Enabled. . . . . . . . . . . : Yes\n" + PORT.replace("True", "False")
    for folder in ("", "bundle"):
        found = read(text, tmp_path / folder, knowledge) if not folder else in_a_bundle(text, tmp_path / folder, knowledge)
        assert sorted(found) == ["ipconfig", "transcript", "vssadmin", "windows-port-test"]
        assert found["windows-port-test"][0].recognised == "what stands in lines 21 to 24"
    report = backuptrace.scan(tmp_path / "output.txt")
    assert ("wireserver-unreachable", 24) in supports(report) or ("wireserver-port-32526", 24) in supports(report), supports(report)


def in_a_bundle(text: str, folder: Path, knowledge: Knowledge) -> dict[str, list[Log]]:
    folder.mkdir()
    (folder / "screen.png").write_bytes(b"\x89PNG")
    (folder / "output.txt").write_text(text, encoding="utf-8")
    return {log.format: [log] for log in scanned(folder, knowledge).logs}


# what must not be cut


def test_an_output_that_has_a_line_of_another_one_is_not_cut(tmp_path: Path, knowledge: Knowledge) -> None:
    rule = (
        "\nDisplayName   : Lockdown\nProtocol      : TCP\nRemotePort    : Any\nRemoteAddress : 168.63.129.16\nDirection     : Outbound\nAction        : Block\n"
    )
    assert list(in_a_bundle(rule, tmp_path / "bundle", knowledge)) == list(read(rule, tmp_path, knowledge)) == ["windows-firewall"]


QUOTING = AGENT.replace("[HEARTBEAT]", "Created firewall rules:\n" + FIREWALL + "\n$ df -h\n" + FULL + "\n[HEARTBEAT]")
QUOTING = "".join(AGENT.replace("T07:", f"T{hour:02}:") for hour in range(7)) + QUOTING + AGENT.replace("T07:", "T08:")


@pytest.mark.parametrize("name", ["waagent.log", "paste.txt", "waagent-vm01.txt"])
def test_a_log_that_quotes_commands_is_one_log(name: str, tmp_path: Path, knowledge: Knowledge) -> None:
    assert list(read(QUOTING, tmp_path, knowledge, name)) == ["waagent"]


RULES = f"2026-06-09T07:05:01.000001Z INFO ExtHandler ExtHandler Rules:\n{FIREWALL}"


@pytest.mark.parametrize("log", [AGENT.replace("2026-06-09T07:10", RULES + "2026-06-09T07:10"), AGENT + RULES], ids=["between its records", "at its end"])
def test_a_log_among_other_outputs_keeps_what_it_quotes(log: str, tmp_path: Path, knowledge: Knowledge) -> None:
    text = f"{FULL}\n{log}"
    assert sorted(read(text, tmp_path, knowledge)) == ["disk-usage", "transcript", "waagent"]


@pytest.mark.parametrize(
    "path",
    ["var/log/azure/Contoso.Inventory/output.txt", "var/log/notes.txt", "etc/notes.txt", "home/me/ticket.md", "WindowsAzure/Logs/Plugins/Contoso/1.0/x.txt"],
)
def test_in_a_bundle_no_foreign_file_is_cut(path: str, tmp_path: Path, knowledge: Knowledge) -> None:
    file = tmp_path / "bundle" / path
    file.parent.mkdir(parents=True)
    file.write_text(LINUX, encoding="utf-8")
    assert scanned(tmp_path / "bundle", knowledge).logs == []


def test_in_a_bundle_a_log_that_is_there_itself_counts_alone(tmp_path: Path, knowledge: Knowledge) -> None:
    for path, text in {"output.txt": LINUX, "var/log/waagent.log": AGENT}.items():
        file = tmp_path / "bundle" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    logs = scanned(tmp_path / "bundle", knowledge).logs
    assert [log.path for log in logs if log.format == "waagent"] == ["var/log/waagent.log"]
    assert "lines 21 to 22: not counted, as the bundle holds such a log itself" in next(log for log in logs if log.format == "transcript").notes
    assert [log.rank for log in logs] == list(range(len(logs)))


@pytest.mark.parametrize("command", ["ssh vm02 df -h", "docker exec web df -h", "kubectl exec web -- df -h"])
def test_what_another_machine_or_system_prints_does_not_count(command: str, tmp_path: Path, knowledge: Knowledge) -> None:
    found = read(typed((command, FULL), ("ip route", ROUTE)), tmp_path, knowledge)
    assert sorted(found) == ["ip-route", "transcript"]
    assert found["transcript"][0].notes == [f"lines 2 to 4: not read, as the prompt or `{command}` tells of another machine or system"]


def test_what_stands_below_the_prompt_of_another_machine_does_not_count(tmp_path: Path, knowledge: Knowledge) -> None:
    text = typed(("df -h", FULL), ("ssh vm01", "Welcome\n"), prompt="me@jump:~$ ") + typed(("df -h", ROOM), ("ip route", ROUTE))
    assert [event.told.line for log in read(text, tmp_path, knowledge)["disk-usage"] for hits in log.hits.values() for event in hits.kept if log.states] == []


def test_a_file_that_is_shown_is_judged_as_that_file_would_be(tmp_path: Path, knowledge: Knowledge) -> None:
    foreign, missing = "/var/log/azure/Contoso.Inventory/output.log", "cat: /etc/waagent.conf: No such file or directory\n"
    text = typed((f"cat {foreign}", FULL + AGENT), ("cat /etc/waagent.conf", missing), ("cat /var/lib/waagent/WireServerEndpoint", "168.63.129.16\n"))
    found = read(text, tmp_path, knowledge)
    assert sorted(found) == ["transcript", "wire-server-endpoint"]
    assert len(found["transcript"][0].notes) == 2


def test_several_files_that_tail_shows(tmp_path: Path, knowledge: Knowledge) -> None:
    conf = "Extensions.Enabled=y\nLogs.Verbose=n\n"
    text = typed(("tail -n 20 /var/log/waagent.log /etc/waagent.conf", f"==> /var/log/waagent.log <==\n{AGENT}\n==> /etc/waagent.conf <==\n{conf}"))
    assert sorted(read(text, tmp_path, knowledge)) == ["transcript", "waagent", "waagent-conf"]


# what an output proves


def test_lines_that_somebody_chose_prove_no_absence(tmp_path: Path, knowledge: Knowledge) -> None:
    text = typed(
        ("sudo grep -i error /var/log/waagent.log", AGENT.splitlines(keepends=True)[1]),
        ("df -h | grep tmpfs", FULL.splitlines(keepends=True)[2]),
        ("grep Verbose /etc/waagent.conf", "Logs.Verbose=n\n"),
    )
    found = read(text, tmp_path, knowledge)
    assert [log.filtered for format_ in ("waagent", "disk-usage", "waagent-conf") for log in found[format_]] == [True] * 3
    assert not any(holds is False for log in found["disk-usage"] for holds in log.states.values())
    assert found["waagent"][0].path != found["waagent"][0].base  # nothing is known of what came after it
    whole = read(typed(("df -h", FULL), ("cat /etc/waagent.conf", "Logs.Verbose=n\n")), tmp_path, knowledge)
    assert set(found["waagent-conf"][0].states) < set(whole["waagent-conf"][0].states)


def test_of_a_command_that_is_run_again_the_last_output_counts(tmp_path: Path, knowledge: Knowledge) -> None:
    found = read(typed(("df -h", FULL), ("rm -rf /var/tmp/dump", ""), ("sudo df -h", ROOM), ("ip route", ROUTE)), tmp_path, knowledge)
    assert not any(holds for log in found["disk-usage"] for holds in log.states.values())
    assert found["transcript"][0].notes == ["lines 2 to 4: `df -h` was run again further down, and what it told then counts"]
    both = read(typed(("df -h", ROOM), ("df -i", FULL)), tmp_path, knowledge)
    assert len(both["disk-usage"]) == 2


def test_a_service_that_runs_again_is_not_down(tmp_path: Path) -> None:
    down = SERVICE.replace("active (running)", "inactive (dead)")
    path = tmp_path / "output.txt"
    for last, want in ((down, ["linux-agent-not-running"]), (SERVICE, [])):
        path.write_text(typed(("systemctl status walinuxagent", down), ("ip route", ROUTE), ("sudo systemctl status walinuxagent", last)), encoding="utf-8")
        assert [cause.id for cause in backuptrace.scan(path).causes if cause.status == "supported"] == want


def test_records_that_two_outputs_show_count_once(tmp_path: Path, knowledge: Knowledge) -> None:
    journal = "".join(f"Jun 09 07:10:02 vm01 python3[812]: {line}\n" for line in AGENT.splitlines())
    once = read(typed(("df -h", ROOM), ("tail -2 /var/log/waagent.log", AGENT)), tmp_path, knowledge)
    twice = read(
        typed(("df -h", ROOM), ("tail -2 /var/log/waagent.log", AGENT), ("grep ERROR /var/log/waagent.log", AGENT), ("journalctl -u walinuxagent", journal)),
        tmp_path, knowledge,
    )  # fmt: skip

    def total(logs: list[Log]) -> Counter[str]:
        return sum((Counter({key: hits.total for key, hits in log.hits.items()}) for log in logs), Counter())

    assert total(once["waagent"])
    assert total(twice["waagent"]) == total(once["waagent"])
    assert len(twice["waagent"]) == 3


def test_only_the_last_part_of_a_log_goes_on_to_the_end(tmp_path: Path, knowledge: Knowledge) -> None:
    late = AGENT.replace("T07:", "T09:")
    logs = read(typed(("head -2 /var/log/waagent.log", AGENT), ("tail -2 /var/log/waagent.log", late)), tmp_path, knowledge)["waagent"]
    assert [(log.above, log.path == log.base) for log in logs] == [(4, True), (1, False)]
    (cut,) = read(typed(("head -2 /var/log/waagent.log", AGENT), ("df -h", ROOM)), tmp_path, knowledge)["waagent"]
    assert cut.path != cut.base


def test_settings_in_a_transcript_are_compared(tmp_path: Path) -> None:
    from backuptrace.scanning.settings import settings_of

    knowledge = load()
    path = tmp_path / "output.txt"
    path.write_text(typed(("df -h", FULL), ("cat /etc/waagent.conf", "Extensions.Enabled=y\nLogs.Verbose=n\n"), ("df -i", ROOM)), encoding="utf-8")
    with open_bundle(path) as bundle:
        logs = scan_bundle(bundle, knowledge).logs
        found, cut = settings_of(bundle, logs, knowledge)
    assert cut == []
    assert {key: (one.value, one.line) for key, one in found["waagent-conf"].items()} == {"Extensions.Enabled": ("y", 6), "Logs.Verbose": ("n", 7)}
    assert sorted(one.line or 0 for one in found["disk-usage"].values()) == [3, 10, 11]  # a row that both show stands where it came last


# hostile


def test_a_text_that_is_too_long_is_read_as_before_and_told(tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "output.txt"
    path.write_text(typed(("df -h", FULL), ("ip route", ROUTE)) + "x" * 60 + "\n" + ("y" * 99 + "\n") * (MOST // 100), encoding="utf-8")
    found = scanned(path, knowledge)
    assert [log.format for log in found.logs] == ["disk-usage"]
    assert found.logs[0].size == path.stat().st_size
    assert [(problem.kind, problem.what) for problem in found.problems] == [
        ("too-large", "a text of several outputs above 4 MiB: they were not told apart"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "azureuser@vm01:~$ df -h\n" * 20_000,
        "\n".join(["$ df -h", FULL, "ip route", ROUTE] * MOST_SECTIONS),
        typed(("df -h", "Filesystem " + "Use% " * 40_000 + "\n"), ("x", "New-NetFirewallRule " * 10_000)),
        typed(("df -h", FULL)) + "== a" + "-" * 1_000_000 + "\n" + "a" * 1_000_000 + "@",
        typed(("df -h", FULL)) + "\n" * 99_000,
        typed(("df -h", FULL)) + "x\b" * 500_000,
        typed(("df -h", FULL)) + "".join(f"# comment {number}\n" for number in range(99_000)),
        typed(("df -h", FULL)) + "".join(f"# cat /etc/{number}\n" for number in range(99_000)),
    ],
    ids=["prompts", "outputs", "long lines", "marks", "blank lines", "backspaces", "comments", "files"],
)
def test_nothing_takes_long(text: str, tmp_path: Path, knowledge: Knowledge) -> None:
    begun = time.process_time()
    read(text, tmp_path, knowledge)
    assert time.process_time() - begun < 10


PIECES = [
    "azureuser@vm01:~$ df -h\n",
    "$ ip route\n",
    "C:\\>ver\n",
    "PS C:\\> x\n",
    FULL,
    ROUTE,
    AGENT,
    FIREWALL,
    "\n",
    "text\n",
    "\x1b[0m",
    "\b",
    "\r\n",
    "==> /etc/fstab <==\n",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12), st.booleans())
@settings(deadline=None, max_examples=150)
def test_sections_lie_one_behind_the_other_at_the_lines_they_tell(pieces: list[str], prompted: bool) -> None:
    text = plain("".join(pieces).encode("utf-8", "replace"))
    before = end = 0
    for section in CUTTER.sections("x.txt", text, lone=True, prompted=prompted):
        assert section.begin >= end or section.begin == before  # one output may have several formats
        before, end = section.begin, section.end
        assert text[: section.begin].count(b"\n") == section.above
        assert section.begin == 0 or text[section.begin - 1 : section.begin] == b"\n"
        assert section.above < section.first <= section.last <= section.above + text[section.begin : section.end].count(b"\n") + 1


CUTTER = Cutter(list(load().formats.values()))
