"""Samples of Windows causes that show in the logs of agent and backup extension together with the event logs, as collectors bring them.

`python -m tests.samples.extensioncases` writes them anew (with tests/support on PYTHONPATH). Each is a machine with two good nights and a third in which
the backup fails; what differs is how that night goes, the version and layout, and what else was collected.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from evtxwriter import Entry, Tree, written

from .writing import Files, zipped

ROOT = Path(__file__).parents[2] / "sample_logs" / "windows"
NAME = "Microsoft.Azure.RecoveryServices.VMSnapshot"
SCM = "{555908d1-a6d7-4695-8e1e-26931d2012f4}"
LAST = datetime(2026, 4, 22, 1, 30, tzinfo=timezone.utc)
"""When the failed backup begins."""
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PHASES = (
    "Loading configuration {{ConfigFile = C:\\Packages\\Plugins\\{name}\\{version}\\main.config}}", "VCRedist installation state {{ isVCRedist2013Installed = True }}",
    "Service is running now...", "IsCommonProviderDllInstalled {{isCommonProviderInstalledRegKey = True}}", "Provider installed successfully",
    "Registered the provider with VSS", "Waiting for GatherWriterMetadata", "Adding drive to snapshotset....", "Waiting for GatherWriterStatusPreBackup",
    "Waiting for PrepareForBackup", "Waiting for DoSnapshotSet", "DoSnapshotSet {{TimeTaken = 2}}", "Waiting for BackupComplete", "DoSnapshot {{TimeTaken = 3}}",
    "DoSnapshotHost=complete. startTime:{at}, completionTime:{at}, TotalTimeTaken:00:00:01.4",
    "DoSnapshot=complete. WaitResult:True, AnySnapshotFailed:False, AllSnapshotFailed:False, ReturnValue:True, DoSnapshotRunDuration:00:00:01.9",
)  # fmt: skip
"""What a good run logs, two seconds apart."""


@dataclass
class Machine:
    """The logs of one machine as they are written. hundredths: the older stamp of WaAppAgent.log; exe: the program that the agent starts."""

    computer: str
    version: str = "1.0.90.0"
    agent: str = "2.7.41491.1162"
    hundredths: bool = False
    lines: list[tuple[datetime, str, str]] = field(default_factory=list)
    runs: list[tuple[datetime, str, str]] = field(default_factory=list)
    statuses: Files = field(default_factory=dict)
    system: list[Entry] = field(default_factory=list)
    application: list[Entry] = field(default_factory=list)

    @property
    def exe(self) -> str:
        return f"C:\\Packages\\Plugins\\{NAME}\\{self.version}\\IaaSBcdrExtension.exe"

    def log(self, at: datetime, level: str, text: str) -> None:
        """A line of the agent."""
        self.lines.append((at, level, text))

    def ask(self, at: datetime) -> None:
        """The agent gets a backup job and starts the extension."""
        told = [
            ("WARN", "Driving to new goal state .."), ("WARN", "Try installing/enabling extension(s)."),
            ("INFO", f"Getting plugin locations for plugin '{NAME}'. Current Version: '{self.version}', Requested Version: '1.0'"),
            ("INFO", f"Beginning enable of plugin {NAME}."), ("WARN", f"Started a process with the launch command {self.exe}, params: enable"),
            ("INFO", f"Waiting for command {self.exe} of plugin (name {NAME} version {self.version}) to finish..."),
        ]  # fmt: skip
        for second, (level, text) in enumerate(told):
            self.log(at + timedelta(seconds=second), level, text)
        self.system.append(self.service(at + timedelta(seconds=14), "Volume Shadow Copy", "running"))
        self.system.append(self.service(at + timedelta(minutes=3, seconds=20), "Volume Shadow Copy", "stopped"))
        self.application.append(self.event("VSS", 8224, at + timedelta(minutes=3, seconds=20), classic=True))

    def run(self, at: datetime, until: str = "", **last: str) -> datetime:
        """The phases of a run, up to the one that begins with `until`; afterwards the lines of `last` by level. Returns the time of the end."""
        at += timedelta(seconds=6)
        for phase in PHASES:
            self.runs.append((at, "Information", phase.format(name=NAME, version=self.version, at=f"{at:%Y-%m-%dT%H:%M:%SZ}")))
            at += timedelta(seconds=2)
            if until and phase.startswith(until):
                break
        for level, text in last.items():
            self.runs.append((at, level, text))
            at += timedelta(seconds=2)
        return at

    def good(self, at: datetime, number: int) -> None:
        self.ask(at)
        end = self.run(at)
        self.log(end, "INFO", f"Successfully enabled plugin {NAME}")
        self.log(end + timedelta(seconds=1), "WARN", f"Plugin enabled (name: {NAME}, version: {self.version})., Code: 0")
        self.status(end, number, "success", 1, "Snapshot command completed successfully.")

    def status(self, at: datetime, number: int, status: str, code: int, message: str) -> None:
        """The extension's own status file for a sequence number."""
        told = {"name": "VMSnapshot", "operation": "Enable", "status": status, "code": code, "formattedMessage": {"lang": "en-US", "message": message}}
        document = [{"version": "1.0", "timestampUTC": f"{at:%Y-%m-%dT%H:%M:%SZ}", "status": told}]
        self.statuses[f"Packages/Plugins/{NAME}/{self.version}/Status/{number}.status"] = json.dumps(document).encode()

    def event(self, provider: str, event_id: int, at: datetime, level: int = 4, data: Any = (), *, classic: bool = False, user: Tree | None = None) -> Entry:
        channel = "Application" if provider in {"VSS", ".NET Runtime", "Application Error", "MsiInstaller"} else "System"
        time = int(at.timestamp()) * 1_000_000
        return Entry(provider, event_id, time, 1, channel, self.computer, level, data, user, classic, SCM if provider == "Service Control Manager" else "")

    def service(self, at: datetime, name: str, state: str) -> Entry:
        return self.event("Service Control Manager", 7036, at, data=[("param1", name), ("param2", state)])

    def files(self, until: datetime) -> Files:
        """All logs up to the time of collection."""
        begin = LAST - 2 * DAY - timedelta(hours=7)
        beats = [(begin + timedelta(minutes=1 + 10 * n), "HEART", "WindowsAzureGuestAgent Heartbeat.") for n in range(int((until - begin) / (10 * MINUTE)))]
        start = [
            (begin, "INFO", f"WindowsAzureGuestAgent starting. Version {self.agent}"), (begin, "INFO", "Initializing ControlSystem."),
            (begin, "INFO", "Attempting to discover fabric address on interface Ethernet."), (begin, "INFO", "Discovered fabric address on interface Ethernet."),
            (begin, "INFO", "Using fabric address 168.63.129.16 from DHCP."), (begin, "INFO", "ControlSystem initialized with version 2012-11-30."),
            (begin, "INFO", "StateExecutor initialization completed."),
        ]  # fmt: skip
        agent = [self._line(n, *line) for n, line in enumerate(sorted([*start, *beats, *self.lines], key=lambda line: line[0]))]
        folder = f"WindowsAzure/Logs/Plugins/{NAME}/{self.version}"
        days: dict[str, list[str]] = {}
        for at, level, text in self.runs:
            days.setdefault(f"{at:%Y%m%d}", []).append(
                f"{at:%Y-%m-%dT%H:%M:%S}.{at.second * 7919 % 10_000_000:07} [{level}]:\t{text}\r\n".replace(" [", "Z [", 1)
            )
        boot = [self.event("EventLog", 6005, begin - 2 * MINUTE, classic=True), self.service(begin - MINUTE, "Windows Azure Guest Agent", "running")]
        daily = [self.service(begin + timedelta(hours=n), "Windows Update", ("running", "stopped")[n % 2]) for n in range(1, 48, 3)]
        out = {"WindowsAzure/Logs/WaAppAgent.log": "".join(agent).encode()}
        out |= {f"{folder}/IaaSBcdrExtension{number}.log": "".join(lines).encode() for number, lines in enumerate(days.values(), 1)}
        out |= self.statuses
        for channel, entries in (("System", [*boot, *daily, *self.system]), ("Application", self.application)):
            out[f"Windows/System32/winevt/Logs/{channel}.evtx"] = written(_numbered(entries))
        return out

    def _line(self, number: int, at: datetime, level: str, text: str) -> str:
        stamp = f"[{at:%m/%d/%Y %H:%M:%S}.{number * 37 % 100:02}]" if self.hundredths else f"{at:%Y-%m-%dT%H:%M:%SZ}"
        return f"[{(19 if level == 'HEART' else 6):08}] {stamp} [{level}] {' ' if len(level) == 4 else ''}{text}\r\n"


