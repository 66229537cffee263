"""A `when` as a tree in words, for `backuptrace signatures show`."""

from __future__ import annotations

from backuptrace.knowledge import when as ast
from backuptrace.knowledge.durations import duration_text

_COMPARED = {">=": "at least", ">": "more than", "==": "exactly", "<=": "at most", "<": "fewer than"}
_LONG = {">=": "at least", ">": "more than", "==": "exactly", "<=": "at most", "<": "less than"}


def tree(node: ast.When, indent: str = "") -> list[str]:
    """One line for each part, those inside another one indented below it."""
    match node:
        case ast.And(items):
            return [f"{indent}all of:", *(line for item in items for line in tree(item, indent + "  "))]
        case ast.Or(items):
            return [f"{indent}at least one of:", *(line for item in items for line in tree(item, indent + "  "))]
        case ast.Not(item):
            if isinstance(item, ast.Hit | ast.Union):
                return [f"{indent}it is known that there is no {_operand(item)}"]
            return [f"{indent}it is known not to be so that:", *tree(item, indent + "  ")]
        case ast.Unless(base, but):
            return [*tree(base, indent), f"{indent}except where it is known that:", *tree(but, indent + "  ")]
        case ast.Scoped(item, scope):
            span = "in the judged attempt" if scope == "attempt" else "in the last 15 minutes of the judged attempt"
            return [f"{indent}{span}:", *tree(item, indent + "  ")]
        case ast.Defined(text, item):
            return [f"{indent}{text}:", *tree(item, indent + "  ")]
        case _:
            return [indent + sentence(node)]


def sentence(node: ast.When) -> str:
    """A relation, a quantity or an operand in one sentence."""
    match node:
        case ast.Then(steps, within):
            chain = ", then ".join(map(_operand, steps))
            return chain + (f", all within {duration_text(within)}" if within else "")
        case ast.ThenNo(a, b, within):
            return f"{_operand(a)}, and no {_operand(b)} in the {duration_text(within)} after it"
        case ast.Near(a, b, within):
            return f"{_operand(a)} and {_operand(b)}, at most {duration_text(within)} apart, in either order"
        case ast.NoBefore(a, x, within):
            return f"{_operand(a)}, and no {_operand(x)} in the {duration_text(within)} before it"
        case ast.Count(op, cmp, n, within, by):
            span = f" inside some {duration_text(within)}" if within else ""
            return f"{_COMPARED[cmp]} {n} times {_operand(op)}{span}{f' with the same {by}' if by else ''}"
        case ast.Distinct(name, field, cmp, n, within):
            return f"{_COMPARED[cmp]} {n} different values of {field} in {name}" + (f" inside some {duration_text(within)}" if within else "")
        case ast.Silence(shape, cmp, length):
            return f"no record of {shape} for {_LONG[cmp]} {duration_text(length)}"
        case ast.Hit() | ast.Union() | ast.First() | ast.Last():
            return _operand(node)
        case _:
            return " ".join(line.strip() for line in tree(node))


def _operand(op: ast.Operand) -> str:
    match op:
        case ast.Hit(name):
            return name
        case ast.Union(names):
            return f"({' or '.join(names)})"
        case ast.First(inner):
            return f"the first {_operand(inner)}"
        case ast.Last(inner):
            return f"the last {_operand(inner)}"
