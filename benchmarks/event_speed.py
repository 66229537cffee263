"""Records a second of the .evtx reader against python-evtx on the same logs, and what the search of raw chunks saves.

    python benchmarks/event_speed.py FOLDER                      all *.evtx files below
    python benchmarks/event_speed.py FOLDER --made 2000          and a made log of so many chunks for the search
    python benchmarks/event_speed.py --made 2000 --chunks 2      no real logs: the made one for everything

CPU seconds of this process, the best of the interleaved rounds; both readers in the same run. Ours includes the conversion to event records, python-evtx
stops at XML text; it is slow, so that only the first `--chunks` sound chunks of each file are read, by both. The search is measured with several sets
of texts on whole files; the events that hold a text must be the same with and without it, else the run fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import evtxwriter

from backuptrace.matcher import Pattern, compile_patterns
from backuptrace.readers.evtx import Reading, Wanted, fast, read
from backuptrace.readers.evtx.layout import CHUNK, FILE_HEADER, chunk_header, is_chunk, made_header
from backuptrace.readers.winevent import WinEvent

TEXTS = (("IaaSBcdrExtension",), ("volsnap",), ("VSS", "volsnap", "IaaSBcdrExtension"), ("Service Control Manager",))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="real event logs")
    parser.add_argument("--made", type=int, default=0, help="chunks of a made log")
    parser.add_argument("--chunks", type=int, default=1, help="chunks of each file for the comparison with python-evtx")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    files = [path.read_bytes() for path in sorted(args.folder.rglob("*.evtx"))] if args.folder else []
    if args.made:
        files.append(_made(args.made))
    if not files:
        parser.error("name a folder with .evtx files, or --made")
    _readers([cut for raw in files if (cut := _first_chunks(raw, args.chunks))], args.rounds)
    _search(files, args.rounds)
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


def _readers(files: list[bytes], rounds: int) -> None:
    chunks = [[raw[at : at + CHUNK] for at in range(FILE_HEADER, len(raw), CHUNK)] for raw in files]
    ours: list[tuple[int, float]] = []
    slow: list[tuple[int, float]] = []
    package: list[tuple[int, float]] = []
    for _ in range(rounds):
        ours.append(_timed(lambda: sum(sum(1 for _ in read(raw, Reading())) for raw in files)))
        package.append(_timed(lambda: sum(len(fast.read_xml(pieces)[0]) for pieces in chunks)))
        if len(slow) < 2:
            slow.append(_timed(lambda: _by_python(files)))
    print(f"{'reader':<34} {'records':>8} {'CPU s':>8} {'records/s':>10} {'x python-evtx':>14}")
    base = min(seconds / count for count, seconds in slow)
    for name, times in (("python-evtx, XML", slow), ("evtx package, XML", package), ("backuptrace, events", ours)):
        count, seconds = min(times, key=lambda pair: pair[1] / pair[0])
        print(f"{name:<34} {count:>8} {seconds:>8.3f} {count / seconds:>10.0f} {base / (seconds / count):>14.0f}")
    print()


def _by_python(files: list[bytes]) -> int:
    """Records that python-evtx writes as XML; it fails at some."""
    from Evtx.Evtx import Evtx

    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, raw in enumerate(files):
            path = Path(folder) / f"{number}.evtx"
            path.write_bytes(raw)
            with Evtx(str(path)) as log:
                for record in log.records():
                    try:
                        record.xml()
                    except Exception:  # noqa: BLE001  # whatever it stumbles on
                        continue
                    count += 1
    return count


def _search(files: list[bytes], rounds: int) -> None:
    size = sum(map(len, files))
    print(f"{'wanted':<38} {'chunks':>7} {'parsed':>7} {'events':>7} {'all s':>8} {'search s':>9} {'ratio':>6}   ({size / 1e6:.0f} MB)")
    for texts in TEXTS:
        wanted = _wanted(texts)
        every: list[tuple[int, float]] = []
        some: list[tuple[int, float]] = []
        for _ in range(rounds):
            every.append(_timed(partial(_holding, files, texts, None)))
            some.append(_timed(partial(_holding, files, texts, wanted)))
        if len({held for held, _ in every + some}) != 1:
            raise SystemExit(f"{texts}: other events were found")
        readings = [Reading() for _ in files]
        for raw, reading in zip(files, readings, strict=True):
            for _ in read(raw, reading, wanted):
                pass
        chunks = sum(reading.chunks for reading in readings)
        parsed = chunks - sum(reading.skipped for reading in readings)
        both, quick = min(seconds for _, seconds in every), min(seconds for _, seconds in some)
        print(f"{', '.join(texts):<38} {chunks:>7} {parsed:>7} {every[0][0]:>7} {both:>8.3f} {quick:>9.3f} {quick / both:>6.2f}")


def _wanted(texts: tuple[str, ...]) -> Wanted:
    forms = [raw for text in texts for raw in (text.encode("utf-16-le"), text.encode("ascii"))]
    matcher = compile_patterns([Pattern("".join(f"\\x{byte:02x}" for byte in raw), ignore_case=True) for raw in forms])
    return lambda chunk: bool(matcher.scan(memoryview(chunk)))


def _holding(files: list[bytes], texts: tuple[str, ...], wanted: Wanted | None) -> int:
    lower = [text.lower() for text in texts]
    return sum(_holds(event, lower) for raw in files for event in read(raw, Reading(), wanted))


def _holds(event: WinEvent, lower: list[str]) -> bool:
    held = event.provider.lower() + "\n" + "\n".join(value for _, value in event.data).lower()
    return any(text in held for text in lower)


def _timed(run: Callable[[], int]) -> tuple[int, float]:
    started = time.process_time()
    count = run()
    return count, time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