def _numbered(entries: list[Entry]) -> list[Entry]:
    return [Entry(**{**vars(entry), "number": 3000 + place}) for place, entry in enumerate(sorted(entries, key=lambda entry: entry.time))]


def asked(computer: str, **more: Any) -> Machine:
    """With its two good nights, and asked for the third backup."""
    machine = Machine(computer, **more)
    machine.good(LAST - 2 * DAY, 20)
    machine.good(LAST - DAY, 21)
    machine.ask(LAST)
    return machine


def _aggregate(machine: Machine, at: datetime, status: str, code: int, message: str) -> Files:
    """What the agent reports to the platform."""
    handler = {
        "handlerName": NAME,
        "handlerVersion": machine.version,
        "status": status,
        "code": code,
        "formattedMessage": {"lang": "en-US", "message": message},
    }
    agent = {
        "version": machine.agent,
        "status": "Ready",
        "formattedMessage": {"lang": "en-US", "message": "GuestAgent is running and processing the extensions."},
    }
    document = {
        "version": "1.0",
        "timestampUTC": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "aggregateStatus": {"guestAgentStatus": agent, "handlerAggregateStatus": [handler]},
    }
    return {"WindowsAzure/Logs/AggregateStatus/aggregatestatus.json": json.dumps(document, indent=1).encode()}


