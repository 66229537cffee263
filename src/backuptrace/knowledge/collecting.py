"""Which commands gather what a scan can use, on which machine: made from the formats and the catalogue, nothing is written by hand here."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from backuptrace.knowledge.compiled import Format, Pack
from backuptrace.knowledge.texts import Text

Target = Literal["linux", "windows", "azure"]
TARGETS: tuple[Target, ...] = get_args(Target)
_SPAN = re.compile(r" (?:-o json|--offset \S+)")
"""Options by which two commands may differ that get the same."""


@dataclass(slots=True)
class Take:
    """One read-only command: what it gets, the format it is read as ("" where only people read it), and the causes that it tells about."""

    command: str
    what: Text
    source: str
    causes: list[str]


def takes(pack: Pack, target: Target, *, leave_out: Collection[str] = ()) -> list[Take]:
    """Every command for a target, those first that tell about most causes. `leave_out`: ids of formats that are there already.

    A format's own command stands for those that causes name for it; of the control plane only where both ask the same.
    """
    resting = causes_of(pack)
    found: dict[str, Take] = {}
    own: set[str] = set()
    for shape in pack.formats:
        if shape.expected is not None and _runs(shape.expected.command, shape.os, target):
            own.add(shape.id)
            if shape.id not in leave_out:
                found[_key(shape.expected.command)] = Take(shape.expected.command, shape.title, shape.id, list(resting.get(shape.id, ())))
    for cause in pack.causes:
        for need in cause.needs:
            if need.command is None or need.source in leave_out or not _runs(need.command, need.os, target):
                continue
            if need.source in own and target != "azure":
                _add(found, need.source, cause.id)
            else:
                take = found.setdefault(_key(need.command), Take(need.command, need.what, need.source, []))
                if cause.id not in take.causes:
                    take.causes.append(cause.id)
    return sorted(found.values(), key=lambda take: -len(take.causes))


def causes_of(pack: Pack) -> dict[str, list[str]]:
    """Format id -> the causes that a verdict on it speaks of, in the order of the catalogue."""
    from backuptrace.knowledge.when import Silence, names_of, nodes

    found: dict[str, set[str]] = {}
    for verdict in pack.verdicts:
        formats = {pack.source_of.get(name, "") for name in names_of(verdict.when)}
        formats |= {node.format for node in nodes(verdict.when) if isinstance(node, Silence)}
        for name in formats - {""}:
            found.setdefault(name, set()).add(verdict.cause)
    order = {cause.id: place for place, cause in enumerate(pack.causes)}
    return {name: sorted(causes, key=lambda cause: order.get(cause, len(order))) for name, causes in found.items()}


def fits(shape: Format, system: str) -> bool:
    """Whether a machine with this system (`linux`, `windows`, `unknown`: any) may have the format."""
    return shape.os == "any" or system in (shape.os, "unknown")


def _add(found: dict[str, Take], source: str, cause: str) -> None:
    for take in found.values():
        if take.source == source and cause not in take.causes:
            take.causes.append(cause)


def _runs(command: str, system: str, target: Target) -> bool:
    """Whether a command belongs to a target: `az` runs anywhere, the others on their system."""
    return command.startswith("az ") if target == "azure" else system == target and not command.startswith("az ")


def _key(command: str) -> str:
    return _SPAN.sub("", command)
