"""Which known defects the versions of this machine have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from backuptrace.knowledge.shapes import ReleaseShape

FACTS = {"agent": ("agent_version", "agent_package_version"), "extension": ("extension_version",)}
"""Program -> the facts that tell which release of it runs; the first known one counts."""


def defects(releases: Iterable[ReleaseShape], facts: Mapping[str, str]) -> Iterator[tuple[ReleaseShape, str]]:
    """(release, name of the fact that gave it away) for each that fits the facts, in the order of the table."""
    known = {program: next((name for name in names if name in facts), "") for program, names in FACTS.items()}
    for release in releases:
        name = known[release.program]
        if name and re.fullmatch(release.version, facts[name]) and all(key in facts and re.fullmatch(value, facts[key]) for key, value in release.only.items()):
            yield release, name