def _exit(machine: Machine, at: datetime, code: int) -> None:
    machine.log(at, "ERROR", f"Enable command of {NAME} has exited with Exit code: {code}")


def _snapshot_failed() -> Files:
    machine = asked("APP-11")
    failed = "DoSnapshot=complete. WaitResult:True, AnySnapshotFailed:True, AllSnapshotFailed:True, ReturnValue:False, DoSnapshotRunDuration:00:00:12.4"
    end = machine.run(LAST, "DoSnapshot ", Error="DoSnapshotHost failed {StatusCode = 500}", Warning=failed)
    _exit(machine, end, 4)
    machine.status(end, 22, "error", 4, "Snapshot operation failed.")
    return machine.files(LAST + 40 * MINUTE) | _aggregate(machine, LAST + 39 * MINUTE, "Ready", 0, "Plugin enabled")


def _snapshot_limit() -> Files:
    machine = asked("SQL-02", hundredths=True)
    refused = "Snapshot of blob failed {Exception = StorageException: The remote server returned an error: (409) Conflict. ErrorCode:SnapshotCountExceeded}"
    failed = "DoSnapshot=complete. WaitResult:True, AnySnapshotFailed:True, AllSnapshotFailed:True, ReturnValue:False, DoSnapshotRunDuration:00:00:04.1"
    end = machine.run(LAST, "DoSnapshot ", Error=refused, Warning=failed)
    _exit(machine, end, 85)
    machine.status(end, 22, "error", 85, "The snapshot limit has been exceeded for some of the disks")
    results = (
        "Execution start time: 02:11:40.\r\n\r\n========== Request Info ==========\r\nManifest requested: agents\r\n========== End Request Info ==========\r\n\r\n"
        "Inspection Metadata for /dev/sda2\r\nType: windows\r\nDistribution: windows\r\nProduct Name: Windows Server 2019 Datacenter\r\nUsing manifest: agents  [windows]\r\n"
        "02:12:07  Copying Step [4.1] File: /Windows/System32/winevt/Logs/System.evtx SUCCEEDED.  [Operation duration: 0 seconds]\r\n"
    )
    return {"results.txt": results.encode()} | {f"device_0/{path}": data for path, data in machine.files(LAST + 40 * MINUTE).items()}


