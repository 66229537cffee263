"""The head of the text report: the sentence, and a few lines on what was judged, on which machine, from which logs."""

from __future__ import annotations

from backuptrace.redact.kinds import KINDS
from backuptrace.report.covering import coverage_sentence, unread
from backuptrace.report.document import Report
from backuptrace.report.layout import Page, Style, columns
from backuptrace.report.times import Times

_STYLES: dict[str, Style] = {"explained": "bad", "unexplained": "bad", "cannot-tell": "warn", "recovered": "good", "no-failure-seen": "good"}
FACTS = ("agent_version", "agent_package_version", "extension_version", "python", "kernel", "region")
"""Facts that are always worth a look, in this order; the others only on demand."""
USUAL = {"agent_status": "Ready", "extension_status": "Ready"}
"""Facts that are worth a look where they differ from this."""


def head(page: Page, report: Report, times: Times, *, show_all: bool) -> None:
    """The answer, then label and text, one line each where they fit."""
    page.prose(report.verdict.sentence, indent=0, style=_STYLES[report.verdict.outcome])
    page.lines.append("")
    told = [(times.tongue.say("head.outcome"), outcome(report, times)), *rows(report, times, show_all=show_all)]
    widest = max(columns(label) for label, _ in told)
    for label, text in told:
        page.prose(text, first=f"{label:{widest}}  ")


def outcome(report: Report, times: Times) -> str:
    """`explained, confidence high`."""
    speak, supported = times.tongue, report.supported()
    told = speak.word("outcome", report.verdict.outcome)
    if supported and supported[0].confidence:
        told += ", " + speak.say("confidence", level=speak.word("confidence", supported[0].confidence))
    return told


def rows(report: Report, times: Times, *, show_all: bool) -> list[tuple[str, str]]:
    """(label, text): what was judged, on which machine, from which logs; only what is known."""
    speak, verdict, bundle = times.tongue, report.verdict, report.bundle
    missing = [item for item in report.missing if item.source not in verdict.sentence]
    lost = unread(report.problems, bundle.kind, times)
    told = [
        ("judged", f"{times.span(report.focus.from_, report.focus.to, local=True)}: {report.focus.basis}"),
        ("portal", _portal(report, times)),
        ("bundle", f"{bundle.name} ({speak.word('form', bundle.kind)})"),
        ("machine", _machine(report, times, show_all=show_all)),
        ("defect", "; ".join(fact.value for fact in report.facts if fact.name == "known_defect")),
        ("clock", speak.say("clock.local", zone=bundle.zone, basis=bundle.zone_basis) if times.zone else ""),
        ("ids", _identifiers(report, times, show_all=show_all)),
        ("covered", coverage_sentence(report.coverage, missing, "" if lost in verdict.sentence else lost, times)),
        ("hidden", ", ".join(speak.count(f"hidden.{kind}", count) for kind, count in sorted(report.redaction.counts.items()) if count and kind in KINDS)),
    ]
    return [(speak.say(f"head.{label}"), text) for label, text in told if text]


def _machine(report: Report, times: Times, *, show_all: bool) -> str:
    """`Debian GNU/Linux 12 (bookworm), agent 2.15.0.1, Python 3.11.2`: facts that repeat another are left out."""
    speak = times.tongue
    facts = {fact.name: fact.value for fact in report.facts if fact.name != "known_defect"}
    name = facts.pop("distro", "") or f"{facts.get('os_name', '')} {facts.get('os_version', '')}".strip()
    facts.pop("os_name", "")
    facts.pop("os_version", "")
    facts.pop("host", "")
    system = speak.word("os", report.bundle.os) if report.bundle.os != "unknown" else ""
    system = name if system.casefold() in name.casefold() else f"{system} {name}".strip()
    if facts.get("agent_package_version") == facts.get("agent_version"):
        facts.pop("agent_package_version", None)
    usual = {key: facts[key] for key in FACTS if key in facts}
    odd = {key: value for key, value in facts.items() if key not in usual and (show_all or value != USUAL.get(key, value))}
    parts = [speak.say("host", name=report.bundle.host) if report.bundle.host else "", system]
    parts += [f"{speak.word('fact', key)} {value}" for key, value in {**usual, **odd}.items()]
    return ", ".join(part for part in parts if part)


def _identifiers(report: Report, times: Times, *, show_all: bool) -> str:
    """The newest id of each kind that support asks for; all of them on demand."""
    ids = report.identifiers
    kinds = [("job", ids.job), ("task", ids.task), ("activity", ids.activity), ("correlation", ids.correlation), ("container", ids.container)]
    shown = [(kind, values if show_all else values[-1:]) for kind, values in kinds if values and (show_all or kind in {"job", "task", "activity"})]
    return "; ".join(f"{times.tongue.word('id', kind)} {', '.join(values)}" for kind, values in shown)


def _portal(report: Report, times: Times) -> str:
    reported, say = report.reported, times.tongue.say
    if reported.code is None and reported.at is None:
        return ""
    told = reported.code or say("portal.failed-job")
    if reported.code and not reported.message:
        told = say("portal.unknown-code", code=told)
    if reported.at:
        told = say("portal.code-at", code=told, time=times.moment(reported.at))
    return f"{told}: {reported.message}" if reported.message else told
