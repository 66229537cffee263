"""Secrets planted in many bundles, in their names and in what goes wrong with them reach no result of a fleet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

import backuptrace
from backuptrace.errors import BundleError
from backuptrace.fleet import running, work
from backuptrace.fleet.options import Options
from backuptrace.fleet.result import Result
from backuptrace.fleet.text import render
from backuptrace.knowledge.loading import Knowledge, load

from .planting import Planter, packed, unpacked
from .seeds import Maker
from .test_seeded import PLANTED, SAMPLES, leaks, scanned, table_text

TABLES = ("verdicts", "causes", "evidence", "attempts", "facts", "problems")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def outputs(result: Result, out: Path) -> Iterator[str]:
    """Everything that a run leaves and tells: each file with its name, the tables as they are read, the summary in both widths."""
    for path in sorted(out.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield table_text(data) if path.suffix == ".parquet" else data.decode()
            yield path.name
    fleet = backuptrace.open_fleet(out)
    yield from (getattr(fleet, name).to_csv() for name in TABLES)
    for width in (60, 400):
        yield render(result, str(out), width=width, show_all=True, color=True)


def test_no_planted_secret_leaves_a_fleet(knowledge: Knowledge, tmp_path: Path) -> None:
    planter, folder = Planter(21), tmp_path / "bundles"
    folder.mkdir()
    for number, sample in enumerate(PLANTED):
        files = unpacked(SAMPLES / sample)
        planted = planter.planted(files, scanned(knowledge, files, tmp_path, redact=False))
        (folder / f"vm{number} {planter.next().replace('/', '%2F')[:150]}.tar.gz").write_bytes(packed(planted))
    (folder / f"empty {planter.next().replace('/', '%2F')[:150]}.zip").write_bytes(b"")
    (folder / f"aside {planter.next().replace('/', '%2F')[:150]}.txt").write_text("no log")
    out = tmp_path / "out"
    result = running.run([str(folder)], out, options=Options(redact=False), jobs=2)
    shown = {secret for output in outputs(result, out) for secret in leaks(planter, output)}
    assert len(shown) > 100
    result = running.run([str(folder)], out, jobs=2)
    assert result.scanned == len(PLANTED)
    assert len(result.unreadable) == 1
    assert len(result.aside) == 1
    for output in outputs(result, out):
        assert leaks(planter, output) == []


def raising(error: Exception) -> Callable[..., None]:
    def scan(*_: object, **__: object) -> None:
        raise error

    return scan


@pytest.mark.parametrize("secret", ["why", "internal"])
def test_what_went_wrong_with_a_bundle_is_told_without_its_secrets(secret: str, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address, signature = Maker(3).sas()
    error = BundleError("cannot be read", where=address, why=f"{address} is damaged") if secret == "why" else RuntimeError(f"no place for {address}")
    monkeypatch.setattr(work, "scan_with", raising(error))
    job = work.Job(str(tmp_path / "x.zip"), "k", "r")
    told = {redact: work.one(knowledge, Options(redact=redact), tmp_path, job).decode() for redact in (False, True)}
    assert signature in told[False]
    assert signature not in told[True]
    (problem,) = json.loads(told[True])["problems"]
    assert "<sas-1>" in problem["what"]


def test_the_folder_of_the_results_is_named_without_secrets(tmp_path: Path) -> None:
    _, signature = Maker(3).sas()
    result = msgspec.convert({"version": "1", "signatures": "s", "language": "en", "redacted": True, "bundles": 0, "scanned": 0, "with_problems": 0,
        "summary": {"bundles": 0, "vms": 0, "outcomes": {}, "causes": []}, "titles": {}, "failed": [], "unreadable": [], "aside": []}, Result)  # fmt: skip
    folder = str(tmp_path / f"status?sv=1&sig={signature}")
    told = ["".join(render(one, folder).split()) for one in (result, msgspec.structs.replace(result, redacted=False))]
    assert [signature in text for text in told] == [False, True]
