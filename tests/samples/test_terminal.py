"""Samples that are one text with the outputs of several commands: the same verdict alone, in a bundle, packed, and with other line ends."""

from __future__ import annotations

from pathlib import Path

import pytest

import backuptrace

from .writing import Files, Sample, folder, samples, tarred, zipped

ALL = samples(Path(__file__).parents[2] / "sample_logs", "terminal")


def check(sample: Sample, report: backuptrace.Report) -> None:
    assert [cause.id for cause in report.causes if cause.status == "supported"] == [sample.case.cause]
    assert report.verdict.outcome == sample.case.outcome
    shown = [one for one in report.causes[0].evidence if one.role == "supports"]
    assert any(sample.case.evidence in one.text for one in shown)
    ((text, raw),) = sample.files().items()
    lines = raw.decode("utf-16" if raw[:1] == b"\xff" else "utf-8").splitlines()
    assert {one.source.rpartition("/")[2] for one in shown} == {text}
    assert all(one.line and one.text.splitlines()[-1].strip() == lines[one.line - 1].strip()[: len(one.text)] for one in shown)


@pytest.mark.parametrize("sample", ALL, ids=[sample.name for sample in ALL])
def test_the_verdict_of_the_case_in_every_packing(sample: Sample, tmp_path: Path) -> None:
    ((name, raw),) = files = list(sample.files().items())
    other: Files = {"readme.txt": b"What you asked for.\n", "screen.png": b"\x89PNG"}
    check(sample, backuptrace.scan(sample.bundle))
    check(sample, backuptrace.scan(sample.bundle / name))
    check(sample, backuptrace.scan(zipped(dict(files) | other, tmp_path / "b.zip", "from customer/")))
    check(sample, backuptrace.scan(tarred({f"upload/{name}": raw}, tmp_path / "b.tgz")))


@pytest.mark.parametrize("sample", ALL, ids=[sample.name for sample in ALL])
def test_with_other_line_ends_and_as_utf_8(sample: Sample, tmp_path: Path) -> None:
    ((name, raw),) = sample.files().items()
    text = raw.decode("utf-16" if raw[:1] == b"\xff" else "utf-8").replace("\r\n", "\n")
    for number, other in enumerate((text.encode(), text.replace("\n", "\r\n").encode(), text.encode("utf-8-sig"))):
        check(sample, backuptrace.scan(folder({name: other}, tmp_path / str(number)) / name))
