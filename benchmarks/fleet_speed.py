"""How fast is a fleet: two workers against one, against ripgrep on the same bytes already unpacked, and how much memory a worker takes.

    python benchmarks/fleet_speed.py                    2,000 zip bundles of 2 MB of logs each
    python benchmarks/fleet_speed.py --signatures 200   with made-up signatures, too: a report then has two dozen causes
    python benchmarks/fleet_speed.py --bundles 60       a small run
    python benchmarks/fleet_speed.py --size 12          about 2 MB when packed: such logs shrink to a sixth

Compared are whole commands with warm caches, in interleaved rounds, medians: `backuptrace fleet BUNDLES -o OUT --fresh --jobs N`, which unpacks, judges,
writes a report for each bundle and the tables, and one `rg -j2 -c -f PATTERNS FOLDER`, which only counts lines that the same patterns hit.
CPU seconds are those of all processes together. Memory: the highest peak (VmHWM) of any worker, and that of the process that started them; where
/proc tells it. Bundles and signatures are made under --work once and kept. Wait some minutes between two runs of this script: ext4 searches long for
inodes where thousands were freed a moment ago, which costs a fleet up to a tenth of its time; or let it write elsewhere (--out).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any, NamedTuple

import speed_logs
import speed_rules
from scan_speed import apart
from speed_children import Run, run

HERE = Path(__file__).resolve().parent
MB = 1_000_000
VARIANTS = 8
"""Different logs; each bundle holds one of them behind a beginning and before an end of its own."""
SYSTEMS = [("Ubuntu", "22.04"), ("Debian GNU/Linux", "12"), ("Red Hat Enterprise Linux", "9.4")]
AGENTS = ["2.9.1.1", "2.11.1.4", "2.13.1.1"]
LOG = "var/log/waagent.log"
LOOK_S = 0.2
"""Seconds between two looks at the memory of the processes."""


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "backuptrace-speed", help="folder for bundles, signatures and the cache")
    parser.add_argument("--bundles", type=int, default=2000)
    parser.add_argument("--size", type=float, default=2.0, help="MB of logs in each bundle, unpacked (default 2)")
    parser.add_argument("--signatures", type=int, default=0, help="made-up signatures beside the built-in ones, which is what most fleets are judged by")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--command", default=f"{sys.executable} -m backuptrace", help="how backuptrace is started")
    parser.add_argument("--rg", default=shutil.which("rg"), help="ripgrep; without it only backuptrace is measured")
    parser.add_argument("--out", type=Path, help="folder under which each run writes its results (default: the one of --work)")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/<date>-fleet.json")
    args = parser.parse_args()
    args.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = args.work / f"fleet-{args.bundles}-{args.size:g}"
    apart(_prepare, args.work, place, args.bundles, int(args.size * MB), args.signatures)
    row = _measure(args, place, [int(text) for text in args.jobs.split(",")])
    for name, value in row.items():
        print(f"{name:28} {value}")
    if args.save:
        now = datetime.now(timezone.utc)
        target = HERE / "results" / f"{now:%Y-%m-%d}-fleet.json"
        result = {"made": f"{now:%Y-%m-%dT%H:%MZ}", "machine": platform.machine(), "cpus": os.cpu_count(), "python": platform.python_version(), "rows": [row]}
        target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


def _measure(args: argparse.Namespace, place: Path, jobs: list[int]) -> dict[str, Any]:
    # As where it is installed: its modules are compiled once, not by each process.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"BACKUPTRACE_CACHE": str(args.work / "cache")}
    named = [str(place / "zips"), "--signatures", str(args.work / f"signatures-{args.signatures}"), "--quiet", "--fresh"]
    took: dict[int, list[Watched]] = {count: [] for count in jobs}
    rg: list[Run] = []
    subprocess.run([*args.command.split(), "causes", "list", *named[1:3]], env=environment, stdout=subprocess.DEVNULL, check=True)
    with tempfile.TemporaryDirectory(dir=args.out or args.work) as scratch:
        for number in range(args.rounds):
            for count in jobs:
                # A folder of its own for each: ext4 searches long for inodes where thousands were freed a moment ago (recently_deleted).
                out = f"{scratch}/out-{number}-{count}"
                os.sync()
                took[count].append(_watched([*args.command.split(), "fleet", *named, "-o", out, "--jobs", str(count)], environment))
            if args.rg:
                patterns = args.work / f"patterns-{args.signatures}.txt"
                os.sync()
                rg.append(run([args.rg, "-j2", "-c", "-f", str(patterns), str(place / "logs")]))
    row: dict[str, Any] = {
        "bundles": args.bundles,
        "made-up signatures": args.signatures,
        "MB each": args.size,
        "MB packed": round(_bytes(place / "zips") / MB, 1),
        "rounds": args.rounds,
    }
    wall = {count: median(one.wall for one in took[count]) for count in jobs}
    cpu = {count: median(one.cpu for one in took[count]) for count in jobs}
    for count in jobs:
        row |= {f"{count} workers s": round(wall[count], 2), f"{count} workers ms a bundle": round(wall[count] / args.bundles * 1000, 2)}
        row |= {f"{count} workers CPU s": round(cpu[count], 2), f"{count} workers CPU ms a bundle": round(cpu[count] / args.bundles * 1000, 2)}
        row[f"{count} workers peak MB"] = round(max(one.worker for one in took[count]) / 1000) or None
        row[f"{count} workers, parent peak MB"] = round(max(one.parent for one in took[count]) / 1000) or None
    if {1, 2} <= set(jobs):
        row["1 worker / 2 workers"] = round(wall[1] / wall[2], 2)
    if rg:
        most, rg_wall, rg_cpu = max(jobs), median(one.wall for one in rg), median(one.cpu for one in rg)
        row |= {"rg -j2 s": round(rg_wall, 2), "rg -j2 CPU s": round(rg_cpu, 2)}
        row |= {f"{most} workers / rg": round(wall[most] / rg_wall, 2), f"{most} workers / rg, CPU": round(cpu[most] / rg_cpu, 2)}
    return row


class Watched(NamedTuple):
    """Wall and CPU seconds of a run; the highest peaks (kB) of a process that it started and of its own."""

    wall: float
    cpu: float
    worker: int
    parent: int


def _watched(command: list[str], environment: dict[str, str]) -> Watched:
    workers, parents = [0], [0]
    before, begin = os.times(), time.perf_counter()
    with tempfile.TemporaryFile() as complaint:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=complaint)
        ended = Event()

        def look() -> None:
            while not ended.wait(LOOK_S):
                workers.extend(_peak(child) for child in _children(process.pid))
                parents.append(_peak(str(process.pid)))

        watcher = Thread(target=look)
        watcher.start()
        process.wait()
        wall, after = time.perf_counter() - begin, os.times()
        ended.set()
        watcher.join()
        if process.returncode:
            complaint.seek(0)
            raise SystemExit(f"{' '.join(command)}\nended with {process.returncode}: {complaint.read().decode(errors='replace')}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Watched(wall, cpu, max(workers), max(parents))


def _children(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


def _peak(pid: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _prepare(work: Path, place: Path, bundles: int, size: int, signatures: int) -> None:
    """Makes what is not there yet; the patterns for ripgrep always anew, because built-in signatures change."""
    os.environ["BACKUPTRACE_CACHE"] = str(work / "cache")
    folder = work / f"signatures-{signatures}"
    speed_rules.write(folder, signatures, speed_rules.cause_ids())
    speed_rules.write_patterns(folder, work / f"patterns-{signatures}.txt")
    if (place / "ready").exists():
        return
    shutil.rmtree(place, ignore_errors=True)
    for name in ("zips", "logs"):
        (place / name).mkdir(parents=True)
    bodies = []
    for number in range(VARIANTS):
        body = place / f"body-{number}"
        speed_logs.synthetic(body, size, seed=number)
        bodies.append(body.read_bytes()[:size].rpartition(b"\n")[0] + b"\n")
        body.unlink()
    for number in range(bundles):
        log, release = _machine(number, bodies[number % VARIANTS])
        with zipfile.ZipFile(place / "zips" / f"vm{number:05}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(LOG, log)
            archive.writestr("etc/os-release", release)
        (place / "logs" / f"vm{number:05}.log").write_bytes(log)
    (place / "ready").touch()


def _machine(number: int, body: bytes) -> tuple[bytes, str]:
    """The log of one VM and what its system is called. Every seventh loses the host in the end, most of those with the oldest agent."""
    rng = random.Random(number)
    failing = number % 7 == 0
    agent = AGENTS[0] if failing and rng.random() < 0.8 else rng.choice(AGENTS)
    name, version = rng.choice(SYSTEMS)
    first = body[:19].decode()
    last = datetime.fromisoformat(body.rpartition(b"\n20")[2][:17].decode().join(("20", "")))
    begin = f"{first}.000001Z INFO Daemon Daemon Azure Linux Agent Version: {agent}\n".encode()
    lines = [
        "INFO Daemon Daemon WireServer is not responding. Reset dhcp endpoint",
        "INFO Daemon Daemon Protocol endpoint not found: [ProtocolError] [HttpError] GET http://168.63.129.16/ -- IOError timed out -- 6 attempts made",
        "INFO Daemon Daemon Retry detect protocol: retry=0",
    ]
    end = "".join(f"{last + timedelta(seconds=n + 1):%Y-%m-%dT%H:%M:%S.000001Z} {line}\n" for n, line in enumerate(lines)) if failing else ""
    return begin + body + end.encode(), f'NAME="{name}"\nVERSION_ID="{version}"\nPRETTY_NAME="{name} {version}"\n'


if __name__ == "__main__":
    sys.exit(main())
