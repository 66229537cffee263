"""The kinds of secrets, and the form of the tokens that stand for them."""

from __future__ import annotations

import re
from typing import NamedTuple

SAS = "sas"
KEY = "key"
PASSWORD = "password"  # noqa: S105  the name of a kind
TOKEN = "token"  # noqa: S105  the name of a kind
PRIVATE_KEY = "private-key"
CERTIFICATE = "certificate"
PFX = "pfx"
PROTECTED = "protected-settings"
CUSTOM_DATA = "custom-data"
PARAMETERS = "script-parameters"
HASH = "hash"
BLOB = "blob"
KINDS = (PROTECTED, CUSTOM_DATA, PARAMETERS, PRIVATE_KEY, PFX, CERTIFICATE, SAS, KEY, PASSWORD, TOKEN, HASH, BLOB)
"""Where spans of two kinds overlap, the one that stands first here names the whole."""
RANK = {kind: rank for rank, kind in enumerate(KINDS)}
WRITTEN = re.compile(rf"<({'|'.join(sorted(KINDS))})-([1-9]\d{{0,8}})>")
"""A token."""


class Found(NamedTuple):
    """A secret in a view of a text: characters [start, end)."""

    start: int
    end: int
    kind: str


def token(kind: str, number: int) -> str:
    """`<sas-1>`."""
    return f"<{kind}-{number}>"
