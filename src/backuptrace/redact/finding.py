"""Where secrets stand in a text, whatever it is encoded in."""

from __future__ import annotations

import re
from typing import NamedTuple

from backuptrace.redact.blocks import blocks
from backuptrace.redact.kinds import PASSWORD, RANK
from backuptrace.redact.layers import plain, views
from backuptrace.redact.rules import RULES, by_rules
from backuptrace.redact.values import identity, user_and_password

_NAMES = ("sig", "pass", "pwd", "pswd", "kennwort", "key", "secret", "token", "private", "-----", "@", "eyj", "$", "::", "-p ", "/p")
_WORDS = tuple(dict.fromkeys([*_NAMES, *(word for rule in RULES for word in rule.words if len(word) > 4)]))
_FORMS = (
    *(r"[A-Za-z0-9+/_-]{40}", r"-(?<=\d{6}-)\d{6}", r"-(?<=[A-Z0-9]{5}-)[A-Z0-9]{5}-", r":(?<=[0-9A-Fa-f]{32}:)"),
    *("AKIA|ASIA", "gh[pousr]_", "xox", "npm_", r"hvs\.", "Q~", "…"),
)
"""One by one, most beginning with a letter or sign: so `re` is several times faster than with all in one pattern."""
_OWN_FORMS = [re.compile(form).search for form in (*_FORMS, r"-(?<=\s-)(?:[up]|e\w*\s)", r"net(?<!\wnet)1?\s")]
_ESCAPED = re.compile(r"%[2-7][0-9A-Fa-f]|&#|\\[ux/]")
_ALIKE = bytes.maketrans(b"0123456789", b"0" * 10)
_SHAPES = tuple(word.translate(str.maketrans("123456789", "0" * 9)) for word in (*_WORDS, "\\u0000"))
_SHAPED = [re.compile(form).search for form in (*_FORMS, r"-(?<!\S-)(?:[up]|e\w*(?:\s|$))", r"net(?<!\wnet)0?(?:\s|$)", "%0[0A-Fa-f]", "&#", r"\\[ux/]")]
"""What `_OWN_FORMS` or `_ESCAPED` find, these find in the line with every digit as 0."""
_SHAPELESS: set[bytes] = set()
"""Lines, every digit as 0, in which nothing is suspicious."""
MOST_SHAPELESS, _LONGEST = 4096, 1000
"""So many of them, each of so many bytes, are remembered."""


class Secret(NamedTuple):
    """A secret at [start, end), in characters of the text; `value` is the same for all its encodings."""

    start: int
    end: int
    kind: str
    value: str


def find(text: str) -> list[Secret]:
    """The secrets of a text in order, none overlapping another."""
    if not _open(text) or (not suspicious(text) and not (_ESCAPED.search(text) and suspicious(plain(text)))):
        return []
    found: list[tuple[int, Secret]] = []
    for level, view in enumerate(views(text)):
        for start, end, kind in (*by_rules(view.text), *blocks(view.text)):
            if (low := view.places[start]) < (high := view.places[end]):
                found.append((level, Secret(low, high, kind, view.text[start:end])))
    found.sort(key=lambda one: (one[1].start, -one[0], -one[1].end, RANK[one[1].kind]))
    return _merged(text, [secret for _, secret in found])


def _open(text: str) -> bool:
    """A quicker look: False only where neither the text nor what its escapes hide is suspicious.

    Logs repeat themselves but for numbers, so lines in which nothing is suspicious are remembered with their digits made equal.
    """
    lines = text.encode("utf-8", "surrogatepass").replace(b"\0", b"").translate(_ALIKE).split(b"\n")
    if _SHAPELESS.issuperset(lines):
        return False
    for line in lines:
        if line not in _SHAPELESS:
            if _shaped(line):
                return True
            if len(line) <= _LONGEST:
                if len(_SHAPELESS) >= MOST_SHAPELESS:
                    _SHAPELESS.clear()
                _SHAPELESS.add(line)
    return False


def _shaped(line: bytes) -> bool:
    text = line.decode("utf-8", "surrogatepass")
    low = text.lower()
    return any(word in low for word in _SHAPES) or any(search(text) for search in _SHAPED)


def suspicious(text: str) -> bool:
    """A quick look: whether it is worth searching. Most lines of a log are not."""
    if len(text) < 6:
        return False
    low = text.lower()
    if "\0" in low:
        low = low.replace("\0", "")
    text = text.replace("\0", "")
    return "\\u0000" in low or any(word in low for word in _WORDS) or any(search(text) for search in _OWN_FORMS)


def _merged(text: str, found: list[Secret]) -> list[Secret]:
    """Overlapping ones become one that covers all; it means what the first says, which is the one with the most escapes undone."""
    out: list[Secret] = []
    for one in found:
        if out and one.start < out[-1].end:
            last = out[-1]
            kind = min(last.kind, one.kind, key=RANK.__getitem__)
            end = max(last.end, one.end)
            value = last.value
            if kind != last.kind:
                value = text[last.start : end]
            out[-1] = Secret(last.start, end, kind, value)
        else:
            out.append(one)
    return [one._replace(value=_meaning(one)) for one in out]


def _meaning(secret: Secret) -> str:
    """`user:password` in base64 means the password."""
    basic = user_and_password(secret.value) if secret.kind == PASSWORD else None
    return identity(basic[1] if basic else secret.value)
