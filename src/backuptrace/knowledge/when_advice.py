"""What to say where the text of a `when` cannot be read: by the words before the place, then by the word at it. Pure."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from backuptrace.knowledge.when import KEYWORDS
from backuptrace.model import DAY, HOUR, MINUTE, SECOND

UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
RESERVED = "if a selection has this name, rename it"
FORM = "write a number and a unit: 30s, 5m, 2h or 1d"

# What stands there -> advice. The word before the place is looked up first, then the word at the place.
_AFTER = {
    "within": ("`within` needs a duration", FORM),
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


def advice(wrong: Any, text: str) -> tuple[int, str, str]:
    """(column from 1, what, fix) for a place where the grammar does not go on: by the words before it, then by the word there. `wrong`: of lark."""
    ended = getattr(getattr(wrong, "token", None), "type", "") == "$END"
    at = len(text) if ended else min(getattr(wrong, "pos_in_stream", None) or 0, len(text))
    while at and re.fullmatch(r"\w\w", text[at - 1 : at + 1]) and not ended:
        at -= 1  # the lexer stopped inside a word
    before = [(found[0], found.start()) for found in re.finditer(r"\w+|[<>=]+|\S", text[:at])]
    words = [word for word, _ in before]
    if words and words[-1] in _LEFT and (len(words) == 1 or words[-2] == "("):
        return before[-1][1] + 1, f"`{words[-1]}` needs an expression on its left", "name a selection, or drop the word"
    if words[-1:] == ["no"] and (len(words) == 1 or words[-2] not in ("then", "with")):
        return before[-1][1] + 1, _AT["no"][0], _AT["no"][1]
    if words[-1:] == ["not"] and words[-2:-1] and words[-2] in ("then", "near", "no"):
        return before[-1][1] + 1, f"`not` does not fit behind `{words[-2]}`", "for an absence write `a then no b within 10m`"
    match = re.match(r"\w+|[<>=!~]+|.", text[at:])
    return at + 1, *_advice(words, match[0] if match else "")


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
    if re.fullmatch(r"[A-Za-z_]\w*", call) and call not in KEYWORDS:
        return misfit, f"in `{call}(..)` stand names of selections only, several as any(a, b)"
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
    if here in KEYWORDS:
        return f"`{here}` is a word of the language and does not fit here", RESERVED
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
