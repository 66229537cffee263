"""How fast is a scan, against ripgrep with the same patterns on the same file, on the same machine in the same run?

    python benchmarks/scan_speed.py logs              500 MB logs, 200 and 1,000 signatures
    python benchmarks/scan_speed.py logs --quick      20 MB, one round
    python benchmarks/scan_speed.py start             a small bundle and --help, beyond Python's own start

Compared are whole processes with warm caches: `backuptrace scan LOG --format json -o FILE --signatures DIR` (attempts, coverage and
evidence on; with one process, and with one a processor) and `rg -j1 -c -f PATTERNS LOG`, which only counts lines. The rounds are interleaved;
the tables show medians and the highest peaks, of all processes of a scan together.
Logs and signatures are made under --work once and kept. A ratio under 1 means that backuptrace is the faster one.

synthetic: everyday lines with 0.5 % failures; woven: the lines of all agent logs under --lines over and over, mostly agents that are just starting:
every tenth line is hit, nearly three times; lasting: the same of those logs that cover 20 minutes or more, as in a log of months.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import shutil
import sys
import tarfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import speed_logs
import speed_rules
from speed_children import Run, middle, peak_of_tree, run, warm

HERE = Path(__file__).resolve().parent
MB = 1_000_000
SIZES = {"full": 500, "quick": 20, "tiny": 1}


def main() -> int:
    """Command line."""
    args = _arguments()
    args.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = _logs(args) if args.mode == "logs" else _start(args)
    if not rows:
        return 1
    _table(rows)
    pace = _pace()
    print(f"this Python: {pace} s for a million rounds of a loop with a look-up; its build counts, for ripgrep it does not", file=sys.stderr)
    if args.save:
        now = datetime.now(timezone.utc)
        target = HERE / "results" / f"{now:%Y-%m-%d}-{args.mode}.json"
        target.parent.mkdir(exist_ok=True)
        result = {
            "made": f"{now:%Y-%m-%dT%H:%MZ}",
            "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "pace s": pace,
            "rows": rows,
        }
        target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(f"written to {target}")
    return 0


def _pace() -> float:
    """How fast this Python itself is here, seconds; builds of one version differ by a fifth and more, and with them the ratios."""
    known = {bytes([n]): n for n in range(256)}
    data = bytes(range(256))

    def rounds() -> float:
        begin, total = time.perf_counter(), 0
        for n in range(1_000_000):
            total += known.get(data[n & 255 : (n & 255) + 1], 0)
        return time.perf_counter() - begin

    return round(sorted(rounds() for _ in range(5))[2], 3)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=("logs", "start"), nargs="?", default="logs")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "backuptrace-speed", help="folder for logs, signatures and the cache")
    parser.add_argument("--lines", type=Path, default=_default_lines(), help="folder of bundles whose agent logs are woven into the second log")
    parser.add_argument("--size", type=int, help="MB of each log (default 500)")
    parser.add_argument("--signatures", default="200,1000", help="numbers of made-up signatures")
    parser.add_argument("--jobs", default="1,", help="values of scan's --jobs to measure; an empty one is the default (all processors, up to 4)")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (default 5)")
    parser.add_argument("--quick", action="store_true", help="20 MB, one round")
    parser.add_argument("--bundle", type=Path, help="start: the small bundle (default: one made from the lines)")
    parser.add_argument("--command", default=f"{sys.executable} -m backuptrace", help="how backuptrace is started")
    parser.add_argument("--rg", default=shutil.which("rg"), help="ripgrep; without it only backuptrace is measured")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/<date>-<mode>.json")
    args = parser.parse_args()
    args.size = args.size or SIZES["quick" if args.quick else "full"]
    args.rounds = args.rounds or (1 if args.quick else 5)
    args.command = args.command.split()
    return args


def _default_lines() -> Path:
    collected = HERE.parent.parent / "shared" / "cases"
    return collected if collected.is_dir() else HERE.parent / "sample_logs"


# logs


def _logs(args: argparse.Namespace) -> list[dict[str, Any]]:
    counts = [int(text) for text in args.signatures.split(",")]
    apart(_prepare, args.work, args.size, counts, args.lines)
    environment = {"BACKUPTRACE_CACHE": str(args.work / "cache")}
    rows = []
    for log in sorted(args.work.glob(f"waagent-*-{args.size}.log")):
        warm(log)
        for count in counts:
            patterns = args.work / f"patterns-{count}.txt"
            ours = [*_scan(args, log), "--signatures", str(args.work / f"signatures-{count}")]
            commands = {jobs: [*ours, *(["--jobs", jobs] if jobs else [])] for jobs in args.jobs.split(",")}
            if args.rg:
                commands["rg"] = [args.rg, "-j1", "-c", "-f", str(patterns), str(log)]
            run(ours, environment)
            runs: dict[str, list[Run]] = {name: [] for name in commands}
            for _ in range(args.rounds):
                for name, command in commands.items():
                    runs[name].append(run(command, environment))
            taken = {name: middle(found) for name, found in runs.items()}
            rg = taken.pop("rg", None)
            number = len(patterns.read_bytes().splitlines())
            for jobs, mine in taken.items():
                mine = mine._replace(peak=max(mine.peak, peak_of_tree(commands[jobs], environment)))
                row = {"log": log.stem.removeprefix("waagent-"), "signatures": count, "patterns": number, "jobs": jobs or "all", **_figures("", mine)}
                if rg:
                    row |= {**_figures("rg ", rg), "time / rg": round(mine.wall / rg.wall, 2), "cpu / rg": round(mine.cpu / rg.cpu, 2)}
                rows.append(row)
    return rows


def _scan(args: argparse.Namespace, bundle: Path) -> list[str]:
    return [*args.command, "scan", str(bundle), "--format", "json", "-o", str(args.work / "report.json")]


def apart(work: Any, *args: Any) -> None:
    """Runs a function in a process of its own, so that this one stays small: a child's peak memory begins with its parent's. Raises SystemExit."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=args)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def _prepare(work: Path, size: int, counts: list[int], lines: Path) -> None:
    """Makes what is not there yet: logs, signatures, the patterns for ripgrep (always anew: built-in signatures change)."""
    os.environ["BACKUPTRACE_CACHE"] = str(work / "cache")
    made = work / f"waagent-synthetic-{size}.log"
    if not made.exists():
        speed_logs.synthetic(made, size * MB)
    for name, least in (("woven", timedelta()), ("lasting", speed_logs.LASTING)):
        made = work / f"waagent-{name}-{size}.log"
        if made.exists():
            continue
        if records := speed_logs.records_of(lines, least):
            speed_logs.woven(made, size * MB, records)
        else:
            print(f"no agent log over {least} or more under {lines}: no {name} log", file=sys.stderr)
    causes = speed_rules.cause_ids()
    for count in counts:
        folder = work / f"signatures-{count}"
        speed_rules.write(folder, count, causes)
        speed_rules.write_patterns(folder, work / f"patterns-{count}.txt")


