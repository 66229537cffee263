"""Three truth values: True, False and None (unknown), joined as Kleene does."""

from __future__ import annotations

from collections.abc import Iterable

from backuptrace.knowledge.when import Cmp

Truth = bool | None


def both(items: Iterable[Truth]) -> Truth:
    """False if any is false, else unknown if any is unknown, else True."""
    seen = set(items)
    if False in seen:
        return False
    return None if None in seen else True


def either(items: Iterable[Truth]) -> Truth:
    """True if any is true, else unknown if any is unknown, else False."""
    seen = set(items)
    if True in seen:
        return True
    return None if None in seen else False


def negation(item: Truth) -> Truth:
    """Unknown stays unknown."""
    return None if item is None else not item


def compare(value: int, cmp: Cmp, n: int) -> bool:
    """`value cmp n`."""
    if cmp == ">=":
        return value >= n
    if cmp == ">":
        return value > n
    if cmp == "==":
        return value == n
    return value < n if cmp == "<" else value <= n


def compare_known(value: int, cmp: Cmp, n: int, complete: bool) -> Truth:
    """The comparison when `value` is what was seen: all of it if `complete`, else a lower bound."""
    if complete or (cmp in (">=", ">") and compare(value, cmp, n)):
        return compare(value, cmp, n)
    if (cmp in ("<=", "==") and value > n) or (cmp == "<" and value >= n):
        return False
    return None
