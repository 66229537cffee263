"""Three samples of one machine whose backup ends in another way in each: sample_logs/windows/{antivirus,application-control,vss-service}.

Its text logs are those of the sample com-msdtc up to the failed attempt; then the agent's logs tell an exit code, and only the event logs why.
`python -m tests.samples.endings` writes them anew (with tests/support on PYTHONPATH).
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

from evtxwriter import Entry, written

ROOT = Path(__file__).parents[2] / "sample_logs" / "windows"
BASE = ROOT / "com-msdtc"
EXTENSION = "Microsoft.Azure.RecoveryServices.VMSnapshot/1.0.74.0"
LOGS, STATUS = f"WindowsAzure/Logs/Plugins/{EXTENSION}/IaaSBcdrExtension1.log", f"Packages/Plugins/{EXTENSION}/Status"
EVENTS = "Windows/System32/winevt/Logs"
PROGRAM = r"PACKAGES\PLUGINS\MICROSOFT.AZURE.RECOVERYSERVICES.VMSNAPSHOT\1.0.74.0\IAASBCDREXTENSION.EXE"
FAILED = "2026-03-17T03:40:"
"""How the lines of the failed attempt begin."""


def files(name: str) -> dict[str, bytes]:
    """The files of a sample by their path in it."""
    return {"antivirus": _antivirus, "application-control": _control, "vss-service": _vss}[name]()


def _at(hour: int, minute: int, second: int) -> int:
    """Microseconds UTC on the day of the failed attempt."""
    return int(datetime(2026, 3, 17, hour, minute, second, tzinfo=timezone.utc).timestamp()) * 1_000_000


def _guest(ending: list[str], exit_code: str, message: str) -> dict[str, bytes]:
    """Logs of a machine with a good backup and one that ends so; without an ending the extension did not start."""
    lines = (BASE / LOGS).read_text().splitlines()
    good = [line for line in lines if not line.startswith(FAILED)]
    agent = (BASE / "WindowsAzure/Logs/WaAppAgent.log").read_text().replace("has exited with Exit code: 7", f"has exited with Exit code: {exit_code}")
    out = {
        "WindowsAzure/Logs/WaAppAgent.log": agent.encode(),
        LOGS: ("\n".join([*good, *ending]) + "\n").encode(),
        f"{STATUS}/11.status": (BASE / STATUS / "11.status").read_bytes(),
    }
    if message:
        told = (BASE / STATUS / "12.status").read_text()
        out[f"{STATUS}/12.status"] = re.sub(r'("message": ")[^"]*', lambda found: found[1] + message, told).encode()
    return out


def _beginning(count: int) -> list[str]:
    """The first lines of the failed attempt."""
    return [line for line in (BASE / LOGS).read_text().splitlines() if line.startswith(FAILED)][:count]


def _logs(**channels: list[Entry]) -> dict[str, bytes]:
    return {f"{EVENTS}/{name}.evtx": written(entries) for name, entries in channels.items()}


def _everyday(first: int) -> list[Entry]:
    """What a System log holds on any day."""
    scm = "{555908d1-a6d7-4695-8e1e-26931d2012f4}"
    told = [("Windows Update", "running"), ("Windows Modules Installer", "stopped"), ("Background Intelligent Transfer Service", "running")]
    return [
        Entry("Service Control Manager", 7036, _at(n, 17, 3), first + n, data=[("param1", told[n % 3][0]), ("param2", told[n % 3][1])], guid=scm)
        for n in range(5)
    ]


def _antivirus() -> dict[str, bytes]:
    faulty = r"C:\Packages\Plugins\Microsoft.Azure.RecoveryServices.VMSnapshot\1.0.74.0\IaaSBcdrExtension.exe"
    texts = [
        "IaaSBcdrExtension.exe", "1.0.74.0", "5f3a7c11", "guardhook64.dll", "7.4.1.220", "5e8b2c90", "c0000005", "000000000001f3a8", "1c40", "01d9f2a4c1b7e350",
        faulty, r"C:\Program Files\Guard Endpoint\guardhook64.dll", "7a0e1f52-3c5b-4c1c-9d0e-6f1b8a2c4d10", "", "",
    ]  # fmt: skip
    crash = Entry("Application Error", 1000, _at(3, 40, 14), 4301, "Application", level=2, data=[("", text) for text in texts], classic=True)
    return {**_guest(_beginning(5), "-1073741819", ""), **_logs(Application=[crash], System=_everyday(9100))}


def _control() -> dict[str, bytes]:
    blocked = Entry(
        "Microsoft-Windows-AppLocker", 8004, _at(3, 40, 4), 512, "Microsoft-Windows-AppLocker/EXE and DLL", level=2,
        user=("RuleAndFileData", [("PolicyNameLength", "3"), ("PolicyName", "EXE"), ("FullFilePath", f"C:\\{PROGRAM}"), ("FilePath", f"%OSDRIVE%\\{PROGRAM}")]),
    )  # fmt: skip
    name = "Microsoft-Windows-AppLocker%4EXE and DLL"
    return {**_guest([], "1260", ""), **_logs(**{name: [blocked]}, System=_everyday(9100))}


def _vss() -> dict[str, bytes]:
    scm = "{555908d1-a6d7-4695-8e1e-26931d2012f4}"
    changed = [("param1", "Volume Shadow Copy"), ("param2", "demand start"), ("param3", "disabled"), ("param4", "VSS")]
    off = Entry("Service Control Manager", 7040, _at(1, 12, 40), 9150, data=changed, guid=scm)
    says = Entry("VSS", 39, _at(3, 40, 18), 4302, "Application", level=2, data=[], classic=True)
    config = (
        "[SC] QueryServiceConfig SUCCESS\r\n\r\nSERVICE_NAME: VSS\r\n        TYPE               : 10  WIN32_OWN_PROCESS\r\n"
        "        START_TYPE         : 4   DISABLED\r\n        SERVICE_START_NAME : LocalSystem\r\n"
    )
    told = _guest(_beginning(5), "7", "The Volume Shadow Copy Service is disabled")
    return {**told, "sc_qc_vss.txt": config.encode(), **_logs(Application=[says], System=[*_everyday(9100), off])}


CASES = {
    "antivirus": (
        "ExtensionOperationFailedForManagedDisks",
        "IaaSBcdrExtension.exe",
        "An endpoint guard loads a library into the extension, which then crashes.",
    ),
    "application-control": ("GuestAgentSnapshotTaskStatusError", "IAASBCDREXTENSION.EXE", "AppLocker allows only programs below Program Files."),
    "vss-service": ("ExtensionFailedVssServiceInBadState", "VSS", "A hardening script disabled the Volume Shadow Copy service."),
}
"""Name (of sample and cause) -> code, words of the evidence, note."""


def write(root: Path = ROOT) -> None:
    """Writes the samples anew."""
    for name, (code, evidence, note) in CASES.items():
        case = f'origin: synthetic\ncause: {name}\noutcome: explained\ncode: "{code}"\nevidence: "{evidence}"\nnote: "{note}"\n'
        for path, data in {**files(name), "case.yml": case.encode()}.items():
            target = root / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


if __name__ == "__main__":
    write()
