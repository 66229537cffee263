"""The limits on archives, the root of a system and the engine, from the command line to the problem in the report."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from backuptrace.bundle.limits import Limits
from backuptrace.cli.bounds import limits_of, number, size
from backuptrace.errors import UsageError

LINE = b"2026-11-22T03:12:07.000000Z INFO ExtHandler ExtHandler [HEARTBEAT] Agent is running\n"


def limits(**given: str) -> Limits | None:
    wanted: dict[str, str | None] = dict.fromkeys(("member", "total", "ratio", "depth", "members"))
    return limits_of(**(wanted | given))


@pytest.mark.parametrize(
    "text, value",
    [("500M", 500 << 20), ("500m", 500 << 20), ("1.5G", 3 << 29), ("64K", 64 << 10), ("64 KiB", 64 << 10), ("2GB", 2 << 30), ("700", 700), (" 1T ", 1 << 40)],
)
def test_sizes(text: str, value: int) -> None:
    assert size("--max-member", text) == value


@pytest.mark.parametrize("text", ["", "0", "0M", "-5M", "M", "5X", "5 5", "1e9", "0x10", "٥M", "5MM", "1,5G", "0.0000001K", "9" * 40])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        size("--max-total", text)
    assert caught.value.exit_status == 2 and "--max-total" in caught.value.where and "500M" in caught.value.fix


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "10M", "²"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(UsageError, match="--max-depth"):
        number("--max-depth", text)


def test_only_what_is_given_is_changed() -> None:
    assert limits() is None
    assert limits(ratio="50") == Limits(ratio=50)
    assert limits(member="1G", total="2G", depth="2", members="10") == Limits(member=1 << 30, spool=1 << 30, total=2 << 30, depth=2, count=10)


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def scan(folder: Path, *options: str) -> tuple[int, dict[str, list[dict[str, str]]], str]:
    command = [sys.executable, "-m", "backuptrace", "scan", str(folder), "--format", "json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "logs.zip").write_bytes(archive(waagent=b"", **{"var__log__waagent.log": LINE * 2000, "more.zip": archive(x=b"x")}))
    (folder / "waagent.log.1.gz").write_bytes(gzip.compress(LINE * 300_000))
    return folder


@pytest.mark.parametrize(
    "option, value, where",
    [
        ("--max-member", "100K", "logs.zip!var/log/waagent.log"), ("--max-total", "100K", "logs.zip!var/log/waagent.log"), ("--max-ratio", "10", "waagent.log.1.gz"),
        ("--max-depth", "1", "logs.zip!more.zip"), ("--max-members", "2", "logs.zip!waagent"),
    ],
)  # fmt: skip
def test_each_limit_reaches_the_bundle_and_its_problem_names_the_option(bundle: Path, option: str, value: str, where: str) -> None:
    status, report, complaint = scan(bundle, option, value)
    assert status in (0, 4), complaint
    if status == 4:
        assert "not read" in complaint or "stopped" in complaint
        return
    limit = [problem for problem in report["problems"] if problem["kind"] == "limit"]
    assert [problem["where"] for problem in limit][:1] == [where]
    assert option in limit[0]["fix"]


def test_without_them_nothing_is_cut(bundle: Path) -> None:
    assert [problem for problem in scan(bundle)[1]["problems"] if problem["kind"] == "limit"] == []


def test_a_faulty_limit_is_wrong_usage(bundle: Path) -> None:
    status, _, complaint = scan(bundle, "--max-member", "lots")
    assert status == 2
    assert "not a size" in complaint and "--max-member lots" in complaint


def test_the_root_of_a_system(tmp_path: Path) -> None:
    root = tmp_path / "disk"
    for name, data in {
        "etc/passwd": b"x",
        "var/log/waagent.log": LINE * 10,
        "home/a/waagent.log": LINE,
        "bin/sh": b"",
        "var/lib/waagent/x.prv": b"key",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    _, report, _ = scan(root)
    told = {(problem["kind"], problem["where"]) for problem in report["problems"]}
    assert ("live-root", "") in told and ("unknown-file", "var/lib/waagent/x.prv") in told
    assert ("unknown-file", "etc/passwd") not in told
    _, report, _ = scan(root, "--no-root", "--lang", "de")
    told = {(problem["kind"], problem["where"]) for problem in report["problems"]}
    assert ("live-root", "") not in told and ("unknown-file", "etc/passwd") in told


@pytest.mark.parametrize("engine", ["re2", "re"])
def test_the_engine(tmp_path: Path, engine: str) -> None:
    """On a short log, as `re` is slow; `tests/matcher` proves at length that all find the same."""
    if engine == "re2":
        pytest.importorskip("re2")
    log = tmp_path / "bundle" / "var" / "log" / "waagent.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(LINE * 2000)
    _, one, _ = scan(tmp_path / "bundle")
    _, other, _ = scan(tmp_path / "bundle", "--engine", engine)
    assert one == other
    assert scan(tmp_path / "bundle", "--engine", "perl")[0] == 2


@pytest.mark.parametrize("total", ["1K", "30K", "60K"])
def test_a_total_that_a_tar_passes_is_always_told(total: str, tmp_path: Path) -> None:
    """Also where the bytes that passed it were only looked at ahead."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as made:
        for n in range(4):
            entry = tarfile.TarInfo(f"var/log/waagent.log.{n}" if n else "var/log/waagent.log")
            entry.size = len(LINE) * 200
            made.addfile(entry, io.BytesIO(LINE * 200))
    (tmp_path / "logs.tar.gz").write_bytes(out.getvalue())
    _, report, _ = scan(tmp_path / "logs.tar.gz", "--max-total", total)
    assert [item["fix"] for item in report["problems"] if item["kind"] == "limit"] == ["allow more with --max-total, or pass single logs"]