def _snapshot_delayed() -> Files:
    machine = asked("ERP-04")
    machine.run(LAST, "DoSnapshot ")
    end = LAST + 90 * MINUTE
    machine.log(end, "ERROR", f"Command {machine.exe} of {NAME} has not exited on time! Killing it...")
    _exit(machine, end, -2)
    machine.status(end, 22, "error", 4, "Snapshot operation failed due to inadequate VM resources.")
    machine.system.append(machine.event("disk", 153, LAST + 12 * MINUTE, 3, [("", r"\Device\Harddisk1\DR1"), ("", "0x4f2a10"), ("", "1")], classic=True))
    return machine.files(LAST + 120 * MINUTE) | _aggregate(machine, LAST + 119 * MINUTE, "Ready", 0, "Plugin enabled")


def _out_of_memory() -> Files:
    machine = asked("WEB-07")
    end = machine.run(
        LAST, "Registered", Error="Run failed {Exception = System.OutOfMemoryException: Insufficient memory to continue the execution of the program."
    )
    _exit(machine, end, -532462766)
    text = (
        "Application: IaaSBcdrExtension.exe\nFramework Version: v4.0.30319\nDescription: The process was terminated due to an unhandled exception.\n"
        "Exception Info: System.OutOfMemoryException\n   at System.Text.StringBuilder.ToString()\n"
    )
    program = [
        "IaaSBcdrExtension.exe",
        machine.version,
        "5f3a7c11",
        "KERNELBASE.dll",
        "10.0.17763.1",
        "5e8b2c90",
        "e0434352",
        "0000000000041b39",
        "1c40",
        "01d9f2a4c1b7e350",
        machine.exe,
    ]
    machine.application.append(machine.event(".NET Runtime", 1026, end, 2, [("", text)], classic=True))
    machine.application.append(machine.event("Application Error", 1000, end, 2, [("", part) for part in program], classic=True))
    users: Tree = (
        "ProcessInfo",
        [
            ("Process_1", [("Name", "w3wp.exe"), ("ID", "5120"), ("CommitCharge", "14870589440")]),
            ("Process_2", [("Name", "sqlservr.exe"), ("ID", "2204"), ("CommitCharge", "6101598208")]),
        ],
    )
    whole: Tree = ("MemoryExhaustionInfo", [("SystemInfo", [("SystemCommitLimit", "21474299904"), ("SystemCommitCharge", "21416787968")]), users])
    machine.system.append(machine.event("Microsoft-Windows-Resource-Exhaustion-Detector", 2004, LAST - MINUTE, 3, user=whole))
    return machine.files(LAST + 40 * MINUTE)


def _extension_state() -> Files:
    machine = Machine("FS-03")
    machine.good(LAST - 2 * DAY, 20)
    machine.good(LAST - DAY, 21)
    wanted = "1.0.95.0"
    for minutes in (0, 15, 30):
        at = LAST + minutes * MINUTE
        machine.log(at, "WARN", "Driving to new goal state ..")
        machine.log(at, "INFO", f"Getting plugin locations for plugin '{NAME}'. Current Version: '{machine.version}', Requested Version: '1.0'")
        machine.log(at, "INFO", f"Auto-Upgrade mode. Highest public version for plugin '{NAME}' with requested version: '1.0', is: '{wanted}'")
        machine.log(at + MINUTE, "ERROR", f"Update command of {NAME} has exited with Exit code: 3")
        machine.log(
            at + MINUTE,
            "ERROR",
            f"Update failed for plugin (name: {NAME}, version {wanted}) with exception Command IaaSBcdrExtension.exe of {NAME} has exited with Exit code: 3",
        )
    commands = "".join(
        f"{LAST + minutes * MINUTE:%Y-%m-%dT%H:%M:%SZ} [INFO] Update from {machine.version} to {wanted} begins\r\n"
        f"{LAST + (minutes + 1) * MINUTE:%Y-%m-%dT%H:%M:%SZ} [ERROR] The old version could not be removed: its folder is in use. Exit code 3\r\n"
        for minutes in (0, 15, 30)
    )
    told = f"Update failed for plugin (name: {NAME}, version {wanted})"
    more = {f"WindowsAzure/Logs/Plugins/{NAME}/{wanted}/CommandExecution.log": commands.encode()}
    return machine.files(LAST + 60 * MINUTE) | more | _aggregate(machine, LAST + 59 * MINUTE, "NotReady", 1009, told)


