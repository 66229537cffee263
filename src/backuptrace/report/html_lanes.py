"""What the timeline shows: a lane for each source, a mark for each cause."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from backuptrace.report.document import Coverage, Report, TimelineEntry
from backuptrace.report.html_tags import Html, tag

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
_ROTATED = re.compile(r"(?:[._-]\d[\d._-]*)?(?:\.(?:gz|bz2|xz|zst))?$")


@dataclass(slots=True)
class Lane:
    """One source: where it stands in the picture, what is known of its coverage, and its entries."""

    number: int
    source: str
    coverage: Coverage | None
    entries: list[TimelineEntry] = field(default_factory=list)


def lanes_of(report: Report) -> tuple[list[Lane], dict[str, str]]:
    """The lanes, and for each source the lane's number as the filter knows it; sources with evidence first, rotated parts in one lane."""
    covered = {stem(source.source): source for source in report.coverage if source.from_}
    found = {name: Lane(0, source.source, source) for name, source in covered.items()}
    for entry in report.timeline:
        found.setdefault(stem(entry.source), Lane(0, entry.source, None)).entries.append(entry)

    def weight(lane: Lane) -> tuple[int, int, str]:
        gaps = len(lane.coverage.holes) if lane.coverage else 0
        return -sum(entry.kind == "evidence" for entry in lane.entries), -len(lane.entries) - gaps, lane.source

    ordered = sorted(found.values(), key=weight)
    for number, lane in enumerate(ordered):
        lane.number = number
    of_source = {entry.source: str(lane.number) if lane.number < MOST_LANES else OTHER for lane in ordered for entry in lane.entries}
    return ordered[:MOST_LANES], of_source


def stem(source: str) -> str:
    """The path without marks of rotation."""
    return _ROTATED.sub("", source)


def causes_of(report: Report) -> dict[str, int]:
    """The causes that the timeline speaks of, in the order of the report, each with the number of its form and colour."""
    spoken = {name for entry in report.timeline for name in entry.causes}
    return {cause.id: n for n, cause in enumerate(cause for cause in report.causes if cause.id in spoken)}


def box(number: int) -> str:
    """The box that shows and hides the marks of a cause."""
    return str(number) if number < MOST_CAUSES else OTHER


def marks(entry: TimelineEntry, causes: dict[str, int]) -> str:
    """The boxes that show an entry, as the script reads them."""
    return " ".join(dict.fromkeys(box(causes[name]) for name in entry.causes if name in causes)) or STEP


def form(number: int) -> tuple[str, str]:
    """Outline and class of a cause's mark."""
    kind = min(number, len(FORMS) - 1)
    return FORMS[kind], f"c{kind}"


def key(number: int) -> Html:
    """The mark of a cause, for texts."""
    outline, colour = form(number)
    return tag("svg", tag("path", d=outline, class_=f"mark evidence {colour}"), viewBox="-8 -8 16 16", class_="key", aria_hidden="true")
