"""The zone of a machine's local time: given, inferred from twin events, or named by the bundle."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timezone, tzinfo
from functools import lru_cache
from itertools import groupby, pairwise

import msgspec

from backuptrace.errors import UsageError
from backuptrace.model import HOUR, MINUTE, SECOND
from backuptrace.readers.stamps import zone_text

TWINS_APART = MINUTE
"""Longest time between two tellings of one moment; also the uncertainty of a zone inferred from them."""
QUARTER = 15 * MINUTE
GIVEN = "given"
TWINS = "inferred: the agent's start of the backup extension and the extension's own first line tell the same moment"
ALIKE = "inferred: events in local time and lines of the agent in UTC tell the same moments"
TOLD = "inferred: records tell one moment both in local time and in UTC"
NAMED = "named by the machine's own configuration"
ASSUMED = "assumed: nothing in the bundle tells the zone"
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?")


class Zone(msgspec.Struct, frozen=True):
    """How local time becomes UTC. `name`: as shown, such as UTC+02:00 or Europe/Berlin; `basis`: how it is known; `uncertainty_s`: seconds."""

    name: str
    basis: str
    uncertainty_s: float
    shift: int = 0
    rules: tzinfo | None = None
    changes: tuple[tuple[int, int], ...] = ()
    """(local stamp, shift from there on) where the offset changed, in order of time."""

    def utc(self, stamp: int, *, again: bool = False) -> int:
        """A local stamp as UTC, both microseconds since 1970. Of a doubled hour at the end of summer time the first is taken, with `again` the second."""
        if self.rules is None:
            at = bisect_right(self.changes, stamp, key=_stamp) if self.changes else 0
            return stamp + (self.changes[at - 1][1] if at else self.shift)
        return stamp + _shift_in(self.rules, stamp // QUARTER, again=again)

    def offset(self, stamp: int) -> str:
        """The zone at a UTC time as `UTC+02:00`."""
        if self.rules is None:
            return self.name
        found = datetime.fromtimestamp(stamp // SECOND, timezone.utc).astimezone(self.rules).utcoffset()
        return fixed(0 if found is None else -int(found.total_seconds()) * SECOND, self.basis).name


@lru_cache(maxsize=4096)
def _shift_in(rules: tzinfo, quarter: int, *, again: bool) -> int:
    """What must be added to local time in a quarter of an hour (microseconds)."""
    moment = datetime.fromtimestamp(quarter * QUARTER // SECOND, timezone.utc).replace(tzinfo=rules, fold=int(again))
    offset = moment.utcoffset()
    return 0 if offset is None else -int(offset.total_seconds()) * SECOND


UNKNOWN = Zone("UTC", ASSUMED, 14 * 3600.0)


def fixed(shift: int, basis: str, uncertainty_s: float = 0.0) -> Zone:
    """A zone that is always so many microseconds away: `shift` is what must be added to local time."""
    return Zone(zone_text(shift), basis, uncertainty_s, shift)


def named(text: str, basis: str) -> Zone | None:
    """The zone of a name of the time zone database or an offset such as +02:00; None for anything else."""
    text = text.strip()
    if found := _OFFSET.fullmatch(text):
        size = int(found[2]) * HOUR + int(found[3] or 0) * MINUTE
        return fixed(size if found[1] == "-" else -size, basis) if size <= 14 * HOUR else None
    if text in ("UTC", "Etc/UTC", "GMT", "Z"):
        return fixed(0, basis)
    from zoneinfo import ZoneInfo

    try:
        return Zone(text, basis, 0.0, rules=ZoneInfo(text))
    except (ValueError, OSError, LookupError):  # an absolute path, a folder, a name that is not there
        return None


def given(text: str) -> Zone:
    """The zone that a user names. Raises UsageError with advice for one that does not exist."""
    zone = named(text, GIVEN)
    if zone is None:
        raise UsageError("not a time zone", where=text, fix="write a name such as Europe/Berlin, or an offset such as +02:00")
    return zone


Kind = tuple[Collection[int], Collection[int]]
"""Stamps (microseconds) of one kind of moment, as told in local time and in UTC."""


def settle_zone(local: Iterable[int], utc: Iterable[int], names: Iterable[str], told: Iterable[tuple[int, int]] = (), alike: Iterable[Kind] = ()) -> Zone:
    """The best zone: a name of the bundle that agrees with the twin events, else the twins' offset, else a name, else UTC is assumed.

    local, utc: stamps (microseconds) of the same kind of moment as told in local time and in UTC; told: (local, UTC) of single moments,
    which say more; alike: further kinds, which count where nothing else tells the zone.
    """
    pairs = sorted(told)
    if pairs:
        local, utc = [one for one, _ in pairs], [one for _, one in pairs]
    else:
        local, utc = list(local), list(utc)
    found = infer_told(pairs) if pairs else infer([(local, utc)])
    known = [zone for name in dict.fromkeys(names) if (zone := named(name, NAMED)) is not None]
    if found is None:
        found = None if known else infer(alike)
        return known[0] if known else UNKNOWN if found is None else fixed(found, ALIKE, TWINS_APART / SECOND)
    for zone in known:
        if _agrees(zone, local, utc):
            return zone
    zone = fixed(found, TOLD if pairs else TWINS, TWINS_APART / SECOND)
    return msgspec.structs.replace(zone, changes=_changes(pairs, found)) if pairs else zone


def infer(kinds: Iterable[Kind]) -> int | None:
    """What to add to local stamps so that most of them lie at a UTC stamp of a moment of the same kind, None if none does."""
    return infer_told((stamp, moment) for local, utc in kinds for stamp, moment in _near(local, utc))


def infer_told(pairs: Iterable[tuple[int, int]]) -> int | None:
    """What to add to local stamps by most of the pairs (local, UTC); a record may be written up to a minute behind its moment. None if no pair fits a zone.

    Zones are multiples of 15 minutes between -12 and +14 hours; of two that explain the same number the smaller distance to UTC counts.
    """
    votes = Counter(offset for local, moment in pairs if (offset := _offset(local, moment)) is not None)
    return max(votes, key=lambda offset: (votes[offset], -abs(offset)), default=None)


def _near(local: Iterable[int], utc: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Each local stamp with all UTC stamps that lie no farther away than a zone can."""
    moments = sorted(set(utc))
    for stamp in set(local):
        for moment in moments[bisect_left(moments, stamp - 14 * HOUR - TWINS_APART) : bisect_right(moments, stamp + 12 * HOUR + TWINS_APART)]:
            yield stamp, moment


