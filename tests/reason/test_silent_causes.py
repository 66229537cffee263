"""The rows of causes of which nothing is seen are made once for many bundles: they are those that each bundle would make."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from backuptrace import caused
from backuptrace.api import ScanOptions, judged_with
from backuptrace.caused import cause_of
from backuptrace.judged import Judged
from backuptrace.knowledge.loading import load
from backuptrace.knowledge.texts import Language
from backuptrace.model import DAY
from backuptrace.reason.judgement import CauseState
from backuptrace.report import document as doc
from backuptrace.scanning.bundles import Scanned
from backuptrace.settling import needs_of, wanted_of

SAMPLES = Path(__file__).parents[2] / "sample_logs"
BUNDLES = ["linux/healthy", "linux/disk-full", "windows/agent-ends", "azure/healthy"]


def judged(name: str, language: Language) -> Judged:
    return judged_with(load([], []), SAMPLES / name, ScanOptions(language=language))


def made(state: CauseState, one: Judged) -> doc.Cause:
    return caused._made(state, one, needs_of(wanted_of(state, one), state, one))


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_remembered_row_is_the_one_that_would_be_made(language: Language) -> None:
    for name in BUNDLES:
        one = judged(name, language)
        rows = [cause_of(state, one) for state in one.states]
        assert rows == [made(state, one) for state in one.states]
        again = [cause_of(state, one) for state in one.states]
        assert sum(row is other for row, other in zip(rows, again, strict=True)) > len(rows) / 2


def test_what_tells_a_row_from_another_is_looked_at() -> None:
    """One cause in all its ways, one after the other."""
    one = judged("linux/healthy", "en")
    state = next(state for state in one.states if state.status == "no-evidence")
    later = msgspec.structs.replace(one, focus=msgspec.structs.replace(one.focus, shown=(0, DAY)))
    ways = [
        (state, one),
        (state, msgspec.structs.replace(one, language="de")),
        (state, msgspec.structs.replace(one, system="windows")),
        (msgspec.structs.replace(state, needs=("waagent", "cron")), one),
        (msgspec.structs.replace(state, root=not state.root), one),
        (msgspec.structs.replace(state, status="not-applicable", reason="other-system"), one),
        (open_(state), one),
        (open_(state), later),
    ]
    for way in ways:
        assert cause_of(*way) == made(*way)


def open_(state: CauseState) -> CauseState:
    return msgspec.structs.replace(state, status="unknown", reason="lacking", needs=())


def test_what_a_bundle_holds_is_not_wanted_of_it() -> None:
    one = judged("linux/healthy", "en")
    bare = msgspec.structs.replace(one, scanned=Scanned())
    states = [state for state in map(open_, one.states) if wanted_of(state, one) != wanted_of(state, bare)]
    assert states
    for state in states:
        assert (cause_of(state, one), cause_of(state, bare)) == (made(state, one), made(state, bare))


def test_only_so_many_rows_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caused, "MOST_SILENT", 5)
    one = judged("linux/healthy", "en")
    for state in one.states:
        cause_of(state, one)
    assert 0 < len(caused._silent(one.pack)) <= 5
