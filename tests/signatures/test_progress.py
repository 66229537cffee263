"""Progress: for a person at a terminal, after two seconds, and gone afterwards."""

from __future__ import annotations

import io
import sys

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


def test_silent_at_first_then_told_then_wiped(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.Progress("testing", 10) as shown:
        clock[0] += 1.9
        shown.at(1)
        assert terminal.getvalue() == ""
        clock[0] += 0.2
        shown.at(2, "x\x1b[31m\ny")
        told = terminal.getvalue()
        assert "testing: 2 of 10, x" in told
        assert "\x1b" not in told
        assert "\n" not in told
        clock[0] += 0.1
        shown.at(3)
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
