"""The table of causes in the text: every cause once, and for the open ones what to get."""

from __future__ import annotations

import msgspec

from backuptrace.report.causetable import STATUSES
from backuptrace.report.document import Need, Report
from backuptrace.report.phrases import tongue
from backuptrace.report.text import render


def table(text: str, heading: str = "CAUSES OF THE CATALOGUE") -> str:
    """The lines of the section."""
    return text[text.index(heading) :].split("\n\n", maxsplit=1)[0]


def test_every_cause_stands_in_it_under_its_status(report: Report) -> None:
    shown = " ".join(table(render(report, width=100)).split())
    for status in STATUSES:
        ids = [cause.id for cause in report.causes if cause.status == status]
        assert not ids or f"{tongue('en').word('causes', status)} {len(ids)} {', '.join(ids)}" in shown


def test_on_demand_open_causes_tell_what_to_get_and_of_which_time(report: Report) -> None:
    needs = [Need(what="Locks", command="az lock list", from_="2026-11-22T03:10:00.000000Z", to="2026-11-22T03:12:00.000000Z")]
    causes = [msgspec.structs.replace(cause, needs=needs if cause.status == "not-visible" else []) for cause in report.causes]
    assert any(cause.status == "not-visible" for cause in causes)
    whole = table(render(msgspec.structs.replace(report, causes=causes), width=120, show_all=True))
    assert "get: Locks, of 2026-11-22 03:10:00 to 03:12:00 UTC" in whole
    assert "\n" + " " * whole.split("az lock list")[0].rsplit("\n", 1)[-1].count(" ") + "az lock list" in whole, "on a line of its own, to be copied"
    for cause in report.causes:
        assert f"{cause.id}: " in whole


def test_the_table_is_told_in_german(report: Report) -> None:
    text = render(msgspec.structs.replace(report, language="de"), width=100)
    assert f"ALLE {len(report.causes)} URSACHEN DES KATALOGS" in text
    assert "hier nicht sichtbar" in text
