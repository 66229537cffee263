"""A file of events that a filter made proves what it shows, and no absence; whole logs prove both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import eventforms
import evtxwriter
import pytest
from eventday import START
from eventforms import Told

from backuptrace.api import ScanOptions, scan_with
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.knowledge.texts import Language
from backuptrace.readers.winevent import WinEvent
from backuptrace.report.document import Report

MINUTE = 60_000_000
CAUSE = "com-msdtc"
SIGNATURE = f"""schema: 1
id: site.crash
title: The tool crashes and is not repaired
select:
  crash: {{source: event-application, provider: Site Tool, event_id: 4711}}
  repaired: {{source: event-application, provider: Site Tool, event_id: 4712}}
verdicts:
  - cause: {CAUSE}
    when: crash and not repaired
    why: The tool crashed.
tests:
  - {{name: never run here, expect: none, files: {{x.txt: nothing}}}}
"""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder = tmp_path_factory.mktemp("own")
    (folder / "site").mkdir()
    (folder / "site" / "crash.yml").write_text(SIGNATURE)
    return load(signatures=[str(folder)], cached=False)


def event(n: int, event_id: int = 1, level: int = 4) -> Told:
    return Told(START + n * MINUTE, "Site Tool", event_id, "Application", level, n + 1, data=[("a", "b")], texts={"en": "Something was told."})


WHOLE = [event(n, 4711, 2) if n % 8 == 3 else event(n) for n in range(80)]
"""Every eighth one is an error."""
FILTERED = [one for one in WHOLE if one.level == 2]


def evtx(events: list[Told], *, anew: bool = True) -> bytes:
    """As the Event Viewer saves a selection: the records are numbered from 1, and tell their old numbers."""
    made = [evtxwriter.entry_of(WinEvent(e.time, 0, e.number, e.channel, e.provider, e.event_id, e.level, e.computer, list(e.data))) for e in events]
    return evtxwriter.written([replace(one, header_number=n) for n, one in enumerate(made, 1)] if anew else made, most=20)


FORMS: dict[str, Callable[[list[Told]], bytes]] = {
    "Application.evtx": evtx,
    "viewer.xml": lambda told: eventforms.viewer_xml(told).encode(),
    "wevtutil.xml": lambda told: eventforms.wevtutil_xml(told).encode("utf-16"),
    "Application.csv": lambda told: eventforms.viewer_table(told).encode(),
    "winevent.csv": lambda told: eventforms.get_winevent_csv(told).encode(),
    "list.txt": lambda told: eventforms.format_list(told).encode(),
    "events.clixml": lambda told: eventforms.clixml(told).encode("utf-16"),
    "wevtutil.txt": lambda told: eventforms.wevtutil_text(told).encode(),
}


def report(root: Path, knowledge: Knowledge, files: dict[str, bytes], language: Language = "en") -> Report:
    for name, raw in files.items():
        (root / name).write_bytes(raw)
    return scan_with(knowledge, root, ScanOptions(whole=True, language=language))


def judged(told: Report) -> tuple[Any, bool]:
    """Status of the cause; whether the report says that a file looks filtered."""
    status = next((cause.status for cause in told.causes if cause.id == CAUSE), None)
    return status, any("looks filtered" in problem.what for problem in told.problems)


@pytest.mark.parametrize("name", FORMS)
def test_what_a_filter_left_out_is_unknown(name: str, knowledge: Knowledge, tmp_path: Path) -> None:
    assert judged(report(tmp_path, knowledge, {name: FORMS[name](WHOLE)})) == ("supported", False)
    filtered = report(tmp_path, knowledge, {name: FORMS[name](FILTERED)})
    assert judged(filtered) == ("unknown", True)
    (row,) = [one for one in filtered.coverage if one.source == name]
    assert (row.records, row.complete) == (10, False)
    assert row.to is not None


@pytest.mark.parametrize("name", ["Application.evtx", "viewer.xml", "events.clixml"])
def test_errors_alone_are_a_whole_log_where_no_number_is_missing(name: str, knowledge: Knowledge, tmp_path: Path) -> None:
    errors = [replace(one, number=5000 + n) for n, one in enumerate(FILTERED)]
    assert judged(report(tmp_path, knowledge, {name: FORMS[name](errors)})) == ("supported", False)


def test_a_filter_on_one_program_is_told_by_the_numbers(knowledge: Knowledge, tmp_path: Path) -> None:
    chosen = [replace(one, level=4) for one in FILTERED]
    assert judged(report(tmp_path, knowledge, {"viewer.xml": FORMS["viewer.xml"](chosen)})) == ("unknown", True)


@pytest.mark.parametrize("name", ["viewer.xml", "Application.csv"])
def test_a_few_events_show_no_filter(name: str, knowledge: Knowledge, tmp_path: Path) -> None:
    assert judged(report(tmp_path, knowledge, {name: FORMS[name](FILTERED[:4])})) == ("supported", False)


def test_a_long_log_of_which_most_is_skipped_is_whole(knowledge: Knowledge, tmp_path: Path) -> None:
    events = [event(n, 4711, 2) if n == 700 else event(n) for n in range(900)]
    assert judged(report(tmp_path, knowledge, {"Application.evtx": evtx(events, anew=False)})) == ("supported", False)
    (tmp_path / "Application.evtx").unlink()
    assert judged(report(tmp_path, knowledge, {"viewer.xml": FORMS["viewer.xml"](events)})) == ("supported", False)


def test_each_channel_has_numbers_of_its_own(knowledge: Knowledge, tmp_path: Path) -> None:
    system = [Told(START + n * MINUTE, "EventLog", 6005, "System", 4, 90_000 + n) for n in range(300)]
    told = sorted([*WHOLE, *system], key=lambda one: one.time)
    assert judged(report(tmp_path, knowledge, {"both.xml": FORMS["viewer.xml"](told)})) == ("supported", False)
    told = sorted([*FILTERED, *system], key=lambda one: one.time)
    assert judged(report(tmp_path, knowledge, {"both.xml": FORMS["viewer.xml"](told)})) == ("unknown", True)


def test_a_damaged_number_is_no_filter(knowledge: Knowledge, tmp_path: Path) -> None:
    events = [replace(one, number=(1 << 63) + 5) if n == 40 else one for n, one in enumerate(WHOLE)]
    assert judged(report(tmp_path, knowledge, {"viewer.xml": FORMS["viewer.xml"](events)})) == ("supported", False)


def test_the_whole_log_beside_the_selection_counts(knowledge: Knowledge, tmp_path: Path) -> None:
    told = report(tmp_path, knowledge, {"Application.evtx": evtx(WHOLE, anew=False), "viewer.xml": FORMS["viewer.xml"](FILTERED)})
    assert judged(told) == ("supported", True)


@pytest.mark.parametrize("name", ["viewer.xml", "Application.csv"])
def test_the_german_report_says_so_too(name: str, knowledge: Knowledge, tmp_path: Path) -> None:
    told = report(tmp_path, knowledge, {name: FORMS[name](FILTERED)}, "de")
    assert ["gefiltert" in problem.what for problem in told.problems if problem.kind == "incomplete"] == [True]
    assert all("das ganze Protokoll" in problem.fix for problem in told.problems if problem.kind == "incomplete")
