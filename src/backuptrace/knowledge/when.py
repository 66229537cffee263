"""The temporal language as data: what a parsed `when` expression is.

Every node is a frozen msgspec struct with its class name as tag, so the tree goes into the cache as JSON
(`msgspec.json.encode(node)`, `msgspec.json.decode(data, type=When)`). Durations are integer microseconds.
The text form is read by `when_parser`; this module needs no grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

Cmp = Literal[">=", ">", "==", "<", "<="]

KEYWORDS = frozenset(
    {
        *("after", "all", "and", "any", "at", "attempt", "before", "by", "count", "distinct", "failure", "first", "in", "last"),
        *("near", "no", "not", "of", "or", "silence", "them", "then", "unless", "with", "within"),
    }
)
"""Words that no selection may have as its name (`after` is kept free for later)."""


class Hit(msgspec.Struct, frozen=True, tag=True):
    """Some event of the selection; for a selection on a state source its truth."""

    name: str


class Union(msgspec.Struct, frozen=True, tag=True):
    """Some event of any of the selections, as one stream: `any(a, b)`, `1 of x_*`."""

    names: tuple[str, ...]


Plain = Hit | Union


class First(msgspec.Struct, frozen=True, tag=True):
    """Only the earliest known event of `op` inside the window."""

    op: Plain


class Last(msgspec.Struct, frozen=True, tag=True):
    """Only the latest known event of `op` inside the window."""

    op: Plain


Operand = Hit | Union | First | Last


class Then(msgspec.Struct, frozen=True, tag=True):
    """An event of each step, in this order; `within` spans the whole chain."""

    steps: tuple[Operand, ...]
    within: int | None = None


class ThenNo(msgspec.Struct, frozen=True, tag=True):
    """An event of `a` that no event of `b` follows within `within`."""

    a: Operand
    b: Plain
    within: int


class Near(msgspec.Struct, frozen=True, tag=True):
    """An event of each, at most `within` apart, in either order."""

    a: Operand
    b: Operand
    within: int


class NoBefore(msgspec.Struct, frozen=True, tag=True):
    """An event of `a` with no event of `x` in the `within` before it."""

    a: Operand
    x: Plain
    within: int


class Count(msgspec.Struct, frozen=True, tag=True):
    """The number of events (in the busiest `within`; of the busiest value of `by`) compared with `n`."""

    op: Plain
    cmp: Cmp
    n: int
    within: int | None = None
    by: str | None = None


class Distinct(msgspec.Struct, frozen=True, tag=True):
    """The number of different values of a field (in the busiest `within`) compared with `n`."""

    name: str
    field: str
    cmp: Cmp
    n: int
    within: int | None = None


class Silence(msgspec.Struct, frozen=True, tag=True):
    """The longest time without a record of the format compared with `duration`."""

    format: str
    cmp: Cmp
    duration: int


class And(msgspec.Struct, frozen=True, tag=True):
    """All of the items."""

    items: tuple[When, ...]


class Or(msgspec.Struct, frozen=True, tag=True):
    """At least one of the items."""

    items: tuple[When, ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """The item is known to be false."""

    item: When


class Unless(msgspec.Struct, frozen=True, tag=True):
    """`base`, except where `but` is known to be true; an unknown `but` does not stop it."""

    base: When
    but: When


class Scoped(msgspec.Struct, frozen=True, tag=True):
    """The item judged only on the judged attempt, or on the attempt's last 15 minutes (`failure`)."""

    item: When
    scope: Literal["attempt", "failure"]


class Defined(msgspec.Struct, frozen=True, tag=True):
    """An expression that stands under `define` in the signature. `text`: the name as it was called, such as `long_before_backup(fails)`;
    item: what it stands for. It is true, false or unknown as the item is.
    """

    text: str
    item: When


When = Hit | Union | First | Last | Then | ThenNo | Near | NoBefore | Count | Distinct | Silence | And | Or | Not | Unless | Scoped | Defined


def operand_names(op: Operand) -> tuple[str, ...]:
    """The selections whose events an operand takes."""
    if isinstance(op, Hit):
        return (op.name,)
    if isinstance(op, Union):
        return op.names
    return operand_names(op.op)


def nodes(node: When) -> Iterator[When]:
    """The node and all nodes below it that are expressions themselves (operands of a relation are not), top down."""
    yield node
    if isinstance(node, And | Or):
        for item in node.items:
            yield from nodes(item)
    elif isinstance(node, Not | Scoped | Defined):
        yield from nodes(node.item)
    elif isinstance(node, Unless):
        yield from nodes(node.base)
        yield from nodes(node.but)


def names_of(node: When) -> set[str]:
    """Every selection that the expression reads."""
    return {name for name, _ in _signed(node, 1)}


