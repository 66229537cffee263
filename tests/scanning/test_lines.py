"""The line engine against a plain reading of the same log: every record, every condition, by `re` alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from itertools import pairwise, product
from unittest import mock

import pytest
from demolog import FORMAT, build
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backuptrace.knowledge.loading import Ready
from backuptrace.model import SECOND, UTC_CLOCK, Log, Problem, utc_text
from backuptrace.scanning import hits as remembering
from backuptrace.scanning.evidence import USUAL
from backuptrace.scanning.lines import scan_lines


@pytest.fixture(scope="module")
def ready() -> Ready:
    return build()


def scanned(ready: Ready, data: bytes, block: int = 1 << 21) -> tuple[Log, list[Problem]]:
    log = Log("var/log/demo.log", "demo", "var/log/demo.log", 0)
    problems: list[Problem] = []
    scan_lines(io.BytesIO(data), ready, log, problems, bytearray(block))
    return log, problems


def line(second: int, text: str, level: str = "INFO") -> str:
    return f"2026-01-{2 + second // 86400:02}T{second % 86400 // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.{second % 7:06}Z {level} Main {text}\n"


def found(log: Log) -> dict[str, list[int]]:
    """Selection -> offsets of the records that hit, runs of one second counted by their number."""
    return {
        key.split("/")[-1]: sorted(offset for runs in hits.runs for run in runs for offset in [run.first[1]] * run.number)
        for key, hits in log.hits.items()
        if "/" in key
    }


START = re.compile(FORMAT.split("start: '", 1)[1].split("'", 1)[0].encode())
TESTS: dict[str, Callable[[bytes, bytes, bytes], bool]] = {
    "refused": lambda _, level, text: b"connection refused" in text,
    "fatal": lambda _, level, text: level == b"ERROR" and text.startswith(b"Fetch failed"),
    "inner": lambda _, level, text: re.search(rb"Inner error: \[\d+\] [^\n]*denied", text) is not None,
    "ends": lambda _, level, text: re.search(rb"status unknown$", text.replace(b"\r\n", b"\n"), re.MULTILINE) is not None,
    "early": lambda stamp, level, text: stamp[17:18] == b"0" and b"status unknown" in text.partition(b"\n")[0],
    "loud": lambda _, level, text: level in (b"ERROR", b"FATAL"),
    "other": lambda _, level, text: b"connection" in text and b"refused" not in text,
}


def reference(data: bytes) -> dict[str, list[tuple[int, int]]]:
    """Selection -> (second, number of hits) by reading record after record."""
    records: list[list[bytes]] = []
    for text in data.splitlines(keepends=True):
        if START.match(text):
            records.append([text])
        elif records:
            records[-1].append(text)
    out: dict[str, dict[int, int]] = {}
    for record in records:
        whole = b"".join(record).rstrip(b"\r\n")
        head = START.match(whole)
        assert head
        stamp = head["stamp"]
        second = int(stamp[11:13]) * 3600 + int(stamp[14:16]) * 60 + int(stamp[17:19])
        for name, test in TESTS.items():
            if test(stamp, head["level"], whole[head.end() :]):
                out.setdefault(name, {}).setdefault(second, 0)
                out[name][second] += 1
    return {name: sorted(counts.items()) for name, counts in out.items()}


def counted(log: Log) -> dict[str, list[tuple[int, int]]]:
    out: dict[str, dict[int, int]] = {}
    for key, hits in log.hits.items():
        for run in (run for runs in hits.runs for run in runs) if "/" in key else ():
            second = run.first[0] // SECOND % 86400
            counts = out.setdefault(key.split("/")[-1], {})
            counts[second] = counts.get(second, 0) + run.number
    return {name: sorted(counts.items()) for name, counts in out.items()}


DENIED = "Inner error: [1] denied"
texts = st.sampled_from(
    [
        "connection refused", "all is well", "Fetch failed: connection refused", "status unknown", "connection lost",
        "Traceback\nInner error: [12] access denied\n  File", "Inner error: [1] ok", "Chain\n\n  DROP connection\n", "", "status unknown\nmore",
        "connection refused\nInner error: [3] access denied", DENIED, f"{DENIED}\n{DENIED}",
    ]
)  # fmt: skip
seconds = st.builds(int.__add__, st.integers(0, 50), st.sampled_from([0, 86400]))
rows = st.lists(st.tuples(seconds, texts, st.sampled_from(["INFO", "ERROR", "FATAL", "WARNING"])), max_size=40)


@given(rows=rows, block=st.sampled_from([600, 1100, 4096, 1 << 16]), crlf=st.booleans())
@example(rows=[(0, DENIED, "INFO"), (1, DENIED + "\n" + DENIED, "INFO"), (86401, DENIED + "\n" + DENIED, "INFO")], block=1 << 16, crlf=False)
@example(rows=[(0, "connection lost", "INFO"), (1, "connection lost\n refused", "INFO")], block=1 << 16, crlf=False)
@example(rows=[(0, "connection lost\n refused", "INFO"), (1, "connection lost", "INFO"), (2, "fine", "INFO")], block=1 << 16, crlf=False)
@example(rows=[(10, "status unknown\nmore", "INFO"), (0, "status unknown\nmore", "INFO")], block=1 << 16, crlf=False)
@settings(max_examples=300, deadline=None)
def test_same_hits_as_reading_every_record(ready: Ready, rows: list[tuple[int, str, str]], block: int, crlf: bool) -> None:
    """Whatever the block size: no hit is lost, doubled or moved at a cut, records over several lines included."""
    data = "".join(line(second, text, level) for second, text, level in rows).encode()
    if crlf:
        data = data.replace(b"\n", b"\r\n")
    for whole, patience in product((data, data.removesuffix(b"\n")), (0, 10, remembering.FEW)):
        with mock.patch.object(remembering, "FEW", patience):
            log, _ = scanned(ready, whole, block)
        assert counted(log) == reference(whole)


def test_a_record_hit_on_a_known_line_and_far_below_it_is_one_hit(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too long to be remembered as a whole, and longer than what is searched for a record's begin."""
    monkeypatch.setattr(remembering, "FEW", 0)
    for known in ("", line(1, "Inner error: [1] denied")):
        for filler in (1, 400, 40_000):
            record = "Inner error: [1] denied\n" + "  and so on\n" * filler + "Inner error: [1] denied\nstatus unknown\n"
            data = (known + line(2, record) + line(3, "fine")).encode()
            log, _ = scanned(ready, data, 1 << 22)
            assert dict(counted(log)["inner"]) == ({1: 1} if known else {}) | {2: 1}
            apart = sum(runs.total for hits in log.hits.values() for runs in hits.undated)
            assert (apart > 0) == (filler == 40_000)


