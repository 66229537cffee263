"""Exports of the control plane: every sample in every spelling, mixed with guest logs, of other machines, damaged."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backuptrace
from backuptrace.api import ScanOptions, scan_with
from backuptrace.knowledge.loading import load

from . import controlplane as plane
from . import planecases as cases
from .writing import folder, samples, zipped

ROOT = Path(__file__).parents[2] / "sample_logs"
ALL = samples(ROOT, "azure")
KNOWLEDGE = load()
SPELLINGS: dict[str, Callable[[Any], str]] = {
    "rest": plane.rest,
    "flattened": plane.flattened,
    "capital": plane.capital,
    "one line": json.dumps,
    "yaml": yaml.safe_dump,
}


def scan(path: Path, code: str | None = None) -> backuptrace.Report:
    return scan_with(KNOWLEDGE, path, ScanOptions(code=code))


def supported(report: backuptrace.Report) -> list[str]:
    return [cause.id for cause in report.causes if cause.status == "supported"]


def problems(report: backuptrace.Report) -> str:
    return "\n".join(f"{problem.kind} {problem.where}: {problem.what}" for problem in report.problems if problem.kind != "unknown-file")


def wanted(name: str) -> list[str]:
    cause = cases.CASES[name][0]
    return [] if cause == "none" else [cause]


def test_the_samples_are_what_their_maker_writes() -> None:
    made = {f"{name}/{path}": data for name in cases.CASES for path, data in cases.files(name).items()}
    assert {path.relative_to(cases.ROOT).as_posix(): path.read_bytes() for path in cases.ROOT.rglob("*") if path.is_file()} == made


@pytest.mark.parametrize("sample", ALL, ids=[sample.name for sample in ALL])
def test_the_verdict_of_the_case(sample: Any) -> None:
    report = scan(sample.bundle)
    assert supported(report) == wanted(sample.name)
    assert report.verdict.outcome == sample.case.outcome
    if sample.faulty:
        shown = [evidence for evidence in report.causes[0].evidence if evidence.role == "supports"]
        assert any(sample.case.evidence in evidence.text for evidence in shown)


@pytest.mark.parametrize("sample", [sample for sample in ALL if sample.case.code], ids=lambda sample: sample.name)
def test_the_code_of_the_portal_changes_nothing(sample: Any) -> None:
    assert supported(scan(sample.bundle, code=sample.case.code)) == wanted(sample.name)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", cases.CASES)
def test_every_spelling_tells_the_same(name: str, spelling: str, tmp_path: Path) -> None:
    folder(plane.texts(cases.CASES[name][4], SPELLINGS[spelling]), tmp_path)
    assert supported(scan(tmp_path)) == wanted(name)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["rp-collection-lock", "backup-in-progress", "portal-text"])
def test_every_encoding_tells_the_same(name: str, encoding: str, tmp_path: Path) -> None:
    files = plane.texts(cases.CASES[name][4])
    assert supported(scan(zipped({path: data.decode().encode(encoding) for path, data in files.items()}, tmp_path / "b.zip"))) == wanted(name)


@pytest.mark.parametrize("name", ["policy-denied", "rp-collection-lock"])
def test_an_archive_with_times_of_1980_is_judged_at_what_it_tells(name: str, tmp_path: Path) -> None:
    """As archives have them that are to be the same whenever they are packed."""
    path = "activity-log-list.json"
    data = plane.texts(cases.CASES[name][4])[path]
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as out:
        member = tarfile.TarInfo(path)
        member.size, member.mtime = len(data), 315_532_800
        out.addfile(member, io.BytesIO(data))
    assert supported(scan(tmp_path / "b.tar.gz")) == [name]


def test_names_of_files_do_not_matter(tmp_path: Path) -> None:
    files = plane.texts(cases.CASES["rp-collection-lock"][4])
    folder({f"{n}.txt": data for n, data in enumerate(files.values()) if data.strip() != b"[]"}, tmp_path)
    assert supported(scan(tmp_path)) == ["rp-collection-lock"]


def test_the_outputs_of_all_commands_in_one_file(tmp_path: Path) -> None:
    files = plane.texts(cases.CASES["backup-in-progress"][4])
    (tmp_path / "all.json").write_bytes(b"WARNING: this command is in preview\n".join(files.values()))
    assert supported(scan(tmp_path)) == ["backup-in-progress"]


def test_the_failed_job_is_the_focus_and_its_code_is_reported() -> None:
    report = scan(cases.ROOT / "rp-collection-lock")
    assert report.reported.code == "UserErrorRpCollectionLimitReached"
    assert (report.focus.from_, report.focus.to) == ("2026-11-22T01:00:12.402615Z", "2026-11-22T01:31:14.520615Z")
    assert report.identifiers.job == ["j-0722"]
    assert [attempt.result for attempt in report.attempts] == ["succeeded", "succeeded", "failed"]


def test_the_line_that_hit_is_named() -> None:
    report = scan(cases.ROOT / "rp-collection-lock")
    shown = next(evidence for evidence in report.causes[0].evidence if evidence.source.endswith("lock-list.json"))
    line = (cases.ROOT / "rp-collection-lock" / shown.source).read_text(encoding="utf-8").splitlines()[(shown.line or 0) - 1]
    assert "CanNotDelete" in line
    assert report.causes[0].evidence[0].text[shown.hit_from : shown.hit_to] or shown.hit_to == 0


def test_a_clean_set_leaves_no_cause_of_the_control_plane_out_of_sight() -> None:
    states = {cause.id: cause.status for cause in scan(cases.ROOT / "clean").causes}
    for name in ("rp-collection-lock", "rp-collection-limit", "keyvault-permissions", "disk-size-unsupported", "backup-in-progress", "not-protected"):
        assert states[name] == "no-evidence", name


def test_without_exports_they_are_out_of_sight() -> None:
    states = {cause.id: cause.status for cause in scan(ROOT / "linux" / "healthy").causes}
    assert {states["rp-collection-lock"], states["backup-in-progress"], states["not-protected"], states["policy-denied"]} == {"not-visible"}


# other machines


@pytest.mark.parametrize(
    "name", ["disk-size-unsupported", "status-blob-missing", "backup-in-progress", "not-protected", "rp-collection-limit", "extension-failed-provisioning"]
)
def test_the_fault_of_another_machine_does_not_count(name: str, tmp_path: Path) -> None:
    """All exports tell it of the other machine; only az vm show speaks of this one, and its own jobs are good."""
    theirs = json.loads(json.dumps(cases.CASES[name][4]).replace(plane.VM, "vm-elsewhere"))
    files = {f"all/{path}": data for path, data in plane.texts(theirs).items()}
    mine = {
        "vm.json": plane.model(),
        "view.json": plane.view(),
        "jobs.json": [plane.job("a", "2026-11-22T01:00:00Z", "2026-11-22T01:30:00Z", "Failed", code=1, text="?")],
    }
    report = scan(folder({**files, **plane.texts(mine), "item.json": plane.printed(plane.item()).encode()}, tmp_path))
    assert name not in supported(report)


def test_nothing_tells_which_machine_it_is(tmp_path: Path) -> None:
    listed = [plane.job(vm, "2026-11-22T01:00:00Z", "2026-11-22T01:30:00Z", "Failed", vm=vm, code=400094, text="?") for vm in ("vm1", "vm2", "vm3")]
    report = scan(folder(plane.texts({"jobs": listed}), tmp_path))
    assert supported(report) == []
    assert "several machines (vm1, vm2, vm3)" in problems(report)


# with guest logs


def mixed(guest: str, exports: plane.Objects, to: Path) -> backuptrace.Report:
    sample = next(sample for sample in samples(ROOT) if sample.name == guest)
    return scan(folder({**sample.files(), **{f"az/{path}": data for path, data in plane.texts(exports).items()}}, to))


def window(guest: str) -> tuple[str, str]:
    """When a job of the service would have run: from the last attempt that failed, or shortly before the end of the logs, for two hours."""
    sample = next(sample for sample in samples(ROOT) if sample.name == guest)
    report = scan(sample.bundle)
    started = report.attempts[-1].started if report.attempts and report.attempts[-1].result != "succeeded" else None
    begin = datetime.fromisoformat((started or report.bundle.to or "")[:16] + "+00:00")
    begin -= timedelta(0) if started else timedelta(hours=2)
    return f"{begin:%Y-%m-%dT%H:%M}:00Z", f"{begin + timedelta(hours=2):%Y-%m-%dT%H:%M}:00Z"


def failed_at(guest: str, text: str) -> list[Any]:
    begin, end = window(guest)
    return [plane.job("last", begin, end, "Failed", code=1, text=text)]


NOISY = "healthy-busy"


def test_a_lock_wins_over_noise_of_the_guest(tmp_path: Path) -> None:
    report = mixed(NOISY, plane.clean(backup_job_list=failed_at(NOISY, cases.LIMIT), lock_list=[plane.lock(plane.POINTS_GROUP)]), tmp_path)
    assert supported(report) == ["rp-collection-lock"]


def test_a_running_job_wins_over_noise_of_the_guest(tmp_path: Path) -> None:
    begin, end = window(NOISY)
    listed = [plane.job("new", begin, end, "Failed", code=1, text="?"), plane.job("old", begin[:11] + "00:00:00Z", None, "InProgress")]
    assert supported(mixed(NOISY, plane.clean(backup_job_list=listed), tmp_path)) == ["backup-in-progress"]


@pytest.mark.parametrize("guest", ["fsfreeze-failed", "snapshot-limit", "pre-post-script", "wireserver-unreachable", "waagent-conf"])
def test_a_cause_in_the_guest_wins_where_the_exports_are_clean(guest: str, tmp_path: Path) -> None:
    exports = plane.clean(backup_job_list=failed_at(guest, "Could not communicate with the VM agent for snapshot status"))
    report = mixed(guest, exports, tmp_path)
    assert supported(report)[0] == guest
    assert report.reported.code == "GuestAgentSnapshotTaskStatusError"


def test_a_job_that_went_well_is_the_last_word(tmp_path: Path) -> None:
    begin, end = window("fsfreeze-failed")
    exports = plane.clean(backup_job_list=[plane.job("last", begin, end, "Completed")], backup_item_list=[plane.item(last="Completed")])
    report = mixed("fsfreeze-failed", exports, tmp_path)
    assert supported(report) == []
    assert report.verdict.outcome in ("recovered", "no-failure-seen")


def test_exports_that_are_newer_than_the_logs_make_no_silence_of_them(tmp_path: Path) -> None:
    exports = plane.clean(backup_job_list=[plane.job("later", "2027-03-01T01:00:00Z", "2027-03-01T01:30:00Z", "Completed")])
    report = mixed("healthy", exports, tmp_path)
    assert supported(report) == []
    assert all((entry.to or "") < "2027" for entry in report.coverage if entry.source.startswith("var/"))


# damage


def nulled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: nulled(inner) if isinstance(inner, dict | list) else None for key, inner in value.items()}
    return [nulled(inner) for inner in value] if isinstance(value, list) else None


def test_nulls_everywhere(tmp_path: Path) -> None:
    report = scan(folder(plane.texts({name: nulled(value) for name, value in plane.clean().items()}), tmp_path))
    assert supported(report) == []


def test_a_list_that_is_cut_off_counts_up_to_there(tmp_path: Path) -> None:
    whole = plane.printed([plane.lock(plane.POINTS_GROUP), plane.lock("net")])
    (tmp_path / "locks.json").write_text(whole[:-40], encoding="utf-8")
    report = scan(tmp_path)
    assert supported(report) == ["rp-collection-lock"]
    assert "unreadable locks.json: JSON that is not whole" in problems(report)


def test_one_broken_object_does_not_hide_the_others(tmp_path: Path) -> None:
    first, second = plane.lock("net"), plane.lock(plane.POINTS_GROUP)
    text = json.dumps([first, second]).replace('"name": "do-not-delete"', '"name" "do-not-delete"', 1)
    (tmp_path / "locks.json").write_text(text, encoding="utf-8")
    report = scan(tmp_path)
    assert supported(report) == ["rp-collection-lock"]
    assert "object 1 (line 1) is no JSON" in problems(report)


def test_values_that_powershell_left_out_are_told(tmp_path: Path) -> None:
    view = {"Name": "vm1", "VMAgent": {"VmAgentVersion": "2.7", "Statuses": ["Microsoft.Azure.Management.Compute.Models.InstanceViewStatus"]}, "Statuses": []}
    report = scan(folder({"view.json": json.dumps(view).encode()}, tmp_path))
    assert "ConvertTo-Json without -Depth" in problems(report)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_survived(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever is cut out of an export or written over it, the scan ends with a report."""
    name = data.draw(st.sampled_from(sorted(cases.CASES)))
    files = plane.texts(cases.CASES[name][4])
    path = data.draw(st.sampled_from(sorted(files)))
    raw = bytearray(files[path])
    at = data.draw(st.integers(0, len(raw)))
    raw[at : at + data.draw(st.integers(0, 400))] = data.draw(
        st.binary(max_size=30) | st.sampled_from([b'"', b"{" * 50, b"[" * 50, b"\\", b"\xff\xfe", b"null", b"1e999"])
    )
    report = scan(folder({**files, path: bytes(raw)}, tmp_path))
    assert report.verdict.outcome


