"""Many patterns over a block of bytes in one pass, behind one interface.

`Matcher.scan(block)` gives (pattern index, end offset) pairs in order of the end offset; one match a line and pattern is enough
for its users, more may come. All engines take the `block` form of `lineregex` and give the same lines (by test).
"""

from __future__ import annotations

import os
from typing import Protocol

import msgspec

from backuptrace.errors import UsageError

Hits = list[tuple[int, int]]
ENGINES = ("hyperscan", "re2", "re")
"""From the fastest to the one that is always there."""


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


def chosen(engine: str | None = None) -> str:
    """The engine that `compile_patterns` takes: the one asked for, by argument or $BACKUPTRACE_ENGINE, else the fastest that is installed.

    Raises UsageError for an unknown name and for an engine that is not installed.
    """
    wanted = engine or os.environ.get("BACKUPTRACE_ENGINE") or ""
    if wanted and wanted not in ENGINES:
        raise UsageError("no such engine", where=wanted, fix=f"take one of {', '.join(ENGINES)}")
    for name in (wanted,) if wanted else ENGINES:
        try:
            _kind(name)
        except ImportError as error:
            if wanted:
                package = {"re2": "google-re2"}.get(wanted, wanted)
                raise UsageError("the engine is not installed", where=wanted, why=str(error), fix=f"pip install {package}, or take another one") from error
        else:
            return name
    return ENGINES[-1]


def compile_patterns(patterns: list[Pattern], *, compiled: bytes | None = None, engine: str | None = None) -> Matcher:
    """The patterns in the engine that `chosen` names; `compiled` is a cached form, rebuilt when it does not fit.

    A caller that keeps `compiled` forms must keep them by their patterns: a sound form of other patterns is not noticed.
    Raises ValueError with the engine's words and the index of the pattern that it refuses; UsageError as `chosen`.
    """
    return _kind(chosen(engine))(patterns, compiled)


class _Made(Protocol):
    def __call__(self, patterns: list[Pattern], compiled: bytes | None = None) -> Matcher: ...


def _kind(name: str) -> _Made:
    """The class of an engine. Raises ImportError where it is not installed."""
    if name == "hyperscan":
        from backuptrace.matcher.hyperscan_engine import HyperscanMatcher

        return HyperscanMatcher
    if name == "re2":
        from backuptrace.matcher.re2_engine import Re2Matcher

        return Re2Matcher
    from backuptrace.matcher.re_engine import ReMatcher

    return ReMatcher
