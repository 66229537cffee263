"""The report as one HTML file to attach to a case: no network, no framework, the verdict first and the material below.

Everything that a log, a path or a command line brought is text; see `html_tags` and the policy in `html_page`.
A pure function of the report: same report, same bytes.
"""

from __future__ import annotations

import re

from backuptrace.report import html_tables as tables
from backuptrace.report.document import Report
from backuptrace.report.head import outcome, rows
from backuptrace.report.html_causes import cause_table, first_cause, other_causes, steps
from backuptrace.report.html_page import laid_out, page
from backuptrace.report.html_tags import Html, join, prose, tag
from backuptrace.report.html_timeline import timeline
from backuptrace.report.phrases import tongue
from backuptrace.report.text import over
from backuptrace.report.times import Times, zone_of

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ„\"])")
TONES = {"explained": "bad", "unexplained": "bad", "cannot-tell": "unsure", "recovered": "good", "no-failure-seen": "good"}


def render(report: Report) -> str:
    """The whole document, in the language of the report."""
    times = Times(tongue(report.language), zone_of(report.bundle.zone))
    say = times.tongue.say
    parts = [(name, title, content) for name, title, content in _sections(report, times) if content]
    body = laid_out("verdict", _head(report, times), parts, times.tongue)
    made = say("page.made", version=report.tool.version, signatures=report.tool.signatures)
    level = say("page.redacted") if report.redaction.level != "none" else say("page.not-redacted")
    title = say("page.title", name=report.bundle.host or report.bundle.name)
    return page(title, body, language=report.language, footer=tag("footer", tag("p", made, " ", level)))


def _head(report: Report, times: Times) -> Html:
    """The answer: outcome, the sentence, and a few lines on what was judged."""
    first, *rest = _SENTENCE.split(report.verdict.sentence, maxsplit=1)
    pairs = [tag("div", tag("dt", label), tag("dd", prose(told))) for label, told in rows(report, times, show_all=False)]
    return tag(
        "header",
        tag("p", tag("span", "backuptrace", class_="brand"), " ", tag("span", report.bundle.host or report.bundle.name), class_="about"),
        tag("p", outcome(report, times), class_=f"outcome {TONES[report.verdict.outcome]}"),
        tag("h1", prose(first)),
        tag("p", prose(rest[0]), class_="lead") if rest else None,
        tag("dl", *pairs),
        id="verdict",
    )


def _sections(report: Report, times: Times) -> list[tuple[str, str, Html | None]]:
    """(anchor, title, content or nothing) in the order of the page."""
    say = times.tongue.say
    supported = report.supported()
    first = supported[0] if supported else None
    ruled_out = over(report, times)
    attempts = tables.attempts(report, times) if report.attempts else None
    if report.changed:
        attempts = join(attempts, tables.changed(report.changed, times))
    return [
        ("why", say("page.why", title=first.title) if first else "", first_cause(first, times, told=report.verdict.sentence) if first else None),
        ("to-do", say("page.to-do"), steps(first, times) if first else None),
        ("next", say("page.next"), tables.commands(report, times) if report.next else None),
        ("others", say("page.others"), other_causes(supported[1:], times) if supported[1:] else None),
        ("attempts", say("page.attempts"), attempts),
        ("timeline", say("page.timeline"), timeline(report, times)),
        ("unexplained", say("page.unexplained"), tables.unexplained(report, times) if report.unexplained else None),
        ("over", say("page.over"), tag("ul", (tag("li", prose(told)) for told in ruled_out)) if ruled_out else None),
        ("causes", say("page.causes"), cause_table(report, times) if report.causes else None),
        ("missing", say("page.missing"), tables.missing(report.missing) if report.missing else None),
        ("coverage", say("page.coverage"), tables.coverage(report.coverage, times) if report.coverage else None),
        ("facts", say("page.facts"), tables.facts(report, times) if report.facts else None),
        ("problems", say("page.problems"), tables.problems(report, times)),
    ]
