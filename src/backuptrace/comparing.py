"""Two bundles compared: what differs from a good to a bad one, and whether a fix took."""

from __future__ import annotations

import msgspec

from backuptrace.answer import report
from backuptrace.caused import evidence_of
from backuptrace.judged import Judged
from backuptrace.knowledge.derived import formats_of
from backuptrace.knowledge.when import positive_names
from backuptrace.redact.redactor import Redactor
from backuptrace.report import diff_page as page
from backuptrace.report.clauses import selection_name
from backuptrace.report.document import Cause, Evidence, Report
from backuptrace.report.phrases import tongue
from backuptrace.report.redacting import redacted_page
from backuptrace.report.times import Times
from backuptrace.scanning.settings import Setting, Settings

MOST_SETTINGS = 50
"""Of one source."""
MOST_LINES = 30
SHOWN = 3
"""Lines that show that a fix did not take."""
VOLATILE = {"goal_state_incarnation", "cloud_init", "agent_status", "extension_status"}
"""Facts that change by themselves."""


class Compared(msgspec.Struct, frozen=True):
    """A bundle that was judged, with its settings."""

    judged: Judged
    settings: Settings
    uncompared: list[str]


def diff(a: Compared, b: Compared) -> page.DiffPage:
    """What differs from `a` to `b`. Secrets get the same token in both. Pure."""
    hide = a.judged.redactor is not None
    shared = Redactor()
    one, two = (msgspec.structs.replace(side.judged, redactor=shared if hide else None) for side in (a, b))
    first, second = report(one), report(two)
    speak, cut = one.tongue, [*a.uncompared, *b.uncompared]
    notes = [speak.say("diff.systems")] if first.bundle.os != second.bundle.os else []
    notes += [speak.say("diff.cut", paths=speak.listed(cut))] if cut else []
    titles = {name: speak.text(shape.title) for name, shape in formats_of(one.pack).items()}
    formats = [{log.format for log in side.scanned.logs} for side in (one, two)]
    out = page.DiffPage(
        a=page.side_of(first),
        b=page.side_of(second),
        causes=_causes(first, second),
        facts=_facts(first, second),
        settings=_settings(a.settings, b.settings, titles, shared if hide else None),
        events=_events(one, two, formats[0] & formats[1]),
        unknown_lines=_lines(first, second),
        only_a=[titles.get(name, name) for name in sorted(formats[0] - formats[1])],
        only_b=[titles.get(name, name) for name in sorted(formats[1] - formats[0])],
        notes=notes,
        language=one.language,
    )
    return redacted_page(out, shared) if hide else out


def _causes(first: Report, second: Report) -> list[page.Judgement]:
    before = {cause.id: cause for cause in first.causes}
    found = [
        page.Judgement(cause=cause.id, title=cause.title, before=before[cause.id].status, after=cause.status, why=cause.why)
        for cause in second.causes
        if cause.id in before and before[cause.id].status != cause.status
    ]
    return sorted(found, key=lambda one: "supported" not in (one.before, one.after))


def _facts(first: Report, second: Report) -> list[page.Changed]:
    before, after = ({fact.name: fact for fact in one.facts if fact.name not in VOLATILE} for one in (first, second))
    out = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if (old and old.value) != (new and new.value):
            place = new.source if new else old.source if old else ""
            out.append(page.Changed(name=name, before=old.value if old else None, after=new.value if new else None, place=place))
    return sorted(out, key=lambda one: one.before is None or one.after is None)


def _settings(a: Settings, b: Settings, titles: dict[str, str], redactor: Redactor | None) -> list[page.Changed]:
    """Of sources that both hold; as `key = value` the redactor sees what it is about."""
    out = []
    for name in sorted(a.keys() & b.keys(), key=lambda name: ("conf" not in name, name)):
        old, new = a[name], b[name]
        keys = [key for key in dict.fromkeys([*old, *new]) if _value(old, key) != _value(new, key)]
        for key in keys[:MOST_SETTINGS]:
            setting = new.get(key) or old[key]
            place = setting.path + (f":{setting.line}" if setting.line is not None else "")
            before, after = (_hidden(key, _value(side, key), redactor) for side in (old, new))
            out.append(page.Changed(name=key, before=before, after=after, source=titles.get(name, name), place=place))
    return out


def _value(settings: dict[str, Setting], key: str) -> str | None:
    return settings[key].value if key in settings else None


def _hidden(key: str, value: str | None, redactor: Redactor | None) -> str | None:
    if value is None or redactor is None or key == value:
        return value
    head = f"{key.rsplit('.', 1)[-1]}="
    return redactor.text(head + value).removeprefix(head)


