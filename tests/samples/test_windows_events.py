"""Every cause that event logs tell, in every form and language, from sound and damaged logs: the right cause stands first, and alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import evtxdamage as damage
import pytest
import windowsbundles as bundles
from windowsbundles import FORMS, Files
from windowsfaults import FAULTS, Fault, events
from windowstexts import Language

import backuptrace
from backuptrace.knowledge.loading import load
from backuptrace.scanning.events import FORWARDED

from . import eventsamples
from .writing import Sample, folder, samples

ALL = samples(eventsamples.ROOT.parent, "windows")
MADE = [sample for sample in ALL if sample.name in eventsamples.NAMES]
LANGUAGES: tuple[Language, ...] = ("en", "de", "ja")
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


WINDOWS = {
    "windows-agent-unresponsive", "windows-agent-outdated", "certificate-missing", "machinekeys-permissions", "dhcp", "wireserver-unreachable", "storage-access",
    "vm-shut-down", "pending-reboot", "extension-failed-provisioning", "antivirus", "application-control", "com-msdtc", "vss-writer", "vss-service", "vcredist",
    "bitlocker", "tls-no-secure-channel", "disk-full", "snapshot-failed", "snapshot-limit", "snapshot-delayed", "out-of-memory", "vmsnapshot-extension-state",
    "clock-wrong", "os-unsupported",
}  # fmt: skip


def some_of(rows: Sequence[tuple[Any, ...]], names: str, step: int) -> pytest.MarkDecorator:
    """Every so many of the rows; the others only among the slow tests."""
    marks = [() if place % step == 0 else (pytest.mark.slow,) for place in range(len(rows))]
    ids = ["-".join(str(getattr(part, "name", part)) for part in row) for row in rows]
    return pytest.mark.parametrize(names, [pytest.param(*row, marks=mark, id=name) for row, mark, name in zip(rows, marks, ids)])


def check(fault: Fault, files: Files, to: Path, tz: str = "") -> backuptrace.Report:
    report = backuptrace.scan(folder(fault.others | files, to), tz=tz or None)
    assert [cause.id for cause in report.causes if cause.status == "supported"] == [fault.cause]
    assert report.verdict.outcome == "explained"
    shown = [evidence.text for evidence in report.causes[0].evidence if evidence.role == "supports"]
    assert any(fault.evidence in text for text in shown), shown
    return report


@pytest.mark.parametrize("language", LANGUAGES)
@each_fault
def test_event_logs(fault: Fault, language: Language, tmp_path: Path) -> None:
    report = check(fault, bundles.evtx(events(fault, language)), tmp_path)
    assert all(problem.kind == "note" for problem in report.problems), report.problems


@some_of([(fault, form, language) for fault in FAULTS for form in FORMS for language in LANGUAGES], "fault, form, language", 7)
def test_exports(fault: Fault, form: str, language: Language, tmp_path: Path) -> None:
    check(fault, bundles.exports(events(fault, language), form, language), tmp_path, str(bundles.ZONES[language]))


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "no header": damage.header_missing,
    "header of zeros": damage.header_wiped,
    "copied while in use": lambda raw: damage.count_told(raw, 0),
    "cut in the free space": lambda raw: raw[: len(raw) - 9000],
    "wrong checksum": lambda raw: damage.chunk_checksum_wrong(raw, 0),
    "chunk without its header": lambda raw: damage.chunk_header_wiped(raw, 0),
    "a record of rubbish": lambda raw: damage.record_body(raw, 0, 5, 0x41),
    "a record of no size": lambda raw: damage.record_size(raw, 0, 5, 0),
}


@some_of([(fault, harm) for fault in FAULTS for harm in DAMAGES], "fault, harm", 3)
def test_damaged_event_logs(fault: Fault, harm: str, tmp_path: Path) -> None:
    check(fault, {name: DAMAGES[harm](raw) if raw.count(b"**\0\0") > 9 else raw for name, raw in bundles.evtx(events(fault, "de")).items()}, tmp_path)


@each_fault
def test_the_same_events_in_four_forms(fault: Fault, tmp_path: Path) -> None:
    """What several files tell counts once."""
    told = events(fault, "de")
    files = bundles.evtx(told)
    alone = check(fault, files, tmp_path / "alone")
    for form in ("viewer xml", "viewer csv", "details"):
        files |= bundles.exports(told, form, "de", f"{form}/")
    report = check(fault, files, tmp_path / "all")
    assert report.causes[0].hits == alone.causes[0].hits


@some_of([(form, language) for form in ("evtx", *FORMS) for language in LANGUAGES], "form, language", 4)
def test_a_good_day(form: str, language: Language, tmp_path: Path) -> None:
    told = events(None, language)
    files = bundles.evtx(told) if form == "evtx" else bundles.exports(told, form, language)
    report = backuptrace.scan(folder(files, tmp_path), tz=str(bundles.ZONES[language]))
    assert [cause.id for cause in report.causes if cause.status == "supported"] == []
    assert report.verdict.outcome in {"no-failure-seen", "cannot-tell"}


def test_events_that_other_machines_sent_do_not_count(tmp_path: Path) -> None:
    """The log of a collector of events keeps them under their own channels; where it is all there is, it is looked at."""
    fault = next(fault for fault in FAULTS if fault.name == "agent-ends")
    system = next(raw for name, raw in bundles.evtx(events(fault)).items() if name.endswith("/System.evtx"))
    sent = {f"{bundles.LOGS}ForwardedEvents.evtx": system}
    report = backuptrace.scan(folder(bundles.evtx(events(None)) | sent, tmp_path / "both"))
    assert report.supported() == []
    assert [problem.what for problem in report.problems if problem.where.endswith("ForwardedEvents.evtx")] == [FORWARDED]
    assert [cause.id for cause in backuptrace.scan(folder(sent, tmp_path / "alone")).supported()] == [fault.cause]


def test_the_samples_are_what_their_maker_writes() -> None:
    assert [sample.name for sample in MADE] == sorted(eventsamples.NAMES)
    for sample in MADE:
        assert sample.files() == eventsamples.files(sample.name)
        assert (sample.bundle.parent / "case.yml").read_text("utf-8") == eventsamples.case(sample.name)


@pytest.mark.parametrize("sample", MADE, ids=[sample.name for sample in MADE])
def test_the_verdict_of_the_case(sample: Sample) -> None:
    report = backuptrace.scan(sample.bundle)
    assert [cause.id for cause in report.causes if cause.status == "supported"] == ([sample.case.cause] if sample.faulty else [])
    assert report.verdict.outcome == sample.case.outcome
    if sample.faulty:
        shown = [evidence for evidence in report.causes[0].evidence if evidence.role == "supports"]
        assert any(sample.case.evidence in evidence.text for evidence in shown)
        assert all(evidence.record or evidence.line for evidence in shown)


def test_every_cause_of_windows_has_a_sample_and_a_signature() -> None:
    """Those of the documentation that a log or an output of a command of the machine can show."""
    knowledge = load()
    causes = {cause.id for cause in knowledge.pack.causes if "windows" in cause.os}
    told = {verdict.cause for verdict in knowledge.pack.verdicts if verdict.signature.startswith("windows.")}
    shown = {sample.case.cause for sample in ALL}
    assert causes >= WINDOWS
    assert told >= WINDOWS
    assert shown >= WINDOWS
    assert sum(not sample.faulty for sample in ALL) >= 3