def test_evidence_shows_the_line_that_hit_and_its_number(ready: Ready) -> None:
    data = (line(1, "fine") + line(2, "Traceback\n  File x\nInner error: [12] access denied\n  end") + line(3, "fine")).encode()
    log, _ = scanned(ready, data)
    event = log.hits["linux.demo/inner"].kept[0]
    assert event.told.line == 4
    assert event.told.text.splitlines()[0].endswith("Traceback")
    assert event.told.text[event.told.hit[0] : event.told.hit[1]] == "Inner error: [12] access denied"
    first = scanned(ready, line(4, "so: connection refused by peer").encode())[0].hits["linux.demo/refused"].kept[0]
    assert first.told.text[first.told.hit[0] : first.told.hit[1]] == "connection refused"
    assert event.told.before[-1].endswith("fine")
    assert event.told.after[0].endswith("fine")


def test_a_storm_is_counted_whole_and_sampled(ready: Ready) -> None:
    data = "".join(line(n // 50, f"connection refused {n}") for n in range(100_000)).encode()
    log, _ = scanned(ready, data, 1 << 16)
    hits = log.hits["linux.demo/refused"]
    assert hits.total == sum(run.number for runs in hits.runs for run in runs) == 100_000
    assert sum(map(len, hits.runs)) == 2000
    assert len(hits.kept) == 2 * USUAL.per_hour
    assert hits.kept[0].told.text.endswith("refused 0")
    assert hits.kept[-1].told.text.endswith("refused 99999")
    assert hits.kept[-1].told.line == 100_000
    assert log.capped


def test_a_long_log_keeps_a_bounded_sample(ready: Ready) -> None:
    day = "".join(line(n * 12, "connection refused") for n in range(7_000)).encode()
    data = b"".join(day.replace(b"2026-01-02", f"2026-{month:02}-{number:02}".encode()) for month in (1, 2, 3) for number in range(1, 11))
    log, _ = scanned(ready, data)
    hits = log.hits["linux.demo/refused"]
    assert hits.total == 7_000 * 30
    assert len(hits.kept) <= USUAL.most + 4 * USUAL.per_hour
    assert hits.kept[-1].told.text.startswith("2026-03-10")
    assert hits.kept[0].told.text.startswith("2026-01-01")


def test_silences_are_found_inside_and_between_blocks(ready: Ready) -> None:
    seconds = [*range(0, 4000, 10), *range(9000, 9100, 10), *range(20_000, 30_000, 7)]
    data = "".join(line(second, "tick " + "x" * 40) for second in seconds).encode()
    expected = [(3990, 9000), (9090, 20_000)]
    for block in (1500, 1 << 14, 1 << 21):
        log, _ = scanned(ready, data, block)
        assert [(low // SECOND % 86400, high // SECOND % 86400) for low, high, _ in log.silences] == expected, block


@given(gaps=st.lists(st.sampled_from([1, 60, 1700, 1799, 1801, 3600, 7200]), min_size=1, max_size=20), block=st.sampled_from([400, 2000, 1 << 16]))
@settings(max_examples=100, deadline=None)
def test_every_silence_and_nothing_else(ready: Ready, gaps: list[int], block: int) -> None:
    stamps = [sum(gaps[:n]) for n in range(len(gaps) + 1)]
    if stamps[-1] >= 86400:
        return
    data = "".join(line(second, "tick\n continuation") for second in stamps).encode()
    log, _ = scanned(ready, data, block)
    got = [(low // SECOND % 86400, high // SECOND % 86400) for low, high, _ in log.silences]
    assert got == [(a, b) for a, b in pairwise(stamps) if b - a > 1800]


def test_nul_runs_are_told_and_the_rest_is_read(ready: Ready) -> None:
    data = line(1, "fine").encode() + b"\0" * 5000 + b"\n" + line(9, "connection refused").encode()
    log, problems = scanned(ready, data)
    assert counted(log) == {"refused": [(9, 1)]}
    assert [problem.kind for problem in problems] == ["nul-bytes"]


@pytest.mark.parametrize("where", [0, 1000, 4000, 4090, 20_000])
def test_a_line_longer_than_the_block(ready: Ready, where: int) -> None:
    """A match in a giant line is found wherever the block is cut, and the lines behind it as well."""
    giant = line(1, "x" * where + "connection refused" + "y" * 60_000)
    data = (line(0, "fine") + giant + line(9, "connection refused")).encode()
    log, problems = scanned(ready, data, 8192)
    assert sum(count for _, count in counted(log)["refused"]) >= 2
    assert counted(log)["refused"][-1] == (9, 1)
    assert problems[0].kind == "long-line"
    assert log.hits["linux.demo/refused"].kept[-1].told.line == 3


def test_invalid_bytes_do_no_harm(ready: Ready) -> None:
    data = (
        line(1, "fine").encode()
        + b"\xff\xfe\x80\n"
        + line(2, "caf\\xe9").encode()
        + line(3, "connection refused").encode().replace(b"refused", b"refused \xc3\x28")
    )
    log, _ = scanned(ready, data)
    assert counted(log)["refused"] == [(3, 1)]
    assert "�" in log.hits["linux.demo/refused"].kept[0].told.text


def test_a_milestone_keeps_its_fields(ready: Ready) -> None:
    log, _ = scanned(ready, line(5, "Agent version 2.9.1.1 starts").encode())
    assert log.hits["demo.boot"].kept[0].fields["version"] == "2.9.1.1"


def test_lines_before_the_first_stamp_are_hits_without_a_time(ready: Ready) -> None:
    log, _ = scanned(ready, b"connection refused\n" + line(3, "fine").encode())
    hits = log.hits["linux.demo/refused"]
    assert (hits.total, hits.runs, len(hits.undated)) == (1, [], 1)
    assert hits.kept[0].stamp is None


def test_records_in_disorder_share_a_second(ready: Ready) -> None:
    """Threads of the agent interleave by milliseconds: the run's ends are its earliest and latest hit."""
    first, second = line(3, "connection refused"), line(3, "connection refused").replace(".000003", ".000001")
    log, _ = scanned(ready, (first + second).encode())
    ((run,),) = log.hits["linux.demo/refused"].runs
    assert run.number == 2
    assert run.first[0] < run.last[0]
    assert run.first[1] > run.last[1]


def test_covers_from_its_first_to_its_last_record(ready: Ready) -> None:
    log, _ = scanned(ready, ("half a line\n" + line(7, "fine") + line(3600, "fine") + "tail\n").encode())
    assert utc_text(log.spans[UTC_CLOCK].first) == "2026-01-02T00:00:07.000000Z"
    assert utc_text(log.spans[UTC_CLOCK].last) == "2026-01-02T01:00:00.000002Z"
    assert log.records == 2