def _events(a: Judged, b: Judged, formats: set[str]) -> list[page.Happened]:
    """The events that speak for causes, where only one bundle has them and both hold the source."""
    causes = {state.cause.id: place for place, state in enumerate(b.states)}
    found: dict[str, tuple[int, page.Happened]] = {}
    for verdict in b.pack.verdicts:
        for key in sorted(positive_names(verdict.when)):
            before, after = _total(a, key), _total(b, key)
            if key in found or bool(before) == bool(after) or b.pack.source_of.get(key) not in formats:
                continue
            side = b if after else a
            kept = list(side.timeline.placed.get(key, ()))
            shown = evidence_of(kept[-1], verdict.signature, "context", side) if kept else None
            title = f"{side.tongue.text(verdict.title)} ({selection_name(key)})"
            event = page.Happened(
                signature=verdict.signature, selection=selection_name(key), title=title, before=before, after=after, evidence=shown
            )  # fmt: skip
            found[key] = causes.get(verdict.cause, len(causes)), event
    return [event for _, event in sorted(found.values(), key=lambda pair: (not pair[1].after, pair[0], -pair[1].after - pair[1].before))]


def _total(judged: Judged, key: str) -> int:
    history = judged.timeline.history
    if key in history.states:
        return int(bool(history.states[key]))
    return sum(row.count for row in history.rows.get(key, ()))


def _lines(first: Report, second: Report) -> list[page.Happened]:
    """Warnings and errors that no signature knows and only one of the bundles has."""
    before, after = ({one.template: one for one in side.unexplained} for side in (first, second))
    out = []
    for template in [*after, *before]:
        if template in before and template in after:
            continue
        one = after.get(template) or before[template]
        line = Evidence(signature="", time=one.last, source="", text=one.sample, role="context")
        out.append(
            page.Happened(
                signature="",
                selection="",
                title=template[:200],
                before=0 if template in after else one.count,
                after=one.count if template in after else 0,
                evidence=line,
            )
        )
    return out[:MOST_LINES]


# whether a fix took


def verify(before: Report, after: Report) -> page.VerifyPage:
    """What the second bundle, taken after a fix, says of the cause that the first one supports. Pure."""
    speak = tongue(after.language)
    times = Times(speak)
    supported = before.supported()
    cause = next((one for one in after.causes if supported and one.id == supported[0].id), None)
    until = before.bundle.to or before.focus.to or ""
    failed = before.focus.to or until
    good = [one.ended for one in after.attempts if one.result == "succeeded" and one.ended and one.ended > failed]
    last_good = max(good, default=None)
    newer_failure = any(one.result == "failed" and (one.ended or one.started or "") > max(last_good or "", failed) for one in after.attempts)
    result = _result(before, after, cause, until, last_good, newer_failure=newer_failure)
    other = after.supported()[0].title if result == "other-cause" else ""
    title = cause.title if cause else ""
    when = times.moment(last_good) if last_good else ""
    notes = [speak.say("diff.systems")] if before.bundle.os != after.bundle.os else []
    hosts = [side.bundle.host or "" for side in (before, after)]
    if all(hosts) and len({name.split(".")[0].casefold() for name in hosts}) > 1:
        notes.append(speak.say("verify.other-host", before=hosts[0], after=hosts[1]))
    ids = [set(side.identifiers.container) for side in (before, after)]
    notes += [speak.say("verify.other-machine")] if all(ids) and not ids[0] & ids[1] else []
    shown = [item for item in (cause.evidence if cause else []) if item.role == "supports" and (item.time is None or item.time > until)]
    return page.VerifyPage(
        result=result,
        sentence=speak.say(f"verify.{result}", title=title, other=other, when=when)
        if title or result in UNTITLED
        else speak.say(f"verify.{result}-bare", when=when),
        cause=cause.id if cause else None,
        title=title,
        good=min(good, default=None),
        before=page.side_of(before),
        after=page.side_of(after),
        evidence=shown[-SHOWN:] if result == "not-fixed" else [],
        needs=[need for need in (cause.needs if cause else []) if need.command] if result in ("cannot-tell", "not-tried") else [],
        notes=notes,
        language=after.language,
    )


UNTITLED = ("nothing-to-verify",)
"""Results whose sentence names no cause."""


def _result(before: Report, after: Report, cause: Cause | None, until: str, good: str | None, *, newer_failure: bool) -> page.Result:
    if cause is None and before.verdict.outcome in ("recovered", "no-failure-seen"):
        return "nothing-to-verify"
    newer = (after.bundle.to or "") > until
    supported = after.supported()
    if cause is not None and cause.status == "supported":
        if cause.hits.last is None or cause.hits.last > until:
            return "not-fixed" if newer or cause.hits.last is not None else "cannot-tell"
        return "not-tried" if newer else "cannot-tell"
    if not newer:
        return "cannot-tell"
    if supported and not (cause is None and before.verdict.cause == supported[0].id):
        return "other-cause"
    if newer_failure:
        return "still-failing"
    if good is not None:
        return "fixed"
    if cause is None or cause.status in ("unknown", "not-visible", "not-applicable"):
        return "cannot-tell"
    return "not-tried"
