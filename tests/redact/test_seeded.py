"""Secrets planted wherever a report quotes reach no output, in any format: the proof that they never leave."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from backuptrace.api import ScanOptions, scan_with
from backuptrace.errors import BundleError
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.knowledge.texts import Language
from backuptrace.redact.kinds import WRITTEN
from backuptrace.redact.layers import plain
from backuptrace.report.document import Report
from backuptrace.report.forms import BINARY, FORMS, written
from backuptrace.report.text import render

from .planting import Files, Planter, events, nested, packed, unpacked
from .seeds import Maker, pieces

SAMPLES = Path(__file__).parents[2] / "sample_logs"
PLANTED = [
    *("linux/wireserver-unreachable", "linux/linux-agent-outdated", "linux/disk-full", "linux/waagent-conf", "linux/vmsnapshot-extension-state"),
    *("linux/linux-python-module-gone", "windows/wireserver-unreachable", "windows/tls", "windows/vss-writer", "windows/extension-failed"),
    "azure/extension-failed-provisioning",
]
LANGUAGES: tuple[Language, ...] = ("en", "de")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def outputs(report: Report) -> Iterator[str]:
    """Everything that is made of a report."""
    yield report.to_json()
    yield report.timeline_frame().to_csv()
    for width in (60, 400):
        yield render(report, width=width)
        yield render(report, width=width, show_all=True, color=True)
    for form in FORMS:
        data = written(report, form)
        yield table_text(data) if form in BINARY else data.decode()


def table_text(data: bytes) -> str:
    """Every value of a Parquet file, and what its head says."""
    table = pq.read_table(io.BytesIO(data))
    return f"{table.to_pylist()}{table.schema.metadata}"


def forms(output: str) -> list[str]:
    """As it is, with the line breaks that a narrow page makes taken out, with every escape undone, and the text of a page between its tags."""
    views = [output, re.sub(r"(?:\x1b\[[0-9;]*m|\s|\|)+", "", output), plain(output)]
    return [*views, plain(re.sub(r"<[^<>]*>", "", output))] if output.startswith("<!doctype") else views


def leaks(planter: Planter, output: str) -> list[str]:
    views = forms(output)
    return [seed.secret for seed in planter.seeds if any(piece in view for piece in pieces(seed.secret) for view in views)]


def scanned(knowledge: Knowledge, files: Files, to: Path, *, redact: bool = True, language: Language = "en", whole: bytes | None = None) -> Report:
    bundle = to / "bundle"
    bundle.write_bytes(whole or packed(files))
    return scan_with(knowledge, bundle, ScanOptions(redact=redact, language=language))


SHOWN: dict[str, set[str]] = {}
"""Kind -> planted secrets that a report without redaction shows; the last test looks whether the others could fail at all."""


@pytest.mark.parametrize("sample", PLANTED)
def test_no_planted_secret_leaves(sample: str, knowledge: Knowledge, tmp_path: Path) -> None:
    files = unpacked(SAMPLES / sample)
    plain_report = scanned(knowledge, files, tmp_path, redact=False)
    planter = Planter(PLANTED.index(sample) + 1)
    planted = planter.planted(files, plain_report)
    open_report = scanned(knowledge, planted, tmp_path, redact=False)
    shown = leaks(planter, open_report.to_json())
    assert shown
    for seed in planter.seeds:
        if seed.secret in shown:
            SHOWN.setdefault(seed.kind, set()).add(seed.secret)
    for language in LANGUAGES:
        report = scanned(knowledge, planted, tmp_path, language=language, whole=nested(planted) if language == "de" else None)
        for output in outputs(report):
            assert leaks(planter, output) == []
        assert sum(report.redaction.counts.values()) >= len(shown) * 4 // 5
        assert report.redaction.level == "secrets"
        assert (report.verdict.outcome, report.verdict.cause) == (open_report.verdict.outcome, open_report.verdict.cause)


@pytest.mark.parametrize("form", ["evtx", "xml", "utf-16"])
def test_no_planted_secret_leaves_with_an_event(form: str, knowledge: Knowledge, tmp_path: Path) -> None:
    planter = Planter(77)
    files = events(planter, form)
    shown = leaks(planter, scanned(knowledge, files, tmp_path, redact=False).to_json())
    assert len(shown) > 10
    for output in outputs(scanned(knowledge, files, tmp_path)):
        assert leaks(planter, output) == []


def test_the_proof_is_large_enough() -> None:
    """At least a hundred secrets of twelve kinds were on their way into an output."""
    if len(SHOWN) == 0:
        pytest.skip("the tests that plant were not run")
    assert sum(map(len, SHOWN.values())) >= 100
    assert len(SHOWN) >= 12


def test_the_same_bundle_gives_the_same_bytes_and_tokens_in_order(knowledge: Knowledge, tmp_path: Path) -> None:
    files = unpacked(SAMPLES / PLANTED[1])
    planted = Planter(5).planted(files, scanned(knowledge, files, tmp_path, redact=False))
    one, other = (scanned(knowledge, planted, tmp_path).to_json() for _ in range(2))
    assert one == other
    first: dict[str, list[int]] = {}
    for found in WRITTEN.finditer(one.replace("\\u003c", "<")):
        numbers = first.setdefault(found[1], [])
        if int(found[2]) not in numbers:
            numbers.append(int(found[2]))
    assert len(first) > 5
    for numbers in first.values():
        assert numbers == list(range(1, len(numbers) + 1))
    assert {kind: len(numbers) for kind, numbers in first.items()} == json.loads(one)["redaction"]["counts"]


def test_the_hit_is_marked_where_it_stands_now(knowledge: Knowledge, tmp_path: Path) -> None:
    files = unpacked(SAMPLES / "linux/wireserver-unreachable")
    _, signature = Maker(3).sas()
    name = next(name for name in files if name.endswith("var/log/waagent.log"))
    files[name] = files[name].replace(b"GET http://168.63.129.16/ ", f"GET http://168.63.129.16/?sv=1&sig={signature}&x=1 ".encode())
    texts = []
    for redact in (False, True):
        cause = scanned(knowledge, files, tmp_path, redact=redact).supported()[0]
        texts.append([item.text[item.hit_from or 0 : item.hit_to] for item in cause.evidence])
    assert signature in texts[0][0]
    assert texts[1] == [text.replace(signature, "<sas-1>") for text in texts[0]]


# the command


@pytest.fixture
def planted(knowledge: Knowledge, tmp_path: Path) -> tuple[Path, Planter]:
    files = unpacked(SAMPLES / "linux/disk-full")
    planter = Planter(9)
    path = tmp_path / "bundle.zip"
    path.write_bytes(nested(planter.planted(files, scanned(knowledge, files, tmp_path, redact=False))))
    return path, planter


def run(*words: object, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backuptrace", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "PYTHONUTF8": "1", **more})


def test_the_command_shows_no_secret(planted: tuple[Path, Planter]) -> None:
    path, planter = planted
    done = run("scan", path, "--all", "--lang", "de", "-v")
    assert done.returncode == 0, done.stderr
    assert leaks(planter, done.stdout + done.stderr) == []
    assert "verdeckt" in done.stdout


def test_secrets_stay_only_where_somebody_says_so(planted: tuple[Path, Planter]) -> None:
    path, planter = planted
    done = run("scan", path, "--format", "json", "--no-redact")
    assert len(leaks(planter, done.stdout)) > 10
    assert "--no-redact" in done.stderr
    assert json.loads(done.stdout)["redaction"] == {"level": "none", "counts": {}}
    assert run("scan", path, "--format", "json", "--no-redact", "-q").stderr == ""


def test_no_message_shows_a_secret(tmp_path: Path) -> None:
    address, signature = Maker(3).sas()
    faults: list[list[object]] = [
        ["scan", address],
        ["scan", tmp_path, "-o", f"{tmp_path}/no/such?sig={signature}/x.json"],
        ["scan", "/no", "--at", f"password={signature}"],
    ]
    usage: list[list[object]] = [
        ["scan", "/no", "--width", f"password={signature}"],
        ["scan", "/no", address],
        [f"password={signature}"],
        ["signatures", address],
    ]
    for words in faults + usage:
        for debug in ("", "1"):
            done = run(*words, BACKUPTRACE_DEBUG=debug)
            assert done.returncode
            assert signature not in done.stdout + done.stderr
            assert "-1>" in done.stderr


def test_a_path_with_a_secret(knowledge: Knowledge, tmp_path: Path) -> None:
    """The name of a file may be an address that somebody saved."""
    _, signature = Maker(3).sas()
    folder = tmp_path / "bundle" / f"status?sv=1&sig={signature}"
    folder.mkdir(parents=True)
    (folder / "x.bin").write_bytes(b"\x00\x01\x02")
    try:
        told = scan_with(knowledge, tmp_path / "bundle").to_json()
    except BundleError as error:
        told = str(error)
    assert signature not in told


def test_long_records_are_cut_between_secrets(knowledge: Knowledge, tmp_path: Path) -> None:
    """Of a record that is too long only what is around the hit is kept, so a secret may have lost its beginning before it is looked for."""
    files = unpacked(SAMPLES / "linux/disk-full")
    name = next(name for name in files if name.endswith("var/log/waagent.log"))
    hit = b"No space left on device"
    assert hit in files[name]
    addresses = Maker(8)
    signatures: list[str] = []

    def filler() -> bytes:
        parts = []
        for _ in range(60):
            address, signature = addresses.sas()
            signatures.append(signature)
            parts.append(f"[{address}]")
        return " ".join(parts).encode() + b" "

    lines = files[name].split(b"\n")
    for number, line in enumerate(lines):
        if hit in line:
            lines[number] = line.replace(hit, b"x" * (number % 97) + filler() + hit + filler())
    files[name] = b"\n".join(lines)
    open_ = scanned(knowledge, files, tmp_path, redact=False).to_json()
    assert sum(signature in open_ for signature in signatures) > 20
    told = scanned(knowledge, files, tmp_path).to_json()
    found = [piece for signature in signatures for piece in pieces(signature) if piece in told]
    assert found == []
