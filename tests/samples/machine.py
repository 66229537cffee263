"""A made-up machine and the streams of lines that it writes, each on its own clock."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

HANDLER = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
FOREIGN = "Contoso.Monitoring.LinuxAgent-1.14.2"
EXTENSION = f"var/log/azure/{HANDLER}/"
BEGIN = datetime(2026, 3, 2, 4, 11, 7, 123456, tzinfo=timezone.utc)
WEEKS = timedelta(days=14)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Clock = Literal["iso", "yearless", "rfc3339"]


@dataclass(frozen=True)
class Profile:
    """A machine. `hours`: its zone, from UTC; `named`: whether /etc/timezone tells it; `syslog`: name of the system log, "" without one."""

    name: str
    agent: str
    distro: str
    python: str
    hours: int = 0
    named: bool = True
    syslog: str = "syslog"
    clock: Clock = "yearless"
    cron: bool = True
    dense: bool = True
    off: tuple[int, int] | None = None
    """Days between which the machine was deallocated."""
    quiet_end: timedelta = 7 * MINUTE
    """From the last line of the agent to the collection."""
    newer: str = ""
    """The release that the agent updates itself to."""
    console: bool = True
    """Whether the system log keeps what the agent prints."""
    zone: str = ""
    """A zone with summer time instead of `hours`."""
    begin: datetime = BEGIN
    fresh: bool = False
    """Whether the agent's log was rotated just before the collection."""


PROFILES = [
    Profile("ubuntu-2.13-updates", "2.13.1.1", "ubuntu 22.04", "3.10.12", newer="2.15.0.1", clock="rfc3339"),
    Profile("ubuntu-2.9-berlin", "2.9.1.1", "ubuntu 20.04", "3.8.10", hours=2, quiet_end=29 * MINUTE),
    Profile("rhel-2.7-no-cron", "2.7.0.6", "redhat 8.8", "3.6.8", hours=-7, syslog="messages", cron=False, dense=False, quiet_end=29 * MINUTE),
    Profile("centos-2.2.45-local", "2.2.45", "centos 7.9", "2.7.5", hours=2, syslog="messages"),
    Profile("debian-2.2.47-zone-unknown", "2.2.47", "debian 11.11", "2.7.18", hours=2, named=False, cron=False, dense=False, quiet_end=29 * MINUTE),
    Profile("ubuntu-2.12-zone-unknown", "2.12.0.4", "ubuntu 22.04", "3.10.12", hours=2, named=False, quiet_end=29 * MINUTE),
    Profile("ubuntu-2.11-west-unknown", "2.11.1.12", "ubuntu 22.04", "3.10.12", hours=-7, named=False),
    Profile("sles-2.12-off-at-the-weekend", "2.12.0.4", "suse 15", "3.6.15", hours=2, syslog="messages", clock="rfc3339", off=(5, 7)),
    Profile("ubuntu-2.12-zone-and-console-unknown", "2.12.0.4", "ubuntu 22.04", "3.10.12", hours=2, named=False, console=False, quiet_end=29 * MINUTE),
    Profile("rhel-2.9-summer-time", "2.9.1.1", "redhat 8.8", "3.6.8", zone="Europe/Berlin", syslog="messages", begin=BEGIN + 20 * DAY, quiet_end=29 * MINUTE),
    Profile("rhel-2.9-summer-time-unnamed", "2.9.1.1", "redhat 8.8", "3.6.8", zone="America/New_York", named=False, syslog="messages", begin=BEGIN - 2 * DAY),
    Profile("debian-2.11-new-year", "2.11.1.12", "debian 12", "3.11.2", hours=-7, begin=BEGIN + 299 * DAY, quiet_end=29 * MINUTE),
    Profile("ubuntu-2.14-fresh-log", "2.14.0.1", "ubuntu 24.04", "3.12.3", clock="rfc3339", fresh=True, quiet_end=29 * MINUTE),
    Profile("ubuntu-2.8-sparse", "2.8.0.11", "ubuntu 18.04", "3.6.9", hours=2, cron=False, dense=False, quiet_end=29 * MINUTE),
    Profile("ubuntu-2.2.46", "2.2.46", "ubuntu 18.04", "3.6.9", hours=-7, quiet_end=29 * MINUTE),
    Profile("azurelinux-2.15-no-syslog", "2.15.0.1", "azurelinux 3.0", "3.12.3", syslog="", quiet_end=33 * MINUTE),
]


@dataclass
class Streams:
    """Lines as they are written, in order of writing: (UTC, line) for each log."""

    profile: Profile
    random: random.Random
    agent: list[tuple[datetime, str]] = field(default_factory=list)
    system: list[tuple[datetime, str]] = field(default_factory=list)
    extension: list[tuple[datetime, str]] = field(default_factory=list)
    shell: list[tuple[datetime, str]] = field(default_factory=list)
    command: list[tuple[datetime, str]] = field(default_factory=list)

    def local(self, at: datetime) -> datetime:
        if self.profile.zone:
            return at.astimezone(ZoneInfo(self.profile.zone)).replace(tzinfo=timezone.utc)
        return at + timedelta(hours=self.profile.hours)

    def old(self, least: str) -> bool:
        """Whether the agent is older than this release."""
        return [int(part) for part in self.profile.agent.split(".")] < [int(part) for part in least.split(".")]

    def log(self, at: datetime, text: str, level: str = "INFO", thread: str = "ExtHandler", prefix: str = "ExtHandler") -> None:
        """A line of the agent; `prefix` may be empty or a handler in brackets."""
        at += timedelta(microseconds=self.random.randrange(900))
        prefix = prefix and prefix + " "
        if self.old("2.2.46"):
            self.agent.append((at, f"{self.local(at):%Y/%m/%d %H:%M:%S.%f} {level} {prefix}{text}"))
            return
        thread = "" if self.old("2.2.47") else thread + " "
        line = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z {level} {thread}{prefix}{text}"
        self.agent.append((at, line))
        if self.profile.console and ("HEARTBEAT" in text or "running as process" in text):
            self.sys(at, f"python3[{801 + at.day}]: {line}")

    def sys(self, at: datetime, text: str) -> None:
        """A line of the system log: `program: text`."""
        if self.profile.clock == "rfc3339":
            sign = f"{self.profile.hours:+03d}:00"
            self.system.append((at, f"{self.local(at):%Y-%m-%dT%H:%M:%S.%f}{sign} busy01 {text}"))
        else:
            self.system.append((at, f"{self.local(at):%b %e %H:%M:%S} busy01 {text}"))

    def ext(self, at: datetime, text: str) -> None:
        """A normal line of the extension; written by Python 2 it is local time."""
        if self.profile.python.startswith("2."):
            self.extension.append((at, f"{self.local(at):%Y/%m/%d %H:%M:%S} [{HANDLER}-1.0]{text}"))
        else:
            self.extension.append((at, f"{at:%Y-%m-%d %H:%M:%S.%f} [{HANDLER}-1.0]{text}"))

    def frozen(self, at: datetime, text: str) -> None:
        self.extension.append((at, f"{at:%Y/%m/%d %H:%M:%S.%f}  Info  {text} "))

    def sh(self, at: datetime, text: str) -> None:
        self.shell.append((at, f"{at:%a %b %e %H:%M:%S} UTC {at:%Y}- {text}"))
