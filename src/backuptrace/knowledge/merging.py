"""Fewer patterns for the engine: what hits only lines that another pattern hits is asked there, by its exact test.

Each match costs as much as the search of a kilobyte, and lines that many selections know (`Azure Linux Agent Version: 2.9`) had one for each.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from backuptrace.knowledge.compiled import Watched
from backuptrace.matcher import Pattern
from backuptrace.matcher.implied import Spelled

LEAST = 12
"""Certain characters in a row of a pattern that stands for others: a weak one hits too many lines for their tests."""
MOST = 8
"""Patterns that one stands for: on a line that was never seen the tests of all are made."""


def merged(patterns: Sequence[Pattern], watch: Sequence[list[Watched]], apart: Collection[int]) -> tuple[list[Pattern], list[list[Watched]]]:
    """The patterns that are left, and what each of them watches. apart: those (by index) that stay as they are and stand for no other."""
    spelled = [Spelled(pattern) for pattern in patterns]
    stands: dict[int, list[int]] = {}
    for number in sorted(range(len(patterns)), key=lambda number: spelled[number].atoms):
        by = None
        if number not in apart:
            able = (other for other, others in stands.items() if other not in apart and spelled[other].certain >= LEAST and len(others) <= MOST)
            by = next((other for other in able if spelled[number].implies(spelled[other])), None)
        stands.setdefault(number if by is None else by, []).append(number)
    left = sorted(stands)
    return [patterns[number] for number in left], [[said for other in stands[number] for said in watch[other]] for number in left]
