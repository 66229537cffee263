"""A clause of a `when` in words of the report's language."""

from __future__ import annotations

from backuptrace.knowledge import when as ast
from backuptrace.knowledge.durations import duration_text
from backuptrace.report.phrases import Tongue


def clause_text(node: ast.When, speak: Tongue) -> str:
    """One line: of what joins other clauses its head, of the others the whole."""
    say = speak.say
    match node:
        case ast.And():
            return say("clause.all")
        case ast.Or():
            return say("clause.any")
        case ast.Not():
            return say("clause.not")
        case ast.Unless():
            return say("clause.unless")
        case ast.Scoped(_, scope):
            return speak.word("clause", scope)
        case ast.Defined(text, item):
            return f"{text}: {clause_text(item, speak)}"
        case ast.Then(steps, within):
            chain = say("clause.then").join(_operand(step, speak) for step in steps)
            return say("clause.within", what=chain, span=duration_text(within)) if within else chain
        case ast.ThenNo(a, b, within):
            return say("clause.then-no", a=_operand(a, speak), b=_operand(b, speak), span=duration_text(within))
        case ast.Near(a, b, within):
            return say("clause.near", a=_operand(a, speak), b=_operand(b, speak), span=duration_text(within))
        case ast.NoBefore(a, x, within):
            return say("clause.no-before", a=_operand(a, speak), b=_operand(x, speak), span=duration_text(within))
        case ast.Count(op, cmp, n, within, by):
            told = say("clause.count", times=say("clause.times", cmp=speak.word("compared", cmp), n=n), what=_operand(op, speak))
            told = say("clause.by", what=told, field=by) if by else told
            return say("clause.within", what=told, span=duration_text(within)) if within else told
        case ast.Distinct(name, field, cmp, n, within):
            told = say("clause.distinct", times=say("clause.times", cmp=speak.word("compared", cmp), n=n), field=field, what=selection_name(name))
            return say("clause.within", what=told, span=duration_text(within)) if within else told
        case ast.Silence(shape, cmp, length):
            return say("clause.silence", source=shape, cmp=speak.word("compared", cmp), span=duration_text(length))
        case _:
            return _operand(node, speak)


def _operand(op: ast.Operand, speak: Tongue) -> str:
    match op:
        case ast.Hit(name):
            return selection_name(name)
        case ast.Union(names):
            return speak.say("or").join(map(selection_name, names))
        case ast.First(inner):
            return speak.say("clause.first", what=_operand(inner, speak))
        case ast.Last(inner):
            return speak.say("clause.last", what=_operand(inner, speak))


def selection_name(key: str) -> str:
    """The name of a selection inside its file."""
    return key.rsplit("/", 1)[-1]
