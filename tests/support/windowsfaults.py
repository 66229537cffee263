"""What Windows logs when a backup fails, one story for each cause that event logs alone can tell, in the noise of a good machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventforms import Told
from windowstexts import SCM, Language, Value, told

NIGHT = 1_773_198_000_000_000
"""2026-03-11 03:00 UTC, when the backup fails."""
MINUTE = 60_000_000
DCOM, UPDATES, MSDTC, USER, APPLOCKER = (
    "Microsoft-Windows-DistributedCOM",
    "Microsoft-Windows-WindowsUpdateClient",
    "Microsoft-Windows-MSDTC 2",
    "User32",
    "Microsoft-Windows-AppLocker",
)
STOPPED: Value = {"en": "stopped", "de": "Beendet", "ja": "停止"}
RUNNING: Value = {"en": "running", "de": "Wird ausgeführt", "ja": "実行中"}
DISABLED: Value = {"en": "disabled", "de": "Deaktiviert", "ja": "無効"}
DEMAND: Value = {"en": "demand start", "de": "Bei Bedarf starten", "ja": "要求による開始"}
SHADOW: Value = {"en": "Volume Shadow Copy", "de": "Volumeschattenkopie", "ja": "Volume Shadow Copy"}
COMPLUS: Value = {"en": "COM+ System Application", "de": "COM+-Systemanwendung", "ja": "COM+ System Application"}
AGENT = "Windows Azure Guest Agent"
FOLDER = r"C:\Packages\Plugins\Microsoft.Azure.RecoveryServices.VMSnapshot\1.0.90.0"
_STAMPS = ("60f1fdae", "ntdll.dll", "10.0.17763.1", "5f7d2c1e", "c0000005", "000000000003a1b9", "1a2c", "01dc5c1e2b3f4a55")
_VOLUME = "\\\\?\\Volume{3a5c1f00-0000-0000-0000-100000000000}\\"
_OK: Value = {
    "en": "0x00000000, The operation completed successfully.\n",
    "de": "0x00000000, Der Vorgang wurde erfolgreich beendet.\n",
    "ja": "0x00000000, この操作を正しく終了しました。\n",
}
_HELD: Value = {
    "en": "0x80042314, The shadow copy provider timed out while holding writes.\n",
    "de": "0x80042314, Zeitlimit überschritten.\n",
    "ja": "0x80042314, タイムアウトしました。\n",
}
_CONTEXT: Value = {
    "en": "\n\nOperation:\n   Executing Asynchronous Operation\n\nContext:\n   Current State: DoSnapshotSet\n   Writer Name: SqlServerWriter",
    "de": "\n\nVorgang:\n   Asynchroner Vorgang wird ausgeführt.\n\nKontext:\n   Aktueller Status: DoSnapshotSet\n   Writername: SqlServerWriter",
    "ja": "\n\n操作:\n   非同期操作を実行しています\n\nコンテキスト:\n   現在の状態: DoSnapshotSet\n   ライター名: SqlServerWriter",
}  # fmt: skip
Row = tuple[float, str, int, Sequence[Value]]
"""Minutes from the night's backup, provider, event id, values."""


@dataclass(frozen=True)
class Fault:
    """A story. evidence: what stands in the first evidence, in every language; quiet: whether the machine is down from the first row on."""

    name: str
    cause: str
    rows: Sequence[Row]
    evidence: str
    note: str
    code: str = "GuestAgentSnapshotTaskStatusError"
    quiet: bool = False

    @property
    def others(self) -> dict[str, bytes]:
        """Files besides the event logs: of a machine that was down at night only the failed job shows when it mattered."""
        return {"az/backup-job-show.json": JOB} if self.quiet else {}


JOB = b"""{"name": "5f2d", "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v/backupJobs/5f2d",
 "properties": {"jobType": "AzureIaaSVMJob", "entityFriendlyName": "vm01", "operation": "Backup", "status": "Failed",
 "startTime": "2026-03-11T03:00:04.5+00:00", "endTime": "2026-03-11T03:41:00+00:00", "activityId": "a-1",
 "errorDetails": [{"errorCode": null, "errorString": "Could not communicate with the VM agent for snapshot status.", "recommendations": []}],
 "extendedInfo": {"tasksList": [{"taskId": "Take Snapshot", "status": "Failed"}]}}}
"""


