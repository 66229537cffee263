"""What began shortly before the logs end and is not over in them: an outage, a start of the agent. Whether it lasts they cannot tell."""

from __future__ import annotations

from typing import NamedTuple

from backuptrace.knowledge.compiled import Milestone
from backuptrace.model import MINUTE
from backuptrace.timeline.assembly import Timeline
from backuptrace.timeline.placed import Placed

SHORTLY = 10 * MINUTE
"""How far behind its last line the logs may end, and how far its lines lie apart: what is older is no beginning any more."""


class Begun(NamedTuple):
    """`first`: its first line since it was last over; `milestone`: what it is."""

    first: Placed
    milestone: Milestone


def begun(timeline: Timeline) -> Begun | None:
    """What is not over where the logs end; of several the one that began last, for it stands nearest to what comes."""
    found = [Begun(since[-1], m) for m in timeline.milestones if m.over_at and (since := _since(timeline, m))]
    return max(found, key=lambda one: one.first.key, default=None)


def _since(timeline: Timeline, milestone: Milestone) -> list[Placed]:
    """Its lines since it was last over, the newest first; none where the logs go on for long behind the last of them."""
    over = max((placed[-1].key for key in milestone.over_at if (placed := timeline.placed.get(key))), default=(-1, -1, -1))
    found: list[Placed] = []
    near = timeline.end
    for item in reversed(timeline.placed[milestone.key]):
        if near is None or item.key <= over or near - item.utc > SHORTLY:
            break
        if item.dated:
            found.append(item)
            near = item.utc
    return found
