"""A pattern that another one stands for is not searched, and nothing is found or lost by that."""

from __future__ import annotations

import io

import pytest
from demolog import build

from backuptrace.model import Log
from backuptrace.scanning.lines import scan_lines

SELECTIONS = """
  version: {source: demo, 'message|contains': Azure Linux Agent Version}
  old: {source: demo, level: ERROR, 'message|re': 'Azure Linux Agent Version: 2\\.2\\.[0-9]+'}
"""


@pytest.mark.parametrize(
    ("extra", "more"),
    [
        (SELECTIONS, 1),
        (SELECTIONS + "  whole: {source: demo, 'text|contains': 'Azure Linux Agent Version: 2.2.46'}\n", 2),
        ("  short: {source: demo, 'message|contains': Agent V}\n  long: {source: demo, 'message|contains': Agent Version}\n", 2),
    ],
    ids=["one stands for both", "the whole record is looked at", "too short to stand for others"],
)
def test_patterns_that_are_searched(extra: str, more: int) -> None:
    assert len(build(extra).shape.patterns) == len(build().shape.patterns) + more


def test_each_selection_is_hit_where_its_own_pattern_would_hit() -> None:
    ready = build(SELECTIONS)
    rows = [("INFO", "2.9.1"), ("INFO", "2.2.46"), ("ERROR", "2.2.46"), ("ERROR", "2.9.1"), ("ERROR", "2.2.53"), ("ERROR", "2.2.46")]
    data = "".join(f"2026-01-02T00:00:0{n}.000000Z {level} Main Azure Linux Agent Version: {version}\n" for n, (level, version) in enumerate(rows))
    log = Log("var/log/demo.log", "demo", "var/log/demo.log", 0)
    scan_lines(io.BytesIO(data.encode()), ready, log, [])
    found = {key: [run.first[0] // 1_000_000 % 60 for runs in hits.runs for run in runs] for key, hits in log.hits.items()}
    assert sorted(found["linux.demo/version"]) == [0, 1, 2, 3, 4, 5]
    assert sorted(found["linux.demo/old"]) == [2, 4, 5]