def _crash(program: str, path: str, minutes: float) -> Row:
    return (minutes, "Application Error", 1000, (program, "1.0.90.0", *_STAMPS, path, r"C:\Windows\SYSTEM32\ntdll.dll", "1f2e3d4c-0000-4a5b-8c9d-0123456789ab"))


def _settings(account: str) -> Sequence[Value]:
    return ("0", "0", "0", "0", "0", "0", "0", "Mutual Authentication Required", account, "1")


FAULTS = [
    Fault(
        "antivirus", "antivirus",
        [_crash("IaaSBcdrExtension.exe", FOLDER + r"\IaaSBcdrExtension.exe", minutes) for minutes in (2, 9, 17)],
        "IaaSBcdrExtension.exe", "The backup extension's program crashes three times in the night, each time in ntdll.dll with an access violation.",
        "VMRestorePointInternalError",
    ),
    Fault(
        "application-control", "application-control",
        [(minutes, APPLOCKER, 8004, ["%OSDRIVE%\\PACKAGES\\PLUGINS\\MICROSOFT.AZURE.RECOVERYSERVICES.VMSNAPSHOT\\1.0.90.0\\IAASBCDREXTENSION.EXE"]) for minutes in (2, 9)],
        "IAASBCDREXTENSION.EXE", "An AppLocker rule for programs does not know the folder of the extensions.",
    ),
    Fault(
        "agent-ends", "windows-agent-unresponsive",
        [
            (-30, SCM, 7034, [AGENT, "1"]),
            (-20, SCM, 7034, [AGENT, "2"]),
            (-10, SCM, 7034, [AGENT, "3"]),
        ],
        "WindowsAzureGuestAgent", "The service of the guest agent ends unexpectedly, and at last nobody starts it again.", "UserErrorGuestAgentStatusUnavailable",
    ),
    Fault(
        "com-disabled", "com-msdtc",
        [(-200, SCM, 7040, [COMPLUS, DEMAND, DISABLED, "COMSysApp"]), (3, SCM, 7000, [COMPLUS, "%%1058"]), (3, DCOM, 10005, ["1058", "COMSysApp", "Unavailable", "{ECABAFBC-7F19-11D2-978E-0000F8757E2A}"])],
        "COMSysApp", "COM+ System Application was disabled in the evening.", "ExtensionSnapshotFailedCOM",
    ),
    Fault(
        "msdtc-account", "com-msdtc", [(-40, MSDTC, 4202, _settings(r"CONTOSO\svc-dtc"))], r"CONTOSO\svc-dtc",
        "The Distributed Transaction Coordinator runs under a service account.", "ExtensionInstallationFailedMDTC",
    ),
    Fault(
        "vss-disabled", "vss-service", [(-200, SCM, 7040, [SHADOW, DEMAND, DISABLED, "VSS"]), (3, "VSS", 39, [_CONTEXT])], "VSS",
        "The service Volume Shadow Copy was disabled in the evening.", "ExtensionFailedVssServiceInBadState",
    ),
    Fault(
        "writes-not-held", "vss-writer", [(minutes, "VSS", 12298, [_VOLUME, "0", _OK, _OK, _HELD, _OK, _CONTEXT]) for minutes in (4, 14)], "0x80042314",
        "The disks are too busy: writes cannot be held for the shadow copy.", "ExtensionFailedVssWriterInBadState",
    ),
    Fault(
        "writer-rejects", "vss-writer", [(4, "VSS", 8229, ["0x800423f4", _CONTEXT])], "0x800423f4", "A VSS writer refuses the shadow copy.",
        "ExtensionFailedVssWriterInBadState",
    ),
    Fault(
        "updates-wait", "pending-reboot",
        [(-600, UPDATES, 21, ["- 2026-03 Cumulative Update for Windows Server 2019 (KB5035849)"])], "KB5035849", "Updates were installed in the evening, nobody restarted.",
        "UserErrorVmProvisioningStateFailed",
    ),
    Fault(
        "shut-down-inside", "vm-shut-down",
        [(-90, USER, 1074, [r"C:\Windows\System32\RuntimeBroker.exe (VM01)", "VM01", {"en": "Other (Planned)", "de": "Sonstiges (geplant)", "ja": "その他 (計画済)"}, "0x80000000",
                            {"en": "power off", "de": "Ausschalten", "ja": "電源オフ"}, "", r"CONTOSO\admin"]), (-89.9, "EventLog", 6006, []), (300, "EventLog", 6005, []), (300.5, SCM, 7036, [AGENT, RUNNING])],
        "RuntimeBroker.exe", "An administrator shuts Windows down from inside and starts it in the morning.", quiet=True,
    ),
]  # fmt: skip


