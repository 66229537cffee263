"""`Key=Value` files such as waagent.conf.

The agent reads `#` as the start of a comment, at the line's beginning and after a value, and `None` as unset
(WALinuxAgent azurelinuxagent/common/conf.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE = re.compile(r"^\s*([A-Za-z][\w.]*)\s*=\s*(.*?)\s*$")


class Setting(NamedTuple):
    """One effective line: key, value without comment and quotes, 1-based line number, the line as it stands."""

    key: str
    value: str
    line: int
    text: str


def settings(text: str) -> Iterator[Setting]:
    """Every setting in file order; when a key stands twice the later one counts for the agent."""
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.match(line.split("#", 1)[0])
        if found:
            value = found[2].strip("\"'")
            if value != "None":
                yield Setting(found[1], value, number, line.strip())
