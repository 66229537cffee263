"""From the text of a `when` to its tree, with advice where the text is wrong.

The only module that needs lark; a scan with a warm cache never imports it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from backuptrace.errors import BackuptraceError
from backuptrace.knowledge import when as ast
from backuptrace.knowledge.when_advice import FORM, RESERVED, UNITS, advice
from backuptrace.model import DAY

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

LONGEST = 3650 * DAY
LONGEST_TEXT, DEEPEST, MOST = 4000, 60, 1_000_000_000
NOBODY = ast.Hit("")
LONGEST_WRITTEN = 20_000
"""Characters of the definitions that an expression uses, each counted as often as it is used: they may use each other."""


class WhenError(BackuptraceError):
    """A `when` that cannot be understood; `column` counts from 1 in `text`, in which every white space is one blank."""

    exit_status = 3

    def __init__(self, what: str, column: int, fix: str = "", text: str = "") -> None:
        super().__init__(what, where=f"column {column}", fix=fix)
        self.column, self.text = column, text

    def caret(self) -> str:
        """The expression with a mark under the place, on two lines."""
        return f"{self.text}\n{' ' * (self.column - 1)}^"


class Definition(NamedTuple):
    """What a name of `define` stands for: a text over the selections and its one `parameter` ("" if it has none), and the text's tree."""

    name: str
    parameter: str
    text: str
    tree: Tree[Token]


def parse(text: str, selections: Collection[str], formats: Collection[str], defined: Mapping[str, Definition] | None = None) -> ast.When:
    """The tree of an expression over these selections, format ids and definitions.

    Raises WhenError for the first mistake. Globs are expanded in the order of `selections`.
    """
    flat = _flat(text)
    try:
        return _Builder(tuple(selections), formats, defined or {}).build(_tree_of(flat))
    except WhenError as wrong:
        wrong.text = flat[:LONGEST_TEXT]
        raise


def define(name: str, parameter: str, text: str, selections: Collection[str], formats: Collection[str], defined: Mapping[str, Definition]) -> Definition:
    """A definition over these selections, format ids and definitions. Raises WhenError for the first mistake in its text."""
    flat = _flat(text)
    try:
        tree = _tree_of(flat)
        builder = _Builder(tuple(selections), formats, defined)
        builder.parameter, builder.argument = parameter, ast.Hit(parameter)
        node = builder.build(tree)
    except WhenError as wrong:
        wrong.text = flat[:LONGEST_TEXT]
        raise
    if parameter and parameter not in ast.names_of(node):
        raise WhenError(f"`{parameter}` is used nowhere in it", 1, f"use it, or declare `{name}` without it", flat)
    return Definition(name, parameter, flat, tree)


def _flat(text: str) -> str:
    return re.sub(r"\s", " ", text).rstrip()


