"""The timeline as a picture: a lane for each source, attempts as bands, evidence marked by cause, gaps hatched; and the same as a table to read.

The picture is plain SVG and complete without a script; the script of the page only hides what a reader unticks. Forms and colours go together,
so that a print in grey and a reader who sees no colours lose nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise

from backuptrace.report.document import Attempt, Coverage, Report, TimelineEntry
from backuptrace.report.html_tags import REMEMBERED, Html, join, tag
from backuptrace.report.phrases import Tongue
from backuptrace.report.picking import Row, base_name, fold, moment, place
from backuptrace.report.times import Times, clock_time, duration, plus_minus
from backuptrace.report.timescale import Scale

MOST_LANES = 10
MOST_CAUSES = 8
"""Causes with a box of their own to tick; the others share the last one."""
FORMS = (
    "M0-6A6 6 0 1 1 0 6A6 6 0 1 1 0-6Z",
    "M-5-5H5V5H-5Z",
    "M0-7L7 0L0 7L-7 0Z",
    "M0-6L6.5 5.5H-6.5Z",
    "M0 6.5L6.5-5H-6.5Z",
    "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
)
"""Outlines around 0,0: circle, square, diamond, triangles, cross."""
STEP = "step"
"""What the filter calls entries without a cause."""
OTHER = "other"
WIDTH, LANE, TOP, LABEL = 1000.0, 38.0, 40.0, 78.0
LEFT, RIGHT, NAME = 8.0, WIDTH - 8.0, 94.0
SLOTS, STACK = 3, 12.0
"""Marks that may stand one above the other, and the units between them."""
NEAR = 5.0
"""Marks closer than this many units become one."""
HATCH = tag(
    "defs",
    tag(
        "pattern",
        tag("rect", width=5, height=5, class_="gap-ground"),
        tag("path", d="M-1 1L1-1M0 5L5 0M4 6L6 4", class_="gap-line"),
        id="gap", width=5, height=5, patternUnits="userSpaceOnUse",
    ),
)  # fmt: skip
_ROTATED = re.compile(r"(?:[._-]\d[\d._-]*)?(?:\.(?:gz|bz2|xz|zst))?$")


@dataclass(slots=True)
class Lane:
    """One source: where it stands in the picture, what is known of its coverage, and its entries."""

    number: int
    source: str
    coverage: Coverage | None
    entries: list[TimelineEntry] = field(default_factory=list)


def timeline(report: Report, times: Times) -> Html | None:
    """Picture, filters and table; None where nothing has a time."""
    if not report.timeline and not any(source.from_ for source in report.coverage):
        return None
    lanes, of_source = _lanes(report)
    causes = _causes(report)
    rows = fold(report.timeline)
    picture = _picture(report, causes, lanes, rows, times)
    figure = tag("figure", _filters(report, causes, lanes, times), picture, _caption(report, lanes, of_source, times))
    return join(figure, _table(rows, causes, of_source, times))


# what is drawn


def _lanes(report: Report) -> tuple[list[Lane], dict[str, str]]:
    """The lanes, and for each source the lane's number as the filter knows it; sources with evidence first, rotated parts in one lane."""
    covered = {_stem(source.source): source for source in report.coverage if source.from_}
    found = {stem: Lane(0, source.source, source) for stem, source in covered.items()}
    for entry in report.timeline:
        found.setdefault(_stem(entry.source), Lane(0, entry.source, None)).entries.append(entry)

    def weight(lane: Lane) -> tuple[int, int, str]:
        gaps = len(lane.coverage.holes) if lane.coverage else 0
        return -sum(entry.kind == "evidence" for entry in lane.entries), -len(lane.entries) - gaps, lane.source

    lanes = sorted(found.values(), key=weight)
    for number, lane in enumerate(lanes):
        lane.number = number
    of_source = {entry.source: str(lane.number) if lane.number < MOST_LANES else OTHER for lane in lanes for entry in lane.entries}
    return lanes[:MOST_LANES], of_source


