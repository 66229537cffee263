r"""All patterns in one Hyperscan database, block mode, bytes.

Facts of the engine that shape this file (each has a test): no `literal` flag (it cuts a pattern at its first NUL); no UTF8 flag (undefined
on invalid input); one Scratch a thread; an exception raised in the callback comes out of `scan`; the order of the matches is not promised.

Vectorscan 5.4.12 (in hyperscan 0.9) misses a match whose last two bytes are the last two of a block of 17 bytes or more, where it waits for
a pair of classes (`:\s`, `A$`): https://github.com/VectorCamp/vectorscan/issues/358, /382 and the pull requests 368 and 375 (the last
64 bytes with AVX-512). No match is lost before the end, so the last lines of every block are scanned once more with newlines behind them.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import hyperscan

from backuptrace.matcher import Hits, Pattern

_end = itemgetter(1)
_TAIL = 256
"""Bytes at the end of a block that are scanned twice, at least."""
_PADDING = b"\n" * 128


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
        if self._database is None or not len(block):
            return []
        hits = self._found(block)
        tail = _last_lines(block)
        start = len(block) - len(tail)
        if again := self._found(tail + _PADDING):
            seen = {hit for hit in hits if hit[1] > start}
            hits += [hit for index, end in again if (hit := (index, start + end)) not in seen]
        hits.sort(key=_end)
        return hits

    def _found(self, data: bytes | memoryview) -> Hits:
        hits: Hits = []
        append = hits.append

        def found(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
            append((index, end))

        self._database.scan(data, match_event_handler=found)
        return hits

    def dump(self) -> bytes | None:
        """Serialised database; fits the same version of the engine and the same kind of processor only."""
        return None if self._database is None else bytes(hyperscan.dumpb(self._database))


def _last_lines(block: memoryview) -> bytes:
    """The last `_TAIL` bytes, from the start of their first line on."""
    size = _TAIL
    while size < len(block):
        tail = bytes(block[-2 * size :])
        if (cut := tail.rfind(b"\n", 0, len(tail) - size)) >= 0:
            return tail[cut + 1 :]
        size *= 2
    return bytes(block)


def _load(compiled: bytes) -> hyperscan.Database | None:
    """The database of a serialised form; None for a damaged one, or one of another version or processor."""
    try:
        database = hyperscan.loadb(compiled, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        database.scan(b"\n", match_event_handler=_ignored)  # the mode is not looked at before
    except hyperscan.error:
        return None
    return database


def _ignored(*_hit: object) -> None:
    """For a scan that is only a trial."""


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
