r"""The same with RE2, for platforms without a Hyperscan wheel: 2 to 6 times slower than that, 200 times faster than `re`.

All patterns as one alternation find the next line that holds a match; the same patterns as an RE2 set tell which ones hold on that line; each of
those alone then tells where its match ends. Facts of RE2 that shape this file (each has a test):

- a DFA that does not fit its memory makes the alternation slow and the set silently blind, so both get `MEMORY` (the default of 8 MB costs
  a factor of 50 to 200), and a set that finds nothing on a line that the alternation found is not believed;
- the Latin-1 mode is the only one for bytes that may be no UTF-8; ignoring case it folds ASCII letters only, as the other engines do.

It refuses repeats above 1,000, nested ones multiplied; `regexsyntax` lets none of them through.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import re2

from backuptrace.matcher import Hits, Pattern

MEMORY = 256 << 20
"""Bytes that one automaton may take at most; real packs stay far below."""
_end = itemgetter(1)


class Re2Matcher:
    """See `matcher.Matcher`."""

    engine = "re2"

    def __init__(self, patterns: list[Pattern], compiled: bytes | None = None) -> None:
        del compiled  # this engine keeps none
        self._texts = [_text(pattern) for pattern in patterns]
        self._alone: dict[int, Any] = {}
        self._any: Any = None
        self._all: Any = None
        if patterns:
            self._build()

    def _build(self) -> None:
        options = _options()
        try:
            self._any = re2.compile(b"|".join(b"(?:%s)" % text for text in self._texts), options)
            self._all = re2.Set.SearchSet(options)
            for text in self._texts:
                self._all.Add(text)
            self._all.Compile()
        except re2.error as error:
            culprit = next((f"pattern {index}" for index, text in enumerate(self._texts) if _refused(text)), "the patterns together")
            raise ValueError(f"the matcher refuses {culprit}: {_words(error)}") from error

    def scan(self, block: memoryview) -> Hits:
        """One (pattern index, end offset) for each pattern and line, by end offset."""
        hits: Hits = []
        if self._any is None:
            return hits
        data = bytes(block)  # so that newlines can be looked for; 0.1 ms a MB beside 2 to 4 ms for the search
        find, at, size = self._any.search, 0, len(data)
        while at < size and (found := find(data, at)):
            start, end = found.span()
            line = data.rfind(b"\n", 0, start) + 1
            at = data.find(b"\n", end) + 1 or size + 1
            hits += self._on_line(data[line : at - 1], line)
        return hits

    def _on_line(self, line: bytes, offset: int) -> Hits:
        indices = self._all.Match(line) or range(len(self._texts))
        hits = [(index, offset + found.end()) for index in indices if (found := self._one(index).search(line))]
        hits.sort()
        hits.sort(key=_end)
        return hits

    def _one(self, index: int) -> Any:
        one = self._alone.get(index)
        if one is None:
            one = self._alone[index] = re2.compile(self._texts[index], _options())
        return one

    def dump(self) -> bytes | None:
        """Nothing to keep: RE2 compiles 1,000 patterns in some 10 ms."""
        return None


def _options() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = MEMORY
    options.never_capture = True
    options.log_errors = False
    return options


def _text(pattern: Pattern) -> bytes:
    return f"(?{'i' if pattern.ignore_case else ''}m:{pattern.block})".encode("ascii")


def _refused(text: bytes) -> bool:
    try:
        re2.compile(text, _options())
    except re2.error:
        return True
    return False


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else error
    return said.decode("latin-1") if isinstance(said, bytes) else str(said)
