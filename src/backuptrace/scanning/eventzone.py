"""The zone of an export that tells local time, from the same events in a file that tells UTC: each of them shows the offset of its moment."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable
from itertools import islice

from backuptrace.model import HOUR, MINUTE, SECOND
from backuptrace.readers.stamps import zone_text
from backuptrace.readers.winzone import ZoneFacts

MOST = 50_000
"""Events of each side that are compared."""
ALIKE = 4
"""Events that are told more often than this tell nothing."""
FARTHEST = 14 * HOUR
QUARTER = 15 * MINUTE
FEWEST_SHARE = 5
"""An offset for which fewer than a fifth speaks of those for the most frequent one is chance."""
Told = tuple[int, Hashable]
"""Time in microseconds, and what every form of the event tells of it."""


def zone_names(facts: ZoneFacts) -> list[str]:
    """The names that the machine's zone goes by; without summer time, as an offset, where only that is told."""
    return [*facts.names, *([] if facts.bias is None else [zone_text(facts.bias * MINUTE)])]


class Offsets:
    """What must be added to local times: at each moment as at the nearest event that is told twice."""

    def __init__(self, pairs: list[tuple[int, int]]) -> None:
        self._times = [time for time, _ in pairs]
        self._shifts = [shift for _, shift in pairs]

    def utc(self, local: int) -> int:
        """A local time as UTC, microseconds."""
        at = bisect_left(self._times, local)
        if at == len(self._times) or (at and local - self._times[at - 1] <= self._times[at] - local):
            at -= 1
        return local + self._shifts[at]

    @property
    def shown(self) -> str:
        """The zones that were found, as `UTC+01:00`."""
        return ", ".join(zone_text(shift) for shift in sorted(set(self._shifts), reverse=True))


def offsets(local: Iterable[Told], utc: Iterable[Told]) -> Offsets | None:
    """The offsets by events that both sides tell; None where they have none in common."""
    here, there = _by_event(local), _by_event(utc)
    found = [(time, shift) for key, times in here.items() for time in times for moment in there.get(key, ()) if (shift := _shift(time, moment)) is not None]
    votes = Counter(shift for _, shift in found)
    if not votes:
        return None
    least = max(votes.values()) / FEWEST_SHARE
    best: dict[int, int] = {}
    for time, shift in found:  # equal events minutes apart pair crosswise, too
        if votes[shift] >= least and (time not in best or votes[shift] > votes[best[time]]):
            best[time] = shift
    return Offsets(sorted(best.items()))


def _by_event(told: Iterable[Told]) -> dict[Hashable, list[int]]:
    out: dict[Hashable, list[int]] = {}
    for time, key in islice(told, MOST):
        out.setdefault(key, []).append(time)
    return {key: times for key, times in out.items() if len(times) <= ALIKE}


def _shift(local: int, utc: int) -> int | None:
    """The offset of one pair: exports tell whole seconds, zones lie whole quarters of an hour apart."""
    apart = utc // SECOND * SECOND - local // SECOND * SECOND
    return apart if abs(apart) <= FARTHEST and apart % QUARTER == 0 else None
