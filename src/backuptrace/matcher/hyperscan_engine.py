"""All patterns in one Hyperscan database, block mode, bytes.

Facts of the engine that shape this file (each has a test): no `literal` flag (it cuts a pattern at its first NUL); no UTF8 flag (undefined
on invalid input); one Scratch a thread; an exception raised in the callback comes out of `scan`; the order of the matches is not promised.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import hyperscan

from backuptrace.matcher import Hits, Pattern

_end = itemgetter(1)


class HyperscanMatcher:
    """See `matcher.Matcher`."""

    engine = "hyperscan"

    def __init__(self, patterns: list[Pattern], compiled: bytes | None = None) -> None:
        # Any: the binding takes every readable buffer, its annotations say str and bytes only.
        self._database: Any = None
        if patterns and compiled is not None:
            self._database = _load(compiled)
        if patterns and self._database is None:
            self._database = _compile(patterns)

    def scan(self, block: memoryview) -> Hits:
        """Every (pattern index, end offset), by end offset."""
        hits: Hits = []
        if self._database is None:
            return hits
        append = hits.append

        def found(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
            append((index, end))

        self._database.scan(block, match_event_handler=found)
        hits.sort(key=_end)
        return hits

    def dump(self) -> bytes | None:
        """Serialised database; fits the same version of the engine and the same kind of processor only."""
        return None if self._database is None else bytes(hyperscan.dumpb(self._database))


def _load(compiled: bytes) -> hyperscan.Database | None:
    """The database of a serialised form; None for a damaged one, or one of another version or processor."""
    try:
        database = hyperscan.loadb(compiled, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.error:
        return None
    return database


def _compile(patterns: list[Pattern]) -> hyperscan.Database:
    try:
        return _database(patterns)
    except hyperscan.error as error:
        culprit = next((f"pattern {index}" for index, pattern in enumerate(patterns) if _refused(pattern)), "the patterns together")
        raise ValueError(f"the matcher refuses {culprit}: {error}") from error


def _refused(pattern: Pattern) -> bool:
    try:
        _database([pattern])
    except hyperscan.error:
        return True
    return False


def _database(patterns: list[Pattern]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = [hyperscan.HS_FLAG_MULTILINE | (hyperscan.HS_FLAG_CASELESS if p.ignore_case else 0) for p in patterns]
    database.compile(expressions=[p.block.encode("ascii") for p in patterns], ids=list(range(len(patterns))), elements=len(patterns), flags=flags)
    return database
