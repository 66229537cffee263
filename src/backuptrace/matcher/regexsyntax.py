r"""Reads a pattern of the portable subset into a small tree; what the engines do not share is refused, with advice.

The subset (see also `lineregex`): plain characters, `.`, classes, `\d \w \s` and their opposites, `\xNN`, groups, alternatives,
repeats, `\b`, `^` at the very start and `$` at the very end of an alternative. Everything is bytes: a class is a set of byte values
without the newline, and a non-ASCII letter is its UTF-8 bytes (when case is ignored, as its spellings: no engine folds it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from backuptrace.matcher.ambiguity import ambiguous

MAX_REPEAT = 1000
MAX_GROUP = 500
"""Atoms in a repeated group when the repeat is written out: above it the engine compiles for seconds, then refuses."""
MAX_SIZE = 10_000
"""Atoms in a pattern when all repeats are written out."""
MAX_CHOICES = 5
"""Turns of a repeated group up to which it may be ambiguous."""
MAX_DEPTH = 20

_NEWLINE = 10
_ALL = frozenset(range(256))
_DIGIT = frozenset(b"0123456789")
_WORD = _DIGIT | frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_SPACE = frozenset(b" \t\n\r\f\v")
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE, "D": _ALL - _DIGIT, "W": _ALL - _WORD, "S": _ALL - _SPACE}
_CONTROLS = {"t": 9, "f": 12, "v": 11, "r": 13}
_HEX = frozenset("0123456789abcdefABCDEF")
_VERBATIM = frozenset(" _-,;:<>@#%&=~'\"!/`")
_REFUSED = {
    "?=": "look-ahead", "?!": "look-ahead", "?<=": "look-behind", "?<!": "look-behind", "?>": "an atomic group",
    "?P=": "a back reference", "?(": "a condition", "?#": "a comment",
}  # fmt: skip
_ONE_LINE = "a pattern lives on one line; use a second selection and `then`"


class PatternError(ValueError):
    """A pattern outside the portable subset: `what`, the 0-based `column` in it, and what to write instead (`fix`)."""

    def __init__(self, what: str, column: int, fix: str = "") -> None:
        super().__init__(what)
        self.what, self.column, self.fix = what, column, fix


@dataclass(slots=True)
class Item:
    r"""One atom with its quantifier.

    `text`: the atom as both engines read it; for an anchor `^`, `$`, `\b` or `\B`. `plain`: it is one certain character.
    `values`: the bytes that the atom takes; 256 + code point for a non-ASCII letter.
    `group` holds the branches when the atom is a group.
    """

    text: str
    low: int = 1
    high: int | None = 1
    lazy: bool = False
    group: Branches | None = None
    name: str = ""
    anchor: bool = False
    plain: bool = False
    values: frozenset[int] = frozenset()
    column: int = 0


Branches = list[list[Item]]


def parse(source: str, *, ignore_case: bool, block: bool = False) -> tuple[Branches, frozenset[str]]:
    """(branches, names of the groups) of a pattern. Raises PatternError. block: it is a block form, whose classes name the newline, too."""
    reader = _Reader(source, ignore_case, block)
    tree = reader.branches(0)
    if reader.at < len(source):
        raise PatternError("a ) without its (", reader.at, "write \\) for the character itself")
    if least(tree) < 1:
        raise PatternError("the pattern matches an empty line", 0, "add the words that the fault always writes")
    if _size(tree) > MAX_SIZE:
        raise PatternError("the pattern is too large", 0, "use * or smaller bounds")
    _check_anchors(tree, first=True, last=True)
    return tree, frozenset(reader.names)


def least(branches: Branches) -> int:
    """The least number of characters that a match takes."""
    return min(sum(0 if i.anchor else i.low * (1 if i.group is None else least(i.group)) for i in branch) for branch in branches)


def optional(item: Item) -> bool:
    """Whether a match may leave the item out whatever stands there (an anchor is a condition)."""
    if item.low == 0:
        return True
    return item.group is not None and any(all(map(optional, branch)) for branch in item.group)


def char_class(values: Iterable[int]) -> str:
    """A set of bytes as one atom; the shorter of `[..]` and `[^..]`, a single byte as itself."""
    chosen = frozenset(values)
    if len(chosen) == 1:
        return _byte(*chosen)
    negated = len(chosen) > 128
    return f"[{'^' if negated else ''}{''.join(_ranges(sorted(_ALL - chosen if negated else chosen)))}]"


def _ranges(values: list[int]) -> Iterable[str]:
    at = 0
    while at < len(values):
        end = at
        while end + 1 < len(values) and values[end + 1] == values[end] + 1:
            end += 1
        if end - at > 1:
            yield f"{_byte(values[at])}-{_byte(values[end])}"
        else:
            yield "".join(map(_byte, values[at : end + 1]))
        at = end + 1


def _byte(value: int) -> str:
    if value == _NEWLINE:
        return "\\n"
    return chr(value) if value < 128 and (chr(value).isalnum() or value == 32) else f"\\x{value:02x}"


def _size(branches: Branches) -> int:
    return sum((1 if i.group is None else _size(i.group)) * (i.high or max(i.low, 1)) for branch in branches for i in branch)


def _check_anchors(branches: Branches, *, first: bool, last: bool) -> None:
    """`^` and `$` inside a pattern can never match; one engine says so, the others stay silent."""
    for branch in branches:
        for at, item in enumerate(branch):
            leads, ends = first and at == 0, last and at == len(branch) - 1
            if item.anchor and ((item.text == "^" and not leads) or (item.text == "$" and not ends)):
                end = "start" if item.text == "^" else "end"
                raise PatternError(f"{item.text} not at the {end} never matches", item.column, f"write \\{item.text} for the character itself")
            if item.group is not None:
                once = (item.low, item.high) == (1, 1)
                _check_anchors(item.group, first=leads and once, last=ends and once)


@dataclass(slots=True)
class _Reader:
    source: str
    ignore_case: bool
    block: bool = False
    at: int = 0
    names: set[str] = field(default_factory=set)

    def peek(self) -> str:
        """The next character, "" at the end."""
        return self.source[self.at : self.at + 1]

    def branches(self, depth: int) -> Branches:
        if depth > MAX_DEPTH:
            raise PatternError(f"groups are nested more than {MAX_DEPTH} deep", self.at, "split the selection")
        out: Branches = [[]]
        while self.at < len(self.source) and self.source[self.at] != ")":
            if self.source[self.at] == "|":
                self.at += 1
                out.append([])
            else:
                start = self.at
                item = self.atom(depth)
                item.column = start
                out[-1].append(self.quantified(item))
        return out

    def atom(self, depth: int) -> Item:
        char = self.source[self.at]
        if char == "(":
            return self.group(depth)
        if char == "[":
            return self.set_of_bytes(self.class_members())
        self.at += 1
        if char == "\\":
            return self.escape()
        if char in "^$":
            return Item(char, anchor=True)
        if char == ".":
            return self.set_of_bytes(_ALL)
        if char in "*+?":
            raise PatternError(f"nothing to repeat before {char!r}", self.at - 1, f"write \\{char} for the character itself")
        return self.letter(char, self.at - 1)

    def letter(self, char: str, column: int) -> Item:
        if char == "\n":
            raise PatternError("a newline in a pattern", column, _ONE_LINE)
        if char.isascii():
            text = char if char.isalnum() or char in _VERBATIM else _byte(ord(char))
            return Item(text, plain=True, values=self.folded({ord(char)}))
        forms = {char, *(form for form in (char.lower(), char.upper()) if self.ignore_case and len(form) == 1)}
        try:
            encoded = sorted("".join(map(_byte, form.encode())) for form in forms)
        except UnicodeEncodeError:
            raise PatternError("half of a surrogate pair", column, "write the whole character") from None
        return Item(f"(?:{'|'.join(encoded)})", plain=True, values=frozenset(256 + ord(form) for form in forms))

    def set_of_bytes(self, values: frozenset[int]) -> Item:
        chosen = values - {_NEWLINE}
        return Item(char_class(chosen), plain=len(chosen) == 1, values=self.folded(chosen))

    def folded(self, values: Iterable[int]) -> frozenset[int]:
        """With the other case of each ASCII letter, if case is ignored."""
        return frozenset(values) | ({ord(chr(value).swapcase()) for value in values if value < 128} if self.ignore_case else set())

    def hexadecimal(self) -> int:
        r"""The value of the two digits behind `\x`."""
        digits = self.source[self.at : self.at + 2]
        if len(digits) != 2 or not _HEX.issuperset(digits):
            raise PatternError("\\x needs two hexadecimal digits", self.at, "for example \\x00")
        if (value := int(digits, 16)) == _NEWLINE:
            raise PatternError("a newline in a pattern", self.at - 2, _ONE_LINE)
        self.at += 2
        return value

    def escape(self) -> Item:
        start = self.at - 1
        char = self.peek()
        self.at += 1
        if not char:
            raise PatternError("the pattern ends with a backslash", start, "write \\\\ for the character itself")
        if char in _CLASSES:
            return self.set_of_bytes(_CLASSES[char])
        if char in "bB":
            return Item("\\" + char, anchor=True)
        if char in _CONTROLS:
            return self.set_of_bytes(frozenset({_CONTROLS[char]}))
        if char == "x":
            return self.set_of_bytes(frozenset({self.hexadecimal()}))
        if char == "n":
            raise PatternError("a newline in a pattern", start, _ONE_LINE)
        if char == "0":
            raise PatternError("\\0 is not portable", start, "write \\x00")
        if char.isdigit():
            raise PatternError("a back reference", start, "compare two fields with two selections instead")
        if char.isalpha() and char.isascii():
            raise PatternError(f"\\{char} is not portable", start, "a pattern lives on one line: use ^, $ and plain classes")
        return self.letter(char, start)

    def class_members(self) -> frozenset[int]:
        start = self.at
        self.at += 1
        negated = self.peek() == "^"
        self.at += negated
        chosen: set[int] = set()
        first = True
        while first or self.peek() != "]":
            first = False
            column = self.at
            low = self.class_member(start)
            if self.peek() == "-" and self.source[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.class_member(start)
                if len(low) != 1 or len(high) != 1 or min(low) > min(high):
                    raise PatternError("a range that is none", column, "write \\- for the character itself")
                low = frozenset(range(min(low), min(high) + 1))
            chosen |= low
        self.at += 1
        folded = self.folded(chosen)  # before the complement is taken: `[^a]` holds no A either
        members = (_ALL - folded if negated else folded) - {_NEWLINE}
        if not members:
            raise PatternError("a class that matches nothing", start, _ONE_LINE)
        return members

    def class_member(self, start: int) -> frozenset[int]:
        char = self.peek()
        column = self.at
        self.at += 1
        if char == "\\":
            escaped = self.peek()
            self.at += 1
            if escaped in _CLASSES:
                return _CLASSES[escaped]
            if escaped == "x":
                return frozenset({self.hexadecimal()})
            if escaped in _CONTROLS:
                return frozenset({_CONTROLS[escaped]})
            if escaped == "n" and self.block:
                return frozenset({_NEWLINE})
            if escaped == "n":
                raise PatternError("a newline in a pattern", column, "a class never matches a newline anyway: leave \\n out")
            if escaped.isalnum():
                raise PatternError(f"\\{escaped} inside a class", column, "write the characters themselves")
            char = escaped
        if not char:
            raise PatternError("a character class without its ]", start, "write \\[ for the character itself")
        if not char.isascii():
            raise PatternError(f"{char!r} inside a class", column, "write the letters as alternatives: (?:ä|ö)")
        if char == "[" and self.peek() in (":", ".", "="):
            raise PatternError("a named class", column, "write the ranges: [a-z], [0-9]")
        return frozenset({ord(char)})

    def group(self, depth: int) -> Item:
        start = self.at
        self.at += 1
        name = ""
        if self.source.startswith("?", self.at):
            for lead, what in _REFUSED.items():
                if self.source.startswith(lead, self.at):
                    raise PatternError(f"{what} is not portable", start, "say it with a second selection: `a and not b`, or `unless`")
            if self.source.startswith("?:", self.at):
                self.at += 2
            elif self.source.startswith("?P<", self.at):
                name = self.group_name(start)
            elif self.source.startswith("?<", self.at):
                raise PatternError("this form of a named group is not portable", start, "write (?P<name>...)")
            else:
                raise PatternError("inline flags are not portable", start, "use the modifier |i to ignore case")
        inner = self.branches(depth + 1)
        if self.peek() != ")":
            raise PatternError("a group without its )", start, "write \\( for the character itself")
        self.at += 1
        return Item("", group=inner, name=name)

    def group_name(self, start: int) -> str:
        end = self.source.find(">", self.at)
        name = self.source[self.at + 3 : max(end, 0)]
        if not (name.isidentifier() and name.isascii()) or name in self.names:
            raise PatternError("a group name must be new and an ASCII identifier", start, "for example (?P<code>...)")
        self.names.add(name)
        self.at = end + 1
        return name

    def quantified(self, item: Item) -> Item:
        start = self.at
        sign = self.peek()
        if sign == "{":
            item.low, item.high = self.bounds()
        elif sign and sign in "*+?":
            item.low, item.high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
            self.at += 1
        else:
            return item
        if item.anchor:
            raise PatternError("an anchor cannot be repeated", start, "leave the repeat out")
        if item.group is not None and item.high != 1:
            if _size([[item]]) > MAX_GROUP:
                raise PatternError(f"a repeated group of more than {MAX_GROUP} characters", start, "use * or smaller bounds")
            if (item.high is None or item.high > MAX_CHOICES) and ambiguous(item.group):
                raise PatternError("a repeated group that reads one text in two ways", start, "it can take for ever; repeat one class instead: [a-z ]+")
        follow = self.peek()
        if follow == "+":
            raise PatternError("a possessive repeat is not portable", self.at, "leave the second + out")
        if follow == "?":
            item.lazy = True
            self.at += 1
        if self.peek() and self.peek() in "*+?{":
            raise PatternError("two repeats of one thing", self.at, "keep one of them, or escape the second with \\")
        return item

    def bounds(self) -> tuple[int, int | None]:
        start = self.at
        end = self.source.find("}", start)
        low, comma, high = self.source[start + 1 : max(end, 0)].partition(",")
        if not _number(low) or (high and not _number(high)):
            raise PatternError("a repeat must be {n}, {n,} or {n,m}", start, "write \\{ for the character itself")
        self.at = end + 1
        if max(len(low), len(high)) > 4 or max(int(low), int(high or 0)) > MAX_REPEAT:
            raise PatternError(f"a repeat above {MAX_REPEAT}", start, "use * or a smaller bound")
        least_times, most_times = int(low), (int(high) if high else None) if comma else int(low)
        if most_times is not None and (most_times < least_times or most_times == 0):
            raise PatternError("a repeat of nothing, or the wrong way round", start, "write {n,m} with n up to m, m at least 1")
        return least_times, most_times


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit()
