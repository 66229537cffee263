"""Many patterns over a block of bytes in one pass, behind one interface.

`Matcher.scan(block)` gives (pattern index, end offset) pairs in order of the end offset; one match a line and pattern is enough
for its users, more may come. Both engines take the `block` form of `lineregex` and give the same lines (by test).
"""

from __future__ import annotations

from typing import Protocol

import msgspec

Hits = list[tuple[int, int]]


class Pattern(msgspec.Struct, frozen=True):
    """A `lineregex` block form and whether ASCII case is ignored."""

    block: str
    ignore_case: bool = False


class Matcher(Protocol):
    """Patterns compiled into one engine; not to be shared between threads."""

    engine: str

    def scan(self, block: memoryview) -> Hits:
        """Every (pattern index, end offset in bytes) in the block, by end offset."""
        ...

    def dump(self) -> bytes | None:
        """The compiled form for the cache, None where the engine has none."""
        ...


def compile_patterns(patterns: list[Pattern], *, compiled: bytes | None = None, engine: str | None = None) -> Matcher:
    """The fastest engine at hand (`hyperscan`, else `re`); `compiled` is a cached form, rebuilt when it does not fit.

    A caller that keeps `compiled` forms must keep them by their patterns: a sound form of other patterns is not noticed.
    Raises ValueError with the engine's words and the index of the pattern that it refuses.
    """
    if engine != "re":
        try:
            from backuptrace.matcher.hyperscan_engine import HyperscanMatcher
        except ImportError:
            if engine == "hyperscan":
                raise
        else:
            return HyperscanMatcher(patterns, compiled)
    from backuptrace.matcher.re_engine import ReMatcher

    return ReMatcher(patterns)
