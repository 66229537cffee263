"""Text without times, a line a record: outputs of commands (df, ps, mount, ip route), leases, files of one word.

Which lines are records, and what their fields are, tell the regular expressions of the format (named groups); other lines are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """Fields by name, 1-based line number, the line as it stands."""

    fields: dict[str, str]
    line: int
    text: str


def rows(text: str, shapes: Sequence[re.Pattern[str]]) -> Iterator[Row]:
    """Every line that one of the expressions fits (the first that does counts), in file order."""
    for number, line in enumerate(text.splitlines(), 1):
        for shape in shapes:
            if found := shape.search(line):
                yield Row({name: value for name, value in found.groupdict().items() if value is not None}, number, line.strip())
                break
