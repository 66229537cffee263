"""The timeline as a picture: a lane for each source, attempts as bands, evidence marked by cause, gaps hatched.

It is plain SVG and complete without a script; the script of the page only hides what a reader unticks. Forms and colours go together,
so that a print in grey and a reader who sees no colours lose nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from backuptrace.report.document import Attempt, Coverage, Report, TimelineEntry
from backuptrace.report.html_lanes import STEP, Lane, box, form
from backuptrace.report.html_tags import Html, tag
from backuptrace.report.picking import Row, base_name, moment, place
from backuptrace.report.times import Times, duration
from backuptrace.report.timescale import Scale

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


def picture(report: Report, causes: dict[str, int], lanes: Sequence[Lane], told: Sequence[Row], times: Times) -> Html:
    """The picture of these lanes. causes: with the numbers of their marks; told: the rows of the table below, to which marks lead."""
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
    outline, colour = form(number)
    mark = tag("path", title, d=outline, transform=f"translate({x:.1f} {y:.1f})", class_=f"mark {group[0].kind} {colour}")
    return tag("a", mark, href=f"#{rows[id(group[0])]}", data_causes=box(number), aria_label=told)


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
