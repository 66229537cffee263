"""The same with the standard library alone: slow, for machines without an engine and as the reference in tests."""

from __future__ import annotations

import re
from operator import itemgetter

from backuptrace.matcher import Hits, Pattern

_end = itemgetter(1)


class ReMatcher:
    """See `matcher.Matcher`."""

    engine = "re"

    def __init__(self, patterns: list[Pattern], compiled: bytes | None = None) -> None:
        del compiled  # this engine keeps none
        self._patterns = [_compile(index, pattern) for index, pattern in enumerate(patterns)]

    def scan(self, block: memoryview) -> Hits:
        """Every (pattern index, end offset), by end offset."""
        hits = [(index, match.end()) for index, pattern in enumerate(self._patterns) for match in pattern.finditer(block)]
        hits.sort(key=_end)
        return hits

    def dump(self) -> bytes | None:
        """Nothing to keep."""
        return None


def _compile(index: int, pattern: Pattern) -> re.Pattern[bytes]:
    try:
        return re.compile(pattern.block.encode("ascii"), re.MULTILINE | (re.IGNORECASE if pattern.ignore_case else 0))
    except re.error as error:
        raise ValueError(f"the matcher refuses pattern {index}: {error}") from error
