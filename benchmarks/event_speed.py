"""Records a second of the .evtx reader against python-evtx on the same logs. What the search for wanted words saves: event_search.py.

    python benchmarks/event_speed.py FOLDER                      all *.evtx files below
    python benchmarks/event_speed.py --made 200 --chunks 2       a made log of so many chunks

CPU seconds of this process, the best of the interleaved rounds; both readers in the same run. Ours includes the conversion to event records, python-evtx
stops at XML text; it is slow, so that only the first `--chunks` sound chunks of each file are read, by both.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import evtxwriter

from backuptrace.readers.evtx import Reading, fast, read
from backuptrace.readers.evtx.layout import CHUNK, FILE_HEADER, chunk_header, is_chunk, made_header


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


def _timed(run: Callable[[], int]) -> tuple[int, float]:
    started = time.process_time()
    count = run()
    return count, time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
