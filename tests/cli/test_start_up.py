"""The command line starts light, tells its version and what its exit statuses mean, and dies without a traceback."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

import backuptrace
from backuptrace.cli.guarding import guarded
from backuptrace.cli.main import main
from backuptrace.cli.scan import findings_status
from backuptrace.errors import BundleError, Fault, KnowledgeError, UsageError
from backuptrace.report.document import BundleInfo, Cause, Doc, Focus, Outcome, Report, Tool, Verdict

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
HEAVY = ["pandas", "numpy", "pyarrow", "dask", "lark", "hyperscan", "yaml", "msgspec", "Evtx"]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["scan", "--help"], ["--version"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    code = f"import sys; sys.argv = ['backuptrace', *{arguments}]\nfrom backuptrace.cli.main import main\nmain() if {bool(arguments)} else None\nsys.stderr.write(','.join(m for m in {HEAVY} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr == b""


def test_version(run: Run) -> None:
    assert run("--version").stdout.decode() == f"backuptrace {backuptrace.__version__}\n"


def test_the_help_tells_every_exit_status(run: Run) -> None:
    text = " ".join(run("scan", "--help").stdout.decode().split())
    told = text[text.index("Exit status:") :]
    assert set(re.findall(r"\b\d+\b", told)) == {"0", "1", "2", "3", "4", "10", "20", "130"}
    assert "--no-redact" in text


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    done = run()
    assert b"scan" in done.stdout + done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize("command", [[], ["scan"], ["demo"], ["signatures"], ["signatures", "check"]])
def test_a_short_h_is_help_everywhere(command: list[str], run: Run) -> None:
    done = run(*command, "-h")
    assert done.returncode == 0
    assert done.stdout == run(*command, "--help").stdout


def test_a_command_tells_only_statuses_that_it_can_end_with(run: Run) -> None:
    assert b"--exit-code" not in run("demo", "--help").stdout


@pytest.mark.parametrize(
    "outcome, supported, status",
    [("explained", True, 10), ("cannot-tell", False, 20), ("unexplained", False, 20), ("recovered", False, 0), ("no-failure-seen", False, 0)],
)
def test_findings_status(outcome: Outcome, supported: bool, status: int) -> None:
    causes = [Cause(id="dhcp", status="supported" if supported else "no-evidence", title="DHCP", doc=Doc(url="https://example.org"))]
    report = Report(
        tool=Tool(version="1", signatures="x"),
        bundle=BundleInfo(name="b", kind="zip"),
        verdict=Verdict(outcome=outcome, sentence="s"),
        focus=Focus(basis="b"),
        causes=causes,
    )
    assert findings_status(report) == status


@pytest.mark.parametrize(
    "error, status",
    [
        (UsageError("no", fix="yes"), 2),
        (KnowledgeError([Fault("a.yml:1:2", "bad")]), 3),
        (BundleError("empty", where="x.zip"), 4),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("division by \x1b[31mzero"), 1),
        (MemoryError(), 1),
    ],
)
def test_every_failure_is_a_message_and_a_status(error: BaseException, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise error

    assert guarded(fail) == status
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("backuptrace: ")
    assert "Traceback" not in shown.err
    assert "\x1b" not in shown.err


def test_an_internal_error_says_how_to_report_it_and_shows_its_trace_on_demand(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        return 1 // 0

    guarded(fail)
    assert "BACKUPTRACE_DEBUG=1" in capsys.readouterr().err
    monkeypatch.setenv("BACKUPTRACE_DEBUG", "1")
    guarded(fail)
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert "return 1 // 0" in shown


def test_main_returns_the_status(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["backuptrace", "--version"])
    assert main() == 0
    monkeypatch.setattr(sys, "argv", ["backuptrace", "scan"])
    assert main() == 2
    assert "BUNDLE" in capsys.readouterr().err
