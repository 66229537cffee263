"""The material of a report in HTML: attempts, coverage with its gaps, what is missing, facts, problems, errors that no signature knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from backuptrace.report.covering import notes
from backuptrace.report.document import Changed, Coverage, Missing, Next, Report
from backuptrace.report.html_tags import REMEMBERED, Child, Html, Mould, join, path, prose, tag
from backuptrace.report.picking import moment
from backuptrace.report.sections import UNKNOWN_FILE, difference, what_is_known
from backuptrace.report.times import Times, clock_time, duration

MOST_ATTEMPTS = 12
"""Attempts that stand open, the newest ones; older ones are folded in."""
MOST_COMMANDS, MOST_NAMED = 6, 3
"""Commands that stand open, and causes named with each."""


def table(names: Sequence[str], rows: Iterable[Html], *, label: str, kind: str = "") -> Html:
    """A table that scrolls by itself where the page is too narrow."""
    return _frame(tuple(names), label, kind)(join(*rows))


@lru_cache(REMEMBERED)
def _frame(names: tuple[str, ...], label: str, kind: str) -> Mould:
    def whole(rows: Html) -> Html:
        head = tag("thead", tag("tr", (tag("th", name, scope="col") for name in names)))
        return tag("div", tag("table", head, tag("tbody", rows), class_=kind or None), class_="scroll", tabindex=0, role="region", aria_label=label)

    return Mould(whole, 1)


def attempts(report: Report, times: Times) -> Html:
    """All attempts, newest first."""
    say = times.tongue.say
    local = [say("attempts.local")] if times.zone else []
    names = ["#", say("attempts.started"), *local, say("attempts.ended"), say("page.took"), say("attempts.result"), say("attempts.known")]
    rows = []
    for item in reversed(report.attempts):
        took = duration((moment(item.ended) - moment(item.started)).total_seconds()) if item.started and item.ended else ""
        cells: list[Child] = [tag("td", item.id, class_="number"), tag("td", clock_time(item.started), class_="time")]
        if times.zone:
            cells.append(tag("td", clock_time(times.local(item.started), known=item.started) if item.started else "?", class_="time"))
        cells += [
            tag("td", clock_time(item.ended, known=item.started), class_="time"),
            tag("td", took, class_="time"),
            tag("td", tag("span", times.tongue.word("result", item.result), class_=f"result {item.result}")),
            tag("td", what_is_known(item, times)),
        ]
        rows.append(tag("tr", *cells))
    shown = table(names, rows[:MOST_ATTEMPTS], label=say("page.attempts"), kind="attempts")
    older = rows[MOST_ATTEMPTS:]
    if not older:
        return shown
    return join(
        shown, tag("details", tag("summary", times.tongue.count("page.older", len(older))), table(names, older, label=say("page.attempts"), kind="attempts"))
    )


def changed(found: Changed, times: Times) -> Html:
    """What differs between the last good attempt and the first failed one behind it."""
    say = times.tongue.say
    title = tag("h3", say("page.changed", good=found.good, failed=found.failed))
    if not found.changes:
        return join(title, tag("p", say("changed.nothing")))
    return join(title, tag("ul", (tag("li", difference(item, times)) for item in found.changes)))


def commands(report: Report, times: Times) -> Html:
    """What to run next, each with what it is for; folded in what does not tell about the cause that was found, or all where nothing is wrong."""
    speak = times.tongue
    supported = {cause.id for cause in report.supported()}
    titles = {cause.id: cause.title for cause in report.causes}
    wanted = [item for item in report.next if not supported or not supported.isdisjoint(item.settles)]
    wanted = [] if report.verdict.outcome in {"recovered", "no-failure-seen"} else wanted[:MOST_COMMANDS]
    more = [item for item in report.next if item not in wanted]
    parts = [tag("p", speak.say("page.next-note"), class_="note")]
    if wanted:
        parts.append(tag("ol", (_command(item, titles, times) for item in wanted)))
    if more:
        rows = tag("ol", (_command(item, titles, times) for item in more), start=len(wanted) + 1)
        parts.append(tag("details", tag("summary", speak.count("page.more-commands" if wanted else "page.commands", len(more))), rows))
    return join(*parts)


def _command(item: Next, titles: dict[str, str], times: Times) -> Html:
    say = times.tongue.say
    causes = "; ".join(titles.get(name, name) for name in item.settles[:MOST_NAMED])
    if len(item.settles) > MOST_NAMED:
        causes = say("next.and-more", causes=causes, n=len(item.settles) - MOST_NAMED)
    return _command_of(item.what, say("page.settles", causes=causes) if causes else "", item.command)


@lru_cache(REMEMBERED)
def _command_of(what: str, about: str, command: str) -> Html:
    code = tag("pre", tag("code", command), class_="command", translate="no")
    return tag("li", tag("p", prose(what)), tag("span", about, class_="note") if about else None, code)


def coverage(sources: Sequence[Coverage], times: Times) -> Html:
    """From when to when each source reaches, and what is out of the ordinary; files without times below."""
    say, count = times.tongue.say, times.tongue.count
    rows = []
    for source in sorted(sources, key=lambda one: (one.from_ is None, one.source)):
        *doubts, recognised = notes(source, times, show_all=True)
        ends = [tag("td", clock_time(source.from_), class_="time"), tag("td", clock_time(source.to, known=source.from_), class_="time")]
        if source.from_ is None:
            ends = [tag("td", say("coverage.no-times"), colspan=2, class_="note")]
        number = times.tongue.number(source.records) if source.records is not None else ""
        name = tag("th", tag("span", path(source.source), class_="path"), " ", tag("span", source.format, class_="id", title=recognised), scope="row")
        rows.append(tag("tr", name, *ends, tag("td", number, class_="number"), class_="noted" if doubts else None))
        if doubts:
            rows.append(tag("tr", tag("td", tag("ul", (tag("li", note) for note in doubts)), colspan=4)))
    names = [say("page.source"), say("page.from"), say("page.to"), say("page.records")]
    shown = table(names, rows, label=say("page.coverage"), kind="coverage")
    gaps = sum(bool(source.holes) or not source.complete for source in sources if source.from_)
    return join(tag("p", count("page.gaps", gaps) if gaps else say("page.no-gaps")), shown)


def missing(items: Sequence[Missing]) -> Html:
    """What the bundle lacks, why it matters, and how to get it."""
    rows = []
    for item in items:
        why = f" {item.why_it_matters}" if item.why_it_matters else None
        code = tag("pre", tag("code", item.command), class_="command", translate="no") if item.command else None
        rows.append(tag("li", tag("p", tag("strong", item.source), why), code))
    return tag("ul", *rows, class_="plain")


def facts(report: Report, times: Times) -> Html:
    """What the logs tell of the machine, and where."""
    speak, say = times.tongue, times.tongue.say
    rows = [
        tag("tr", tag("th", speak.word("fact", fact.name), scope="row"), tag("td", fact.value), tag("td", path(fact.source), class_="path note"))
        for fact in report.facts
    ]
    ids = report.identifiers
    for kind, values in (("job", ids.job), ("task", ids.task), ("activity", ids.activity), ("correlation", ids.correlation), ("container", ids.container)):
        if values:
            rows.append(tag("tr", tag("th", say("page.id", kind=speak.word("id", kind)), scope="row"), tag("td", ", ".join(values)), tag("td")))
    return table([say("page.fact"), say("page.value"), say("page.source")], rows, label=say("page.facts"))


def unexplained(report: Report, times: Times) -> Html:
    """Warnings and errors that no signature knows, most frequent first, each with a sample."""
    say = times.tongue.say
    rows = []
    for item in sorted(report.unexplained, key=lambda one: -one.count):
        span = times.span(item.first, item.last) if item.first or item.last else ""
        rows.append(_UNEXPLAINED(times.tongue.number(item.count), span, item.sample))
    return table([say("page.count"), say("page.time"), say("page.sample")], rows, label=say("page.unexplained"), kind="samples")


_UNEXPLAINED = Mould(
    lambda count, span, sample: tag("tr", tag("td", count, class_="number"), tag("td", span), tag("td", tag("pre", sample, translate="no"))), 3
)


def problems(report: Report, times: Times) -> Html | None:
    """What could not be read, was cut or is kept in part only; never silent."""
    speak = times.tongue
    told = [item for item in report.problems if item.kind != UNKNOWN_FILE]
    unknown = [item.where for item in report.problems if item.kind == UNKNOWN_FILE]
    rows = []
    for item in told:
        where = join(tag("span", path(item.where), class_="path"), ": ") if item.where else None
        rows.append(tag("li", where, prose(item.what), join(" ", tag("em", prose(speak.say("problems.do", fix=item.fix)))) if item.fix else None))
    parts: list[Html] = [tag("ul", *rows)] if rows else []
    if unknown:
        parts.append(_folded(speak.count("page.unknown-files", len(unknown)), unknown))
    if report.capped:
        parts.append(_folded(speak.count("page.capped", len(report.capped)), report.capped))
    return join(*parts) if parts else None


def _folded(summary: str, items: Sequence[str]) -> Html:
    return tag("details", tag("summary", summary), tag("ul", (tag("li", path(item), class_="path") for item in items)))
