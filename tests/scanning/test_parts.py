"""A log that is read in parts gives what it gives when it is read from its begin to its end."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demolog import build
from msgspec.structs import replace

from backuptrace.api import scan
from backuptrace.bundle.opening import open_bundle
from backuptrace.knowledge.loading import Ready
from backuptrace.model import SECOND, Log, Problem, utc_text
from backuptrace.scanning import bundles, parts
from backuptrace.scanning.lines import scan_lines

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="one log is read by several processes only where processes fork")
MB = 1 << 20
SAMPLE = Path(__file__).parents[2] / "sample_logs" / "linux" / "healthy"


def text_of(seconds: list[int], size: int, seed: int) -> bytes:
    """A log of about this size: stamps rise to and fro between these seconds of the year, hits of all kinds, records over many lines."""
    chance = random.Random(seed)
    out, told, turn = [], 0, 0
    while told < size:
        low, high = seconds[turn % len(seconds)], seconds[turn % len(seconds)] + 4000
        turn += 1
        for second in range(low, high, 3):
            what = chance.choice(["all is well"] * 9 + ["connection refused", "status unknown", "Trace\n  x\nInner error: [12] access denied\n", "y" * 900])
            level = chance.choice(["INFO"] * 30 + ["ERROR"])
            stamp = (utc_text(1_767_225_600 * SECOND + second * SECOND + chance.randrange(SECOND)) or "").encode()
            line = stamp + f" {level} Main {what}\n".encode()
            out.append(line)
            told += len(line)
    return b"".join(out)


@pytest.fixture(scope="module")
def ready() -> Ready:
    return build()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 1 MB, so that a test needs no large log."""
    monkeypatch.setattr(parts, "LEAST", MB)
    monkeypatch.setattr(bundles, "LARGE", MB)


def told(log: Log) -> dict[str, Any]:
    """All that a log knows, as plain values."""
    out = {name: getattr(log, name) for name in ("spans", "size", "cut", "silences", "notes", "capped", "explained")}
    for key, hits in log.hits.items():
        out[key] = (
            [list(runs) for runs in hits.runs],
            [list(runs) for runs in hits.undated],
            [(e.stamp, e.offset, e.clock, replace(e.told, fields=e.fields)) for e in hits.kept],
        )
    return out


def whole(path: Path, ready: Ready) -> tuple[dict[str, Any], list[Problem]]:
    log = Log(path.name, "demo", path.name, 0)
    problems: list[Problem] = []
    with path.open("rb", buffering=0) as file:
        scan_lines(file, ready, log, problems)
    return told(log), problems


def in_parts(path: Path, ready: Ready, jobs: int) -> tuple[dict[str, Any], list[Problem], int]:
    log, read = Log(path.name, "demo", path.name, 0), 0
    problems: list[Problem] = []

    def count(size: int) -> None:
        nonlocal read
        read += size

    with open_bundle(path) as bundle:
        artifact = next(iter(bundle.artifacts()))
        parts.scan_parts(artifact, artifact.lasting(), ready, log, problems, jobs, count)
    return told(log), problems, read


LOGS = {
    "a day": [1000],
    "silences": [0, 9000, 30_000, 90_000, 93_000],
    "the clock goes back": [50_000, 10_000, 50_000, 400_000],
    "weeks": [day * 86_400 for day in range(200)],
}


@needs_fork
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", LOGS)
def test_parts_joined_are_the_whole(ready: Ready, tmp_path: Path, name: str) -> None:
    path = tmp_path / "demo.log"
    path.write_bytes(text_of(LOGS[name], 9 * MB, len(name)))
    expected, problems = whole(path, ready)
    assert expected["linux.demo/inner"][2]
    for jobs in (2, 4):
        got, also, read = in_parts(path, ready, jobs)
        assert got == expected
        assert also == problems
        assert read >= path.stat().st_size


@pytest.mark.parametrize("seed", range(6))
def test_texts_that_are_read_again_are_those_that_were_taken(ready: Ready, tmp_path: Path, seed: int) -> None:
    """Long lines and long records around and in front of hits: more must be read than what usually holds a record."""
    chance = random.Random(seed)
    out = []
    for second in range(900):
        level, what = chance.choice(["INFO", "ERROR"]), chance.choice(["all is well", "connection refused", "status unknown", "Trace"])
        stamp = (utc_text((1_767_225_600 + second) * SECOND) or "").encode()
        out.append(stamp + f" {level} Main {what}\n".encode())
        for _ in range(chance.choice([0, 0, 0, 1, 3])):
            size = chance.choice([10, 700, 5000, 20_000, 300_000 if chance.random() < 0.1 else 100])
            out.append(b"  " + b"z" * size + chance.choice([b"\n", b"\r\n", b"Inner error: [12] access denied\n", b"\nInner error: [13] denied\n"]))
        if second == 450 and not seed % 2:
            out.append(b"  " + b"z" * 1_500_000 + b" connection refused " + b"z" * 3_000_000 + b" connection refused\n")
    path = tmp_path / "demo.log"
    path.write_bytes(b"".join(out))
    expected, problems = whole(path, ready)
    assert in_parts(path, ready, 1)[:2] == (expected, problems)


