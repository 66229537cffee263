"""Causes in HTML: why, with the original lines; what to do; and the table of all causes with the reason for each status."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from backuptrace.report.alike import alike
from backuptrace.report.causetable import STATUSES
from backuptrace.report.citing import alike_text, number_text
from backuptrace.report.document import Cause, Doc, Evidence, Report
from backuptrace.report.html_tags import REMEMBERED, Html, join, link, path, prose, tag, text
from backuptrace.report.times import Times, plus_minus

MOST_GROUPS = 6
"""Groups of alike lines that stand open; further ones are folded in."""


def first_cause(cause: Cause, times: Times, *, told: str) -> Html:
    """Why the first cause explains the failure; `told` is the sentence that the page said already."""
    says = [tag("p", prose(part)) for part in (cause.why, cause.explanation) if part and part not in told]
    if not cause.root:
        says.insert(0, tag("p", times.tongue.say("cause.consequence"), class_="note"))
    return join(*says, evidence(cause, times, number=1))


def other_causes(causes: Sequence[Cause], times: Times) -> Html:
    """The further supported causes, each with its lines and steps."""
    speak = times.tongue
    out = []
    for number, cause in enumerate(causes, 2):
        level = speak.say("confidence", level=speak.word("confidence", cause.confidence)) if cause.confidence else ""
        sure = ", ".join(part for part in (level, "" if cause.root else speak.say("consequence")) if part)
        out.append(
            tag(
                "article",
                tag("h3", cause.title, " ", tag("small", sure) if sure else None),
                tag("p", prose(cause.why)) if cause.why else None,
                evidence(cause, times, number=number),
                tag("details", tag("summary", speak.say("page.to-do")), steps(cause, times)) if cause.steps else documented(cause.doc, times),
                id=f"cause-{number}",
            )
        )
    return join(*out)


def steps(cause: Cause, times: Times) -> Html:
    """The documented steps, what to mind, and where it is documented."""
    return join(
        tag("ol", (tag("li", prose(step.text)) for step in cause.steps)) if cause.steps else None,
        tag("p", tag("strong", times.tongue.say("note").strip()), " ", prose(cause.caveats), class_="note") if cause.caveats else None,
        documented(cause.doc, times),
    )


def documented(doc: Doc, times: Times) -> Html:
    """The link to the documentation."""
    address = f"{doc.url}#{doc.anchor}" if doc.anchor else doc.url
    return tag("p", times.tongue.say("page.documented"), " ", link(address, doc.section or doc.url), class_="doc")


# original lines


def evidence(cause: Cause, times: Times, *, number: int) -> Html | None:
    """The lines that speak for the cause and against it, those that say the same under the first of them."""
    if not cause.evidence:
        return None
    speak = times.tongue
    groups = alike(cause.evidence)
    shown = [_group(group, times, f"e{number}-{n}") for n, group in enumerate(groups, 1)]
    folded = shown[MOST_GROUPS:]
    more = max(cause.hits.total - len(cause.evidence), 0)
    uncertain = any(item.uncertainty_s >= 3600 for item in cause.evidence)
    heading = speak.say("page.evidence")
    if cause.hits.first or cause.hits.last:
        heading = speak.say("page.evidence-span", span=times.span(cause.hits.first, cause.hits.last))
    return tag(
        "section",
        tag("h3", heading),
        *shown[:MOST_GROUPS],
        tag("details", tag("summary", speak.count("evidence.more", len(folded))), *folded) if folded else None,
        tag("p", speak.count("page.unkept", more), class_="note") if more else None,
        tag("p", speak.say("evidence.zone"), class_="note") if uncertain else None,
        class_="evidence",
        aria_label=f"{speak.say('page.evidence')}: {cause.title}",
    )


def _group(group: Sequence[Evidence], times: Times, name: str) -> Html:
    first, rest = group[0], None
    if len(group) > 1:
        rest = tag("details", tag("summary", alike_text(group, times)), *(_item(item, times, context=False) for item in group[1:]))
    return tag("div", _item(first, times, context=True), rest, class_=f"item {first.role}", id=name)


def _item(item: Evidence, times: Times, *, context: bool) -> Html:
    """When and where, then the record with what hit marked and the lines around it."""
    head = [
        tag("time", times.moment(item.time), datetime=item.time) if item.time else tag("span", times.moment(None)),
        tag("span", plus_minus(item.uncertainty_s), class_="note") if item.uncertainty_s >= 1 else None,
        tag("span", times.tongue.word("role", item.role), class_="role") if item.role != "supports" else None,
        tag("span", path(item.source), number_text(item, times.tongue), class_="path"),
        tag("span", item.signature, class_="signature"),
    ]
    before = item.context[: item.context_before or 0] if context else []
    after = item.context[item.context_before or 0 :] if context and item.context_before is not None else []
    lines = [tag("span", line, class_="around") for line in before]
    lines.append(tag("span", _marked(item), class_="line"))
    lines += [tag("span", line, class_="around") for line in after]
    return join(tag("p", _spaced(head), class_="head"), tag("pre", *(join(line, "\n") for line in lines), translate="no"))


def _marked(item: Evidence) -> Html:
    begin, end = item.hit_from, item.hit_to
    if begin is None or end is None or not 0 <= begin < end <= len(item.text):
        return text(item.text)
    return join(text(item.text[:begin]), tag("mark", item.text[begin:end]), text(item.text[end:]))


def _spaced(parts: Sequence[Html | None]) -> Html:
    shown = [part for part in parts if part is not None]
    return join(*(join(" " if n else None, part) for n, part in enumerate(shown)))


# all causes


def cause_table(report: Report, times: Times) -> Html:
    """Every cause of the catalogue, by status, with the reason; those that cannot concern this machine come last."""
    speak, say = times.tongue, times.tongue.say
    groups = []
    for status in STATUSES:
        causes = [cause for cause in report.causes if cause.status == status]
        if not causes:
            continue
        word = f"{speak.word('causes', status)} ({len(causes)})"
        head = tag("tr", tag("th", word, colspan=3, scope="rowgroup"))
        reasons = [_reason(cause, times) for cause in causes]
        same = len(set(reasons)) == 1
        told = [tag("td", reasons[0], rowspan=len(causes))] + [None] * (len(causes) - 1) if same else [_cell(reason) for reason in reasons]
        rows = (_row(cause, reason, times) for cause, reason in zip(causes, told, strict=True))
        groups.append(tag("tbody", head, *rows, class_=f"status {status}"))
    head = tag("thead", tag("tr", (tag("th", name, scope="col") for name in (say("page.cause"), say("page.reason"), say("page.hits")))))
    return tag("table", head, *groups, class_="causes")


@lru_cache(REMEMBERED)
def _cell(content: Html) -> Html:
    return tag("td", content)


def _row(cause: Cause, reason: Html | None, times: Times) -> Html:
    """`reason`: its cell, None where that of a row above reaches down to this one."""
    address = f"{cause.doc.url}#{cause.doc.anchor}" if cause.doc.anchor else cause.doc.url
    return _row_of(cause.id, cause.title, address, reason, times.tongue.number(cause.hits.total) if cause.hits.total else "")


@lru_cache(REMEMBERED)
def _row_of(cause: str, title: str, address: str, reason: Html | None, count: str) -> Html:
    name = tag("th", link(address, title), " ", tag("span", cause, class_="id"), scope="row")
    return tag("tr", name, reason, tag("td", count, class_="number"))


def _reason(cause: Cause, times: Times) -> Html:
    speak = times.tongue
    level = speak.say("confidence", level=speak.word("confidence", cause.confidence)) if cause.confidence else ""
    missing = ""
    if cause.status == "unknown":
        lacking = [need.what for need in cause.needs[: len(cause.lacking)]] or cause.lacking
        untold = [source for source in lacking if source not in cause.why]
        missing = speak.say("page.lacking", sources="; ".join(untold)) if untold else ""
    return _reason_of(cause.why, missing, level)


@lru_cache(REMEMBERED)
def _reason_of(why: str, *notes: str) -> Html:
    return _spaced([prose(why), *(tag("span", note, class_="note") for note in notes if note)])