def _stem(source: str) -> str:
    return _ROTATED.sub("", source)


def _causes(report: Report) -> dict[str, int]:
    """The causes that the timeline speaks of, in the order of the report, each with the number of its form and colour."""
    spoken = {name for entry in report.timeline for name in entry.causes}
    return {cause.id: n for n, cause in enumerate(cause for cause in report.causes if cause.id in spoken)}


def _box(number: int) -> str:
    return str(number) if number < MOST_CAUSES else OTHER


def _marks(entry: TimelineEntry, causes: dict[str, int]) -> str:
    """The boxes that show an entry, as the script reads them."""
    return " ".join(dict.fromkeys(_box(causes[name]) for name in entry.causes if name in causes)) or STEP


def _form(number: int) -> tuple[str, str]:
    """Outline and class of a cause's mark."""
    kind = min(number, len(FORMS) - 1)
    return FORMS[kind], f"c{kind}"


# the picture


def _picture(report: Report, causes: dict[str, int], lanes: Sequence[Lane], told: Sequence[Row], times: Times) -> Html:
    scale = _scale(report)
    bottom = TOP + LANE * len(lanes)
    entries = iter(report.timeline)
    rows = {id(entry): f"t{n}" for n, row in enumerate(told) for entry in islice(entries, row.times)}
    drawing = tag(
        "svg",
        HATCH,
        _bands(report, scale, bottom, times),
        _focus(report, scale, times),
        (_lane(lane, scale, causes, rows, times) for lane in lanes),
        _axis(scale, bottom),
        viewBox=f"0 0 {WIDTH:.0f} {bottom + 44:.0f}", role="group", aria_label=times.tongue.say("page.picture"),
    )  # fmt: skip
    return tag("div", drawing, class_="scroll", tabindex=0, role="region", aria_label=times.tongue.say("page.picture"))


def _scale(report: Report) -> Scale:
    spans = [(attempt.started, attempt.ended) for attempt in report.attempts]
    spans += [(source.from_, source.to) for source in report.coverage if source.from_]
    spans += [(hole.from_, hole.to) for source in report.coverage for hole in source.holes]
    spans.append((report.focus.from_, report.focus.to))
    moments = [_seconds(stamp) for span in spans for stamp in span if stamp] + [_seconds(entry.time) for entry in report.timeline]
    focus = (_seconds(report.focus.from_), _seconds(report.focus.to)) if report.focus.from_ and report.focus.to else None
    return Scale(moments, LEFT, RIGHT, focus)


def _seconds(stamp: str) -> float:
    return moment(stamp).timestamp()


def _bands(report: Report, scale: Scale, bottom: float, times: Times) -> Iterator[Html]:
    """A band for each attempt; names as long as they do not stand on each other: the newest first, failed ones before the others."""
    taken: list[tuple[float, float]] = []
    out = []
    newest = list(reversed(report.attempts))
    for attempt in sorted(newest, key=lambda one: one.result == "succeeded"):
        start, end = attempt.started or attempt.ended, attempt.ended or attempt.started
        if start is None or end is None:
            continue
        low, high = scale.x(_seconds(start)), scale.x(_seconds(end))
        low, high = min(low, RIGHT - 3), max(high, low + 3)
        name = f"{attempt.id} {times.tongue.word('result', attempt.result)}"
        begin = max(min(low, RIGHT - NAME), LEFT)
        fits = all(begin + NAME < other or begin > end_of for other, end_of in taken)
        if fits:
            taken.append((begin, begin + NAME))
        parts = (
            tag("title", _told(attempt, times)),
            tag("rect", x=low, y=18, width=high - low, height=bottom - 12, class_="wash"),
            tag("rect", x=low, y=18, width=high - low, height=3, class_="edge"),
            tag("text", name, x=begin, y=12, class_="name") if fits else None,
        )
        out.append(tag("g", *parts, class_=f"band {attempt.result}"))
    yield from reversed(out)