def test_a_large_activity_log_is_read_object_by_object(tmp_path: Path) -> None:
    """14 MB: what is kept at once stays far below; the one entry that matters stands in the middle."""
    import tracemalloc

    usual = plane.everyday()[-1]
    usual["description"] = "x" * 20_000
    text = plane.printed([usual])[1:-3].encode()
    with (tmp_path / "activity.json").open("wb") as out:
        out.write(b"[")
        for n in range(700):
            out.write((b"," if n else b"") + (text if n != 300 else plane.printed([cases.REFUSED])[1:-3].encode()))
        out.write(b"\n]\n")
    assert (tmp_path / "activity.json").stat().st_size > 13_000_000
    scan(cases.ROOT / "clean")  # makes what is made at the first use
    tracemalloc.start()
    report = scan(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert supported(report) == ["rp-collection-lock"]
    assert peak < 10_000_000


def test_many_events_of_one_kind_leave_room_for_another(tmp_path: Path) -> None:
    stop = plane.activity("2026-11-17T10:00:00Z", "Microsoft.Compute/virtualMachines/deallocate/action", plane.vm_id(plane.OTHER))
    (tmp_path / "activity.json").write_text(json.dumps([stop] * 12_000 + [cases.REFUSED]), encoding="utf-8")
    report = scan(tmp_path)
    assert supported(report) == ["rp-collection-lock"]
    assert any("were not kept" in text for text in report.capped)


def test_nothing_newer_than_the_failed_job(tmp_path: Path) -> None:
    """The list of jobs was made after the last of them had failed: that none ran beside it is known."""
    mine = [one for one in plane.jobs() if one["properties"]["entityFriendlyName"] == plane.VM]
    report = scan(folder(plane.texts({"jobs": mine}), tmp_path))
    assert {cause.id: cause.status for cause in report.causes}["backup-in-progress"] == "no-evidence"


def test_a_job_whose_time_cannot_be_told_is_not_of_1970(tmp_path: Path) -> None:
    """A list of PowerShell in British English: day and month may be either. Its code is told all the same."""
    text = (
        "WorkloadName : vm01\nOperation    : Backup\nStatus       : Failed\nStartTime    : 02/03/2026 03:00:00\nErrorMessage : UserErrorUnsupportedDiskSize\n"
    )
    report = scan(folder({"job.txt": text.encode()}, tmp_path))
    assert (report.focus.from_, report.attempts) == (None, [])
    assert report.reported.code == "UserErrorUnsupportedDiskSize"


@pytest.mark.slow
def test_two_hundred_megabytes_of_activity(tmp_path: Path) -> None:
    usual = plane.printed(plane.everyday())[1:-3].encode()
    with (tmp_path / "activity.json").open("wb") as out:
        out.write(b"[" + usual)
        for n in range(200_000_000 // len(usual)):
            out.write(b"," + (usual if n != 10_000 else plane.printed([cases.REFUSED])[1:-3].encode()))
        out.write(b"\n]\n")
    program = """
import resource, sys, backuptrace
report = backuptrace.scan(sys.argv[1])
print([cause.id for cause in report.causes if cause.status == "supported"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    said = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True).stdout
    assert said.startswith("['rp-collection-lock'] ")
    assert int(said.split()[-1]) < 200_000
