"""The timeline: a picture, boxes to tick, the words below it, and the same as a table to read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from backuptrace.report.document import Report
from backuptrace.report.html_lanes import MOST_CAUSES, OTHER, STEP, Lane, box, causes_of, key, lanes_of, marks, stem
from backuptrace.report.html_picture import picture
from backuptrace.report.html_tags import REMEMBERED, Html, join, tag
from backuptrace.report.phrases import Tongue
from backuptrace.report.picking import Row, base_name, fold, place
from backuptrace.report.times import Times, clock_time, plus_minus


def timeline(report: Report, times: Times) -> Html | None:
    """Picture, filters and table; None where nothing has a time."""
    if not report.timeline and not any(source.from_ for source in report.coverage):
        return None
    lanes, of_source = lanes_of(report)
    causes = causes_of(report)
    rows = fold(report.timeline)
    drawn = picture(report, causes, lanes, rows, times)
    figure = tag("figure", _filters(report, causes, lanes, times), drawn, _caption(report, lanes, of_source, times))
    return join(figure, _table(rows, causes, of_source, times))


def _filters(report: Report, causes: dict[str, int], lanes: Sequence[Lane], times: Times) -> Html:
    """What the marks mean; with the script, boxes to tick."""
    titles = {cause.id: cause.title for cause in report.causes} if causes else {}
    named = tuple((n, titles[name]) for name, n in causes.items() if n < MOST_CAUSES)
    return _filters_of(named, len(causes) > MOST_CAUSES, tuple((str(lane.number), base_name(lane.source)) for lane in lanes), times.tongue)


@lru_cache(REMEMBERED)
def _filters_of(causes: tuple[tuple[int, str], ...], more: bool, sources: tuple[tuple[str, str], ...], tongue: Tongue) -> Html:
    """causes: number and title of each; more: whether others share a box; sources: number and name of each."""
    say = tongue.say
    keys = [_tick("cause", box(n), key(n), title) for n, title in causes]
    if more:
        keys.append(_tick("cause", OTHER, key(MOST_CAUSES), say("page.other-causes")))
    dot = tag("svg", tag("circle", r=4, class_="step"), viewBox="-8 -8 16 16", class_="key", aria_hidden="true")
    keys.append(_tick("cause", STEP, dot, say("page.steps")))
    gap = tag("svg", tag("rect", x=-8, y=-5, width=16, height=10, class_="gap"), viewBox="-8 -8 16 16", class_="key", aria_hidden="true")
    keys.append(tag("span", gap, say("page.gap"), class_="tick"))
    rows = say("page.shown", shown="{shown}", all="{all}")
    return tag(
        "div",
        _boxes(say("page.marks"), keys),
        _boxes(say("page.sources"), [_tick("source", number, None, name) for number, name in sources], hidden=True, data_script=True),
        tag("p", tag("output", id="shown", data_of=rows), tag("button", say("page.show-all"), type="button", id="show-all", hidden=True)),
        class_="filters",
    )  # fmt: skip


def _boxes(name: str, boxes: Sequence[Html], **attributes: bool) -> Html:
    return tag("div", tag("span", name, class_="note"), tag("div", *boxes), role="group", aria_label=name, class_="boxes", **attributes)


def _tick(kind: str, value: str, sign: Html | None, name: str) -> Html:
    box = tag("input", type="checkbox", checked=True, value=value, data_filter=kind, hidden=True, data_script=True, autocomplete="off")
    return tag("label", box, sign, tag("span", name), class_="tick")


def _caption(report: Report, lanes: Sequence[Lane], of_source: dict[str, str], times: Times) -> Html:
    """How to read it, and what is not in it."""
    say = times.tongue.say
    told = [say("page.axis"), say("page.links")]
    others = len({stem(entry.source) for entry in report.timeline if of_source[entry.source] == OTHER})
    if others:
        told.append(times.tongue.count("page.more-sources", others))
    bare = sum(1 for source in report.coverage if source.from_) - sum(1 for lane in lanes if lane.coverage) - others
    if bare > 0:
        told.append(times.tongue.count("page.quiet-sources", bare))
    return tag("figcaption", " ".join(told))


def _table(rows: Sequence[Row], causes: dict[str, int], of_source: dict[str, str], times: Times) -> Html | None:
    if not rows:
        return None
    say = times.tongue.say
    names = [say("page.time"), *([say("attempts.local")] if times.zone else []), say("page.place"), say("page.event")]
    body, date = [], ""
    for number, row in enumerate(rows):
        if row.entry.time[:10] != date:
            date = row.entry.time[:10]
            body.append(tag("tr", tag("th", date, colspan=len(names), scope="rowgroup"), class_="date"))
        body.append(_row(number, row, causes, of_source, times))
    head = tag("thead", tag("tr", (tag("th", name, scope="col") for name in names)))
    table = tag("div", tag("table", head, tag("tbody", *body), class_="events"), class_="scroll", tabindex=0, role="region", aria_label=say("page.events"))
    return tag("details", tag("summary", times.tongue.count("page.rows", len(rows))), table, id="events", open=len(rows) <= 60)


def _row(number: int, row: Row, causes: dict[str, int], of_source: dict[str, str], times: Times) -> Html:
    entry, say = row.entry, times.tongue.say
    summary: Html = tag("span", entry.summary)
    if row.times > 1:
        told = say("timeline.times", n=times.tongue.number(row.times), time=clock_time(row.last, known=entry.time), text="")
        summary = join(tag("span", told.strip(), class_="note"), " ", summary)
    if entry.uncertainty_s >= 1:
        summary = join(tag("span", plus_minus(entry.uncertainty_s), class_="note"), " ", summary)
    signs = [key(causes[name]) for name in entry.causes if name in causes]
    cells = [
        tag("td", entry.time[11:19], class_="time"),
        tag("td", clock_time(times.local(entry.time), known=entry.time), class_="time") if times.zone else None,
        tag("td", place(entry.source, entry.line, entry.record), title=entry.source, class_="place"),
        tag("td", *signs, " " if signs else None, summary),
    ]
    return tag("tr", *cells, id=f"t{number}", class_=entry.kind, data_source=of_source[entry.source], data_causes=marks(entry, causes))
