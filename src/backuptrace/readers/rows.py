"""Text without times, a line a record: outputs of commands (df, ps, mount, ip route), leases, files of one word.

Which lines are records, and what their fields are, tell the regular expressions of the format (named groups); other lines are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from backuptrace.readers.breaks import unbroken


class Row(NamedTuple):
    """Fields by name, 1-based line number, the line as it stands."""

    fields: dict[str, str]
    line: int
    text: str


def rows(text: str, shapes: Sequence[re.Pattern[str]], carry: Sequence[str] = ()) -> Iterator[Row]:
    """Every line that one of the expressions fits (the first that does counts), in file order.

    carry: fields that hold for the lines below too, such as the service in the headline of `sc query`; a new value ends those behind it in
    the list. The text of a row then begins with the lines that gave it such fields.
    """
    held: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(map(unbroken, text.splitlines()), 1):
        for shape in shapes:
            if not (found := shape.search(line)):
                continue
            own = {name: value for name, value in found.groupdict().items() if value is not None}
            for place, name in enumerate(carry):
                if name in own:
                    held = {key: value for key, value in held.items() if key in carry[:place]} | {name: (own[name], line.rstrip())}
            lines = dict.fromkeys(headline for _, headline in held.values()) | {line.rstrip(): None}
            yield Row({key: value for key, (value, _) in held.items()} | own, number, "\n".join(lines).strip())
            break
