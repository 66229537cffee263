"""Errors that no signature knows are shown, grouped and counted; known ones are not."""

from __future__ import annotations

from pathlib import Path

from backuptrace.api import scan
from backuptrace.report.document import Report

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
