"""What cannot be read, as a user meets it: a clear message, the documented status, and the rest is read all the same."""

from __future__ import annotations

import gzip
import io
import random
import sys
import tarfile
from pathlib import Path

import pytest

from backuptrace.api import scan
from backuptrace.cli.main import main

LINES = "".join(
    f"2026-05-01T{n // 60:02}:{n % 60:02}:00.000000Z INFO Daemon Daemon Protocol endpoint not found: [ProtocolError] [Wireserver Exception] "
    "[HttpError] [HTTP Failed] GET http://168.63.129.16/ -- IOError timed out -- 6 attempts made\n"
    for n in range(60)
)


def status(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["backuptrace", "scan", str(path)])
    with pytest.raises(SystemExit) as ended:
        sys.exit(main())
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "not found"), (b"", "empty"), (bytes(range(256)) * 40, "not a log that is known"), (b"hello\nworld\n", "not a log that is known")],
)
def test_no_bundle(content: bytes | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "thing.bin"
    if content is not None:
        path.write_bytes(content)
    assert status(path, monkeypatch) == 4
    told = capsys.readouterr()
    assert words in told.err
    assert "do:" in told.err
    assert told.out == ""


def test_an_address_is_told_to_be_one_and_its_signature_is_not_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sas = "sv=2022-11-02&sig=abcDEF1234567890abcDEF1234567890abcDEF12345%3D"
    assert status(Path(f"https://example.blob.core.windows.net/bundles/a.zip?{sas}"), monkeypatch) == 4
    told = capsys.readouterr().err
    assert "an address, not a file" in told
    assert "download it first" in told
    assert "abcDEF12345" not in told


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("size", [20_000, 400_000])
def test_a_truncated_archive_is_read_as_far_as_it_goes(size: int, share: float, tmp_path: Path) -> None:
    path = tmp_path / "bundle.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in (("var/log/waagent.log", LINES.encode()), ("noise.bin", random.Random(1).randbytes(size))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    report = scan(path)
    assert any(problem.kind in ("truncated", "damaged") for problem in report.problems)
    assert any(log.format == "waagent" for log in report.coverage)


def test_the_verdict_on_a_bundle_that_is_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bundle.tar"
    with tarfile.open(path, "w") as archive:
        for name in ("etc/hostname", "var/log/waagent.log"):
            info = tarfile.TarInfo(name)
            info.size = len(LINES)
            archive.addfile(info, io.BytesIO(LINES.encode()))
    assert "cut off" not in scan(path).verdict.sentence
    path.write_bytes(path.read_bytes()[: len(LINES) - 700])
    report = scan(path)
    assert report.verdict.outcome == "cannot-tell"
    assert "The bundle is cut off, so files may be missing: copy or collect it again." in report.verdict.sentence


def test_a_log_that_is_cut_off_inside_a_whole_bundle_is_told(tmp_path: Path) -> None:
    (tmp_path / "waagent.log").write_text(
        "2026-05-01T02:00:00.000000Z INFO ExtHandler ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.9.1.1 is running as the goal state agent\n"
    )
    (tmp_path / "waagent.log.1.gz").write_bytes(gzip.compress(random.Random(1).randbytes(9000).hex().encode())[:4000])
    assert "One file could not be read in full." in scan(tmp_path).verdict.sentence


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_other_encodings(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "waagent.log").write_bytes(("" if encoding != "latin-1" else "caf\xe9\n").encode(encoding) + LINES.encode(encoding))
    assert scan(tmp_path).verdict.cause == "wireserver-unreachable"


def test_nul_runs_and_a_giant_line(tmp_path: Path) -> None:
    giant = "2026-05-01T02:00:00.000000Z INFO ExtHandler ExtHandler " + "x" * 9_000_000 + "\n"
    (tmp_path / "waagent.log").write_bytes(LINES[: len(LINES) // 2].encode() + b"\0" * 70_000 + b"\n" + giant.encode() + LINES[len(LINES) // 2 :].encode())
    report = scan(tmp_path)
    assert {"nul-bytes", "long-line"} <= {problem.kind for problem in report.problems}
    assert report.verdict.cause == "wireserver-unreachable"