def _told(attempt: Attempt, times: Times) -> str:
    return f"{attempt.id}: {times.tongue.word('result', attempt.result)}, {times.span(attempt.started, attempt.ended, local=True)}"


def _focus(report: Report, scale: Scale, times: Times) -> Html | None:
    """A bracket over the judged time."""
    end = report.focus.to or report.focus.from_
    if end is None:
        return None
    low, high = scale.x(_seconds(report.focus.from_ or end)), scale.x(_seconds(end))
    word = times.tongue.say("head.judged")
    title = tag("title", f"{word}: {times.span(report.focus.from_, report.focus.to, local=True)}")
    middle = min(max((low + high) / 2, LEFT + LABEL / 2), RIGHT - LABEL / 2)
    bracket = tag("path", d=f"M{low:.1f} 35V30H{max(high, low + 1):.1f}V35")
    return tag("g", title, bracket, tag("text", word, x=middle, y=34), class_="focus")


def _lane(lane: Lane, scale: Scale, causes: dict[str, int], rows: dict[int, str], times: Times) -> Html:
    top = TOP + LANE * lane.number
    line = top + 26
    name = tag("text", _short(base_name(lane.source)), tag("title", lane.source), x=LEFT, y=top + 11, class_="source")
    parts: list[Html] = [name, tag("path", d=f"M{LEFT:.0f} {line:.1f}H{RIGHT:.0f}", class_="ground")]
    parts += _covered(lane.coverage, scale, line, times)
    parts += _entries(lane, scale, line, causes, rows, times)
    return tag("g", *parts, data_source=str(lane.number), class_="lane")


def _short(name: str) -> str:
    return name if len(name) <= 48 else f"{name[:30]}…{name[-17:]}"


def _covered(coverage: Coverage | None, scale: Scale, line: float, times: Times) -> Iterator[Html]:
    if coverage is None or coverage.from_ is None:
        return
    low, high = scale.x(_seconds(coverage.from_)), scale.x(_seconds(coverage.to or coverage.from_))
    yield tag("rect", tag("title", times.span(coverage.from_, coverage.to)), x=low, y=line - 2, width=max(high - low, 2), height=4, class_="covered")
    for hole in coverage.holes:
        begin, end = (_seconds(stamp) if stamp else None for stamp in (hole.from_, hole.to))
        left, right = low if begin is None else scale.x(begin), high if end is None else scale.x(end)
        title = tag("title", times.tongue.say("coverage.gap-why", span=times.span(hole.from_, hole.to), why=hole.why))
        yield tag("rect", title, x=left, y=line - 5, width=max(right - left, 3), height=10, class_="gap")


def _entries(lane: Lane, scale: Scale, line: float, causes: dict[str, int], rows: dict[int, str], times: Times) -> Iterator[Html]:
    """Steps, and over them a mark for each cause of the evidence; marks of one cause that would touch are one, those of several stand one above the other."""
    groups: dict[tuple[str, int], list[list[TimelineEntry]]] = {}
    for entry in lane.entries:
        for number in sorted(causes[name] for name in entry.causes if name in causes)[:SLOTS] or [-1]:
            row = groups.setdefault((entry.kind, number), [])
            if row and scale.x(_seconds(entry.time)) - scale.x(_seconds(row[-1][0].time)) < NEAR:
                row[-1].append(entry)
            else:
                row.append([entry])
    marks = sorted((number >= 0, scale.x(_seconds(group[0].time)), number, n, group) for n, ((_, number), row) in enumerate(groups.items()) for group in row)
    taken = [-STACK] * SLOTS
    for strong, x, number, _, group in marks:
        slot = next((n for n, other in enumerate(taken) if x - other >= STACK), min(range(SLOTS), key=taken.__getitem__)) if strong else 0
        if strong:
            taken[slot] = x
        yield _mark(group, number, x, line - slot * STACK, rows, times)


