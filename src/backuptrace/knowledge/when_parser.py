"""From the text of a `when` to its tree, with advice where the text is wrong.

The only module that needs lark; a scan with a warm cache never imports it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar, cast

from backuptrace.errors import BackuptraceError
from backuptrace.knowledge import when as ast
from backuptrace.model import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
LONGEST = 3650 * DAY
LONGEST_TEXT, DEEPEST, MOST = 4000, 60, 1_000_000_000
_RESERVED = "if a selection has this name, rename it"
_FORM = "write a number and a unit: 30s, 5m, 2h or 1d"


class WhenError(BackuptraceError):
    """A `when` that cannot be understood; `column` counts from 1 in `text`, in which every white space is one blank."""

    exit_status = 3

    def __init__(self, what: str, column: int, fix: str = "", text: str = "") -> None:
        super().__init__(what, where=f"column {column}", fix=fix)
        self.column, self.text = column, text

    def caret(self) -> str:
        """The expression with a mark under the place, on two lines."""
        return f"{self.text}\n{' ' * (self.column - 1)}^"


def parse(text: str, selections: Collection[str], formats: Collection[str]) -> ast.When:
    """The tree of an expression over these selections and format ids.

    Raises WhenError for the first mistake. Globs are expanded in the order of `selections`.
    """
    from lark.exceptions import UnexpectedInput

    flat = re.sub(r"\s", " ", text).rstrip()
    try:
        _check_outline(flat)
        try:
            tree = _grammar().parse(flat)
        except UnexpectedInput as wrong:
            raise _syntax_error(wrong, flat) from None
        _check_depth(tree)
        node = _Builder(tuple(selections), formats).build(tree)
    except WhenError as wrong:
        wrong.text = flat[:LONGEST_TEXT]
        raise
    return node


@cache
def _grammar() -> Lark:
    from lark import Lark

    grammar = files(__package__).joinpath("when.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False)


def _check_outline(text: str) -> None:
    if not text.strip():
        raise WhenError("the expression is empty", 1, "name at least one selection")
    if len(text) > LONGEST_TEXT:
        raise WhenError(f"the expression is longer than {LONGEST_TEXT} characters", LONGEST_TEXT, "split it into several verdicts")
    opened: list[int] = []
    for at, char in enumerate(text, 1):
        if char == "(":
            opened.append(at)
        elif char == ")":
            if not opened:
                raise WhenError("this `)` closes nothing", at, "remove it, or open a `(` before")
            opened.pop()
    if opened:
        raise WhenError("this `(` is never closed", opened[-1], "add the missing `)`")


def _check_depth(tree: Any) -> None:
    """Later passes recurse: a hostile expression must not reach the interpreter's limit."""
    layer, depth = [tree], 0
    while layer:
        if (depth := depth + 1) > DEEPEST:
            raise WhenError(f"nested more than {DEEPEST} deep", layer[0].meta.start_pos + 1, "split the expression into several verdicts")
        layer = [child for node in layer for child in node.children if hasattr(child, "children")]


