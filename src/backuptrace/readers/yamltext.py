"""YAML as `az -o yaml` prints it: plain values, lists and mappings. Aliases, which can make little text endless, are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

_ITEM = re.compile(r"^- ", re.MULTILINE)


class _Loader(yaml.BaseLoader):
    """Every scalar is a text, so no date or number is guessed."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """As the base class does it, without aliases."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias, which az never writes")
        return super().compose_node(parent, index)


def items(text: str) -> Iterator[tuple[int, str]]:
    """(1-based line, text) of each item of a list that begins at the margin; a text that is no list is one item."""
    begins = [found.start() for found in _ITEM.finditer(text)]
    if not begins or text[: begins[0]].strip():
        begins = [0]
    line = 1 + text.count("\n", 0, begins[0])
    for begin, end in zip(begins, [*begins[1:], len(text)], strict=True):
        yield line, text[begin:end]
        line += text.count("\n", begin, end)


def read(text: str) -> Any:
    """The value of one item. Raises ValueError for what is no such YAML."""
    try:
        data = _plain(yaml.load(text, _Loader))  # noqa: S506  # the loader makes texts, lists and mappings only
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(type(error).__name__) from error
    return data[0] if isinstance(data, list) and len(data) == 1 else data


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if value in ("null", "~", "") else value