def _tree_of(flat: str) -> Tree[Token]:
    from lark.exceptions import UnexpectedInput

    _check_outline(flat)
    try:
        tree = _grammar().parse(flat)
    except UnexpectedInput as wrong:
        column, what, fix = advice(wrong, flat)
        raise WhenError(what, column, fix) from None
    _check_depth(tree)
    return tree


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
        "hit": "named", "any_of": "plain", "one_of": "plain", "first": "operand", "last": "operand",
    }  # fmt: skip

    def __init__(self, selections: tuple[str, ...], formats: Collection[str], defined: Mapping[str, Definition]) -> None:
        self.selections, self.formats, self.defined = selections, formats, defined
        self.keys: dict[str, str] = {}
        self.depth = self.written = 0
        self.parameter, self.told = "", ""
        """Of the definition that is being built: its parameter, and the text that stands for it."""
        self.argument: ast.Plain = NOBODY

    def build(self, tree: Tree[Token]) -> ast.When:
        self.depth += 1
        if self.depth > DEEPEST:
            raise WhenError(f"nested more than {DEEPEST} deep", _column(tree), "split the expression into several verdicts")
        made: ast.When = getattr(self, self.operators.get(tree.data, tree.data))(tree)
        self.depth -= 1
        return made

    # names

    def named(self, tree: Tree[Token]) -> ast.When:
        """What a bare name stands for."""
        return self.meaning(_token(tree))

    def meaning(self, token: Token) -> ast.When:
        name = str(token)
        if name == self.parameter:
            return self.argument
        found = self.defined.get(name)
        if found is None:
            return ast.Hit(self.name(token))
        if found.parameter:
            raise WhenError(f"`{name}` needs selections in parentheses", _column(token), f"for example `{name}(a)`, several as any(a, b)")
        return self.written_out(found, token, name)

    def applied(self, tree: Tree[Token]) -> ast.When:
        """A definition with selections for its parameter."""
        token, given = cast("Token", tree.children[0]), _subtree(tree, 1)
        found = self.defined.get(str(token))
        if found is None or not found.parameter:
            close = get_close_matches(str(token), [one.name for one in self.defined.values() if one.parameter], 1, 0.6)
            fix = f"did you mean `{close[0]}`?" if close else f"declare `{token}(x): ..` under `define`, or join two expressions with and, or, unless"
            raise WhenError(f"`{token}` takes nothing in parentheses", _column(token), fix)
        argument, told = self.plain(given), self.text_of(given)
        return self.written_out(found, token, f"{token}({told})", argument, told)

    def text_of(self, given: Tree[Token]) -> str:
        """Selections as the signature names them."""
        if given.data == "one_of":
            return f"1 of {_token(_subtree(given, 0))}"
        names = [self.told if token == self.parameter else str(token) for token in given.children]
        return f"any({', '.join(names)})" if given.data == "any_of" else names[0]

    def written_out(self, found: Definition, token: Token, text: str, argument: ast.Plain = NOBODY, told: str = "") -> ast.When:
        """What a definition stands for: names of selections as they are, an expression with its name. `told`: the text for its parameter."""
        self.written += len(found.text)
        if self.written > LONGEST_WRITTEN:
            what = f"with its definitions written out it is longer than {LONGEST_WRITTEN} characters"
            raise WhenError(what, _column(token), "split it into several verdicts")
        outer = self.parameter, self.argument, self.told
        self.parameter, self.argument, self.told = found.parameter, argument, told
        try:
            node = self.build(found.tree)
        except WhenError as wrong:
            raise WhenError(f"in `{found.name}`: {wrong.what}", _column(token), wrong.fix) from None
        self.parameter, self.argument, self.told = outer
        return node if isinstance(node, ast.Operand) else ast.Defined(text, node)

    def stream(self, token: Token) -> ast.Operand:
        """The events that a name stands for."""
        node = self.meaning(token)
        if not isinstance(node, ast.Operand):
            fix = "here stand names of selections only, several as any(a, b)"
            raise WhenError(f"`{token}` stands for an expression, not for selections", _column(token), fix)
        return node

    def events(self, token: Token) -> ast.Plain:
        """The selections that a name stands for."""
        node = self.stream(token)
        if isinstance(node, ast.First | ast.Last):
            raise WhenError(f"`{token}` stands for a single event, not for selections", _column(token), "leave `first` or `last` out of its definition")
        return node

    # operands

    def name(self, token: Token) -> str:
        name = str(token)
        if name in ast.KEYWORDS:
            raise WhenError(f"`{name}` is a word of the language and does not fit here", _column(token), RESERVED)
        if name in self.selections:
            return name
        if name in self.defined:
            raise WhenError(f"`{name}` is no selection", _column(token), "`1 of` and `all of` take selections: write the name of a definition alone")
        close = get_close_matches(name, [*self.selections, *self.defined], 1, 0.6)
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
            names = tuple(dict.fromkeys(name for token in tree.children for name in ast.operand_names(self.events(cast("Token", token)))))
        return ast.Hit(names[0]) if len(names) == 1 else ast.Union(names)

    def operand(self, tree: Tree[Token]) -> ast.Operand:
        if tree.data in ("first", "last"):
            inner = self.plain(_subtree(tree, 0))
            return ast.First(inner) if tree.data == "first" else ast.Last(inner)
        return self.stream(_token(tree)) if tree.data == "hit" else self.plain(tree)

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
        op = self.events(name)
        if not isinstance(op, ast.Hit):
            raise WhenError(f"`{name}` stands for several selections", _column(name), "`distinct` takes one selection and a field: `distinct(a.taskId) >= 3`")
        self.key(op.name, field)
        return ast.Distinct(op.name, str(field), cast("ast.Cmp", str(cmp)), _number(amount, cmp), _options(rest)[0])

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
        raise WhenError(what, _column(token) + len(digits) * bool(unit), FORM)
    length = int(digits) * UNITS[unit]
    if length == 0:
        raise WhenError(f"{role} is zero", _column(token), "the shortest is 1s: times are compared in whole seconds")
    if length > LONGEST:
        raise WhenError(f"{role} is longer than ten years", _column(token), FORM)
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
