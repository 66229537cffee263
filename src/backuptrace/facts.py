"""What the bundle says about the machine, and what is known to be wrong with the releases that run on it."""

from __future__ import annotations

from collections.abc import Iterable

from backuptrace.knowledge.compiled import Milestone
from backuptrace.knowledge.releases import defects
from backuptrace.knowledge.shapes import ReleaseShape
from backuptrace.report.document import Fact
from backuptrace.report.phrases import Tongue
from backuptrace.timeline.assembly import Timeline

DEFECT = "known_defect"
HOST = "host"
"""The name of the machine, as the machine itself or the platform's view of it tells."""


def facts_of(timeline: Timeline, milestones: Iterable[Milestone], until: int, releases: Iterable[ReleaseShape], speak: Tongue) -> list[Fact]:
    """The newest value of every fact up to `until` (microseconds UTC), then a fact for each known defect.

    What stands in a file without times yields to what a dated record says.
    """
    found: dict[str, tuple[int, Fact]] = {}
    for milestone in milestones:
        for name, source in milestone.facts.items():
            for item in timeline.placed.get(milestone.key, ()):
                value, at = item.event.fields.get(source, ""), item.utc if item.dated else -1
                if value and at <= until and (name not in found or at >= found[name][0]):
                    where = item.log.path + (f":{item.event.told.line}" if item.event.told.line else "")
                    found[name] = (at, Fact(name=name, value=value, source=where))
    facts = {name: fact for name, (_, fact) in sorted(found.items())}
    return [*facts.values(), *(_defect(release, facts[name], speak) for release, name in defects(releases, {key: fact.value for key, fact in facts.items()}))]


def _defect(release: ReleaseShape, fact: Fact, speak: Tongue) -> Fact:
    text = speak.say("defect", program=speak.word("fact", fact.name), version=fact.value, defect=speak.text(release.defect))
    if release.fixed_in:
        text += speak.say("defect.fixed", version=release.fixed_in)
    return Fact(name=DEFECT, value=text + speak.say("defect.source", source=release.source.id), source=fact.source)
