"""Which causes, on how many VMs, since when, and what those VMs share. Pure: rows in, a summary out.

Several bundles of one VM count once. A property counts as shared only if it is commoner among the affected VMs than among the others with the same
operating system (the others could not have it otherwise), of those of which it is known; how easily chance alone would do that is told with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import exp, lgamma

import msgspec

PROPERTIES = ("agent_version", "extension_version", "system", "region")
LEAST_VMS = 2
"""Affected VMs that must have a property in common."""
LEAST_SHARE = 0.5
"""Of the affected VMs of which it is known."""
CHANCE = 0.05
"""Below this, several VMs and values looked at considered, a common property is hardly chance."""


class Supported(msgspec.Struct, frozen=True):
    """A supported cause of one bundle. first: UTC text of its first evidence; leading: it is the one of the verdict."""

    cause: str
    first: str | None = None
    leading: bool = False


class Vm(msgspec.Struct, frozen=True, kw_only=True):
    """One bundle and the VM that it is of. id: the same for bundles of one VM; to: newest time in its logs; properties: by name, known ones only."""

    id: str
    name: str
    bundle: str
    os: str = "unknown"
    to: str | None = None
    outcome: str = ""
    causes: list[Supported] = []
    properties: dict[str, str] = {}


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """A value that is commoner among the affected VMs: affected of affected_known against others of others_known.

    chance: how probable it is that so many of the affected have it if it meant nothing (hypergeometric tail, multiplied by the values looked at, at most 1).
    """

    property: str
    value: str
    affected: int
    affected_known: int
    others: int
    others_known: int
    chance: float


class CauseGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One cause in the fleet. leading: VMs of which it is the verdict; since: its first evidence anywhere; newest: that of the VM it came to last;
    onsets: the first evidence on each VM where it has a time, in order.
    """

    cause: str
    vms: int
    leading: int
    since: str | None
    newest: str | None
    names: list[str]
    onsets: list[str]
    shared: list[Shared]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The fleet in numbers: causes from the commonest on."""

    bundles: int
    vms: int
    outcomes: dict[str, int]
    causes: list[CauseGroup]


def summarize(rows: Iterable[Vm]) -> Summary:
    """The summary of all bundles that could be scanned; the order of the rows does not matter."""
    bundles = sorted(rows, key=lambda row: (row.id, row.to or "", row.bundle))
    newest = {row.id: row for row in bundles}
    firsts: dict[str, dict[str, str | None]] = {}
    leading: dict[str, set[str]] = {}
    for row in bundles:
        for item in row.causes:
            of_vm = firsts.setdefault(item.cause, {})
            known = [first for first in (of_vm.get(row.id), item.first) if first is not None]
            of_vm[row.id] = min(known, default=None)
            if item.leading:
                leading.setdefault(item.cause, set()).add(row.id)
    groups = [_group(cause, of_vm, len(leading.get(cause, ())), newest) for cause, of_vm in firsts.items()]
    groups.sort(key=lambda group: (-group.vms, -group.leading, group.cause))
    outcomes = Counter(row.outcome for row in newest.values())
    return Summary(bundles=len(bundles), vms=len(newest), outcomes=dict(sorted(outcomes.items(), key=lambda item: (-item[1], item[0]))), causes=groups)


def _group(cause: str, firsts: Mapping[str, str | None], leading: int, vms: Mapping[str, Vm]) -> CauseGroup:
    affected = [vms[name] for name in firsts]
    systems = {vm.os for vm in affected}
    others = [vm for name, vm in vms.items() if name not in firsts and vm.os in systems]
    dated = [first for first in firsts.values() if first is not None]
    return CauseGroup(
        cause=cause,
        vms=len(affected),
        leading=leading,
        since=min(dated, default=None),
        newest=max(dated, default=None),
        names=sorted(vm.name for vm in affected),
        onsets=sorted(dated),
        shared=shared(affected, others),
    )


def shared(affected: Sequence[Vm], others: Sequence[Vm]) -> list[Shared]:
    """The values that are commoner among the affected, those that chance explains least first."""
    found = []
    looked_at = 0
    for name in PROPERTIES:
        mine, theirs = (Counter(vm.properties[name] for vm in group if vm.properties.get(name)) for group in (affected, others))
        known, rest = sum(mine.values()), sum(theirs.values())
        looked_at += len(mine)
        for value, count in mine.items():
            if count < LEAST_VMS or count < LEAST_SHARE * known or not rest or count * rest <= theirs[value] * known:
                continue
            chance = tail(count, known, count + theirs[value], known + rest)
            found.append(Shared(property=name, value=value, affected=count, affected_known=known, others=theirs[value], others_known=rest, chance=chance))
    found = [msgspec.structs.replace(item, chance=round(min(1.0, item.chance * looked_at), 6)) for item in found]
    return sorted(found, key=lambda item: (item.chance, -item.affected, PROPERTIES.index(item.property), item.value))


def tail(count: int, drawn: int, marked: int, total: int) -> float:
    """The probability of `count` or more marked ones among `drawn` out of `total`, of which `marked` are (Fisher's exact test, one side)."""
    high = min(drawn, marked)
    n = max(count, drawn + marked - total)
    term = exp(_log_comb(marked, n) + _log_comb(total - marked, drawn - n) - _log_comb(total, drawn))
    ways = 0.0
    while n <= high:
        ways += term
        term *= (marked - n) * (drawn - n) / ((n + 1) * (total - marked - drawn + n + 1))
        n += 1
    return min(1.0, ways)


def _log_comb(total: int, drawn: int) -> float:
    return lgamma(total + 1) - lgamma(drawn + 1) - lgamma(total - drawn + 1)
