"""Which error code of the catalogue a text speaks of: by its name, its number, or the documented message in English or German."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backuptrace.knowledge.shapes import CodeShape

_NAME = re.compile(r"\b[A-Za-z][A-Za-z0-9]{0,60}[a-z][A-Z][A-Za-z0-9]{1,60}\b")
_NUMBER = re.compile(r"(?<![\w.-])[1-9]\d{4,6}(?![\w.-])")
"""Status codes of the extension are shorter, and mean something only in its own log."""
LEAST_MESSAGE = 25
MOST_TEXT = 20_000


class Codes:
    """The catalogue's codes, made ready to be found in texts."""

    def __init__(self, codes: Sequence[CodeShape]) -> None:
        self._names: dict[str, CodeShape] = {}
        self._messages: list[tuple[str, CodeShape]] = []
        for code in codes:
            for name in (code.code, *code.aliases):
                self._names.setdefault(str(name).casefold(), code)
            texts = [code.message] if isinstance(code.message, str) else [code.message.en, code.message.de]
            texts += code.told
            self._messages += [(plain, code) for text in texts if len(plain := _plain(text)) >= LEAST_MESSAGE]
        self._messages.sort(key=lambda item: -len(item[0]))

    def found(self, texts: Iterable[str]) -> CodeShape | None:
        """The code that the texts speak of, the earlier text first; one that only points to an inner message yields to any other."""
        least: CodeShape | None = None
        for text in texts:
            for code in self._in(text[:MOST_TEXT]):
                if code.causes:
                    return code
                least = least or code
        return least

    def _in(self, text: str) -> Iterable[CodeShape]:
        for pattern in (_NAME, _NUMBER):
            for found in pattern.finditer(text):
                if (code := self._names.get(found[0].casefold())) is not None:
                    yield code
        if len(text) >= LEAST_MESSAGE:
            plain = _plain(text)
            yield from (code for message, code in self._messages if message in plain)


def _plain(text: str) -> str:
    """Letters and digits only: quotes, dots and brackets differ from export to export."""
    return re.sub(r"[^\w]+", " ", text.casefold()).strip()