def positive_names(node: When) -> set[str]:
    """The selections whose events speak for the expression; neither absences nor the exception of an `unless`."""
    return {name for name, sign in _signed(node, 1) if sign > 0}


def absences(node: When) -> set[str]:
    """The selections whose absence speaks for it: under `not`, `then no`, `with no`, `count(..) < n`; not the exception of an `unless`."""
    return {name for name, sign in _signed(node, 1) if sign < 0}


def timed_names(node: When) -> set[str]:
    """The selections whose events need a time: all but those that stand alone as plain operands. One on a state source is a mistake."""
    return {name for part in nodes(node) if not isinstance(part, Hit | Union | And | Or | Not | Unless | Scoped | Defined) for name, _ in _signed(part, 1)}


def ordered_middles(node: When) -> set[str]:
    """The selections in the middle of a chain of three or more: both ends of a run would not do, each hit is stored by itself.

    `first(a)` and `last(a)` are the exact end of a run and need nothing.
    """
    return {
        name for part in nodes(node) if isinstance(part, Then) for step in part.steps[1:-1] if isinstance(step, Hit | Union) for name in operand_names(step)
    }


def keyed(node: When) -> dict[str, str]:
    """Selection -> the one field whose value its hits must carry (`by`, `distinct`). The parser refuses two fields for one selection."""
    return dict(keyed_pairs(node))


def keyed_pairs(node: When) -> Iterator[tuple[str, str]]:
    """Each (selection, field) of a `by` or `distinct`, in reading order."""
    for part in nodes(node):
        if isinstance(part, Count) and part.by is not None:
            for name in operand_names(part.op):
                yield name, part.by
        elif isinstance(part, Distinct):
            yield part.name, part.field


def renamed(node: When, rename: Callable[[str], str]) -> When:
    """The same expression with other names for its selections (names of a file -> keys of a pack)."""

    def plain(op: Plain) -> Plain:
        return Hit(rename(op.name)) if isinstance(op, Hit) else Union(tuple(map(rename, op.names)))

    def operand(op: Operand) -> Operand:
        if isinstance(op, First):
            return First(plain(op.op))
        return Last(plain(op.op)) if isinstance(op, Last) else plain(op)

    def expression(part: When) -> When:
        match part:
            case Hit() | Union() | First() | Last():
                return operand(part)
            case Then(steps, within):
                return Then(tuple(map(operand, steps)), within)
            case ThenNo(a, b, span):
                return ThenNo(operand(a), plain(b), span)
            case Near(a, near, span):
                return Near(operand(a), operand(near), span)
            case NoBefore(a, x, span):
                return NoBefore(operand(a), plain(x), span)
            case Count(op, cmp, n, within, by):
                return Count(plain(op), cmp, n, within, by)
            case Distinct(name, field, cmp, n, within):
                return Distinct(rename(name), field, cmp, n, within)
            case Silence():
                return part
            case And(items):
                return And(tuple(map(expression, items)))
            case Or(items):
                return Or(tuple(map(expression, items)))
            case Not(item):
                return Not(expression(item))
            case Unless(base, but):
                return Unless(expression(base), expression(but))
            case Scoped(item, scope):
                return Scoped(expression(item), scope)
            case Defined(text, item):
                return Defined(text, expression(item))

    return expression(node)


def _signed(node: When, sign: int) -> Iterator[tuple[str, int]]:
    """(selection, +1 its presence | -1 its absence | 0 its presence or absence only excuses) for each mention."""
    match node:
        case Hit() | Union() | First() | Last():
            yield from ((name, sign) for name in operand_names(node))
        case Then(steps):
            yield from ((name, sign) for step in steps for name in operand_names(step))
        case Near(a, b):
            yield from ((name, sign) for name in operand_names(a) + operand_names(b))
        case ThenNo(a, gone) | NoBefore(a, gone):
            yield from ((name, sign) for name in operand_names(a))
            yield from ((name, -sign) for name in operand_names(gone))
        case Count(op, cmp, n):
            yield from ((name, sign * compare_sign(cmp, n)) for name in operand_names(op))
        case Distinct(name, _, cmp, n):
            yield name, sign * compare_sign(cmp, n)
        case Silence():
            return
        case And(items) | Or(items):
            for item in items:
                yield from _signed(item, sign)
        case Not(item):
            yield from _signed(item, -sign)
        case Scoped(item) | Defined(_, item):
            yield from _signed(item, sign)
        case Unless(base, but):
            yield from _signed(base, sign)
            yield from _signed(but, 0)


def compare_sign(cmp: Cmp, n: int) -> int:
    """+1 if more events speak for the comparison, -1 if fewer do."""
    return -1 if cmp in ("<", "<=") or (cmp == "==" and n == 0) else 1
