"""From the clocks of the logs to UTC."""

from __future__ import annotations

import io
import tarfile
from datetime import datetime, timezone
from pathlib import Path

import pytest

from backuptrace.api import scan
from backuptrace.errors import UsageError
from backuptrace.knowledge.compiled import Format, Pack
from backuptrace.model import HOUR, LOCAL_CLOCK, SECOND, UTC_CLOCK, YEARLESS_CLOCK, Log, utc_text
from backuptrace.readers.stamps import parse_iso, parse_syslog, parse_unixdate
from backuptrace.timeline.assembly import assemble
from backuptrace.timeline.clock import NO_YEAR, settle
from backuptrace.timeline.zone import ASSUMED, NAMED, TWINS, given, infer, settle_zone


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


def log_of(path: str, rank: int, **spans: tuple[str, str]) -> Log:
    log = Log(path, "demo", path, rank)
    for name, (first, last) in spans.items():
        log.seen(micro(first), micro(last), {"utc": UTC_CLOCK, "local": LOCAL_CLOCK, "yearless": YEARLESS_CLOCK}[name])
    return log


AGENT = "var/log/waagent.log"


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
    found = parse_syslog(line)
    assert found
    log = Log("var/log/syslog", "syslog", "var/log/syslog", 1)
    log.seen(found[0], found[0], YEARLESS_CLOCK)
    clocks = settle([log_of(AGENT, 0, utc=(newest, newest)), log], None)
    assert (utc_text(clocks.utc(found[0], YEARLESS_CLOCK, 1)) or "").startswith(str(year))


def test_a_year_that_nothing_tells_is_named() -> None:
    log, agent = log_of("var/log/syslog", 1, yearless=("2000-12-30T10:00:00", "2000-12-31T23:00:00")), log_of(AGENT, 0, utc=("2026-01-01T00:00:00",) * 2)
    settle([log, agent], None)
    assert log.notes == []
    settle([log], None)
    assert log.notes == [NO_YEAR]


def test_a_syslog_over_new_year() -> None:
    """December lines before January lines in one file belong to the year before."""
    log = log_of("var/log/syslog", 1, yearless=("2000-12-30T10:00:00", "2000-12-31T23:00:00"))
    log.seen(micro("2000-01-01T01:00:00"), micro("2000-01-02T01:00:00"), YEARLESS_CLOCK)
    clocks = settle([log_of(AGENT, 0, utc=("2026-01-01T00:00:00", "2026-01-02T02:00:00")), log], None)
    assert utc_text(clocks.utc(micro("2000-12-31T23:00:00"), YEARLESS_CLOCK, 1)) == "2025-12-31T23:00:00.000000Z"
    assert utc_text(clocks.utc(micro("2000-01-01T01:00:00"), YEARLESS_CLOCK, 1)) == "2026-01-01T01:00:00.000000Z"


def test_a_syslog_that_changes_its_form_keeps_both_times_right() -> None:
    """Ubuntu's upgrade to ISO stamps in the middle of a file: only the stamps without a year are moved."""
    log = log_of("var/log/syslog", 0, yearless=("2000-07-13T05:00:00", "2000-07-14T05:58:13"), utc=("2026-07-14T06:00:00", "2026-07-15T00:00:00"))
    clocks = settle([log], None)
    assert clocks.collected == micro("2026-07-15T00:00:00")
    assert utc_text(clocks.utc(micro("2000-07-14T05:58:13"), YEARLESS_CLOCK, 0)) == "2026-07-14T05:58:13.000000Z"


def test_the_zone_is_told_by_twin_events() -> None:
    local = [micro("2026-03-01T22:00:12"), micro("2026-03-02T22:00:11"), micro("2026-03-02T09:00:00")]
    utc = [micro("2026-03-01T20:00:13"), micro("2026-03-02T20:00:12")]
    assert infer([(local, utc)]) == -2 * HOUR
    assert infer([([micro("2026-03-01T10:00:12")], [micro("2026-03-01T15:30:13")])]) == 5 * HOUR + 30 * 60 * SECOND
    assert infer([(local, [])]) is None
    assert infer([([micro("2026-03-01T10:07:00")], [micro("2026-03-01T12:00:00")])]) is None, "no zone is seven minutes off"


