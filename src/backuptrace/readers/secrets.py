"""Secrets in the agent's documents, struck out before a line of them can become evidence.

Old agents leave the encrypted `protectedSettings`, the signatures of storage URLs and the CustomData of ovf-env.xml as they came from the
platform (WALinuxAgent 2.2.x; from 2.13 on they are redacted in the history).
"""

from __future__ import annotations

import re

STRUCK = b"***"
_VALUE = re.compile(rb'(\\*"(?:protectedSettings|adminPassword|storageAccountKey)\\*"\s*:\s*\\*")[^"\\]*', re.IGNORECASE)
_ELEMENT = re.compile(rb"(<(?:\w+:)?(UserPassword|AdminPassword|CustomData|ProtectedSettings)\b[^>]*>)[^<]*", re.IGNORECASE)
_SIGNATURE = re.compile(rb"((?:[?&;]|%26)sig(?:=|%3D))[^&\"'<>\s]+", re.IGNORECASE)


def struck(raw: bytes) -> bytes:
    """The document with the values of protected settings, passwords, custom data and URL signatures replaced by `***`."""
    for pattern in (_VALUE, _ELEMENT, _SIGNATURE):
        raw = pattern.sub(rb"\g<1>" + STRUCK, raw)
    return raw