def _figures(who: str, found: Run) -> dict[str, float]:
    return {f"{who}s": round(found.wall, 3), f"{who}cpu s": round(found.cpu, 3), f"{who}peak MB": round(found.peak / MB)}


# start-up


def _start(args: argparse.Namespace) -> list[dict[str, Any]]:
    bundle = args.bundle or args.work / "small.tar.gz"
    if not args.bundle and not bundle.exists():
        apart(_small, bundle, args.lines)
    environment = {"BACKUPTRACE_CACHE": str(args.work / "cache")}
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "--help": [*args.command, "--help"],
        "scan a small bundle": _scan(args, bundle),
    }
    for command in commands.values():
        run(command, environment)
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(args.rounds * 3):
        for name, command in commands.items():
            found[name].append(run(command, environment))
    medians = {name: middle(runs) for name, runs in found.items()}
    bare = medians["python -c pass"]
    return [
        {
            "what": name,
            **_figures("", taken),
            "beyond python s": round(taken.wall - bare.wall, 3),
            "beyond python cpu s": round(taken.cpu - bare.cpu, 3),
            "x python": round(taken.wall / bare.wall, 1),
        }
        for name, taken in medians.items()
    ]


def _small(bundle: Path, lines: Path) -> None:
    """A bundle of about 500 kB with one agent log."""
    log = bundle.with_name("small-waagent.log")
    records = speed_logs.records_of(lines)
    if records:
        speed_logs.woven(log, MB // 2, records)
    else:
        speed_logs.synthetic(log, MB // 2)
    with tarfile.open(bundle, "w:gz") as out:
        out.add(log, "var/log/waagent.log")
    log.unlink()


def _table(rows: list[dict[str, Any]]) -> None:
    names = list(rows[0])
    cells = [names, *([str(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(names))]
    for line in cells:
        print("  ".join(text.rjust(width) if n else text.ljust(width) for n, (text, width) in enumerate(zip(line, widths, strict=True))))


if __name__ == "__main__":
    sys.exit(main())
