"""What a command at a prompt tells: the program, the file whose lines it shows, whether somebody chose them, whose output it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backuptrace.knowledge.commands import Command, understood


@pytest.mark.parametrize(
    ("typed", "text", "shown"),
    [
        ("df -h", "df -h", ""),
        ("sudo -n /usr/bin/df -h / 2>/dev/null", "df -h / 2>/dev/null", ""),
        ("LC_ALL=C df -h", "df -h", ""),
        (r"C:\Windows\System32\vssadmin.exe list writers", "vssadmin list writers", ""),
        ("cd /var/log && sudo cat waagent.log", "cat waagent.log", "waagent.log"),
        ("sudo tail -n 200 /var/log/waagent.log", "tail -n 200 /var/log/waagent.log", "var/log/waagent.log"),
        ("tail -f /var/log/waagent.log.1 | less", "tail -f /var/log/waagent.log.1", "var/log/waagent.log.1"),
        (
            r"Get-Content C:\WindowsAzure\Logs\WaAppAgent.log -Tail 50",
            r"Get-Content C:\WindowsAzure\Logs\WaAppAgent.log -Tail 50",
            "WindowsAzure/Logs/WaAppAgent.log",
        ),
        (r'type "C:\Program Files\x y.log"', r'type "C:\Program Files\x y.log"', "?"),
        ("cat", "cat", "?"),
        ("cat /etc/waagent.conf /etc/os-release", "cat /etc/waagent.conf /etc/os-release", "?"),
        ("type of the file /etc/waagent.conf", "type of the file /etc/waagent.conf", "?"),
        ("grep -A 3 'Extensions Enabled' /etc/waagent.conf", "grep -A 3 'Extensions Enabled' /etc/waagent.conf", "etc/waagent.conf"),
        ("gc C:\\WaAppAgent.log -Tail 9 -Encoding utf8", "gc C:\\WaAppAgent.log -Tail 9 -Encoding utf8", "WaAppAgent.log"),
        ("category x", "category x", ""),
    ],
)
def test_the_program_and_the_file_that_it_shows(typed: str, text: str, shown: str) -> None:
    found = understood(typed)
    assert (found.text, found.shown) == (text, shown)


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("grep -i error /var/log/waagent.log", True),
        ("cat /var/log/waagent.log | grep -v INFO", True),
        ("df -h | awk '{print $5}'", True),
        ("Get-Service | Where-Object Status -eq Stopped", True),
        ("journalctl -u walinuxagent -p err", True),
        ("journalctl -u walinuxagent --since today", False),
        ("Get-Content x.log | Select-String error", True),
        ("df -h | cat", False),
        ("systemctl status walinuxagent", False),
        ("cat /var/log/waagent.log | more", False),
    ],
)
def test_whether_lines_were_chosen(typed: str, chosen: bool) -> None:
    assert understood(typed).chosen is chosen


@pytest.mark.parametrize(
    "typed", ["ssh vm02 df -h", "sudo docker exec web df -h", r"sc \\vm02 query VSS", "Get-Service -ComputerName vm02 VSS", "echo x; ssh vm02 df -h"]
)
def test_what_is_of_another_machine_or_system(typed: str) -> None:
    assert understood(typed).elsewhere


@pytest.mark.parametrize("typed", ["Test-NetConnection -ComputerName 168.63.129.16 -Port 80", "df -h; df -i", "Get-Service VSS"])
def test_what_is_not(typed: str) -> None:
    assert not understood(typed).elsewhere


def test_of_a_chain_nobody_knows_which_part_printed_what() -> None:
    assert understood("df -h; ip route").several
    assert not understood("date; df -h; echo done").several


@given(st.text(max_size=700))
def test_any_text_is_taken(typed: str) -> None:
    assert isinstance(understood(typed), Command)
