"""What the summary and the page need of the entries of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from backuptrace import __version__
from backuptrace.fleet import tables
from backuptrace.fleet.options import Options
from backuptrace.fleet.page import Row
from backuptrace.fleet.result import Failure, Result
from backuptrace.fleet.summary import Supported, Vm, summarize
from backuptrace.knowledge.compiled import Pack
from backuptrace.knowledge.texts import pick
from backuptrace.model import Problem
from backuptrace.redact.redactor import redacted


@dataclass(slots=True)
class Gathered:
    """What the summary and the page need of the entries, taken from them on their way to the tables."""

    options: Options
    rows: list[Row] = field(default_factory=list)
    vms: list[Vm] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    unreadable: list[Failure] = field(default_factory=list)
    incomplete: int = 0

    def passed(self, entries: Iterable[tables.Named]) -> Iterator[tables.Named]:
        """The same entries, each looked at once."""
        for one in entries:
            entry, vm = one.entry, vm_of(one)
            if entry.state == "scanned":
                self.vms.append(vm)
                self.incomplete += bool(entry.problems)
            else:
                problem = entry.problems[0]
                lost = self.failed if entry.state == "failed" else self.unreadable
                lost.append(Failure(bundle=one.label, kind=problem.kind, what=problem.what, fix=problem.fix))
            report = f"{entry.report}.html" if entry.report and self.options.html else ""
            since = next((cause.first for cause in vm.causes if cause.leading), None)
            causes = [cause.cause for cause in vm.causes]
            outcome = entry.outcome or entry.state
            self.rows.append(Row(vm=one.vm, bundle=one.label, report=report, outcome=outcome, causes=causes, since=since, properties=vm.properties))
            yield one

    def result(self, bundles: int, aside: list[Problem], pack: Pack) -> Result:
        """When all have passed."""
        options, summary = self.options, summarize(self.vms)
        supported = {group.cause for group in summary.causes}
        titles = {cause.id: pick(cause.title, options.language) for cause in pack.causes if cause.id in supported}
        if options.redact:
            aside = [Problem(problem.kind, redacted(problem.where), redacted(problem.what), problem.fix) for problem in aside]
        return Result(
            version=__version__, signatures=pack.version, language=options.language, redacted=options.redact, bundles=bundles, scanned=len(self.vms),
            with_problems=self.incomplete, summary=summary, titles=titles, failed=self.failed, unreadable=self.unreadable, aside=aside,
        )  # fmt: skip


def vm_of(row: tables.Named) -> Vm:
    """What the summary needs to know of a bundle. The VM is told by its id, else by its name, else every bundle is one of its own."""
    entry = row.entry
    fact = entry.fact
    system = fact("distro") or " ".join(part for part in (fact("os_name"), fact("os_version") or fact("os_build")) if part)
    known = {"agent_version": fact("agent_version"), "extension_version": fact("extension_version"), "system": system, "region": fact("region")}
    return Vm(
        id=(entry.vm_id or row.vm).lower() if entry.vm_id or entry.vm else f"bundle {row.label}",
        name=row.vm,
        bundle=row.label,
        os=entry.os,
        to=entry.to,
        outcome=entry.outcome or "",
        causes=[Supported(cause.cause, cause.first, cause.cause == entry.cause) for cause in entry.causes if cause.status == "supported"],
        properties={name: value for name, value in known.items() if value},
    )
