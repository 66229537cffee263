"""Can a repeated group read one text in two ways? Then `re`, which tries them all, needs exponential time: `(a+)+`, `(a|ab|b)*`.

The test is the one of deterministic content models (Brüggemann-Klein and Wood 1998): no atom of the group may be followed by two atoms that
share a byte. It also refuses some harmless groups, such as `(ab|ac)+`; `a(b|c)` says the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from backuptrace.matcher.regexsyntax import Branches, Item


class _Part(NamedTuple):
    """A piece of the group: whether it may be empty, the places where it can begin and end."""

    empty: bool
    first: list[int]
    last: list[int]


_NOTHING = _Part(True, [], [])


def ambiguous(branches: Branches) -> bool:
    """Whether repeating the group any number of times leaves a choice that the next byte does not decide."""
    walk = _Walk()
    part = walk.branches(branches)
    walk.join(part, part)
    followers = [part.first, *walk.follow]
    return walk.twofold or part.empty or any(walk.shared(a, b) for places in followers for a, b in combinations(places, 2))


@dataclass
class _Walk:
    sets: list[frozenset[int]] = field(default_factory=list)
    follow: list[list[int]] = field(default_factory=list)
    twofold: bool = False

    def shared(self, a: int, b: int) -> bool:
        one, other = self.sets[a], self.sets[b]
        return bool(one & other) or (_letters(one) and _high(other)) or (_high(one) and _letters(other))

    def join(self, before: _Part, after: _Part) -> None:
        for place in before.last:
            self.follow[place] += after.first

    def branches(self, branches: Branches) -> _Part:
        parts = [self.sequence(branch) for branch in branches]
        self.twofold = self.twofold or sum(part.empty for part in parts) > 1
        return _Part(any(part.empty for part in parts), [p for part in parts for p in part.first], [p for part in parts for p in part.last])

    def sequence(self, items: list[Item]) -> _Part:
        whole = _NOTHING
        for item in items:
            if not item.anchor:
                whole = self.then(whole, self.repeated(item))
        return whole

    def then(self, before: _Part, after: _Part) -> _Part:
        self.join(before, after)
        first = before.first + after.first if before.empty else before.first
        return _Part(before.empty and after.empty, first, after.last + before.last if after.empty else after.last)

    def repeated(self, item: Item) -> _Part:
        """Each turn is written out: only the turn before leads to the next one."""
        turns = item.high if item.high is not None else max(item.low, 1)
        whole, turn, ends = _NOTHING, _NOTHING, list[int]()
        for number in range(1, turns + 1):
            before, turn = turn, self.once(item)
            self.twofold = self.twofold or (turn.empty and item.high != 1)
            if number == 1:
                whole = turn
            else:
                self.join(before, turn)
            if number >= item.low:
                ends += turn.last
        if item.high is None:
            self.join(turn, turn)
        return _Part(whole.empty or item.low == 0, whole.first, ends)

    def once(self, item: Item) -> _Part:
        if item.group is not None:
            return self.branches(item.group)
        self.sets.append(item.values)
        self.follow.append([])
        place = len(self.sets) - 1
        return _Part(False, [place], [place])


def _letters(values: frozenset[int]) -> bool:
    return max(values) > 255


def _high(values: frozenset[int]) -> bool:
    return any(127 < value < 256 for value in values)