class _Builder:
    """Tree of the grammar -> nodes; one method for each rule."""

    operators: ClassVar[dict[str, str]] = {
        "hit": "plain", "any_of": "plain", "one_of": "plain", "first": "operand", "last": "operand",
    }  # fmt: skip

    def __init__(self, selections: tuple[str, ...], formats: Collection[str]) -> None:
        self.selections, self.formats = selections, formats
        self.keys: dict[str, str] = {}

    def build(self, tree: Tree[Token]) -> ast.When:
        made: ast.When = getattr(self, self.operators.get(tree.data, tree.data))(tree)
        return made

    # operands

    def name(self, token: Token) -> str:
        name = str(token)
        if name in ast.KEYWORDS:
            raise WhenError(f"`{name}` is a word of the language and does not fit here", _column(token), _RESERVED)
        if name in self.selections:
            return name
        close = get_close_matches(name, self.selections, 1, 0.6)
        if close:
            fix = f"did you mean `{close[0]}`?"
        else:
            fix = "known are: " + ", ".join(self.selections) if self.selections else "declare it under `select`"
        raise WhenError(f"unknown selection `{name}`", _column(token), fix)

    def matching(self, pattern: Tree[Token]) -> tuple[str, ...]:
        token = _token(pattern)
        if token.type == "NAME":
            return (self.name(token),)
        glob = "*" if token.type == "THEM" else str(token)
        names = tuple(name for name in self.selections if fnmatchcase(name, glob))
        if not names:
            fix = "known are: " + ", ".join(self.selections) if self.selections else "declare selections under `select`"
            raise WhenError(f"no selection matches `{token}`", _column(token), fix)
        return names

    def plain(self, tree: Tree[Token]) -> ast.Plain:
        if tree.data == "one_of":
            names = self.matching(_subtree(tree, 0))
        else:
            names = tuple(dict.fromkeys(self.name(cast("Token", token)) for token in tree.children))
        return ast.Hit(names[0]) if len(names) == 1 else ast.Union(names)

    def operand(self, tree: Tree[Token]) -> ast.Operand:
        if tree.data in ("first", "last"):
            inner = self.plain(_subtree(tree, 0))
            return ast.First(inner) if tree.data == "first" else ast.Last(inner)
        return self.plain(tree)

    def all_of(self, tree: Tree[Token]) -> ast.When:
        names = self.matching(_subtree(tree, 0))
        return ast.Hit(names[0]) if len(names) == 1 else ast.And(tuple(map(ast.Hit, names)))

    # relations

    def chain(self, tree: Tree[Token], within: int | None = None) -> ast.Then:
        return ast.Then(tuple(self.operand(cast("Tree[Token]", step)) for step in tree.children), within)

    def chain_within(self, tree: Tree[Token]) -> ast.Then:
        return self.chain(_subtree(tree, 0), _duration(_token(_subtree(tree, 1)), "the window"))

    def then_no(self, tree: Tree[Token]) -> ast.ThenNo:
        a, no, b, *window = tree.children
        return ast.ThenNo(self.operand(_tree(a)), self.plain(_tree(b)), _needed(window, "then no", cast("Token", no)))

    def near(self, tree: Tree[Token]) -> ast.Near:
        a, b, *window = tree.children
        return ast.Near(self.operand(_tree(a)), self.operand(_tree(b)), _needed(window, "near", _tree(b)))

    def no_before(self, tree: Tree[Token]) -> ast.NoBefore:
        a, no, x, *window = tree.children
        return ast.NoBefore(self.operand(_tree(a)), self.plain(_tree(x)), _needed(window, "with no .. before", cast("Token", no)))

    def count(self, tree: Tree[Token]) -> ast.Count:
        op, cmp, amount = self.plain(_subtree(tree, 0)), cast("Token", tree.children[1]), cast("Token", tree.children[2])
        within, by = _options(tree.children[3:])
        for name in ast.operand_names(op) if by is not None else ():
            self.key(name, cast("Token", by))
        return ast.Count(op, cast("ast.Cmp", str(cmp)), _number(amount, cmp), within, None if by is None else str(by))

    def distinct(self, tree: Tree[Token]) -> ast.Distinct:
        name, field, cmp, amount, *rest = (cast("Token", child) for child in tree.children)
        known = self.name(name)
        self.key(known, field)
        return ast.Distinct(known, str(field), cast("ast.Cmp", str(cmp)), _number(amount, cmp), _options(rest)[0])

    def key(self, name: str, field: Token) -> None:
        """Remember the field by which a selection's hits are told apart; the index of hits holds one."""
        if self.keys.setdefault(name, str(field)) != str(field):
            what = f"`{name}` is told apart by `{self.keys[name]}` already"
            raise WhenError(what, _column(field), "one selection can be counted by one field: declare a second selection")

    def silence(self, tree: Tree[Token]) -> ast.Silence:
        name, cmp, amount = (cast("Token", child) for child in tree.children)
        if str(name) not in self.formats:
            close = get_close_matches(str(name), list(self.formats), 1, 0.6)
            fix = f"did you mean `{close[0]}`?" if close else "`silence` takes the id of a log format, not a selection"
            raise WhenError(f"unknown format `{name}`", _column(name), fix)
        return ast.Silence(str(name), cast("ast.Cmp", str(cmp)), _duration(amount, "the silence"))

    # logic

    def items(self, tree: Tree[Token]) -> tuple[ast.When, ...]:
        return tuple(self.build(_tree(child)) for child in tree.children)

    def either(self, tree: Tree[Token]) -> ast.Or:
        return ast.Or(self.items(tree))

    def both(self, tree: Tree[Token]) -> ast.And:
        return ast.And(self.items(tree))

    def negation(self, tree: Tree[Token]) -> ast.Not:
        return ast.Not(*self.items(tree))

    def exception(self, tree: Tree[Token]) -> ast.Unless:
        return ast.Unless(*self.items(tree))

    def in_attempt(self, tree: Tree[Token]) -> ast.Scoped:
        return ast.Scoped(self.items(tree)[0], "attempt")

    def at_failure(self, tree: Tree[Token]) -> ast.Scoped:
        return ast.Scoped(self.items(tree)[0], "failure")


def _tree(child: object) -> Tree[Token]:
    return cast("Tree[Token]", child)


