"""From the clocks of the logs to UTC."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from backuptrace.knowledge.compiled import Format, Pack
from backuptrace.model import DAY, SECOND, Log, utc_text
from backuptrace.readers.stamps import parse_iso, parse_syslog, parse_unixdate
from backuptrace.timeline.assembly import assemble
from backuptrace.timeline.clock import settle


def micro(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp() * SECOND)


@pytest.mark.parametrize(
    ("text", "stamp", "zoned"),
    [
        (b"2026-11-23T00:33:03.855071Z", "2026-11-23T00:33:03.855071", True),
        (b"2026/11/23 00:33:03", "2026-11-23T00:33:03", False),
        (b"2026/11/23 00:33:03.5", "2026-11-23T00:33:03.500000", False),
        (b"2026-11-23 00:33:03,123 text", "2026-11-23T00:33:03.123000", False),
        (b"2026-11-23T01:33:03+01:00", "2026-11-23T00:33:03", True),
        (b"2026-11-22T19:03:03.1234567-0530", "2026-11-23T00:33:03.123456", True),
    ],
)
def test_iso_stamps(text: bytes, stamp: str, zoned: bool) -> None:
    assert parse_iso(text) == (micro(stamp), zoned)


@pytest.mark.parametrize("text", [b"", b"2026-13-01T00:00:00Z", b"2026-01-32 00:00:00", b"2026-01-01 24:00:00", b"hello", b"2026-01-01"])
def test_what_is_no_stamp(text: bytes) -> None:
    assert parse_iso(text) is None


def test_date_of_the_shell() -> None:
    assert parse_unixdate(b"Mon Nov 23 00:33:18 UTC 2026- text") == (micro("2026-11-23T00:33:18"), True)
    assert parse_unixdate(b"Mon Nov  2 12:03:18 AM CET 2026") == (micro("2026-11-02T00:03:18"), False)


def yearless(text: bytes) -> Log:
    found = parse_syslog(text)
    assert found
    return Log("var/log/syslog", "syslog", "var/log/syslog", 1, first=found[0], last=found[0], yearless=True)


@pytest.mark.parametrize(
    ("newest", "line", "year"),
    [
        ("2026-11-23T00:00:00", b"Nov 22 23:59:00", 2026),
        ("2026-01-02T00:00:00", b"Dec 31 23:59:00", 2025),
        ("2026-11-23T00:00:00", b"Nov 23 10:00:00", 2026),  # its clock may be some hours ahead
        ("2026-11-23T00:00:00", b"Nov 25 10:00:00", 2025),
        ("2024-03-01T00:00:00", b"Feb 29 10:00:00", 2024),
    ],
)
def test_the_year_of_a_syslog_line(newest: str, line: bytes, year: int) -> None:
    """The latest year that does not put the line behind everything else in the bundle by more than a day."""
    agent = Log("var/log/waagent.log", "waagent", "var/log/waagent.log", 0, first=micro(newest) - DAY, last=micro(newest))
    log = yearless(line)
    clocks = settle([agent, log], None)
    assert log.last is not None
    assert (utc_text(log.last + clocks.shifts[1]) or "").startswith(str(year))


def test_the_time_of_collection_is_the_newest_trustworthy_one() -> None:
    agent = Log("var/log/waagent.log", "waagent", "var/log/waagent.log", 0, first=micro("2026-11-23T00:00:00"), last=micro("2026-11-23T01:00:00"))
    assert settle([agent], None).collected == agent.last
    assert settle([agent], micro("2026-11-23T03:00:00")).collected == micro("2026-11-23T03:00:00")
    assert settle([agent], micro("2027-02-01T00:00:00")).collected == agent.last, "an archive that was packed again months later tells nothing"
    assert settle([agent], micro("1980-01-01T00:00:00")).collected == agent.last


def test_two_parts_of_a_log_that_cover_the_same_second_join() -> None:
    stamp = micro("2026-11-23T00:00:00")
    parts = [Log(f"var/log/demo.log{end}", "demo", "var/log/demo.log", rank, first=stamp, last=stamp) for rank, end in enumerate(("", ".1"))]
    shape = Format("demo", "Demo", "linux", "indexed", "lines", [], [], [], [], None, [], None, {}, 0, [], [], [], [])
    timeline = assemble(parts, Pack("test", [shape], [], [], [], {}, {}, []), None)
    (family,) = timeline.families
    assert (family.first, family.last, family.complete) == (stamp, stamp, True)
