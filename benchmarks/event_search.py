"""What the search of raw chunks and of each record's XML saves a scan with the shipped signatures, by channel, against parsing everything.

    python benchmarks/event_search.py [--chunks 200] [--rounds 5] [FOLDER]

The logs are made: the mixture of sources of an ordinary server, a week or two a megabyte, the events that signatures look at where they belong. With a FOLDER
the real logs in it are measured too, all together. Processor seconds of reading and scanning the one file, in turns, the medians of the rounds; the run fails
if the hits, the times that the log covers or the number of records differ.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import evtxwriter
from evtxwriter import Entry
from turns import ratio, taken

from backuptrace.bundle.opening import open_bundle
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.model import Log, Span
from backuptrace.scanning.eventforms import EVTX
from backuptrace.scanning.eventroutes import Routes
from backuptrace.scanning.events import EventFiles
from backuptrace.scanning.lines import BUFFER

START = 1_795_393_984_000_000
DAY = 86_400_000_000
Data = list[tuple[str, "str | int | bytes"]]
Maker = Callable[[random.Random, int], list[Entry]]
"""From a source of chance and the number of the day to the events of the day; their numbers do not count."""

SID, LOGON = "S-1-5-18", "0x3e7"


def classic(*values: str) -> Data:
    return [("", value) for value in values]


def params(*values: str) -> Data:
    return [(f"param{n}", value) for n, value in enumerate(values, 1)]


def application(rng: random.Random, day: int) -> list[Entry]:
    """A server with a database: its own messages every quarter of an hour, licensing, storage engine; VSS at the nightly backup, an installation a week."""

    def add(provider: str, event_id: int, data: Data, level: int = 4, at: float | None = None) -> None:
        when = START + day * DAY + int((rng.random() if at is None else at) * DAY)
        out.append(Entry(provider, event_id, when, 0, "Application", level=level, data=data, classic=True))

    out: list[Entry] = []
    for _ in range(96):
        add("MSSQLSERVER", 18265, classic("Log was backed up. Database: app, creation date(time): 2026/01/05(10:11:12), first LSN: 1:2:3, last LSN: 4:5:6."))
    for _ in range(60):
        add("Microsoft-Windows-Security-SPP", rng.choice([16384, 16394, 902, 903, 1003, 1066]), classic("2026-11-24T02:10:11Z", "RulesEngine", "0x0"))
        add("ESENT", rng.choice([102, 103, 105, 326, 327]), classic("svchost", "1234,D,0", "DS_Token_DB: ", "0", "10", "00", f"{rng.random()}"))
    for _ in range(12):
        update = ("0", "WindowsUpdateFailure3", "Not available", "0", "10.0.17763.1", "8024402c", "00000000-0000-0000-0000-000000000000", "Scan", "0")
        add("Windows Error Reporting", 1001, classic("", *update))
        add("Microsoft-Windows-RestartManager", 10000, classic("0", f"2026-11-{rng.randrange(1, 28):02}T10:11:12Z"))
    for at in (0.1, 0.104):
        add("VSS", 8224, classic(), at=at)
        add("ESENT", 2001, classic("wsbapp", "1234", "", "1"), at=at)
    if day % 7 == 0:
        for n in range(8):
            add("MsiInstaller", rng.choice([1040, 1042, 11707, 1033]), classic("Contoso Agent", "1.2.3", "1033", "0", "Contoso", "(NULL)"), at=0.5 + n / 1e4)
    return out


def applocker(rng: random.Random, day: int) -> list[Entry]:
    """Every program that is started, allowed."""

    def entry() -> Entry:
        path = f"%SYSTEM32%\\TOOL{rng.randrange(400)}.EXE"
        fields = [("PolicyNameLength", "3"), ("PolicyName", "EXE"), ("RuleName", "(Default Rule) All files located in the Windows folder")]
        fields += [("TargetUser", SID), ("TargetProcessId", "4711"), ("FilePath", path), ("FileHash", f"{rng.getrandbits(256):064X}"), ("Fqbn", "-")]
        when = START + day * DAY + rng.randrange(DAY)
        user: evtxwriter.Tree = ("RuleAndFileData", [(name, value) for name, value in fields])
        return Entry("Microsoft-Windows-AppLocker", 8002, when, 0, "Microsoft-Windows-AppLocker/EXE and DLL", level=4, user=user)

    return [entry() for _ in range(400)]


def security(rng: random.Random, day: int) -> list[Entry]:
    """Logons, privileges, programs."""
    out = []
    for _ in range(600):
        event_id = rng.choice([4624, 4624, 4634, 4672, 4688, 5140])
        data: Data = [("SubjectUserSid", SID), ("SubjectUserName", f"person{rng.randrange(90)}"), ("SubjectDomainName", "CONTOSO"), ("SubjectLogonId", LOGON)]
        if event_id == 4688:
            data += [("NewProcessName", f"C:\\Windows\\System32\\tool{rng.randrange(40)}.exe"), ("CommandLine", f"tool /run {rng.random()}")]
        elif event_id != 4634:
            data += [("TargetUserName", f"person{rng.randrange(90)}"), ("LogonType", "3"), ("IpAddress", f"10.0.0.{rng.randrange(250)}"), ("IpPort", "50123")]
        when = START + day * DAY + rng.randrange(DAY)
        out.append(Entry("Microsoft-Windows-Security-Auditing", event_id, when, 0, "Security", level=0, data=data))
    return out


def system(rng: random.Random, day: int) -> list[Entry]:
    """States of services above all: every chunk holds some."""
    out = []
    names = ("WMI Performance Adapter", "Software Protection", "Windows Update", "Windows Modules Installer", "Network Setup Service", "App Readiness")
    for _ in range(60):
        state = params(rng.choice(names), rng.choice(["running", "stopped"]))
        out.append(Entry("Service Control Manager", 7036, START + day * DAY + rng.randrange(DAY), 0, data=[*state, ("Binary", "Svc/4".encode("utf-16-le"))]))
    for provider, event_id, count in (("Microsoft-Windows-Kernel-General", 16, 30), ("Microsoft-Windows-WindowsUpdateClient", 44, 6), ("disk", 153, 2)):
        times = (START + day * DAY + rng.randrange(DAY) for _ in range(count))
        out += [Entry(provider, event_id, at, 0, data=params("24", "\\SystemRoot\\x", "1")) for at in times]
    for _ in range(8):
        clsid = ("application-specific", "Local", "Activation", "{8D8F4F83-3594-4F07-8369-FC3C3CAE4919}", "{F72671A9-012C-4725-9D2F-2A4D32D65169}")
        at = START + day * DAY + rng.randrange(DAY)
        out.append(Entry("Microsoft-Windows-DistributedCOM", 10016, at, 0, level=3, data=params(*clsid, "NT AUTHORITY", "SYSTEM", SID)))
    return out


CHANNELS: dict[str, tuple[Maker, float]] = {
    "Application": (application, 0.6),
    "AppLocker": (applocker, 0.6),
    "Security": (security, 0.6),
    "System": (system, 1.05),
}
"""How a log of the channel is made, and the share of the time that the search may leave."""


def made(maker: Maker, chunks: int) -> bytes:
    """A log of about so many chunks."""
    out: list[Entry] = []
    rng, day = random.Random(7), 0
    while len(out) < chunks * 100:
        out += sorted(maker(rng, day), key=lambda entry: entry.time)
        day += 1
    return evtxwriter.written([replace(entry, number=number) for number, entry in enumerate(out, 1)])


Found = list[tuple[str, dict[str, int], dict[int, Span], int | None]]
"""Of each log its format, the hits of each slot, the times that it covers, its records."""


class Everything(Routes):
    """Without the search: every chunk is parsed, every record is an event."""

    def wanted(self, chunk: bytes) -> bool:  # noqa: ARG002  # all are
        return True

    def picked(self, xmls: list[str]) -> set[int]:
        return set(range(len(xmls)))


def scanned(folder: Path, knowledge: Knowledge, routes: Routes) -> tuple[Found, str]:
    """(what was found, how many chunks were skipped, as the logs tell)."""
    files, logs = EventFiles(knowledge, [], routes), list[Log]()
    with open_bundle(folder) as bundle:
        for artifact in bundle.artifacts():
            files.read(artifact, EVTX, artifact)
    files.scan(logs, [], bytearray(BUFFER))
    found = [(log.format, {slot: hits.total for slot, hits in log.hits.items()}, log.spans, log.records) for log in logs]
    return found, "; ".join(note for log in logs for note in log.notes if "not parsed" in note)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="real event logs")
    parser.add_argument("--chunks", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    knowledge = load()
    routes, everything = Routes(knowledge.formats.values()), Everything(knowledge.formats.values())
    missed = 0
    print(f"{'log':<12} {'MB':>5} {'hits':>6} {'all s':>8} {'search s':>9} {'ratio':>6} {'goal':>5}")
    with tempfile.TemporaryDirectory() as place:
        sets: dict[str, tuple[Path, float]] = {}
        for name, (maker, goal) in CHANNELS.items():
            sets[name] = Path(place) / name, goal
            sets[name][0].mkdir()
            (sets[name][0] / f"{name}.evtx").write_bytes(made(maker, args.chunks))
        if args.folder:
            sets["real"] = args.folder, 1.05
        for name, (folder, goal) in sets.items():
            found, skipped = scanned(folder, knowledge, routes)
            if found != scanned(folder, knowledge, everything)[0]:
                raise SystemExit(f"{name}: other events were found")
            ways = {"all": partial(scanned, folder, knowledge, everything), "search": partial(scanned, folder, knowledge, routes)}
            seconds = taken(ways, args.rounds)
            share = ratio(seconds["search"], seconds["all"])
            hits = sum(sum(log[1].values()) for log in found)
            size = sum(path.stat().st_size for path in folder.rglob("*.evtx")) / 1e6
            missed += share > goal
            shown = f"{median(seconds['all']):>8.3f} {median(seconds['search']):>9.3f} {share:>6.2f} {goal:>5.2f}"
            print(f"{name:<12} {size:>5.1f} {hits:>6} {shown}   {skipped[:60] if name != 'real' else ''}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