def _subtree(tree: Tree[Token], at: int) -> Tree[Token]:
    return _tree(tree.children[at])


def _token(tree: Tree[Token]) -> Token:
    return cast("Token", tree.children[0])


def _column(place: Token | Tree[Token]) -> int:
    start = place.meta.start_pos if hasattr(place, "meta") else place.start_pos
    return (start or 0) + 1


def _options(rest: list[Any]) -> tuple[int | None, Token | None]:
    """(within in microseconds, token of the `by` field) of the trees behind a comparison."""
    found = {tree.data: _token(tree) for tree in rest}
    window = found.get("window")
    return (None if window is None else _duration(window, "the window")), found.get("by")


def _needed(window: list[Any], relation: str, place: Token | Tree[Token]) -> int:
    if not window:
        raise WhenError(f"`{relation}` needs a `within`", _column(place), "say how long: `within 10m`")
    return _duration(_token(window[0]), "the window")


def _duration(token: Token, role: str) -> int:
    digits, unit = re.fullmatch(r"([0-9]+)([A-Za-z]*)", str(token)).groups()  # type: ignore[union-attr]
    if unit not in UNITS:
        what = f"unknown unit `{unit}`" if unit else f"`{token}` has no unit"
        raise WhenError(what, _column(token) + len(digits) * bool(unit), _FORM)
    length = int(digits) * UNITS[unit]
    if length == 0:
        raise WhenError(f"{role} is zero", _column(token), "the shortest is 1s: times are compared in whole seconds")
    if length > LONGEST:
        raise WhenError(f"{role} is longer than ten years", _column(token), _FORM)
    return length


def _number(token: Token, cmp: Token) -> int:
    if not token.isdigit():
        raise WhenError(f"`{token}` is not a number", _column(token), "`count` and `distinct` are compared with a whole number")
    n = int(token)
    if n == 0 and cmp in (">=", "<"):
        raise WhenError(f"`{cmp} 0` is {'always' if cmp == '>=' else 'never'} true", _column(cmp), "compare with 1 or more, or use `== 0`")
    if n > MOST:
        raise WhenError(f"no log holds more than {MOST} hits", _column(token), "use a smaller number")
    return n


# What stands there -> advice. The word before the place is looked up first, then the word at the place.
_AFTER = {
    "within": ("`within` needs a duration", _FORM),
    "by": ("`by` needs the name of a field", "for example `by taskId`"),
    "of": ("`of` needs selections", "write a glob like `net_*`, or `them`"),
    "then": ("`then` needs a selection on its right", "for example `a then b within 10m`; several as any(b, c)"),
    "no": ("`no` needs a selection", "for example `a then no b within 10m`; several as any(b, c)"),
    "near": ("`near` needs a selection on its right", "for example `a near b within 10m`; several as any(b, c)"),
    "with": ("`with` goes on with `no`", "for example `a with no x before within 10m`"),
    "in": ("`in` goes on with `attempt`", "write `in attempt`"),
    "at": ("`at` goes on with `failure`", "write `at failure`"),
    "silence": ("`silence` needs a format in parentheses", "for example `silence(waagent) >= 2h`"),
    "all": ("`all` goes on with `of`", "write `all of net_*` or `all of them`"),
    "any": ("`any` needs selections in parentheses", "for example `any(a, b)`"),
    "first": ("`first` needs a selection in parentheses", "for example `first(a)` or `first(any(a, b))`"),
    "last": ("`last` needs a selection in parentheses", "for example `last(a)` or `last(any(a, b))`"),
    "count": ("`count` needs a selection in parentheses", "for example `count(a) >= 3`"),
    "distinct": ("`distinct` needs a selection and a field in parentheses", "for example `distinct(a.taskId) >= 3`"),
}
_AT = {
    "then": ("the left side of `then` must be a selection", "several as any(a, b); a longer chain as `a then b then c`"),
    "near": ("the left side of `near` must be a selection", "several as any(a, b)"),
    "with": ("the left side of `with no` must be a selection", "several as any(a, b)"),
    "within": ("`within` has nothing to limit here", "it follows then, near, with no .. before, count(..) >= n and distinct(..) >= n"),
    "by": ("`by` has nothing to divide here", "it stands last after count(a) >= n within D"),
    "no": ("`no` stands only after `then` and `with`", "for an absence over the whole time write `not a`"),
}
_LEFT = frozenset({"and", "or", "unless", "then", "near", "with", "within", "by"})
_RIGHT = frozenset({"and", "or", "unless", "not"})
_COMPARE = ("comparisons are >= > == < <=", "they stand after count(a), distinct(a.field) and silence(format)")
_NAMES = "names are made of the letters A to Z and a to z, digits and _, and stand without quotes"
_SIGNS = {"&": "and", "|": "or", "!": "not", ",": "and"}
_BETWEEN = ("and", "or", "unless", "then", "near", "with", "within")