def test_the_time_of_collection_is_the_newest_trustworthy_one() -> None:
    agent = log_of(AGENT, 0, utc=("2026-11-23T00:00:00", "2026-11-23T01:00:00"))
    last = micro("2026-11-23T01:00:00")
    assert settle([agent], None).collected == last
    assert settle([agent], micro("2026-11-23T03:00:00")).collected == micro("2026-11-23T03:00:00")
    assert settle([agent], micro("2027-02-01T00:00:00")).collected == last, "an archive that was packed again months later tells nothing"
    assert settle([agent], micro("1980-01-01T00:00:00")).collected == last


def test_two_parts_of_a_log_that_cover_the_same_second_join() -> None:
    stamp = "2026-11-23T00:00:00"
    parts = [log_of(f"var/log/demo.log{end}", rank, utc=(stamp, stamp)) for rank, end in enumerate(("", ".1"))]
    for part in parts:
        part.base = "var/log/demo.log"
    shape = Format("demo", "Demo", "linux", "indexed", "lines", [], [], [], [], None, [], None, {}, 0, [], [], [], [])
    (family,) = assemble(parts, Pack("test", [shape], [], [], [], {}, {}, []), None).families
    assert (family.first, family.last, family.complete) == (micro(stamp), micro(stamp), True)


def test_a_named_zone_that_agrees_with_the_twins_knows_summer_time() -> None:
    local, utc = [micro("2026-07-01T22:00:12")], [micro("2026-07-01T20:00:13")]
    zone = settle_zone(local, utc, ["Europe/Berlin"])
    assert (zone.name, zone.basis) == ("Europe/Berlin", NAMED)
    assert utc_text(zone.utc(micro("2026-01-15T12:00:00"))) == "2026-01-15T11:00:00.000000Z"
    assert utc_text(zone.utc(micro("2026-07-15T12:00:00"))) == "2026-07-15T10:00:00.000000Z"
    assert zone.offset(micro("2026-07-15T12:00:00")) == "UTC+02:00"
    wrong = settle_zone(local, utc, ["America/New_York"])
    assert (wrong.name, wrong.basis) == ("UTC+02:00", TWINS), "events prove more than a name"
    assert settle_zone([], [], ["nowhere", "Asia/Kolkata"]).name == "Asia/Kolkata"
    assert settle_zone([], [], []).basis == ASSUMED


@pytest.mark.parametrize(
    ("text", "at", "expected"), [("+05:30", "2026-01-01T12:00:00", "06:30"), ("-08", "2026-01-01T12:00:00", "20:00"), ("UTC", "2026-01-01T12:00:00", "12:00")]
)
def test_a_zone_that_is_given(text: str, at: str, expected: str) -> None:
    assert (utc_text(given(text).utc(micro(at))) or "")[11:16] == expected


@pytest.mark.parametrize("text", ["", "Mars/Olympus", "+25:00", "../../etc/passwd", "/etc/localtime", "\0"])
def test_no_zone(text: str) -> None:
    with pytest.raises(UsageError, match="not a time zone"):
        given(text)


def test_file_times_of_an_archive_are_trusted_only_together(tmp_path: Path) -> None:
    """A rotated part that was compressed anew, or one foreign file, does not move the time of collection."""
    text = "".join(f"2026-05-01T{n // 60:02}:{n % 60:02}:00.000000Z INFO ExtHandler ExtHandler line {n}\n" for n in range(120)).encode()
    members = {"var/log/waagent.log": 0, "var/log/waagent.log.1": 20, "etc/hostname": 1, "odd.bin": 30}
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        for name, hours in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(text), int(micro("2026-05-01T02:00:00") / SECOND) + hours * 3600
            archive.addfile(info, io.BytesIO(text))
    report = scan(tmp_path / "b.tar")
    assert report.bundle.to == "2026-05-01T03:00:00.000000Z"
