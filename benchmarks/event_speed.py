"""Records a second of the .evtx reader against python-evtx on the same logs. What the search for wanted words saves: event_search.py.

    python benchmarks/event_speed.py FOLDER                      all *.evtx files below
    python benchmarks/event_speed.py --made 200 --chunks 2       a made log of so many chunks

Three ways of ours: `events`, every record as an event record; `events, at first`, the same with templates that the process has not seen before, each file
anew; `as a scan does`, with the shipped signatures, where only what may be on one becomes an event. The collector of cyclic garbage is off, as it is in the
command line, for all alike; python-evtx gains most by that, a third (`--collector`: on for all, as in a program that does nothing about it). python-evtx
stops at XML text. It is slow, so that only the first `--chunks` sound chunks of each file are read, by all. Processor seconds; the readers take turns file
by file, so that a machine that others use too slows all alike. Printed are the medians of the rounds.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import evtxwriter
from turns import ratio, taken

from backuptrace.knowledge.loading import load
from backuptrace.readers.evtx import Reading, fast, planned, plans, read, screening
from backuptrace.readers.evtx.layout import CHUNK, FILE_HEADER, chunk_header, is_chunk, made_header
from backuptrace.scanning.eventroutes import Routes

SLOW = "python-evtx, XML"
AGAIN = 20
"""Readings of ours for each of python-evtx, which takes some hundred times as long."""


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="real event logs")
    parser.add_argument("--made", type=int, default=0, help="chunks of a made log")
    parser.add_argument("--chunks", type=int, default=1, help="chunks of each file for the comparison with python-evtx")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/<date>-events.json")
    parser.add_argument("--collector", action="store_true", help="leave the collector of cyclic garbage on, for all")
    args = parser.parse_args()
    if not args.collector:
        gc.disable()
    files = [path.read_bytes() for path in sorted(args.folder.rglob("*.evtx"))] if args.folder else []
    if args.made:
        files.append(_made(args.made))
    if not files:
        parser.error("name a folder with .evtx files, or --made")
    rows = _readers([cut for raw in files if (cut := _first_chunks(raw, args.chunks))], args.rounds)
    if args.save:
        now = datetime.now(timezone.utc)
        path = Path(__file__).parent / "results" / f"{now:%Y-%m-%d}-events.json"
        machine = {"machine": platform.machine(), "cpus": os.cpu_count(), "python": platform.python_version()}
        result = {"made": f"{now:%Y-%m-%dT%H:%MZ}", **machine, "collector": args.collector, "rows": rows}
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


def _made(chunks: int) -> bytes:
    """A System log: service events, and in every twentieth chunk one of volsnap and VSS."""
    plain, rare = [], []
    for n in range(1, 2000):
        data: list[tuple[str, str | int | bytes]] = [
            ("param1", f"Service number {n % 50}"),
            ("param2", "running"),
            ("Binary", f"Svc{n % 50}/4".encode("utf-16-le")),
        ]
        plain.append(evtxwriter.Entry("Service Control Manager", 7036, n * 1_000_000, n, data=data))
        rare.append(plain[-1])
    rare[3] = evtxwriter.Entry("volsnap", 36, 4_000_000, 4, data=[("", ""), ("", "C:")], classic=True)
    rare[4] = evtxwriter.Entry("VSS", 12298, 5_000_000, 5, channel="Application", data=[("", "0x80042314")], classic=True)
    common, special = evtxwriter.chunks_of(plain)[0], evtxwriter.chunks_of(rare)[0]
    return evtxwriter.file_of([special if n % 20 == 0 else common for n in range(chunks)])


def _first_chunks(raw: bytes, count: int) -> bytes:
    """The first sound chunks as a file whose header python-evtx believes."""
    pieces = (raw[at : at + CHUNK] for at in range(FILE_HEADER, len(raw), CHUNK))
    kept = [piece for piece in pieces if len(piece) == CHUNK and is_chunk(piece) and chunk_header(piece).whole]
    return made_header(len(kept[:count])) + b"".join(kept[:count]) if kept else b""


def _readers(files: list[bytes], rounds: int) -> list[dict[str, str | int | float]]:
    """By file, so that what is compared lies seconds apart at most; the seconds of all files of a round are added up."""
    routes = Routes(load().formats.values())
    ways: dict[str, Callable[[bytes], int]] = {
        SLOW: _by_python,
        "evtx package, XML": _by_package,
        "backuptrace, events": lambda raw: sum(1 for _ in read(raw, Reading())),
        "backuptrace, events, at first": _at_first,
        "backuptrace, as a scan does": lambda raw: _scanned(raw, routes),
    }
    again = {name: AGAIN for name in ways if name != SLOW}
    count = dict.fromkeys(ways, 0)
    seconds = {name: [0.0] * rounds for name in ways}
    for raw in files:
        for name, one in taken({name: partial(_counted, count, name, way, raw) for name, way in ways.items()}, rounds, again).items():
            seconds[name] = [before + more for before, more in zip(seconds[name], one, strict=True)]
    print(f"{'reader':<34} {'records':>8} {'CPU s':>8} {'records/s':>10} {'x python-evtx':>14}")
    rows: list[dict[str, str | int | float]] = []
    for name, times in seconds.items():
        records = count[name] // (rounds if name == SLOW else rounds * AGAIN + 1)
        if name == SLOW:
            base = records
        faster = ratio(seconds[SLOW], times) * records / base
        print(f"{name:<34} {records:>8} {median(times):>8.3f} {records / median(times):>10.0f} {faster:>14.0f}")
        row = {"records": records, "cpu s": round(median(times), 4), "records/s": round(records / median(times)), "x python-evtx": round(faster)}
        rows.append({"reader": name, **row})
    print()
    return rows


def _counted(count: dict[str, int], name: str, way: Callable[[bytes], int], raw: bytes) -> None:
    count[name] += way(raw)


def _by_package(raw: bytes) -> int:
    pieces = [raw[at : at + CHUNK] for at in range(FILE_HEADER, len(raw), CHUNK)]
    return len(fast.read_xml([fast.bare(piece) for piece in pieces])[0])


def _at_first(raw: bytes) -> int:
    plans.SHELF.clear()
    planned.spans.cache_clear()
    screening.values_of.cache_clear()
    return sum(1 for _ in read(raw, Reading()))


def _scanned(raw: bytes, routes: Routes) -> int:
    reading = Reading()
    return sum(1 for _ in read(raw, reading, routes.wanted, routes.picked)) + reading.skipped_records


def _by_python(raw: bytes) -> int:
    """Records that python-evtx writes as XML; it fails at some."""
    from Evtx.Evtx import Evtx

    count = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.evtx"
        path.write_bytes(raw)
        with Evtx(str(path)) as log:
            for record in log.records():
                try:
                    record.xml()
                except Exception:  # noqa: BLE001  # whatever it stumbles on
                    continue
                count += 1
    return count


if __name__ == "__main__":
    sys.exit(main())
