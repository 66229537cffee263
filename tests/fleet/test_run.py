"""A fleet from sources to results: with bundles that do harm, killed and taken up again, changed and repeated."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import fleetfaults
import pytest

import backuptrace
from backuptrace.errors import BundleError, UsageError
from backuptrace.fleet import running
from backuptrace.fleet.folder import locked
from backuptrace.fleet.options import Options
from backuptrace.fleet.result import Result
from backuptrace.report.document import Report

Bundles = Callable[..., Path]


def run(folder: Path | list[str], out: Path, **more: object) -> Result:
    named = folder if isinstance(folder, list) else [str(folder)]
    return running.run(named, out, **{"jobs": 2, **more})  # type: ignore[arg-type]  # the caller's keywords


def contents(out: Path) -> dict[str, bytes]:
    """Every result, the journal aside: its order is that in which the bundles were done."""
    files = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files if path.name not in {"fleet.journal", "fleet.lock"}}


def journal_keys(out: Path) -> Counter[str]:
    return Counter(json.loads(line[9:])["key"] for line in (out / "fleet.journal").read_bytes().splitlines()[1:])


def bomb(path: Path) -> None:
    """A log of 40 MB zeros in 40 kB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("var/log/waagent.log", "w") as member:
        for _ in range(40):
            member.write(bytes(1 << 20))


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_bundles_that_do_harm_cost_only_themselves(bundles: Bundles, tmp_path: Path) -> None:
    folder = bundles("a", "b", "c", "segfault", "hang", "exit")
    bomb(folder / "bomb.zip")
    (folder / "empty.zip").write_bytes(b"")
    (folder / "noise.tar.gz").write_bytes(random.Random(1).randbytes(4000))
    result = run(folder, tmp_path / "out", timeout=6.0, make=fleetfaults.real)
    fleet = backuptrace.open_fleet(tmp_path / "out")
    states = {name.split(".")[0]: state for name, state in zip(fleet.verdicts["bundle"], fleet.verdicts["state"])}
    assert states == {
        "a": "scanned", "b": "scanned", "c": "scanned", "bomb": "scanned", "segfault": "failed", "hang": "failed", "exit": "failed",
        "empty": "unreadable", "noise": "unreadable",
    }  # fmt: skip
    assert {item.bundle.split(".")[0]: item.kind for item in result.failed} == {"segfault": "crashed", "hang": "timeout", "exit": "crashed"}
    assert {item.bundle.split(".")[0] for item in result.unreadable} == {"empty", "noise"}
    causes = dict(zip(fleet.verdicts["bundle"], fleet.verdicts["cause"]))
    assert {causes[name] for name in causes if name[:2] in {"a.", "b.", "c."}} == {"wireserver-unreachable", "disk-full", "selinux"}
    told = fleet.problems[fleet.problems["bundle"] == "bomb.zip"]
    assert "limit" in set(told["kind"])
    segfault = fleet.problems[fleet.problems["kind"] == "crashed"]["what"]
    assert any("SIGSEGV" in text for text in segfault)


def test_a_report_is_that_of_a_single_scan(bundles: Bundles, tmp_path: Path) -> None:
    folder = bundles("a", "b", "c")
    run(folder, tmp_path / "out")
    fleet = backuptrace.open_fleet(tmp_path / "out")
    for path in folder.iterdir():
        assert fleet.report(path.name).to_json() == backuptrace.scan(path).to_json()


def test_tables_hold_what_the_reports_say(bundles: Bundles, tmp_path: Path) -> None:
    run(bundles("a", "b", "c"), tmp_path / "out")
    fleet = backuptrace.open_fleet(tmp_path / "out")
    reports = {name: fleet.report(name) for name in fleet.verdicts["bundle"]}
    assert list(fleet.verdicts["sentence"]) == [report.verdict.sentence for report in reports.values()]
    assert str(fleet.verdicts["since"].dtype) == "datetime64[us, UTC]"

    def first(report: Report) -> str | None:
        return next(cause.hits.first for cause in report.supported())

    assert [f"{since:%Y-%m-%dT%H:%M:%S.%f}Z" for since in fleet.verdicts["since"]] == [first(report) for report in reports.values()]
    rows = [(name, fact.name, fact.value) for name, report in reports.items() for fact in report.facts]
    assert [tuple(row) for row in fleet.facts[["bundle", "name", "value"]].itertuples(index=False)] == rows
    attempts = [(name, one.id, one.result, one.causes) for name, report in reports.items() for one in report.attempts]
    table = fleet.attempts
    assert attempts == [(a, b, c, list(d)) for a, b, c, d in zip(table["bundle"], table["attempt"], table["result"], table["causes"])]
    texts = [item.text for report in reports.values() for cause in report.causes for item in cause.evidence if cause.status == "supported"]
    assert set(texts) <= set(fleet.evidence["text"])
    assert fleet.evidence["line"].dtype.name == "Int64"


