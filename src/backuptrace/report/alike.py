"""When two lines say the same: they differ in numbers, ids and addresses only."""

from __future__ import annotations

import re

_VARIABLE = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}|[0-9]+")
"""GUIDs, long hexadecimal numbers, any other number."""


def masked(text: str) -> str:
    """The text with everything that varies from line to line as `0`."""
    return _VARIABLE.sub("0", text)