def _offset(local: int, moment: int) -> int | None:
    offset = round((moment - local) / QUARTER) * QUARTER
    return offset if -14 * HOUR <= offset <= 12 * HOUR and abs(moment - local - offset) <= TWINS_APART else None


def _changes(pairs: Sequence[tuple[int, int]], most: int) -> tuple[tuple[int, int], ...]:
    """Where the offset changes and stays (summer time): runs of at least two pairs that differ by an hour from the run before; () if there is only `most`."""
    told = [(local, offset) for local, moment in pairs if (offset := _offset(local, moment)) is not None and abs(offset - most) <= HOUR]
    runs = [list(run) for _, run in groupby(told, key=_shift)]
    runs = [run for run in runs if len(run) > 1]
    if len({run[0][1] for run in runs}) < 2:
        return ()
    return (runs[0][0], *(after[0] for before, after in pairwise(runs) if before[0][1] != after[0][1]))


def _stamp(change: tuple[int, int]) -> int:
    return change[0]


def _shift(change: tuple[int, int]) -> int:
    return change[1]


def _agrees(zone: Zone, local: list[int], utc: list[int]) -> bool:
    moments = sorted(utc)
    for stamp in local:
        shifted = zone.utc(stamp)
        at = bisect_left(moments, shifted - TWINS_APART)
        if at < len(moments) and moments[at] <= shifted + TWINS_APART:
            return True
    return False
