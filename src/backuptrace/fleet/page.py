"""The fleet as one HTML file: what is common first, then every VM in a table that can be searched. No network; texts from logs are text.

A pure function of the result and the rows; the style and frame are those of a single report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

import msgspec

from backuptrace.fleet.result import Result
from backuptrace.fleet.summary import CHANCE, PROPERTIES, CauseGroup
from backuptrace.fleet.text import DOUBTFUL, MOST_SHARED, head_text, shared_text, where_text
from backuptrace.report.html_page import laid_out, page
from backuptrace.report.html_tags import Child, Html, Mould, join, path, prose, tag, text
from backuptrace.report.phrases import Tongue, tongue
from backuptrace.report.times import to_minutes

MOST_LANES, MOST_OPEN, MOST_LISTED = 12, 10, 200
MOST_TITLE = 38
"""Characters of a title beside its lane."""
BINS = 160
"""Places along the time axis; onsets that fall into one share a dot."""
LEFT, RIGHT, LANE, WIDTH = 290, 50, 26, 1000
"""Units of the picture."""
_REPORT = re.compile(r"[A-Za-z0-9._-]+\.html")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the table. report: name of the HTML file in `reports/`, "" where there is none; since: UTC text."""

    vm: str
    bundle: str
    report: str
    outcome: str
    causes: list[str]
    since: str | None
    properties: dict[str, str]


def render(result: Result, rows: Sequence[Row]) -> str:
    """The whole document, in the language of the result."""
    speak = tongue(result.language)
    say, summary = speak.say, result.summary
    title = say("fleet.page-title", vms=speak.count("fleet.vms", summary.vms))
    parts = [(name, head, content) for name, head, content in _parts(result, rows, speak) if content is not None]
    body = laid_out("summary", _head(result, speak), parts, speak)
    made = say("page.made", version=result.version, signatures=result.signatures)
    footer = tag("footer", tag("p", made, " ", say("page.redacted" if result.redacted else "page.not-redacted")))
    return page(title, body, language=result.language, footer=footer, more_style="fleet.css", script="fleet.js")


def _head(result: Result, speak: Tongue) -> Html:
    say, summary = speak.say, result.summary
    first = summary.causes[0] if summary.causes else None
    return tag(
        "header",
        tag("p", tag("span", "backuptrace", class_="brand"), speak.count("fleet.bundles", result.bundles), class_="about"),
        tag("h1", head_text(result, speak)),
        tag("p", f"{result.titles.get(first.cause, first.cause)}: {where_text(first, speak)}.", class_="lead") if first else tag("p", say("fleet.no-causes")),
        id="summary",
    )


def _parts(result: Result, rows: Sequence[Row], speak: Tongue) -> list[tuple[str, str, Html | None]]:
    """(anchor, title, content or nothing) in the order of the page."""
    say, groups = speak.say, result.summary.causes
    causes = [_group(group, result, speak) for group in groups]
    shown = join(*causes[:MOST_OPEN])
    if causes[MOST_OPEN:]:
        shown = join(shown, tag("details", tag("summary", speak.count("fleet.page-more-causes", len(causes) - MOST_OPEN)), *causes[MOST_OPEN:]))
    return [
        ("causes", say("fleet.page-causes"), shown if causes else None),
        ("onsets", say("fleet.page-onsets"), _onsets(groups, result, speak)),
        ("vms", say("fleet.page-vms"), _table(result, rows, speak) if rows else None),
        ("failed", say("fleet.page-failed"), _lost([(item.bundle, item.what, item.fix) for item in result.failed], speak)),
        ("unreadable", say("fleet.page-unreadable"), _lost([(item.bundle, item.what, item.fix) for item in result.unreadable], speak)),
        ("aside", say("fleet.page-aside"), _lost([(item.where, item.what, item.fix) for item in result.aside], speak)),
    ]


def _group(group: CauseGroup, result: Result, speak: Tongue) -> Html:
    share = 400 * group.vms / max(result.summary.vms, 1)
    bar = tag(
        "svg",
        tag("rect", x=0, y=0, width=400, height=8, rx=4, class_="all"),
        tag("rect", x=0, y=0, width=max(share, 4.0), height=8, rx=4, class_="part"),
        viewBox="0 0 400 8", preserveAspectRatio="none", class_="share", aria_hidden="true",
    )  # fmt: skip
    title = tag("a", result.titles.get(group.cause, group.cause), href="#vms", data_cause=group.cause)
    common = [item for item in group.shared if item.chance <= DOUBTFUL][:MOST_SHARED]
    names = tag("details", tag("summary", speak.count("fleet.page-all-names", len(group.names))), tag("p", ", ".join(group.names)))
    return tag(
        "div",
        tag("h3", title, " ", tag("span", group.cause, class_="id")),
        bar,
        tag("p", where_text(group, speak)),
        *(tag("p", shared_text(item, speak), class_="shared" if item.chance <= CHANCE else "note") for item in common),
        names,
        class_="group",
    )