def _mark(group: Sequence[TimelineEntry], number: int, x: float, y: float, rows: dict[int, str], times: Times) -> Html:
    """`number`: of the cause, -1 for a step."""
    told = "\n".join(f"{times.moment(entry.time)} {place(entry.source, entry.line, entry.record)} {entry.summary}" for entry in group[:8])
    title = tag("title", told + (f"\n… +{len(group) - 8}" if len(group) > 8 else ""))
    if number < 0:
        return tag("circle", title, cx=x, cy=y, r=min(3 + 0.3 * (len(group) - 1), 4.5), class_="step", data_causes=STEP)
    outline, colour = _form(number)
    mark = tag("path", title, d=outline, transform=f"translate({x:.1f} {y:.1f})", class_=f"mark {group[0].kind} {colour}")
    return tag("a", mark, href=f"#{rows[id(group[0])]}", data_causes=_box(number), aria_label=told)


def _axis(scale: Scale, bottom: float) -> Html:
    """Times where something happened, the date where it changes, and how long the time between was."""
    parts = [tag("path", d=f"M{LEFT:.0f} {bottom + 6:.1f}H{RIGHT:.0f}")]
    ticks = scale.ticks(LABEL)
    date = ""
    for tick in ticks:
        stamp = _stamp(tick.time)
        parts.append(tag("path", d=f"M{tick.x:.1f} {bottom + 6:.1f}v5"))
        parts.append(tag("text", stamp[11:19], x=tick.middle, y=bottom + 23))
        if stamp[:10] != date:
            date = stamp[:10]
            parts.append(tag("text", date, x=tick.middle, y=bottom + 38, class_="date"))
    for one, other in pairwise(ticks):
        if other.middle - one.middle > 2 * LABEL + 24 and other.time - one.time >= 1:
            parts.append(tag("text", f"↔ {duration(other.time - one.time)}", x=(one.middle + other.middle) / 2, y=bottom + 23, class_="quiet"))
    return tag("g", *parts, class_="axis", aria_hidden="true")


def _stamp(seconds: float) -> str:
    from datetime import datetime, timezone

    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}"


# boxes to tick, and the words below


def _filters(report: Report, causes: dict[str, int], lanes: Sequence[Lane], times: Times) -> Html:
    """What the marks mean; with the script, boxes to tick."""
    titles = {cause.id: cause.title for cause in report.causes} if causes else {}
    named = tuple((n, titles[name]) for name, n in causes.items() if n < MOST_CAUSES)
    return _filters_of(named, len(causes) > MOST_CAUSES, tuple((str(lane.number), base_name(lane.source)) for lane in lanes), times.tongue)


@lru_cache(REMEMBERED)
def _filters_of(causes: tuple[tuple[int, str], ...], more: bool, sources: tuple[tuple[str, str], ...], tongue: Tongue) -> Html:
    """causes: number and title of each; more: whether others share a box; sources: number and name of each."""
    say = tongue.say
    keys = [_tick("cause", _box(n), key(n), title) for n, title in causes]
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


def key(number: int) -> Html:
    """The mark of a cause, for texts."""
    outline, colour = _form(number)
    return tag("svg", tag("path", d=outline, class_=f"mark evidence {colour}"), viewBox="-8 -8 16 16", class_="key", aria_hidden="true")


def _caption(report: Report, lanes: Sequence[Lane], of_source: dict[str, str], times: Times) -> Html:
    """How to read it, and what is not in it."""
    say = times.tongue.say
    told = [say("page.axis"), say("page.links")]
    others = len({_stem(entry.source) for entry in report.timeline if of_source[entry.source] == OTHER})
    if others:
        told.append(times.tongue.count("page.more-sources", others))
    bare = sum(1 for source in report.coverage if source.from_) - sum(1 for lane in lanes if lane.coverage) - others
    if bare > 0:
        told.append(times.tongue.count("page.quiet-sources", bare))
    return tag("figcaption", " ".join(told))


# the table


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
    return tag("tr", *cells, id=f"t{number}", class_=entry.kind, data_source=of_source[entry.source], data_causes=_marks(entry, causes))
