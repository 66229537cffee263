"""`backuptrace scan` on bundles on disk, as a child process: what lands where, and with which exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from backuptrace.cli.running import ReportFormat
from backuptrace.report.document import Report
from backuptrace.report.forms import FORMS
from backuptrace.report.schema import stored

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def test_json_stands_alone_on_standard_output_and_obeys_the_schema(run: Run, bundle: Path) -> None:
    done = run("scan", bundle, "--format", "json")
    assert done.returncode == 0, done.stderr.decode()
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(stored()))
    assert document["verdict"]["cause"] == "wireserver-unreachable"
    assert done.stdout.decode() == Report.from_json(done.stdout).to_json()


def test_text_tells_the_cause_first(run: Run, bundle: Path) -> None:
    done = run("scan", bundle)
    assert done.returncode == 0, done.stderr.decode()
    text = done.stdout.decode()
    assert "168.63.129.16 cannot be reached" in " ".join(text.split("\n\n")[0].split())
    assert "var/log/waagent.log:4" in text
    assert "\x1b" not in text
    assert done.stderr == b""


def test_the_same_bundle_gives_the_same_bytes_with_and_without_the_cache(run: Run, bundle: Path) -> None:
    outputs = {run("scan", bundle, "--format", "json", *more).stdout for more in ([], [], ["--no-cache"])}
    assert len(outputs) == 1
    assert outputs != {b""}


def test_the_code_of_the_portal_is_reported(run: Run, bundle: Path) -> None:
    document = json.loads(run("scan", bundle, "--format", "json", "--code", "UserErrorGuestAgentStatusUnavailable", "--at", "2026-11-22T03:12Z").stdout)
    assert document["reported"]["code"] == "UserErrorGuestAgentStatusUnavailable"
    assert document["reported"]["at"] == "2026-11-22T03:12:00.000000Z"


@pytest.mark.parametrize("code, fix", [("UserErrorFsFrezeFailed", "did you mean UserErrorFsFreezeFailed"), ("Nonsense", "compare it with the portal")])
def test_a_code_that_nobody_knows_is_told(code: str, fix: str, run: Run, bundle: Path) -> None:
    document = json.loads(run("scan", bundle, "--format", "json", "--code", code).stdout)
    (problem,) = [item for item in document["problems"] if item["where"] == code]
    assert "does not know this error code" in problem["what"] and problem["fix"].startswith(fix)
    assert document["reported"]["code"] == code
    assert f"{code} (a code that the catalogue does not know)" in " ".join(run("scan", bundle, "--code", code).stdout.decode().split())


def test_hits_are_not_counted_twice(run: Run, bundle: Path) -> None:
    """One line may be the hit of several selections; with all evidence shown, nothing is left to count."""
    cause = json.loads(run("scan", bundle, "--format", "json").stdout)["causes"][0]
    places = {(item["source"], item["line"]) for item in cause["evidence"]}
    assert cause["hits"]["total"] == cause["hits"]["shown"] == len(places)


@pytest.mark.parametrize("width", [40, 120])
def test_width_is_obeyed(width: int, run: Run, bundle: Path) -> None:
    lines = run("scan", bundle, "--width", str(width)).stdout.decode().splitlines()
    free = [line for line in lines if "://" not in line and not line.startswith("    ") and "`" not in line]
    assert max(map(len, free)) <= width
    assert max(map(len, free)) > width - 25


def test_all_shows_more(run: Run, bundle: Path) -> None:
    assert len(run("scan", bundle, "--all").stdout) > len(run("scan", bundle).stdout)


# exit status


def test_exit_code_tells_that_a_cause_is_supported(run: Run, bundle: Path) -> None:
    done = run("scan", bundle, "--exit-code")
    assert done.returncode == 10
    assert done.stdout


def test_exit_code_tells_that_the_evidence_is_incomplete(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "other" / "var" / "log" / "syslog"
    log.parent.mkdir(parents=True)
    log.write_text("Nov 22 03:00:01 vm1 systemd[1]: Started Daily Cleanup of Temporary Directories.\n", encoding="utf-8")
    assert run("scan", tmp_path / "other", "--exit-code", "--code", "UserErrorGuestAgentStatusUnavailable").returncode == 20


def test_a_bundle_that_does_not_exist_is_status_4(run: Run, tmp_path: Path) -> None:
    done = run("scan", tmp_path / "no\x1b[31msuch.zip", "--format", "json")
    assert done.returncode == 4
    assert done.stdout == b""
    assert b"\x1b" not in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"such.zip" in done.stderr


def test_a_faulty_signature_file_is_status_3_and_names_the_place(run: Run, bundle: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "broken.yml").write_text("schema: 1\nid: broken\ntitle: [\n", encoding="utf-8")
    done = run("scan", bundle, "--signatures", own)
    assert done.returncode == 3
    assert b"broken.yml:" in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan"],
        ["scan", "{bundle}", "--format", "xml"],
        ["scan", "{bundle}", "--at", "yesterday"],
        ["scan", "{bundle}", "--width", "5"],
        ["scan", "{bundle}", "--signatures", "{bundle}/none"],
        ["scan", "{bundle}", "-o", "{bundle}/none/report.json"],
        ["scan", "{bundle}", "-o", "{bundle}"],
        ["scan", "{bundle}", "-o", "report.pdf"],
        ["scan", "{bundle}", "-o", "report.html", "--format", "text"],
        ["scan", "{bundle}", "-o", "report.json", "--format", "csv"],
        ["scan", "{bundle}", "-o", "report.txt", "--format", "parquet"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_status_2_with_a_message(arguments: list[str], run: Run, bundle: Path) -> None:
    done = run(*(part.format(bundle=bundle) for part in arguments))
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr
    assert b"Traceback" not in done.stderr


# files


@pytest.mark.parametrize(
    "name, more, is_json",
    [("r.json", [], True), ("r.txt", [], False), ("r", [], False), ("r.txt", ["--format", "json"], True), ("r.log", ["--format", "text"], False)],
)
def test_the_suffix_of_the_file_tells_the_format_unless_it_is_given(name: str, more: list[str], is_json: bool, run: Run, bundle: Path) -> None:
    done = run("scan", bundle, "-o", name, *more)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == b""
    text = (bundle.parent / name).read_text(encoding="utf-8")
    assert text.startswith("{") is is_json
    assert name.encode() in done.stderr


@pytest.mark.parametrize(
    "name, start, inside",
    [
        ("r.html", b"<!doctype html>", b"168.63.129.16 cannot be reached"),
        ("r.HTM", b"<!doctype html>", b"Content-Security-Policy"),
        ("r.md", b"**explained", b"Protocol endpoint not found"),
        ("r.csv", b'\xef\xbb\xbf"time"', b"wireserver-unreachable"),
        ("r.jsonl", b"{", b'"timestamp_desc"'),
        ("r.parquet", b"PAR1", b"PAR1"),
    ],
)
def test_the_suffix_chooses_among_the_forms_to_attach(name: str, start: bytes, inside: bytes, run: Run, bundle: Path, tmp_path: Path) -> None:
    done = run("scan", bundle, "-o", name)
    assert done.returncode == 0, done.stderr.decode()
    data = (tmp_path / name).read_bytes()
    assert data.startswith(start)
    assert inside in data


@pytest.mark.parametrize("form, suffix", [("md", ".md"), ("text", ".txt")])
def test_a_contradiction_of_suffix_and_format_is_told_before_the_scan(form: str, suffix: str, run: Run, tmp_path: Path) -> None:
    done = run("scan", tmp_path / "none", "-o", "r.html", "--format", form)
    assert done.returncode == 2
    assert f".html means html, --format says {form}" in done.stderr.decode()
    assert f"leave out --format, or name the file {suffix}" in " ".join(done.stderr.decode().split())


def test_every_form_can_be_chosen_on_the_command_line() -> None:
    assert tuple(form.value for form in ReportFormat) == FORMS


@pytest.mark.skipif(os.name == "nt", reason="a limit of Unix")
def test_a_full_disk_keeps_the_old_report_and_leaves_nothing_behind(bundle: Path, tmp_path: Path) -> None:
    """The limit on the size of a file stands for a disk that fills up while the report is written."""
    import resource

    out = tmp_path / "out"
    out.mkdir()
    (out / "r.html").write_text("old", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "backuptrace", "scan", str(bundle), "-o", str(out / "r.html"), "--no-cache"],
        capture_output=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 1
    assert b"cannot write the report" in done.stderr
    assert b"Traceback" not in done.stderr
    assert (out / "r.html").read_text(encoding="utf-8") == "old"
    assert [path.name for path in out.iterdir()] == ["r.html"]


def test_a_report_replaces_the_old_one_whole_and_leaves_nothing_else(run: Run, bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "r.json").write_text("old", encoding="utf-8")
    (out / "link.json").symlink_to("r.json")
    assert run("scan", bundle, "-o", out / "link.json").returncode == 0
    assert (out / "link.json").is_symlink()
    assert (out / "r.json").read_text(encoding="utf-8").startswith("{")
    assert sorted(path.name for path in out.iterdir()) == ["link.json", "r.json"]


def test_a_failed_scan_keeps_the_old_report(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("old", encoding="utf-8")
    assert run("scan", tmp_path / "none.zip", "-o", tmp_path / "r.json").returncode == 4
    assert (tmp_path / "r.json").read_text(encoding="utf-8") == "old"


@pytest.mark.skipif(os.name == "nt", reason="a device of Unix")
def test_a_device_is_written_and_not_replaced(run: Run, bundle: Path) -> None:
    assert run("scan", bundle, "--format", "json", "-o", "/dev/null").returncode == 0
    assert not Path("/dev/null").is_file()


# terminals and pipes


def test_a_terminal_without_unicode_gets_escapes_and_json_stays_utf8(run: Run, bundle: Path, tmp_path: Path) -> None:
    strange = tmp_path / "Sicherung-ü-備"
    bundle.rename(strange)
    text = run("scan", strange, PYTHONIOENCODING="ascii")
    assert text.returncode == 0, text.stderr.decode()
    assert text.stdout.isascii()
    assert b"Sicherung-\\xfc-\\u5099" in text.stdout
    assert json.loads(run("scan", strange, "--format", "json", PYTHONIOENCODING="ascii").stdout)["bundle"]["name"].startswith("Sicherung-ü-備")


@pytest.mark.skipif(os.name == "nt", reason="pipes of Unix")
@pytest.mark.parametrize("more", [[], ["--format", "json"]])
def test_a_reader_that_goes_away_is_no_error(more: list[str], run: Run, bundle: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "backuptrace", "scan", str(bundle), *more], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=120
        )
    finally:
        os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_without_a_traceback(run: Run, bundle: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-m", "backuptrace", "scan", str(bundle)], stdout=full, stderr=subprocess.PIPE, check=False, timeout=120)
    assert done.returncode == 1
    assert b"cannot write to standard output" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="pseudo terminals of Unix")
@pytest.mark.parametrize(
    "environment, colored", [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False)]
)
def test_color_only_at_a_terminal_that_wants_it(environment: dict[str, str], colored: bool, bundle: Path) -> None:
    import pty

    outer, inner = pty.openpty()
    try:
        variables = {**{name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "TERM"}}, "TERM": "xterm", **environment}
        child = subprocess.Popen([sys.executable, "-m", "backuptrace", "scan", str(bundle)], stdout=inner, stderr=subprocess.DEVNULL, env=variables)
        os.close(inner)
        shown = b""
        while True:
            try:
                block = os.read(outer, 65536)
            except OSError:
                break
            if not block:
                break
            shown += block
        assert child.wait(120) == 0
    finally:
        os.close(outer)
    assert b"168.63.129.16" in shown
    assert (b"\x1b[" in shown) is colored


@pytest.mark.parametrize(
    "environment, colored", [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "0"}, False), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)]
)
def test_a_pipe_gets_color_only_on_demand(environment: dict[str, str], colored: bool, bundle: Path, run: Run) -> None:
    assert (b"\x1b[" in run("scan", bundle, **environment).stdout) is colored


def test_a_file_never_gets_color(bundle: Path, run: Run, tmp_path: Path) -> None:
    assert run("scan", bundle, "-o", "report.txt", FORCE_COLOR="1").returncode == 0
    assert b"\x1b" not in (tmp_path / "report.txt").read_bytes()