def test_a_file_that_changed_is_told(ready: Ready, tmp_path: Path) -> None:
    path = tmp_path / "demo.log"
    path.write_bytes(text_of([1000], MB, 1))
    log, problems = Log(path.name, "demo", path.name, 0), list[Problem]()
    with open_bundle(path) as bundle:
        artifact = next(iter(bundle.artifacts()))
        parts.scan_parts(artifact, artifact.lasting(), ready, log, problems, 1, lambda _: None)
    path.write_bytes(text_of([2000], MB // 2, 2))
    texts = [event.told.text for hits in log.hits.values() for event in hits.kept]
    assert set(texts) == {"[the file changed after it was searched]"}
    assert [problem.kind for problem in problems] == ["changed"]


@needs_fork
@pytest.mark.usefixtures("small")
def test_a_silence_between_two_parts(ready: Ready, tmp_path: Path) -> None:
    """Lines of 128 bytes: the last one before every 2 MB begins the next part, and an hour lies before it."""
    lines = []
    for n in range(4 * 16_384):
        head = (utc_text((1_767_225_600 + n // 8 + (n + 1) // 16_384 * 3600) * SECOND) or "").encode() + b" INFO Main "
        lines.append(head + b"x" * (127 - len(head)) + b"\n")
    path = tmp_path / "demo.log"
    path.write_bytes(b"".join(lines))
    expected = whole(path, ready)[0]
    assert len(expected["silences"]) == 4
    assert in_parts(path, ready, 4)[0] == expected


@needs_fork
@pytest.mark.usefixtures("small")
def test_damage_is_told_once_whatever_part_has_it(ready: Ready, tmp_path: Path) -> None:
    """NUL bytes in two parts, a record of a megabyte across the place where a part would begin."""
    data = text_of([0], 3 * MB, 1)
    path = tmp_path / "demo.log"
    giant = b"2026-01-01T09:00:00.0Z INFO Main giant\n" + b"  more\n" * 300_000
    path.write_bytes(data + b"\0" * 500 + b"\n" + giant + data + b"\0" * 500 + b"\n" + data)
    expected, problems = whole(path, ready)
    assert [problem.kind for problem in problems] == ["nul-bytes"]
    assert in_parts(path, ready, 4)[:2] == (expected, problems)


@needs_fork
@pytest.mark.usefixtures("small")
def test_the_part_of_a_process_that_dies_is_read_all_the_same(ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "demo.log"
    path.write_bytes(text_of([1000], 9 * MB, 3))
    expected = whole(path, ready)[0]
    usual = parts._run
    calls: list[str] = []

    def run(*args: Any) -> None:
        if calls:
            os._exit(9)
        usual(*args)

    monkeypatch.setattr(parts, "_run", run)
    assert in_parts(path, ready, 4)[0] == expected
    calls.append("all die")
    assert in_parts(path, ready, 4)[0] == expected


@needs_fork
@pytest.mark.usefixtures("small")
def test_without_further_processes_the_log_is_read_all_the_same(ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "demo.log"
    path.write_bytes(text_of([1000], 5 * MB, 5))

    def full() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", full)
    assert in_parts(path, ready, 4)[0] == whole(path, ready)[0]


@pytest.mark.usefixtures("small")
def test_a_program_with_threads_is_not_forked(ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "demo.log"
    path.write_bytes(text_of([1000], 5 * MB, 4))
    monkeypatch.setattr(parts, "_Helper", None)
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    try:
        assert in_parts(path, ready, 4)[0] == whole(path, ready)[0]
    finally:
        end.set()
        other.join()


@needs_fork
@pytest.mark.usefixtures("small")
def test_the_report_is_the_same_with_any_number_of_processes(tmp_path: Path) -> None:
    log = tmp_path / "var" / "log" / "waagent.log"
    log.parent.mkdir(parents=True)
    lines = _agent_lines()
    log.write_bytes(b"".join(next(lines) for _ in range(40_000)))
    reports = [scan(tmp_path, jobs=jobs).to_json() for jobs in (1, 2, 3)]
    assert reports[1] == reports[0]
    assert reports[2] == reports[0]


@pytest.mark.skipif(sys.platform == "win32", reason="there no file is read again")
def test_more_large_logs_than_files_that_may_be_open(tmp_path: Path) -> None:
    """Each log stays open for its texts while there is room; of the others they are taken as they are read."""
    lines, bundle = _agent_lines(), tmp_path / "bundle"
    for n in range(45):
        log = bundle / f"vm-{n}" / "var" / "log" / "waagent.log"
        log.parent.mkdir(parents=True)
        log.write_bytes(b"".join(next(lines) for _ in range(700)))
    out = tmp_path / "report.json"
    program = f"""
import pathlib, resource
import backuptrace
from backuptrace.scanning import bundles
bundles.LARGE = 1
backuptrace.scan({os.fspath(SAMPLE)!r})  # all modules are there
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
pathlib.Path({os.fspath(out)!r}).write_text(backuptrace.scan({os.fspath(bundle)!r}).to_json())
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert out.read_text() == scan(bundle).to_json()


def _agent_lines() -> Iterator[bytes]:
    second = 1_767_225_600
    while True:
        second += 9
        stamp = (utc_text(second * SECOND) or "").encode()
        fault = b"[Errno 101] Network is unreachable" if second % 7 else b"[Errno 110] Connection timed out"
        if second % 5:
            yield stamp + b" INFO ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.11.1.4 is running as the goal state agent [DEBUG HeartbeatCounter: 1]\n"
        else:
            yield stamp + b" WARNING ExtHandler HTTP GET IOError: " + fault + b" -- http://168.63.129.16/?comp=versions -- 6 attempts made\n"
