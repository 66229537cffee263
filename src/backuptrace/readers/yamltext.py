"""YAML as `az -o yaml` prints it: plain values, lists and mappings. Aliases, which can make little text endless, are refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

_ITEM = re.compile(r"^- ", re.MULTILINE)
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml takes a tenth of the time; its wheels are not everywhere."""
DEEPEST = 100
_NOTHING = frozenset({"null", "~", ""})


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
    """The value of one item: texts, lists, mappings, None for `null`. Raises ValueError for what is no such YAML."""
    try:
        data = _built(yaml.parse(text, Loader=_LOADER))
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(type(error).__name__) from error
    return data[0] if isinstance(data, list) and len(data) == 1 else data


def _built(events: Iterable[yaml.Event]) -> Any:
    """What the events of one document make. No date or number is guessed; an alias, a second document and what is nested too deep are refused."""
    documents: list[Any] = []
    open_: list[tuple[list[Any], bool]] = []
    values = documents
    for event in events:
        if isinstance(event, yaml.ScalarEvent):
            values.append(event.value)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(open_) >= DEEPEST:
                raise yaml.YAMLError("nested too deep")
            open_.append((values, isinstance(event, yaml.MappingStartEvent)))
            values = []
        elif isinstance(event, yaml.CollectionEndEvent):
            outer, mapping = open_.pop()
            outer.append(_mapping(values) if mapping else [_plain(value) for value in values])
            values = outer
        elif isinstance(event, yaml.AliasEvent) or (isinstance(event, yaml.DocumentStartEvent) and documents):
            raise yaml.YAMLError("an alias or a second document, which az never writes")
    return _plain(documents[0]) if documents else None


def _mapping(values: list[Any]) -> dict[str, Any]:
    """Keys and values in turn."""
    keys = values[::2]
    if not all(isinstance(key, str) for key in keys):
        raise yaml.YAMLError("a key that is no text")
    return dict(zip(keys, map(_plain, values[1::2]), strict=True))


def _plain(value: Any) -> Any:
    return None if isinstance(value, str) and value in _NOTHING else value
