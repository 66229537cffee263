"""What the bundle says about the machine, and what is known to be wrong with the releases that run on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backuptrace.knowledge.releases import defects
from backuptrace.knowledge.shapes import ReleaseShape
from backuptrace.report.document import Fact
from backuptrace.report.phrases import Tongue
from backuptrace.timeline.assembly import Placed, Timeline, newest_with

DEFECT = "known_defect"
HOST = "host"
"""The name of the machine, as the machine itself or the platform's view of it tells."""


LATEST = 2**62
OS_TYPE = "os_type"
"""Linux or Windows, as Azure tells of the VM's disk."""


def newest_fact(timeline: Timeline, name: str) -> str | None:
    """The newest value of one fact."""
    told = [(mark, mark.facts[name]) for mark in timeline.milestones if name in mark.facts]
    found = [newest for mark, field in told if (newest := _newest(timeline.placed[mark.key], field, LATEST)) is not None]
    return max(found, key=lambda one: one[0])[2] if found else None


def facts_of(timeline: Timeline, until: int, releases: Iterable[ReleaseShape], speak: Tongue) -> list[Fact]:
    """The newest value of every fact up to `until` (microseconds UTC), then a fact for each known defect.

    What stands in a file without times yields to what a dated record says.
    """
    found: dict[str, tuple[int, Placed, str]] = {}
    for milestone in timeline.milestones:
        for name, field in milestone.facts.items():
            newest = _newest(timeline.placed[milestone.key], field, until)
            if newest is not None and (name not in found or newest[0] >= found[name][0]):
                found[name] = newest
    facts = {name: Fact(name=name, value=value, source=_source(item)) for name, (_, item, value) in sorted(found.items())}
    return [*facts.values(), *(_defect(release, facts[name], speak) for release, name in defects(releases, {key: fact.value for key, fact in facts.items()}))]


def _newest(told: Sequence[Placed], field: str, until: int) -> tuple[int, Placed, str] | None:
    """(time, or -1 without one; item; value) of the newest that has a value in the field, of a dated one if there is any."""
    if (item := newest_with(told, field, until)) is not None:
        return item.utc, item, item.event.fields[field]
    undated = (item for item in reversed(told) if not item.dated and item.event.fields.get(field, ""))
    return next(((-1, item, item.event.fields[field]) for item in undated), None)


def _source(item: Placed) -> str:
    line = item.event.told.line
    return item.log.path + (f":{line}" if line else "")


def _defect(release: ReleaseShape, fact: Fact, speak: Tongue) -> Fact:
    text = speak.say("defect", program=speak.word("fact", fact.name), version=fact.value, defect=speak.text(release.defect))
    if release.fixed_in:
        text += speak.say("defect.fixed", version=release.fixed_in)
    return Fact(name=DEFECT, value=text + speak.say("defect.source", source=release.source.id), source=fact.source)
