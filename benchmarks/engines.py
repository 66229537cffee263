"""How much slower are the other engines than Hyperscan, on the same log with the same signatures in the same run?

    python benchmarks/engines.py                 8 MB, built-in signatures and 1,000 made-up ones
    python benchmarks/engines.py --log FILE --signatures 200,1000 --rounds 5

The table shows the CPU seconds of one search of the whole log in blocks (median of the interleaved rounds), the ratio to Hyperscan, and the seconds
that compiling takes without a cache. `re` gets a slice of 1 MB, scaled up. The lines found must be the same, else the run fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import speed_logs
import speed_rules

from backuptrace.knowledge.loading import load
from backuptrace.matcher import Matcher, Pattern, compile_patterns

MB = 1_000_000
BLOCK = 2 << 20
SLICE = MB


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", type=Path, help="an agent log (default: a made-up one)")
    parser.add_argument("--size", type=int, default=8, help="MB of the made-up log")
    parser.add_argument("--signatures", default="0,1000", help="numbers of made-up signatures beside the built-in ones")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", default="hyperscan,re2,re")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        log = args.log or work / "waagent.log"
        if not args.log:
            speed_logs.synthetic(log, args.size * MB)
        data = log.read_bytes()
        print(f"{'signatures':>10} {'patterns':>8} {'engine':>10} {'compile s':>10} {'MB/s':>8} {'x hyperscan':>12}")
        for count in map(int, args.signatures.split(",")):
            _measure(data, _patterns(work, count), count, args.engines.split(","), args.rounds)
    return 0


def _patterns(work: Path, count: int) -> list[Pattern]:
    folder = work / f"signatures-{count}"
    if count:
        speed_rules.write(folder, count, speed_rules.cause_ids())
    return load([folder] if count else [], cached=False).formats["waagent"].shape.patterns


def _measure(data: bytes, patterns: list[Pattern], count: int, engines: list[str], rounds: int) -> None:
    made: dict[str, Matcher] = {}
    compiling: dict[str, float] = {}
    for engine in engines:
        began = time.process_time()
        made[engine] = compile_patterns(patterns, engine=engine)
        compiling[engine] = time.process_time() - began
    head = data[: data.rfind(b"\n", 0, SLICE) + 1] or data
    found = {engine: _lines(matcher, head) for engine, matcher in made.items()}
    if len({frozenset(lines) for lines in found.values()}) != 1:
        raise SystemExit(f"the engines differ: {[len(lines) for lines in found.values()]} hits")
    times: dict[str, list[float]] = {engine: [] for engine in engines}
    for number in range(rounds):
        for engine, matcher in made.items():
            part = head if engine == "re" else data
            if engine != "re" or not number:
                times[engine].append(_seconds(matcher, part) * len(data) / len(part))
    first = median(times[engines[0]])
    for engine in engines:
        seconds = median(times[engine])
        print(f"{count:>10} {len(patterns):>8} {engine:>10} {compiling[engine]:>10.2f} {len(data) / seconds / MB:>8.1f} {seconds / first:>12.1f}")


def _blocks(data: bytes) -> list[memoryview]:
    view, at, blocks = memoryview(data), 0, []
    while at < len(data):
        end = data.rfind(b"\n", at, at + BLOCK) + 1 or len(data)
        blocks.append(view[at:end])
        at = end
    return blocks


def _seconds(matcher: Matcher, data: bytes) -> float:
    blocks = _blocks(data)
    began = time.process_time()
    for block in blocks:
        matcher.scan(block)
    return time.process_time() - began


def _lines(matcher: Matcher, data: bytes) -> set[tuple[int, int]]:
    return {(index, data.rfind(b"\n", 0, end)) for index, end in matcher.scan(memoryview(data))}


if __name__ == "__main__":
    sys.exit(main())
