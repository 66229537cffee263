"""Errors that no signature knows are shown, grouped and counted; known ones are not."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.api import scan
from backuptrace.model import Event, Log, Told
from backuptrace.reason.unexplained import mask
from backuptrace.report.document import Report
from backuptrace.timeline.placed import Placed

LOG = "var/log/waagent.log"


def scanned(root: Path, *lines: str) -> Report:
    (root / LOG).parent.mkdir(parents=True)
    filler = [f"2026-05-01T0{n // 60}:{n % 60:02}:00.000000Z INFO ExtHandler ExtHandler Goal state {n} is fine\n" for n in range(60)]
    (root / LOG).write_text("".join(filler + [line + "\n" for line in lines]))
    return scan(root)


def test_alike_errors_are_one_group(tmp_path: Path) -> None:
    lines = [
        f"2026-05-01T02:00:{n:02}.000000Z ERROR ExtHandler ExtHandler Gizmo {n} broke at https://host{n}/x, id 5e0b7a10-0000-4000-8000-0000000000{n:02}"
        for n in range(9)
    ]
    report = scanned(tmp_path, *lines)
    (group,) = report.unexplained
    assert group.template == "ERROR ExtHandler ExtHandler Gizmo <n> broke at <url> id <id>"
    assert (group.count, group.first) == (9, "2026-05-01T02:00:00.000000Z")
    assert "Gizmo 8 broke" in group.sample, "the newest one is shown"


def test_a_traceback_is_grouped_by_what_was_raised(tmp_path: Path) -> None:
    trace = "Traceback (most recent call last):\n  File x, line {n}\n{error}: nothing {n}"
    lines = [
        f"2026-05-01T02:00:0{n}.000000Z WARNING ExtHandler ExtHandler oops\n" + trace.format(n=n, error=error)
        for n, error in enumerate(["KeyError", "KeyError", "a.b.OddException"])
    ]
    report = scanned(tmp_path, *lines)
    assert [(group.count, group.template.split(" … ")[1]) for group in report.unexplained] == [
        (2, "KeyError: nothing <n>"),
        (1, "a.b.OddException: nothing <n>"),
    ]


def test_what_a_signature_knows_is_not_unexplained(tmp_path: Path) -> None:
    error = (
        "ERROR ExtHandler ExtHandler Error fetching the goal state: [ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] "
        "GET http://168.63.129.16/machine/?comp=goalstate -- IOError timed out -- 6 attempts made"
    )
    report = scanned(tmp_path, *[f"2026-05-01T02:0{n}:00.000000Z {error}" for n in range(9)])
    assert report.verdict.cause == "wireserver-unreachable"
    assert report.unexplained == []


def test_a_storm_is_sampled(tmp_path: Path) -> None:
    report = scanned(tmp_path, *[f"2026-05-01T02:{n // 60 % 60:02}:{n % 60:02}.000000Z ERROR ExtHandler ExtHandler Gizmo broke" for n in range(3000)])
    (group,) = report.unexplained
    assert 0 < group.count < 100
    assert any("waagent.error" in text and "3000 hits" in text for text in report.capped)


PIECES = ["2026-01-02T03:04:05Z ", "2026/01/02 x  ", "http://a.b/c?d", "12345678-1234-1234-1234-123456789abc", "deadbeefdeadbeef00", "0123456789ABCDEF"]
PIECES += ["abcdef0123456789x", "é0123456789abcdef", "_0123456789abcdef", " ", "-", "\n", "٣٤٥", "\ud800", "word", "12", "://", "----"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_what_is_folded_is_what_the_patterns_say(text: str) -> None:
    """Each pattern tried on every line, whatever it holds."""
    told = next((line for line in text.splitlines() if line.strip()), "")
    for pattern, word in [
        (r"^\d{4}[-/]\d\d[-/]\d\d[T ]\S+\s*", ""),
        (r"https?://\S+", "<url>"),
        (r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}", "<id>"),
        (r"\b[0-9A-Fa-f]{16,}\b", "<hex>"),
        (r"\d+", "<n>"),
    ]:
        told = re.sub(pattern, word, told)
    item = Placed(0, Event("x", 0, 0, Told(1, text)), Log("a", "waagent", "a", 0), dated=True, uncertainty_s=0)
    assert mask(item) == told.strip()[:300]
