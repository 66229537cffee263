"""Which known defects the versions of this machine have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from backuptrace.knowledge.shapes import ReleaseShape

FACTS = {"agent": ("agent_version", "agent_package_version"), "extension": ("extension_version",)}
"""Program -> the facts that tell which release of it runs; the first known one counts."""


def defects(releases: Iterable[ReleaseShape], facts: Mapping[str, str]) -> Iterator[tuple[ReleaseShape, str]]:
    """(release, name of the fact that gave it away) for each that fits the facts, in the order of the table."""
    for release in releases:
        name = next((name for name in FACTS[release.program] if name in facts), "")
        wanted = {name: release.version, **release.only}
        if all(key in facts and re.fullmatch(value, facts[key]) for key, value in wanted.items()):
            yield release, name
