"""What follows from a pack alone is made once, not for every bundle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, final

from backuptrace.knowledge.compiled import Format, Pack

MOST_PACKS = 4
"""Packs that are remembered: one process seldom has two."""
T = TypeVar("T")


@final
class Derived(Generic[T]):
    """`make(pack)`, remembered for the packs of the last calls. A pack never changes, and is known by its identity: it is large."""

    def __init__(self, make: Callable[[Pack], T]) -> None:
        self._make = make
        self._made: list[tuple[Pack, T]] = []

    def __call__(self, pack: Pack) -> T:
        """The value for this pack."""
        for known, value in self._made:
            if known is pack:
                return value
        value = self._make(pack)
        self._made = [(pack, value), *self._made[: MOST_PACKS - 1]]
        return value


formats_of: Derived[dict[str, Format]] = Derived(lambda pack: {shape.id: shape for shape in pack.formats})
"""Pack -> its formats by their ids."""
