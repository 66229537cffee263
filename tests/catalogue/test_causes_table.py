"""docs/causes.md says what the data say, and the data leave no code and no cause without an answer."""

from __future__ import annotations

import re

import pytest

import backuptrace
from backuptrace.knowledge.compiled import Pack
from backuptrace.knowledge.loading import load

from .causes_table import FILE, ROOT, WITHOUT_SAMPLE, samples, signatures, text, unknown_codes


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load().pack


def test_the_table_is_made_from_the_data(pack: Pack) -> None:
    assert FILE.read_text(encoding="utf-8") == text(pack), "run `python -m tests.catalogue.causes_table`"


def test_no_code_and_no_cause_is_without_a_row(pack: Pack) -> None:
    table = FILE.read_text(encoding="utf-8")
    assert {cause.id for cause in pack.causes} == set(re.findall(r'<a id="([^"]+)"', table))
    codes = table.split("## Codes")[1]
    for code in pack.codes:
        assert re.search(rf"^\| {re.escape(code.code)}(?: \([^|]*\))? \|", codes, re.MULTILINE), code.code
        for cause in code.causes:
            assert re.search(rf"^\| {re.escape(code.code)}[^|]*\|[^|]*\| \[{cause}\]", codes, re.MULTILINE), (code.code, cause)
    assert unknown_codes(pack) == []


def test_every_cause_that_can_be_supported_has_a_sample_that_shows_it(pack: Pack) -> None:
    shown, telling = samples(), signatures(pack)
    assert {cause.id for cause in pack.causes if telling.get(cause.id) and not shown.get(cause.id)} == set(WITHOUT_SAMPLE)
    assert "MISSING" not in FILE.read_text(encoding="utf-8")
    for names in shown.values():
        assert all((ROOT / "sample_logs" / name / "case.yml").is_file() for name in names)


def test_every_cause_names_a_command_that_gets_what_it_lacks() -> None:
    """The table of a report on a bundle with nothing of the guest, with and without a code."""
    pack = load().pack
    for code in [None, *pack.codes[::12]]:
        report = backuptrace.scan(ROOT / "sample_logs" / "azure" / "clean", code=code and code.code)
        assert {cause.id for cause in report.causes} == {cause.id for cause in pack.causes}
        open_ = [cause for cause in report.causes if cause.status in ("unknown", "not-visible")]
        decided = {cause.id for cause in report.causes if cause.status == "no-evidence"}
        assert open_ or (code and decided >= set(code.causes)), "nothing stays open only where the exports decide every cause of the code"
        for cause in report.causes:
            assert cause.why
        for cause in open_:
            assert any(need.what and need.command and need.from_ and need.to for need in cause.needs), cause.id
        told = {name for row in report.next for name in row.settles}
        assert {cause.id for cause in open_} <= told
        sizes = [len(row.settles) for row in report.next if report.verdict.cause not in row.settles]
        assert sizes == sorted(sizes, reverse=True)