def _onsets(groups: Sequence[CauseGroup], result: Result, speak: Tongue) -> Html | None:
    """A lane for each cause, a dot where it began on a VM."""
    dated = [group for group in groups if group.onsets][:MOST_LANES]
    if not dated:
        return None
    begin = _seconds(min(group.onsets[0] for group in dated))
    end = max(_seconds(max(group.onsets[-1] for group in dated)), begin + 3600)
    span = WIDTH - LEFT - RIGHT

    def place(seconds: float) -> float:
        return LEFT + span * (seconds - begin) / (end - begin)

    bottom = LANE * len(dated) + 6
    marks: list[Child] = []
    for number, group in enumerate(dated):
        y = LANE * number + 18
        marks.append(tag("text", _short(result.titles.get(group.cause, group.cause)), x=0, y=y + 4))
        marks.append(tag("path", d=f"M{LEFT} {y}H{WIDTH - RIGHT}", class_="ground"))
        bins = Counter(round((_seconds(onset) - begin) / (end - begin) * BINS) for onset in group.onsets)
        for where, count in sorted(bins.items()):
            moment = datetime.fromtimestamp(begin + where * (end - begin) / BINS, timezone.utc)
            told = speak.count("fleet.page-dot", count, time=f"{moment:%Y-%m-%d %H:%M}")
            x, radius = LEFT + span * where / BINS, min(3.5 * count**0.5, 11.0)
            marks.append(tag("circle", tag("title", told), cx=x, cy=y, r=radius, class_="dot"))
    axis = [tag("path", d=f"M{LEFT} {bottom}H{WIDTH - RIGHT}")]
    first, last = (datetime.fromtimestamp(stamp, timezone.utc) for stamp in (begin, end))
    form = "%Y-%m-%d" if last - first > timedelta(days=3) else "%m-%d %H:%M"
    for part in range(5):
        moment = first + (last - first) * part / 4
        axis.append(tag("text", f"{moment:{form}}", x=place(moment.timestamp()), y=bottom + 16))
    picture = tag("svg", *marks, tag("g", *axis, class_="axis"), viewBox=f"0 0 {WIDTH} {bottom + 24}", role="img", aria_label=speak.say("fleet.page-onsets"))
    region = tag("div", picture, class_="scroll", tabindex=0, role="region", aria_label=speak.say("fleet.page-onsets"))
    return tag("figure", region, tag("figcaption", speak.say("fleet.page-onsets-note")), class_="onsets")


def _short(title: str) -> str:
    return title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1].rstrip() + "…"


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp[:-1] + "+00:00").timestamp()


def _table(result: Result, rows: Sequence[Row], speak: Tongue) -> Html:
    say = speak.say
    outcomes = list(dict.fromkeys(row.outcome for row in sorted(rows, key=lambda row: row.outcome)))
    choices = [(group.cause, result.titles.get(group.cause, group.cause)) for group in result.summary.causes]
    pick = tag(
        "div",
        tag("label", say("fleet.page-find"), tag("input", type="search", id="find")),
        _select("cause", say("fleet.page-cause"), choices, speak),
        _select("outcome", say("fleet.page-outcome"), [(name, speak.word("outcome", name)) for name in outcomes], speak),
        tag("output", id="shown", role="status", data_of=say("fleet.page-shown", shown="{shown}", all="{all}")),
        id="pick", class_="pick", hidden=True,
    )  # fmt: skip
    names = [say("fleet.page-vm"), say("fleet.page-outcome"), say("fleet.page-cause"), say("fleet.page-since")]
    names += [speak.word("fleet.property", name) for name in PROPERTIES]
    head = tag("thead", tag("tr", (tag("th", name, scope="col") for name in names)))
    lines = (_line(row, result, speak) for row in rows)
    table = tag("table", head, tag("tbody", *lines), class_="vms")
    return join(pick, tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=say("fleet.page-vms")))


def _select(name: str, label: str, choices: Iterable[tuple[str, str]], speak: Tongue) -> Html:
    options = [tag("option", speak.say("fleet.page-every"), value=""), *(tag("option", told, value=value) for value, told in choices)]
    return tag("label", label, tag("select", *options, id=name))


def _line(row: Row, result: Result, speak: Tongue) -> Html:
    first, *others = [result.titles.get(cause, cause) for cause in row.causes] or [""]
    causes = join(first, tag("span", "; " + "; ".join(others), class_="more") if others else None)
    since = to_minutes(row.since) if row.since else ""
    cells = _CELLS(_linked(row), speak.word("outcome", row.outcome), causes, since, *[row.properties.get(name, "") for name in PROPERTIES])
    return tag("tr", cells, data_outcome=row.outcome, data_causes=" ".join(row.causes))


def _cells(name: Html, outcome: Html, causes: Html, since: Html, *properties: Html) -> Html:
    return join(tag("td", name), tag("td", outcome), tag("td", causes), tag("td", since, class_="time"), (tag("td", value) for value in properties))


_CELLS = Mould(_cells, 4 + len(PROPERTIES))


def _linked(row: Row) -> Html:
    """The name of the VM, a link to its report: a name that this house made, and nothing else."""
    name = path(row.vm)
    return Html(f'<a href="reports/{row.report}">{name}</a>') if _REPORT.fullmatch(row.report) else name


def _lost(items: Sequence[tuple[str, str, str]], speak: Tongue) -> Html | None:
    """(where, what happened, what to do) of what is not in the table."""
    if not items:
        return None
    rows = [tag("li", tag("span", path(where), class_="path"), ": ", speak.told(what), _note(speak.told(fix))) for where, what, fix in items[:MOST_LISTED]]
    more = len(items) - MOST_LISTED
    return join(tag("ul", *rows), tag("p", text(speak.count("fleet.more", more, file="fleet.json"))) if more > 0 else None)


def _note(told: str) -> Html | None:
    return tag("span", prose(told), class_="note") if told else None