def _unsupported() -> Files:
    machine = Machine("KIOSK-1", agent="2.7.41491.1008", hundredths=True)
    machine.ask(LAST)
    _exit(machine, LAST + MINUTE, 193)
    info = (
        "\r\nHost Name:                 KIOSK-1\r\nOS Name:                   Microsoft Windows 10 Enterprise\r\nOS Version:                10.0.19044 N/A Build 19044\r\n"
        "System Manufacturer:       Microsoft Corporation\r\nSystem Model:              Virtual Machine\r\nSystem Type:               X86-based PC\r\n"
    )
    return machine.files(LAST + 30 * MINUTE) | {"systeminfo.txt": info.encode()}


def _clock() -> Files:
    machine = asked("LAB-05")
    end = machine.run(
        LAST,
        "VCRedist",
        Error="Request failed {Exception = A required certificate is not within its validity period when verifying against the current system clock (0x800B0101)}",
    )
    _exit(machine, end, 13)
    machine.status(end, 22, "error", 13, "The snapshot command failed.")
    change = [("SystemTimeChangeSeconds", "-345600"), ("MaxSystemTimeChangeSeconds", "54000"), ("TimeSource", "VM IC Time Synchronization Provider")]
    machine.system.append(machine.event("Microsoft-Windows-Time-Service", 34, LAST - 20 * MINUTE, 2, change))
    clock = (
        "Leap Indicator: 3(not synchronized)\r\nStratum: 0 (unspecified)\r\nPrecision: -23 (119.209ns per tick)\r\nLast Successful Sync Time: unspecified\r\n"
        "Source: Local CMOS Clock\r\nPoll Interval: 6 (64s)\r\n"
    )
    return machine.files(LAST + 30 * MINUTE) | {"w32tm_status.txt": clock.encode()}


@dataclass(frozen=True)
class Case:
    cause: str
    code: str
    evidence: str
    note: str
    files: Callable[[], Files]
    also: str = ""

    def text(self) -> str:
        """case.yml."""
        also = f"also: [{self.also}]\n" if self.also else ""
        return f'origin: synthetic\ncause: {self.cause}\noutcome: explained\ncode: "{self.code}"\nevidence: "{self.evidence}"\nnote: "{self.note}"\n{also}'


CASES = {
    "snapshot-failed": Case("snapshot-failed", "ExtensionOperationFailedForManagedDisks", "AllSnapshotFailed:True", "The host refuses the snapshot of every disk, though VSS is ready.", _snapshot_failed),
    "snapshot-limit": Case("snapshot-limit", "ExtensionFailedSnapshotLimitReachedError", "SnapshotCountExceeded", "A replication product has left too many snapshots on an unmanaged disk.", _snapshot_limit),
    "snapshot-delayed": Case("snapshot-delayed", "ExtensionFailedTimeoutVMNetworkUnresponsive", "DoSnapshot {TimeTaken", "The host does not answer the call for the snapshot until the agent ends the extension.", _snapshot_delayed),
    "out-of-memory": Case("out-of-memory", "ExtensionFailedOutOfMemoryError", "OutOfMemoryException", "A web server takes all the memory of the machine.", _out_of_memory),
    "extension-update-fails": Case("vmsnapshot-extension-state", "UserErrorVmProvisioningStateFailed", "Update command of", "The backup extension cannot be updated, its old folder is in use.", _extension_state),
    "os-32-bit": Case("os-unsupported", "UserErrorUnSupportedDistribution", "X86", "A 32-bit Windows was uploaded as an image of its own.", _unsupported),
    "clock-wrong": Case("clock-wrong", "GuestAgentCertificateNotFound", "345600", "Somebody set the clock four days ahead for a test of an application.", _clock),
}  # fmt: skip


def write(root: Path = ROOT) -> None:
    """Writes the samples anew."""
    for name, case in CASES.items():
        (root / name).mkdir(exist_ok=True)
        (root / name / "case.yml").write_bytes(case.text().encode())
        zipped(case.files(), root / name / "bundle.zip")


if __name__ == "__main__":
    write()
