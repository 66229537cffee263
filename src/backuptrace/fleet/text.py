"""The summary of a fleet for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from backuptrace.fleet.result import Failure, Result
from backuptrace.fleet.summary import CHANCE, CauseGroup, Shared
from backuptrace.redact.redactor import redacted
from backuptrace.report.layout import Page
from backuptrace.report.phrases import Tongue, tongue
from backuptrace.report.times import to_minutes

MOST_CAUSES, MOST_SHARED, MOST_NAMES, MOST_LOST = 15, 3, 4, 10
DOUBTFUL = 0.25
"""A common property that chance gives more easily than this is not shown; above `CHANCE` the doubt is."""


def render(result: Result, folder: str, *, width: int = 80, color: bool = False, show_all: bool = False) -> str:
    """The summary as text of `width` columns. folder: where the results are; show_all: nothing is left out."""
    page, speak = Page(width, color=color), tongue(result.language)
    say = speak.say
    page.prose(head_text(result, speak), indent=0, style="heading")
    _causes(page, result, speak, show_all=show_all)
    _lost(page, say("fleet.heading-failed"), result.failed, speak, show_all=show_all)
    _lost(page, say("fleet.heading-unreadable"), result.unreadable, speak, show_all=show_all)
    if result.aside:
        page.heading(say("fleet.heading-aside"))
        _listed(page, result.aside, lambda problem: page.prose(f"{problem.where}: {problem.what}", first="- "), speak, show_all=show_all)
    page.lines.append("")
    if result.with_problems:
        page.prose(speak.count("fleet.problems", result.with_problems), indent=0)
    page.prose(say("fleet.results", folder=redacted(folder) if result.redacted else folder), indent=0)
    if not result.redacted:
        page.prose(say("fleet.not-redacted"), indent=0, style="warn")
    return page.text()


def _causes(page: Page, result: Result, speak: Tongue, *, show_all: bool) -> None:
    page.heading(speak.say("fleet.heading-causes"))
    groups = result.summary.causes
    if not groups:
        page.prose(speak.say("fleet.no-causes"))
        return
    shown = groups if show_all else groups[:MOST_CAUSES]
    for number, group in enumerate(shown, 1):
        _cause(page, number, group, result.titles.get(group.cause, group.cause), speak, show_all=show_all)
    _more(page, len(groups) - len(shown), speak)


def _cause(page: Page, number: int, group: CauseGroup, title: str, speak: Tongue, *, show_all: bool) -> None:
    say = speak.say
    page.prose(f"{title} [{group.cause}]", first=f"{number}. ", style="bad")
    page.prose(where_text(group, speak), indent=5)
    for item in [one for one in group.shared if show_all or one.chance <= DOUBTFUL][: None if show_all else MOST_SHARED]:
        page.prose(shared_text(item, speak), indent=5)
    names = group.names if show_all else group.names[:MOST_NAMES]
    listed, left = ", ".join(names), len(group.names) - len(names)
    page.prose(say("fleet.where", names=speak.count("fleet.and-more", left, names=listed) if left else listed), indent=5, style="dim")


def head_text(result: Result, speak: Tongue) -> str:
    """How many bundles of how many VMs, and what came of them."""
    say, summary = speak.say, result.summary
    told = [say("fleet.outcome", n=speak.number(count), outcome=speak.word("outcome", name)) for name, count in summary.outcomes.items()]
    if result.failed:
        told.append(speak.count("fleet.failed", len(result.failed)))
    if result.unreadable:
        told.append(speak.count("fleet.unreadable", len(result.unreadable)))
    vms = speak.count("fleet.vms", summary.vms)
    return say("fleet.head", bundles=speak.count("fleet.bundles", result.bundles), vms=vms, outcomes=", ".join(told))


def where_text(group: CauseGroup, speak: Tongue) -> str:
    """On how many VMs, and since when."""
    say, vms = speak.say, speak.count("fleet.vms", group.vms)
    if group.leading == group.vms:
        parts = [say("fleet.on", vms=vms)]
    else:
        parts = [say("fleet.on-leading", vms=vms, n=speak.number(group.leading)) if group.leading else say("fleet.on-beside", vms=vms)]
    if group.since is not None and group.newest is not None:
        first, last = (say("time.at", moment=to_minutes(stamp)) for stamp in (group.since, group.newest))
        parts.append(say("fleet.since", time=first) if first == last else say("fleet.since-newest", time=first, newest=last))
    return ", ".join(parts)


def shared_text(item: Shared, speak: Tongue) -> str:
    """What the affected have in common, and whether that may be chance."""
    numbers = {name: speak.number(getattr(item, name)) for name in ("affected", "affected_known", "others", "others_known")}
    text = speak.say("fleet.shared", property=speak.word("fleet.property", item.property), value=item.value, **numbers)
    return speak.say("fleet.shared-chance", shared=text) if item.chance > CHANCE else text


def _lost(page: Page, heading: str, lost: Sequence[Failure], speak: Tongue, *, show_all: bool) -> None:
    if not lost:
        return

    def row(item: Failure) -> None:
        page.prose(f"{item.bundle}: {speak.told(item.what)}", first="- ")
        if item.fix:
            page.prose(speak.say("problems.do", fix=speak.told(item.fix)), indent=4, style="dim")

    page.heading(heading)
    _listed(page, lost, row, speak, show_all=show_all)


def _listed(page: Page, items: Sequence[Any], row: Callable[[Any], None], speak: Tongue, *, show_all: bool) -> None:
    shown = items if show_all else items[:MOST_LOST]
    for item in shown:
        row(item)
    _more(page, len(items) - len(shown), speak)


def _more(page: Page, count: int, speak: Tongue) -> None:
    if count > 0:
        page.row(speak.count("fleet.more", count, file="fleet.json"), style="dim")
