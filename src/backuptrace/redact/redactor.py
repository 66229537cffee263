"""Tokens for the secrets of one document.

While texts are redacted a token carries a provisional number, because a text may be cut or moved before the document is complete; `numbered` gives the
final ones, by first appearance in the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from backuptrace.redact.finding import Secret, find
from backuptrace.redact.kinds import KINDS, WRITTEN, token
from backuptrace.redact.values import distinct

PROVISIONAL = 100_000_000
"""Provisional numbers begin above it."""
ROUNDS = 4
"""A text is searched until nothing more is found, at most so often."""
MOST_KNOWN = 500
"""Secrets that are looked for wherever they stand, without a name before them."""
_NAMES = "|".join(sorted(KINDS))
_TOKEN = re.compile(rf"<({_NAMES})-(1\d{{8}})>")
_CUT = re.compile(rf"\A…(?:[a-z-]{{0,18}}-)?\d{{1,9}}>|<(?:{_NAMES})-1\d{{0,8}}(?:…?\Z)")
"""A token that was cut in two, at the beginning or the end of a text."""
_FOLDED = re.compile(r"<(?:n|id|hex)>")
_DIGITS = re.compile(r"\d+")
_CLEAN: set[str] = set()
"""Texts in which nothing was found, of whatever document: most of those of a report are the catalogue's, the same in all."""
MOST_CLEAN, LONGEST_CLEAN = 4096, 1000
"""So many of them, each of so many characters, are remembered."""


class Piece(NamedTuple):
    """A redacted text and where the mark that was set in it stands now (characters)."""

    text: str
    mark_from: int
    mark_to: int


