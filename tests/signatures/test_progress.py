"""Progress: for a person at a terminal, after two seconds, and gone afterwards."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pytest

from backuptrace.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("backuptrace.cli.progress.time.monotonic", lambda: now[0])
    monkeypatch.setenv("TERM", "xterm")
    return now


def unwanted() -> str:
    raise AssertionError("words are made for nobody")


def test_silent_at_first_then_told_then_wiped(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with contextlib.closing(progress.Progress("testing", 10)) as shown:
        clock[0] += 1.9
        shown.at(1, unwanted)
        assert terminal.getvalue() == ""
        clock[0] += 0.2
        shown.at(2, lambda: "x\x1b[31m\ny")
        told = terminal.getvalue()
        assert "testing: 2 of 10, x" in told
        assert "\x1b" not in told
        assert "\n" not in told
        clock[0] += 0.1
        shown.at(3, unwanted)
        assert terminal.getvalue() == told, "not more often than five times a second"
    last = terminal.getvalue()[len(told) :]
    assert last.strip("\r ") == ""
    assert len(last) > 10


@pytest.mark.parametrize("terminal, quiet, term", [(Terminal(), True, "xterm"), (io.StringIO(), False, "xterm"), (Terminal(), False, "dumb")])
def test_never_where_nobody_looks(terminal: io.StringIO, quiet: bool, term: str, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", term)
    items = []
    for item in progress.tracked(range(3), "testing", quiet=quiet):
        clock[0] += 60
        items.append(item)
    assert items == [0, 1, 2]
    assert terminal.getvalue() == ""


def test_reading_tells_files_and_bytes(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    reading = progress.Reading(quiet=False, verbose=False)
    clock[0] += 3
    for path, size in (("a.log", 2_000_000), ("a.log", 1_000_000), ("a.log", 0), ("b.log", 5)):
        reading(path, size)
        clock[0] += 1
    assert "reading: 1, 2 MB, a.log" in terminal.getvalue()
    assert "reading: 2, 3 MB, b.log" in terminal.getvalue()
    reading.close()
    assert terminal.getvalue().endswith("\r")


def test_verbose_tells_every_file_and_quiet_none(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    for quiet, verbose in ((False, True), (True, False)):
        terminal = io.StringIO()
        monkeypatch.setattr(sys, "stderr", terminal)
        reading = progress.Reading(quiet=quiet, verbose=verbose)
        for path, size in (("a.log", 2_000_000), ("b.log", 5)):
            reading(path, size)
        clock[0] += 2
        reading.close()
        lines = ["read a.log (2,000,000 bytes)", "read b.log (5 bytes)", "read 2 files, 2,000,005 bytes in 2.0 s (1 MB/s)"]
        assert terminal.getvalue().splitlines() == (lines if verbose else [])


def test_a_scan_calls_it_with_every_byte(tmp_path: Path) -> None:
    import backuptrace

    sizes: dict[str, int] = {}
    (tmp_path / "waagent.log").write_bytes(b"2026-11-22T03:00:01.000001Z INFO Daemon Daemon Run daemon\n" * 50_000)
    (tmp_path / "other.txt").write_bytes(b"x" * 10)
    backuptrace.scan(tmp_path, cache=False, watch=lambda path, size: sizes.update({path: sizes.get(path, 0) + size}))
    assert sizes == {"waagent.log": 50_000 * 58, "other.txt": 10}
