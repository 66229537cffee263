"""Rendered texts of events back to their inserts, by templates such as `The %1 service entered the %2 state`.

A template is looked for piece by piece, always at the first place where the next piece fits. For texts and gaps that is complete, and it takes
time in proportion to the text, whatever stands in it; one regular expression with many gaps would not.
"""

from __future__ import annotations

import re

MOST_TEXT = 65_536
"""Characters of a message that are looked at."""
_LONG = 1_000
_BLANKS = re.compile(r"\s{33,}")
_INSERT = re.compile(r"%(\d{1,2})")
_QUOTES = '"„“”«»'


def looked_at(message: str) -> str:
    """What of a message is compared with texts: its beginning, long runs of blanks in it as one, since each blank of them would be tried as the first."""
    message = message[:MOST_TEXT]
    return message if len(message) < _LONG else _BLANKS.sub(_fewer, message)


def _fewer(found: re.Match[str]) -> str:
    return "\n\n" if "\n" in found[0] else " "


class Template:
    """One text with its inserts. `inserts`: their numbers in the order of the text."""

    __slots__ = ("_literals", "inserts", "text")

    def __init__(self, text: str) -> None:
        parts = _INSERT.split(" ".join(text.split()))
        self.text = text
        self.inserts = [int(number) for number in parts[1::2]]
        self._literals = [re.compile(_literal(part, last=n == len(parts[::2]) - 1)) for n, part in enumerate(parts[::2])]

    def match(self, message: str) -> dict[int, str] | None:
        """Insert number -> its text, None where the message, as it is looked at, is not this text. The first of two places of one insert counts."""
        found = self._literals[0].match(message)
        if found is None:
            return None
        out: dict[int, str] = {}
        for number, literal in zip(self.inserts, self._literals[1:], strict=True):
            at = found.end()
            found = literal.search(message, at)
            if found is None:
                return None
            value = message[at : found.start()].strip()
            out.setdefault(number, "" if value == f"%{number}" else value)
        return out


def adjacent(text: str) -> bool:
    """Whether two inserts follow each other with nothing between them: such a text cannot be taken apart."""
    return re.search(r"%\d{1,2}\s*%\d", text) is not None


def _literal(text: str, *, last: bool) -> str:
    """Any run of blanks stands for any other; a letter that ASCII lacks may have been lost, as `Export-Csv` does it."""
    words = [_word(word) for word in text.split()]
    body = r"\s+".join(words)
    if body and text[0].isspace():
        body = r"\s*" + body
    if not last:
        return body
    if body.endswith(r"\."):
        body += "?"
    return rf"{body}\s*\Z"


def _word(word: str) -> str:
    out = []
    for letter in word:
        if letter in _QUOTES:
            out.append(f"[{_QUOTES}?\ufffd]")
        elif letter.isascii():
            out.append(re.escape(letter))
        else:
            out.append(f"(?:[{letter}?\ufffd])")
    return "".join(out)