def noise() -> list[Row]:
    """A day of a good machine, from 20 hours before the backup to an hour after it: starts and stops on demand, grumble, a crash of another program."""
    rows: list[Row] = [(-1200, "EventLog", 6005, []), (-1200, "EventLog", 6013, ["", "", "", "", "72", "0 UTC"]), (-1199, SCM, 7036, [AGENT, RUNNING])]
    for hour in range(-19, 2):
        rows += [(hour * 60 + 11, SCM, 7036, ["WMI Performance Adapter", RUNNING]), (hour * 60 + 13, SCM, 7036, ["WMI Performance Adapter", STOPPED])]
        rows.append(
            (
                hour * 60 + 20,
                DCOM,
                10016,
                [
                    "application-specific",
                    "Local",
                    "Activation",
                    "{8D8F4F83-3594-4F07-8369-FC3C3CAE4919}",
                    "{F72671A9-012C-4725-9D2F-2A4D32D65169}",
                    "NT AUTHORITY",
                    "SYSTEM",
                    "S-1-5-18",
                    "LocalHost (Using LRPC)",
                ],
            )
        )
    rows += [
        (-900, "Application Error", 1000, ("notepad.exe", "10.0.17763.1", *_STAMPS, r"C:\Windows\notepad.exe", r"C:\Windows\SYSTEM32\ntdll.dll", "0")),
        (-700, "Microsoft-Windows-Backup", 517, ["2026-03-10T15:20:00Z", "2155347997", "%%2155347997"]),
        (-690, "VSS", 8224, []),
        (6, SCM, 7036, [SHADOW, RUNNING]), (6.1, MSDTC, 4202, _settings(r"NT AUTHORITY\NetworkService")), (9, SCM, 7036, [SHADOW, STOPPED]), (9, "VSS", 8224, []),
    ]  # fmt: skip
    return rows


def events(fault: Fault | None, language: Language = "en") -> list[Told]:
    """The events of a machine with this fault (None: a healthy one) in order of time; record numbers by channel, as Windows counts them."""
    own = list(fault.rows) if fault is not None else []
    broken = {str(values[-1] if event_id == 7040 else values[0]) for _, provider, event_id, values in own if provider == SCM}
    quiet = own[0][0] if fault is not None and fault.quiet else 1e9
    calm = [row for row in noise() if row[0] <= quiet and not _denies(row, fault, broken)]
    numbers: dict[str, int] = {}
    out = []
    for minutes, provider, event_id, values in sorted([*calm, *own], key=lambda row: row[0]):
        event = told(language, NIGHT + int(minutes * MINUTE), 1, provider, event_id, values)
        number = numbers[event.channel] = numbers.get(event.channel, 4000) + 1
        out.append(told(language, event.time, number, provider, event_id, values))
    return out


def _denies(row: Row, fault: Fault | None, broken: set[str]) -> bool:
    """Whether an event of a good machine cannot be, where the story is another one."""
    _, provider, event_id, values = row
    if fault is None or row[0] < min(own[0] for own in fault.rows):
        return False
    if provider == SCM and event_id == 7036 and {"VSS", AGENT} & broken:
        return values[0] in (SHADOW, AGENT)
    return (provider == MSDTC and fault.cause == "com-msdtc") or (provider == "VSS" and event_id == 8224 and "VSS" in broken)
