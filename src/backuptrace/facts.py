"""What the bundle says about the machine, and what is known to be wrong with the releases that run on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from backuptrace.knowledge.releases import defects
from backuptrace.knowledge.shapes import ReleaseShape
from backuptrace.report.document import Fact
from backuptrace.report.phrases import Tongue
from backuptrace.timeline.assembly import Timeline, newest_facts
from backuptrace.timeline.placed import Placed

DEFECT = "known_defect"
HOST = "host"
"""The name of the machine, as the machine itself or the platform's view of it tells."""

OS_TYPE = "os_type"
"""Linux or Windows, as Azure tells of the VM's disk."""
LATEST = 2**62


def newest_fact(timeline: Timeline, name: str) -> str | None:
    """The newest value of one fact."""
    value, _ = _told(timeline, LATEST).get(name, (None, None))
    return value


def facts_of(timeline: Timeline, until: int, releases: Iterable[ReleaseShape], speak: Tongue) -> list[Fact]:
    """The newest value of every fact up to `until` (microseconds UTC), then a fact for each known defect.

    What stands in a file without times yields to what a dated record says.
    """
    facts = {name: Fact(name=name, value=value, source=_source(item)) for name, (value, item) in sorted(_told(timeline, until).items())}
    return [*facts.values(), *(_defect(release, facts[name], speak) for release, name in defects(releases, {key: fact.value for key, fact in facts.items()}))]


def _told(timeline: Timeline, until: int) -> dict[str, tuple[str, Placed]]:
    """The newest value of every fact, and where it is told."""
    dated = newest_facts(timeline, until)
    return dated | _undated(timeline, dated)


def _undated(timeline: Timeline, known: Collection[str]) -> dict[str, tuple[str, Placed]]:
    """The other facts as the last record without a time tells them."""
    found: dict[str, tuple[str, Placed]] = {}
    for milestone in timeline.milestones:
        for name, field in milestone.facts.items():
            told = (item for item in reversed(timeline.placed[milestone.key]) if not item.dated and item.event.fields.get(field))
            if name not in known and (item := next(told, None)) is not None:
                found[name] = (item.event.fields[field], item)
    return found


def _source(item: Placed) -> str:
    line = item.event.told.line
    return item.log.path + (f":{line}" if line else "")


def _defect(release: ReleaseShape, fact: Fact, speak: Tongue) -> Fact:
    text = speak.say("defect", program=speak.word("fact", fact.name), version=fact.value, defect=speak.text(release.defect))
    if release.fixed_in:
        text += speak.say("defect.fixed", version=release.fixed_in)
    return Fact(name=DEFECT, value=text + speak.say("defect.source", source=release.source.id), source=fact.source)