def links(out: Path) -> list[str]:
    return re.findall(r'href="(reports/[^"]+)"', (out / "fleet.html").read_text(encoding="utf-8"))


def test_the_page_leads_to_the_reports_where_they_are_pages(bundles: Bundles, tmp_path: Path) -> None:
    folder, out = bundles("a", "b & c"), tmp_path / "out"
    run(folder, out)
    assert len(links(out)) == 2
    assert all("168.63.129.16" in (out / link).read_text(encoding="utf-8") for link in links(out))
    run(folder, out, options=Options(html=False))
    assert links(out) == []
    assert {path.suffix for path in (out / "reports").iterdir()} == {".json"}
    assert journal_keys(out).total() == 2, "a report less is no reason to scan again"
    run(folder, out)
    assert len(links(out)) == 2


def command(folder: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "backuptrace", "fleet", str(folder), "-o", str(out), "--jobs", "2"]


def killed_and_finished(folder: Path, out: Path, rounds: int, longest: float) -> int:
    """Starts the run so often, kills it at a random moment, and at last lets it end. Returns how often it was killed.

    The first time it is killed when something is done: else it might come to its end, and nothing would be left for the other times.
    """
    kills, journal = 0, out / "fleet.journal"
    for number in range(rounds):
        process = subprocess.Popen(command(folder, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        while not number and process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") > 1):
            time.sleep(0.001)
        try:
            process.wait(random.uniform(0.05, longest) if number else 0.0)
        except subprocess.TimeoutExpired:
            kills += 1
            if number % 2:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()
        until = time.monotonic() + 10
        while in_session(process.pid) and time.monotonic() < until:
            time.sleep(0.02)
        assert not in_session(process.pid), "workers die with their parent"
    done = subprocess.run(command(folder, out), capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return kills


def in_session(session: int) -> list[int]:
    """Processes of a session that live."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
@pytest.mark.parametrize("rounds, count", [(4, 16), pytest.param(60, 80, marks=pytest.mark.slow)])
def test_killed_at_any_moment_it_ends_with_the_same_result(rounds: int, count: int, bundles: Bundles, tmp_path: Path) -> None:
    folder = bundles(*(f"vm{n:03}" for n in range(count)))
    begin = time.monotonic()
    wanted, out = tmp_path / "whole", tmp_path / "pieces"
    assert subprocess.run(command(folder, wanted), capture_output=True, timeout=300, check=False).returncode == 0
    kills = killed_and_finished(folder, out, rounds, min(time.monotonic() - begin, 5.0))
    assert kills
    assert contents(out) == contents(wanted)
    assert set(journal_keys(out)) == set(journal_keys(wanted))
    assert set(journal_keys(out).values()) == {1}, "no bundle is scanned again that was done"


def test_a_journal_of_half_a_line_and_half_a_report(bundles: Bundles, tmp_path: Path) -> None:
    """As the disk may be after the power failed: what is not whole is done again."""
    folder, out = bundles("a", "b", "c"), tmp_path / "out"
    run(folder, out)
    wanted = contents(out)
    journal = out / "fleet.journal"
    journal.write_bytes(journal.read_bytes()[:-100])
    report = min((out / "reports").iterdir())
    report.write_bytes(report.read_bytes()[:50])
    run(folder, out)
    assert contents(out) == wanted


def test_what_is_done_is_not_done_again(bundles: Bundles, tmp_path: Path) -> None:
    folder, out = bundles("a", "b", "c"), tmp_path / "out"
    first = run(folder, out)
    wanted, before = contents(out), journal_keys(out)
    assert run(folder, out, make=fleetfaults.broken) == first, "no worker was started"
    assert contents(out) == wanted
    for path in folder.glob("b.*"):
        shutil.copy(next(folder.glob("a.*")), path)
    changed = run(folder, out)
    after = journal_keys(out)
    assert after.total() == 3
    assert len(before.keys() & after.keys()) == 2, "only the changed one was scanned again"
    assert changed.summary.causes[0].vms == 2


def test_results_are_of_the_bundles_that_are_there(bundles: Bundles, tmp_path: Path) -> None:
    folder, out = bundles("a", "b", "c"), tmp_path / "out"
    run(folder, out)
    next(folder.glob("b.*")).unlink()
    assert run(folder, out).bundles == 2
    assert sorted(path.suffix for path in (out / "reports").iterdir()) == [".html", ".html", ".json", ".json"]
    assert len(backuptrace.open_fleet(out).verdicts) == 2


def test_other_options_are_another_result(bundles: Bundles, tmp_path: Path) -> None:
    folder, out = bundles("a"), tmp_path / "out"
    run(folder, out)
    before = journal_keys(out)
    run(folder, out, options=Options(language="de"))
    assert backuptrace.open_fleet(out).report("a.tar.gz").language == "de"
    assert before.keys().isdisjoint(journal_keys(out))


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_failed_ones_are_tried_again_when_asked(bundles: Bundles, tmp_path: Path) -> None:
    folder, out = bundles("a", "exit"), tmp_path / "out"
    assert len(run(folder, out, make=fleetfaults.real).failed) == 1
    assert len(run(folder, out).failed) == 1, "the same result until somebody asks"
    assert run(folder, out, retry=True).failed == []
    assert backuptrace.open_fleet(out).verdicts["state"].tolist() == ["scanned", "scanned"]


def test_fresh_forgets_and_removes_nothing_else(bundles: Bundles, tmp_path: Path) -> None:
    folder, out = bundles("a", "b"), tmp_path / "out"
    run(folder, out)
    (out / "notes.txt").write_text("mine")
    wanted = contents(out)
    run(folder, out, fresh=True)
    assert contents(out) == wanted
    assert journal_keys(out).total() == 2


def test_a_folder_with_something_else_is_refused(bundles: Bundles, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        run(bundles("a"), out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_two_runs_do_not_share_a_folder(bundles: Bundles, tmp_path: Path) -> None:
    folder, out = bundles("a"), tmp_path / "out"
    run(folder, out)
    with locked(out), pytest.raises(UsageError, match="another run"):
        run(folder, out)


def test_nothing_readable_anywhere(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"")
    with pytest.raises(BundleError, match="nothing can be read"):
        run([str(tmp_path / "x.zip")], tmp_path / "out")
    (tmp_path / "none").mkdir()
    with pytest.raises(BundleError, match="no bundles"):
        run(tmp_path / "none", tmp_path / "out2")
    with pytest.raises(BundleError, match="no results"):
        backuptrace.open_fleet(tmp_path)


SECRET = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U0%3D"


def test_secrets_of_logs_and_of_names_stay_out_of_all_results(tmp_path: Path) -> None:
    signed = f"https://store.blob.core.windows.net/status/vm.status?sv=2018-03-28&sr=b&sig={SECRET}&se=9999-01-01T00%3A00%3A00Z&sp=w"
    folder = tmp_path / "bundles"
    for name in ("vm1", f"bundle.zip?sv=2018-03-28&sr=b&sig={SECRET}&sp=r"):
        log = folder / name / "var" / "log" / "waagent.log"
        log.parent.mkdir(parents=True)
        lines = "".join(f"2026-11-22T03:{n:02}:01.000001Z ERROR ExtHandler ExtHandler Error uploading status blob: IOError on {signed}\n" for n in range(30))
        log.write_text("2026-11-22T03:00:01.000001Z INFO Daemon Daemon Azure Linux Agent Version: 2.11.1.4\n" + lines, encoding="utf-8")
    out = tmp_path / "out"
    run(folder, out)
    fleet = backuptrace.open_fleet(out)
    frames = [getattr(fleet, name).to_csv() for name in ("verdicts", "causes", "evidence", "attempts", "facts", "problems")]
    files = [path.read_bytes().decode("utf-8", "replace") + path.name for path in out.rglob("*") if path.is_file()]
    assert len(fleet.verdicts) == 2
    assert "<sas-" in "".join(frames + files)
    assert [text for text in frames + files if SECRET[:20] in text] == []
    run(folder, out, options=Options(redact=False))
    assert any(SECRET in path.read_text() for path in (out / "reports").iterdir())


def test_the_command(bundles: Bundles, tmp_path: Path) -> None:
    folder, out = bundles("a", "b"), tmp_path / "out"
    call = [*command(folder, out), "--lang", "de", "--exit-code"]
    done = subprocess.run(call, capture_output=True, timeout=120, check=False, encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert (done.returncode, done.stderr) == (10, "")
    assert "2 Pakete von 2 VMs: 2 erklärt" in done.stdout
    assert "wireserver-unreachable" in done.stdout
    for arguments, status in (
        ([str(tmp_path / "missing"), "-o", str(out)], 2),
        ([str(folder), "-o", str(folder)], 2),
        ([str(out / "reports"), "-o", str(out)], 4),
    ):
        assert subprocess.run([*call[:4], *arguments], capture_output=True, timeout=120, check=False).returncode == status, arguments


def test_a_journal_line_is_checked(bundles: Bundles, tmp_path: Path) -> None:
    """A line whose sum is wrong is told and its bundle scanned again."""
    folder, out = bundles("a", "b"), tmp_path / "out"
    run(folder, out)
    wanted = contents(out)
    lines = (out / "fleet.journal").read_bytes().splitlines(keepends=True)
    assert int(lines[1][:8], 16) == zlib.crc32(lines[1][9:-1])
    (out / "fleet.journal").write_bytes(lines[0] + lines[1].replace(b"supported", b"unsupport", 1) + lines[2])
    told: list[str] = []
    run(folder, out, inform=told.append)
    assert any("1 damaged" in text for text in told)
    assert contents(out) == wanted
