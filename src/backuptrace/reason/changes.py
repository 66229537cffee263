"""What changed between the last good backup attempt and the first failed one behind it: versions, configuration told by facts, reboots."""

from __future__ import annotations

import msgspec

from backuptrace.knowledge.compiled import Milestone
from backuptrace.timeline.assembly import Timeline, newest_facts
from backuptrace.timeline.attempts import Attempt
from backuptrace.timeline.placed import Placed


class Change(msgspec.Struct, frozen=True):
    """A fact with its value at the last good attempt and at the first failed one, and the record that tells the new value."""

    name: str
    before: str
    after: str
    item: Placed


class Comparison(msgspec.Struct, frozen=True):
    """The two attempts, the changed facts by name, and the boots between them in order of time."""

    good: Attempt
    failed: Attempt
    changes: list[Change]
    boots: list[tuple[Milestone, Placed]]


def compare(timeline: Timeline, attempts: list[Attempt]) -> Comparison | None:
    """Nothing where no good attempt stands before a failed one, or where the last attempt was good."""
    good = next((n for n in range(len(attempts) - 1, -1, -1) if attempts[n].result == "succeeded"), None)
    if good is None:
        return None
    failed = next((attempt for attempt in attempts[good + 1 :] if attempt.result == "failed"), None)
    if failed is None:
        return None
    begin, end = attempts[good].last, failed.last
    before, after = newest_facts(timeline, begin), newest_facts(timeline, end)
    changes = [Change(name, before[name][0], value, item) for name, (value, item) in sorted(after.items()) if name in before and before[name][0] != value]
    boots = [(m, item) for m in timeline.milestones if m.role == "boot" for item in timeline.placed[m.key] if begin < item.utc <= end]
    boots.sort(key=lambda pair: pair[1].utc)
    return Comparison(attempts[good], failed, changes, boots)