class Redactor:
    """Replaces secrets, the same one by the same token."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        """Meaning of a secret -> its provisional token."""
        self._issued: set[str] = set()
        self._known: dict[str, str] = {}
        """Forms of secrets that mean one wherever they stand -> provisional token."""
        self._done: dict[tuple[str, ...], list[Secret]] = {}
        """Texts that were searched, as they stand below each other -> what was found at first."""
        self._searched: set[str] = set()
        """Texts in which nothing is to be found any more, even if something would be where they stand alone."""
        self._lurking: dict[str, str] = {}
        self._taken: set[str] = set()
        self._numbers: dict[str, str] = {}
        self._skipped: dict[str, list[str]] = {}
        self.counts: dict[str, int] = {}
        """Different secrets of each kind that were numbered."""

    def text(self, text: str) -> str:
        """The text without its secrets."""
        return self.parts([text], 0, 0)[0].text

    def parts(self, texts: Sequence[str], mark_from: int, mark_to: int, marked: int = 0) -> list[Piece]:
        """Texts that stand below each other, so that a secret may go from one to the next. The mark stands in the one numbered `marked`."""
        pieces = [Piece(text, mark_from, mark_to) if n == marked else Piece(text, 0, 0) for n, text in enumerate(texts)]
        for _ in range(ROUNDS):
            secrets = self._found(tuple([piece.text for piece in pieces]))
            if not secrets:
                break
            begin = 0
            for n, piece in enumerate(pieces):
                end = begin + len(piece.text)
                inside = [(max(s.start - begin, 0), min(s.end, end) - begin, self._token(s)) for s in secrets if s.start < end and s.end > begin]
                pieces[n] = replaced(piece, inside)
                begin = end + 1
        self._searched.update([piece.text for piece in pieces])
        return pieces

    def quiet(self, texts: tuple[str, ...]) -> bool:
        """Whether nothing is found in texts that stand below each other, so that `parts` would change none of them."""
        if self._found(texts):
            return False
        self._searched.update(texts)
        return True

    def clean(self, text: str) -> bool:
        """Whether nothing is found in a text that stands alone, even if it is a template."""
        if text in _CLEAN:
            return True
        done = text in self._searched or (text,) in self._done
        if self._found((text,)) or ("<" in text and find(_unfolded(text))):
            return False
        if not done and len(text) <= LONGEST_CLEAN:  # what was redacted before may hold something that is left in this document only
            if len(_CLEAN) >= MOST_CLEAN:
                _CLEAN.clear()
            _CLEAN.add(text)
        return True

    def _found(self, texts: tuple[str, ...]) -> list[Secret]:
        """The secrets of texts as they stand below each other."""
        secrets = self._done.get(texts)
        if secrets is None:
            known = len(texts) == 1 and texts[0] in self._searched
            secrets = self._done[texts] = [] if known else find("\n".join(texts))
        return secrets

    @property
    def found_any(self) -> bool:
        """Whether there is any token to number."""
        return bool(self._tokens)

    def _token(self, secret: Secret) -> str:
        found = self._tokens.get(secret.value)
        if found is None:
            found = self._tokens[secret.value] = token(secret.kind, PROVISIONAL + len(self._tokens))
            self._issued.add(found)
            if len(self._known) < MOST_KNOWN and distinct(secret.value):
                self._known[secret.value] = found
        return found

    def template(self, text: str) -> str:
        """As `text`, for a line with numbers folded to `<n>`: its secrets are those of the line that differ in numbers only."""
        alike = {_DIGITS.sub("0", value): written for value, written in self._tokens.items()}
        spans = [(s.start, s.end, alike.get(_DIGITS.sub("0", s.value)) or self._token(s)) for s in find(_unfolded(text))]
        return replaced(Piece(text, 0, 0), spans).text if spans else text

    # the whole document

    def lurking(self, text: str) -> re.Pattern[str] | None:
        """What finds the known secrets that stand in the text although nothing beside them says that they are any; None where none does."""
        if not self._known:
            return None
        forms = {form: written for value, written in self._known.items() for form in _forms(value) if form in text}
        if not forms:
            return None
        self._lurking = forms
        longest = sorted(forms, key=lambda form: (-len(form), form))
        return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest))})(?![A-Za-z0-9])")

    def known(self, piece: Piece, lurking: re.Pattern[str]) -> Piece:
        """The piece without them."""
        return replaced(piece, [(*found.span(), self._lurking[found[0]]) for found in lurking.finditer(piece.text)])

    def reserve(self, text: str) -> None:
        """Numbers of tokens that were in the text before anything was redacted are not given again. To be called before the first `numbered`."""
        self._taken |= {found[0] for found in WRITTEN.finditer(text) if found[0] not in self._issued}

    def numbered(self, piece: Piece) -> Piece:
        """The piece with final numbers, given in the order of the calls; a token that was cut in two goes."""
        if "<" not in piece.text and "…" not in piece.text:
            return piece
        cuts = [(*found.span(), "…") for found in _CUT.finditer(piece.text)] if self._tokens else []
        piece = replaced(piece, cuts) if cuts else piece
        return replaced(piece, [(*found.span(), self._final(found[0], found[1])) for found in _TOKEN.finditer(piece.text) if found[0] in self._issued])

    def _final(self, provisional: str, kind: str) -> str:
        found = self._numbers.get(provisional)
        if found is None:
            number = self.counts.get(kind, 0) + len(self._skipped.get(kind, ()))
            found = token(kind, number + 1)
            while found in self._taken:
                self._skipped.setdefault(kind, []).append(found)
                number += 1
                found = token(kind, number + 1)
            self._numbers[provisional] = found
            self.counts[kind] = self.counts.get(kind, 0) + 1
        return found


def replaced(piece: Piece, spans: Sequence[tuple[int, int, str]]) -> Piece:
    """Spans (from, to, what comes instead), in order; the mark moves with the text, and around a replacement that it touches."""
    if not spans:
        return piece
    text, low, high = piece
    parts: list[str] = []
    last, shift = 0, 0
    mark_from, mark_to = low, high
    for start, end, instead in spans:
        parts += [text[last:start], instead]
        if low > start:
            mark_from = start + shift if low < end else low + shift + len(instead) - (end - start)
        if high > start:
            mark_to = start + shift + len(instead) if high <= end else high + shift + len(instead) - (end - start)
        last, shift = end, shift + len(instead) - (end - start)
    parts.append(text[last:])
    return Piece("".join(parts), mark_from, max(mark_from, mark_to))


def _unfolded(template: str) -> str:
    return _FOLDED.sub(lambda found: "0" * len(found[0]), template)


def _forms(value: str) -> list[str]:
    """How a secret may be written."""
    quoted = quote(value, safe="")
    forms = [value, quoted, re.sub("%..", lambda found: found[0].lower(), quoted), value.replace("/", "\\/"), value.replace("+", "-").replace("/", "_")]
    return list(dict.fromkeys(forms))


def redacted(text: str) -> str:
    """One text by itself without its secrets, their tokens numbered from 1: for messages and lines of progress."""
    redactor = Redactor()
    done = redactor.text(text)
    redactor.reserve(done)
    return redactor.numbered(Piece(done, 0, 0)).text
