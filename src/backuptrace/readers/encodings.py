"""Documents in UTF-16 become UTF-8, so that everything behind sees one encoding."""

from __future__ import annotations

import codecs
import re

_DECLARED = re.compile(rb"^(<\?xml[^>]*?)\s+encoding=([\"'])[^\"']*\2")


def utf8(raw: bytes) -> bytes:
    """A document that begins with the byte order mark of UTF-16 as UTF-8, without what it declares as its encoding; any other unchanged."""
    if not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw
    return _DECLARED.sub(rb"\1", raw.decode("utf-16", "replace").encode("utf-8", "replace"))
