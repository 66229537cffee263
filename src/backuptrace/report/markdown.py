"""The report as Markdown for a ticket: short, the answer first, the lines that prove it, what to do. The whole is in the other forms.

GitHub's dialect. Lines of logs stand in fenced blocks or code spans, everything else is escaped, so that no log can make a link, a heading or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backuptrace.report.alike import alike, quotable
from backuptrace.report.citing import alike_text, number_text
from backuptrace.report.document import Cause, Evidence, Report
from backuptrace.report.head import outcome, rows
from backuptrace.report.layout import around
from backuptrace.report.phrases import tongue
from backuptrace.report.safe import linkable, safe_line
from backuptrace.report.sections import what_is_known
from backuptrace.report.text import over
from backuptrace.report.times import Times, clock_time, zone_of

FEWER_THAN = 60
"""Lines of the whole text."""
MOST_COLUMNS = 400
"""Characters of a line of a log."""
_ACTS = re.compile(r"[\\`*<\[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)|^\s*[#>+-](?=\s|#|$)|(?<=^\d)[.)]|(?<=:)//|(?<=www)\.|@", re.IGNORECASE)
_CODE = re.compile(r"`([^`]+)`")
_TICKS = re.compile(r"`+")


def render(report: Report) -> str:
    """The text, with a final line end; same report, same text."""
    times = Times(tongue(report.language), zone_of(report.bundle.zone))
    for most in (3, 2, 1):
        lines = _lines(report, times, most)
        if len(lines) < FEWER_THAN:
            break
    return "\n".join(lines[: FEWER_THAN - 1]) + "\n"


def _lines(report: Report, times: Times, most: int) -> list[str]:
    """`most`: lines of evidence, commands and attempts."""
    say = times.tongue.say
    supported = report.supported()
    out = [f"**{escaped(outcome(report, times))}.** {escaped(report.verdict.sentence)}", ""]
    out += _table(["", ""], [[escaped(label), escaped(told)] for label, told in rows(report, times, show_all=False)])
    if supported:
        out += _cause(supported[0], times, most)
        if supported[1:]:
            also = "; ".join(escaped(cause.title) for cause in supported[1:5])
            out += ["", f"**{escaped(say('page.others'))}:** {also}"]
    elif ruled_out := over(report, times)[:most]:
        out += ["", f"**{escaped(say('page.over'))}**", "", *(f"- {_prose(text)}" for text in ruled_out)]
    known = {cause.id for cause in supported}
    sure = report.verdict.outcome in {"recovered", "no-failure-seen"}
    wanted = [] if sure else [item for item in report.next if not known or not known.isdisjoint(item.settles)]
    if wanted:
        told = (f"- {_prose(item.what)}: {code(item.command)}" for item in wanted[:most])
        out += ["", f"**{escaped(say('page.next'))}**", "", *told]
    if report.attempts:
        names = [escaped(say(name)) for name in ("attempts.started", "attempts.ended", "attempts.result", "attempts.known")]
        out += ["", f"**{escaped(say('page.attempts'))}**", "", *_table(names, _attempts(report, times, most + 1))]
    made = say("page.made", version=report.tool.version, signatures=report.tool.signatures)
    kept = say("page.redacted") if report.redaction.level != "none" else say("page.not-redacted")
    return [*out, "", escaped(f"{say('page.more')} {made} {kept}")]


def _cause(cause: Cause, times: Times, most: int) -> list[str]:
    say, count = times.tongue.say, times.tongue.count
    out: list[str] = []
    groups = alike([item for item in cause.evidence if item.role == "supports"])
    if groups:
        out += ["", f"**{escaped(say('page.evidence'))}**"]
    for group in groups[:most]:
        out += ["", _place(group, times), *fenced(_line(group[0]))]
    if len(groups) > most:
        out += ["", escaped(count("evidence.more", len(groups) - most))]
    if cause.steps:
        kept = cause.steps[:7]
        out += ["", f"**{escaped(say('page.to-do'))}**", "", *(f"{n}. {_prose(step.text)}" for n, step in enumerate(kept, 1))]
        if len(kept) < len(cause.steps):
            out.append(f"{len(kept) + 1}. …")
    address = f"{cause.doc.url}#{cause.doc.anchor}" if cause.doc.anchor else cause.doc.url
    name = escaped(cause.doc.section or cause.doc.url)
    told = f"[{name}](<{address}>)" if linkable(address) else f"{name} {code(address)}"
    return [*out, "", f"{escaped(say('page.documented'))} {told}"]


def _place(group: Sequence[Evidence], times: Times) -> str:
    first = group[0]
    told = f"{escaped(times.moment(first.time))}, {code(first.source + number_text(first, times.tongue))}"
    return told if len(group) == 1 else f"{told} ({escaped(alike_text(group, times))})"


def _line(item: Evidence) -> str:
    """The line that hit, cut around what hit."""
    return "".join(around(quotable(item), item.hit_from, item.hit_to, MOST_COLUMNS))


def _attempts(report: Report, times: Times, most: int) -> Iterable[list[str]]:
    for item in report.attempts[-most:]:
        ends = [clock_time(item.started), clock_time(item.ended, known=item.started)]
        yield [*ends, *map(escaped, (times.tongue.word("result", item.result), what_is_known(item, times)))]


def _table(names: Sequence[str], cells: Iterable[Sequence[str]]) -> list[str]:
    """Cells are escaped already."""
    return [f"| {' | '.join(row)} |" for row in (names, ["---"] * len(names), *cells)]


def escaped(text: str) -> str:
    """One line that shows exactly this text."""
    return _ACTS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}" if found[0] != "//" else "\\//", safe_line(text).strip())


def code(text: str) -> str:
    """A code span, harmless in a table too."""
    shown = safe_line(text).replace("|", "\\|")
    ticks = "`" * (max(map(len, _TICKS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fenced(text: str) -> list[str]:
    """A block of code of one line."""
    shown = safe_line(text)
    ticks = "`" * max(3, max(map(len, _TICKS.findall(shown)), default=0) + 1)
    return [f"{ticks}text", shown, ticks]


def _prose(text: str) -> str:
    """A sentence of the catalogue, `...` in it as code."""
    return "".join(code(part) if n % 2 else _inner(part) for n, part in enumerate(_CODE.split(text)))


def _inner(part: str) -> str:
    """Escaped, blanks at the ends kept."""
    left, right = part[: len(part) - len(part.lstrip(" "))], part[len(part.rstrip(" ")) :] if part.strip(" ") else ""
    return f"{left}{escaped(part)}{right}"
