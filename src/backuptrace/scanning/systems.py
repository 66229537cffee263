"""Which operating system the bundle is of."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from backuptrace.knowledge.compiled import Pack
from backuptrace.knowledge.derived import formats_of
from backuptrace.scanning.bundles import Scanned

_WINDOWS = re.compile(r"(?:^|[/!])(?:WindowsAzure|Packages/Plugins|Windows/(?:System32|Panther))/|WaAppAgent|\.evtx$", re.IGNORECASE)
_LINUX = re.compile(r"(?:^|[/!])(?:var/(?:log|lib)|etc)/|waagent\.", re.IGNORECASE)
"""Paths that only one of the systems has."""


def system_of(scanned: Scanned, pack: Pack, told: Callable[[], str | None]) -> Literal["linux", "windows", "unknown"]:
    """By the formats that were recognised, else by the names of the files that were not, else by what Azure tells of the VM (`told`)."""
    systems = {formats_of(pack)[log.format].os for log in scanned.logs} - {"any"}
    if not systems:
        names = [path for path, _, _ in scanned.unknown]
        systems = {system for system, marks in (("windows", _WINDOWS), ("linux", _LINUX)) if any(marks.search(name) for name in names)}
    if not systems:
        systems = {(told() or "").casefold()}
    if systems == {"linux"}:
        return "linux"
    return "windows" if systems == {"windows"} else "unknown"
