"""Which machine an object of Azure is about, which one the bundle is about, and where another object lies, seen from there.

Names of machines and groups are compared without case. A resource id is /subscriptions/<s>/resourceGroups/<g>/providers/<type>/<name>; the vault
names a machine `iaasvmcontainerv2;<group>;<name>`. Restore points, in collections AzureBackup_<machine>_<number>, lie in groups of their own:
AzureBackupRG_<Geo>_<n> unless the policy names another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_ID = re.compile(r"/resourceGroups/(?P<group>[^/]+)/providers/Microsoft\.(?:Classic)?Compute/virtualMachines/(?P<name>[^/]+)", re.IGNORECASE)
_CONTAINER = re.compile(r"(?:^|;)iaasvmcontainer(?:v2)?;(?!iaasvmcontainer)(?P<group>[^;/]+);(?P<name>[^;/]+)", re.IGNORECASE)
_COLLECTION = re.compile(r"/restorePointCollections/AzureBackup_(?P<name>[^/]+)_\d+(?:/|$)", re.IGNORECASE)
_BARE = re.compile(r"[\w.-]{1,80}")
_GROUP = re.compile(r"/resourceGroups/(?P<group>[^/]+)(?P<rest>/.*)?$", re.IGNORECASE)
_WHOLE = re.compile(r"^/subscriptions/[^/]+/?$|/managementGroups/", re.IGNORECASE)
_ON = re.compile(r"/providers/Microsoft\.Authorization/(?:locks|policyAssignments|roleAssignments)/[^/]+$", re.IGNORECASE)
_POINTS = "azurebackuprg_"


class Machine(NamedTuple):
    """A virtual machine; `group` is "" where it is not told. In lower case."""

    name: str
    group: str = ""

    def same(self, other: Machine) -> bool:
        """Whether both can be the same."""
        return self.name == other.name and (not self.group or not other.group or self.group == other.group)


def machine_of(text: str) -> Machine | None:
    """The machine that an id, a container of the vault or a bare name tells; None for anything else."""
    if found := _ID.search(text) or _CONTAINER.search(text):
        return Machine(found["name"].lower(), found["group"].lower())
    return Machine(text.lower()) if _BARE.fullmatch(text) else None


def group_of(text: str) -> str:
    """The resource group in an id, in lower case; "" without one."""
    found = _GROUP.search(text)
    return found["group"].lower() if found else ""


class Choice(NamedTuple):
    """The machine of the bundle, None where it cannot be told; `named`: all machines that are named."""

    machine: Machine | None
    named: list[Machine]

    def concerns(self, machine: Machine | None) -> bool:
        """Whether an object about this machine (None: about no certain one) counts."""
        return machine is None or (self.machine is not None and self.machine.same(machine))


def choose(shown: Iterable[Machine], files: Iterable[Sequence[Machine]]) -> Choice:
    """The machine that the bundle is about. `shown`: those of objects that somebody asked for one by one; `files`: for each file all that it names.

    What was asked for alone tells; else a list of one machine only does, if most such lists agree: those of a whole vault or group name many.
    """
    asked = list(shown)
    single: Counter[str] = Counter()
    everywhere: dict[Machine, None] = dict.fromkeys(asked)
    for named in files:
        everywhere |= dict.fromkeys(named)
        if len(found := {machine.name for machine in named}) == 1:
            single[found.pop()] += 1
    most = max(single.values(), default=0)
    names = {machine.name for machine in asked} or {name for name, count in single.items() if count == most} or {machine.name for machine in everywhere}
    groups = {machine.group for machine in everywhere if machine.name in names and machine.group}
    if len(names) != 1 or (not asked and not single and len(groups) > 1):
        return Choice(None, list(everywhere))
    return Choice(Machine(names.pop(), groups.pop() if len(groups) == 1 else ""), list(everywhere))


def place_of(scope: str, machine: Machine | None, groups: Iterable[str]) -> str:
    """Where the object with this id lies: `vm`, `vm-group`, `points` (a group of restore points; `groups`: those known), `other-points`
    (the restore points of another machine there), `subscription`, `elsewhere`.

    Of a lock or an assignment that is what it lies on. "" where the text is no id.
    """
    base = _ON.sub("", scope)
    if _WHOLE.search(base):
        return "subscription"
    found = _GROUP.search(base)
    if found is None:
        return ""
    group, rest = found["group"].lower(), found["rest"] or ""
    if group.startswith(_POINTS) or group in groups:
        other = _COLLECTION.search(base) if machine is not None else None
        return "points" if other is None or machine is None or machine.name == other["name"].lower() else "other-points"
    if machine is None:
        return "elsewhere"
    if (own := _ID.search(base)) and machine.same(Machine(own["name"].lower(), own["group"].lower())):
        return "vm"
    return "vm-group" if group == machine.group and not rest.strip("/") else "elsewhere"
