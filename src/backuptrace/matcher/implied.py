"""Whether a pattern hits only lines that another one hits, too: `Azure Agent [0-9]` hits none that `Azure Agent` does not hit."""

from __future__ import annotations

from dataclasses import replace

from backuptrace.matcher import Pattern
from backuptrace.matcher.lineregex import written
from backuptrace.matcher.regexsyntax import Branches, Item, parse

MOST = 16
"""Branches of a pattern that are compared."""


class Spelled:
    """A pattern to be compared with others. atoms: of its shortest branch; certain: how many plain characters in a row each of its matches holds."""

    __slots__ = ("_branches", "_ignore_case", "atoms", "certain")

    def __init__(self, pattern: Pattern) -> None:
        branches = _laid_open(parse(pattern.block, ignore_case=pattern.ignore_case, block=True)[0])
        self._ignore_case = pattern.ignore_case
        self._branches = [(branch, _plain(branch)) for branch in branches]
        self.atoms = min(map(len, branches))
        self.certain = min(len(_longest(plain)) for _, plain in self._branches)

    def implies(self, other: Spelled) -> bool:
        """Whether each match of this pattern holds a match of the other, as far as comparing them atom by atom can tell."""
        if self._ignore_case > other._ignore_case:
            return False
        return all(any(_longest(run) in plain and _holds(branch, inner) for inner, run in other._branches) for branch, plain in self._branches)


def _laid_open(branches: Branches) -> Branches:
    """The pattern without groups that are there once or not at all: one branch for each of their alternatives, unless these are too many."""
    out: Branches = []
    for branch in branches:
        opened: Branches = [[]]
        for item in branch:
            choices: Branches = [[item]]
            if item.group is not None and item.high == 1:
                choices = _laid_open(item.group) + [[]] * (item.low == 0)
            elif (item.low, item.high) == (0, 1):
                choices = [[replace(item, low=1)], []]
            opened = [[*before, *choice] for before in opened for choice in (choices if len(opened) * len(choices) <= MOST else [[item]])]
        out += opened
    return out


def _plain(branch: list[Item]) -> str:
    """The branch with its certain characters in small letters, and NUL for everything else."""
    return "".join(chr(min(item.values)).lower() if item.plain and (item.low, item.high) == (1, 1) else "\0" for item in branch)


def _longest(plain: str) -> str:
    return max(plain.split("\0"), key=len)


def _holds(outer: list[Item], inner: list[Item]) -> bool:
    last = len(inner) - 1
    return any(
        all(_takes(one, outer[at + n], end=n in (0, last)) for n, one in enumerate(inner))
        for at in range(len(outer) - last)
    )  # fmt: skip


def _takes(one: Item, other: Item, *, end: bool) -> bool:
    """Whether an atom takes all that another one takes: classes are compared, everything else must be the same. end: of a repeat it may take one turn."""
    if one.values and other.values:
        times, alike = (one.low, one.high), (one.low, one.high) == (other.low, other.high)
        return one.values >= other.values and (alike or (end and times == (1, 1) and other.low >= 1))
    return written(one) == written(other)
