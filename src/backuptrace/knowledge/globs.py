"""Globs on the end of a path: whole components, any case; `*` and `?` cross no slash, `**` does."""

from __future__ import annotations

import re
from collections.abc import Iterable

NEVER = re.compile(r"(?!)")


def one_of(globs: Iterable[str]) -> re.Pattern[str]:
    """One expression that is found in a path which any of the globs fits; without globs in none."""
    texts = [_text(glob) for glob in globs]
    return re.compile(f"(?:^|/)(?:{'|'.join(texts)})$", re.IGNORECASE) if texts else NEVER


def _text(glob: str) -> str:
    return re.escape(glob.replace("\\", "/")).replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