def _syntax_error(wrong: Any, text: str) -> WhenError:
    """Advice for a place where the grammar does not go on: by the words before it, then by the word there."""
    ended = getattr(getattr(wrong, "token", None), "type", "") == "$END"
    at = len(text) if ended else min(getattr(wrong, "pos_in_stream", None) or 0, len(text))
    while at and re.fullmatch(r"\w\w", text[at - 1 : at + 1]) and not ended:
        at -= 1  # the lexer stopped inside a word
    before = [(found[0], found.start()) for found in re.finditer(r"\w+|[<>=]+|\S", text[:at])]
    words = [word for word, _ in before]
    if words and words[-1] in _LEFT and (len(words) == 1 or words[-2] == "("):
        return WhenError(f"`{words[-1]}` needs an expression on its left", before[-1][1] + 1, "name a selection, or drop the word")
    if words[-1:] == ["no"] and (len(words) == 1 or words[-2] not in ("then", "with")):
        return WhenError(_AT["no"][0], before[-1][1] + 1, _AT["no"][1])
    if words[-1:] == ["not"] and words[-2:-1] and words[-2] in ("then", "near", "no"):
        return WhenError(f"`not` does not fit behind `{words[-2]}`", before[-1][1] + 1, "for an absence write `a then no b within 10m`")
    match = re.match(r"\w+|[<>=!~]+|.", text[at:])
    what, fix = _advice(words, match[0] if match else "")
    return WhenError(what, at + 1, fix)


def _advice(before: list[str], here: str) -> tuple[str, str]:
    """(what, fix) for the word `here` ("" at the end) behind the words `before`."""
    last = before[-1] if before else ""
    misfit = f"`{here}` does not fit here" if here else "the expression ends too early"
    comparing = bool(re.fullmatch(r"[<>=!~]+", here)) and here != "!"
    if last in _AFTER:
        return _AFTER[last]
    if last in (">=", ">", "==", "<=", "<") and not comparing:
        return f"`{last}` needs a number", "for example `count(a) >= 3`, `silence(waagent) >= 2h`"
    if last in _RIGHT:
        return f"`{last}` needs an expression on its right", "name a selection, or drop the word"
    if (call := _called(before)) in ("count", "distinct", "silence") and not comparing:
        return f"`{call}(..)` needs a comparison", "for example `count(a) >= 3`, `silence(waagent) >= 2h`"
    if comparing:
        return misfit, "; ".join(_COMPARE)
    if (call := _open_call(before)) == "distinct":
        return misfit, "`distinct` takes one selection and a field: `distinct(a.taskId) >= 3`"
    if call in ("count", "any", "first", "last") and here != "*":
        return misfit, f"in `{call}(..)` stand names of selections only" + ("" if call == "any" else ", several as any(a, b)")
    if last.isdigit() and before[-2:-1] == ["within"] and here in UNITS:
        return f"a blank between `{last}` and `{here}`", f"write `{last}{here}`"
    if here[:1].isdigit() or (last.isdigit() and here == "of") or last == "1":
        return misfit, "numbers stand in `1 of net_*`, `count(a) >= 3` and `within 5m`; for more of them say `all of net_*` or `a and b`"
    if here == "*":
        return misfit, "a glob stands behind `1 of` or `all of`: `1 of net_*`"
    return _advice_for_word(misfit, here)


def _advice_for_word(misfit: str, here: str) -> tuple[str, str]:
    if here in _AT:
        return _AT[here]
    if here in ast.KEYWORDS:
        return f"`{here}` is a word of the language and does not fit here", _RESERVED
    if here in _SIGNS:
        return misfit, f"write `{_SIGNS[here]}`"
    if re.fullmatch(r"\w+", here, re.ASCII):
        close = get_close_matches(here.lower(), _BETWEEN, 1, 0.6) if len(here) > 2 else []
        return misfit, f"did you mean `{close[0]}`?" if close else "join two expressions with and, or, unless, then, near"
    return misfit, _NAMES if here else "something is missing at the end"


def _called(before: list[str]) -> str:
    """The word before the parentheses that the last `)` closes."""
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        depth += (before[at] == ")") - (before[at] == "(")
        if depth <= 0:
            return before[at - 1] if at and before[-1] == ")" else ""
    return ""


def _open_call(before: list[str]) -> str:
    """The word before the parenthesis that is still open, "" outside all of them."""
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        depth += (before[at] == ")") - (before[at] == "(")
        if depth < 0:
            return before[at - 1] if at else ""
    return ""
