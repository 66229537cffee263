r"""Values inside JSON documents by dotted path, strings that hold JSON themselves included.

`status.code`, `$` (the whole), `items.*.name` (every item; a name after a list means the same), `items.#` (their number),
`items.[name=*Linux].version` (those items whose member is like that; `[name=!*Linux]`: those of which it is not), `a\.b` (a name with a dot),
`substatus.0.name.~.0.status.code`: `~` reads the string before it as JSON. The Linux backup extension nests its real result so
(azure-linux-extensions VMBackup main/Utils/HandlerUtil.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import msgspec

MAX_DEPTH = 40
_STEP = re.compile(r"\[[^\]]*\]|(?:\\.|[^.\\])+")


def read(raw: bytes) -> Any:
    """The document. Raises ValueError with the reason for text that is no JSON; a byte order mark and NULs at the end are allowed."""
    text = raw.removeprefix(b"\xef\xbb\xbf").strip(b"\0 \t\r\n")
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def walk(data: Any, path: str) -> Iterator[Any]:
    """Every value that the path reaches, in document order; nothing where a step does not exist."""
    yield from _walk(data, _steps(path))


def items(data: Any, path: str) -> Iterator[Any]:
    """The records at a path: of a list its items."""
    for value in walk(data, path):
        if isinstance(value, list):
            yield from value
        else:
            yield value


def first(data: Any, path: str) -> str:
    """The first value at the path as text: numbers and booleans as JSON writes them, "" where there is none."""
    for value in walk(data, path):
        if isinstance(value, str):
            return value
        if value is not None:
            return msgspec.json.encode(value).decode()
    return ""


@lru_cache(4096)
def _steps(path: str) -> list[str]:
    return [step.replace("\\.", ".") for step in _STEP.findall(path) if step != "$"]


def _walk(data: Any, steps: list[str]) -> Iterator[Any]:
    if not steps:
        yield data
        return
    step, rest = steps[0], steps[1:]
    if step == "*":
        for item in data if isinstance(data, list) else data.values() if isinstance(data, dict) else ():
            yield from _walk(item, rest)
    elif step == "#":
        if isinstance(data, list):
            yield from _walk(len(data), rest)
    elif step == "~":
        if isinstance(data, str):
            try:
                inner = read(data.encode())
            except ValueError:
                return
            yield from _walk(inner, rest)
    elif step.startswith("["):
        name, _, like = step[1:-1].partition("=")
        for item in data if isinstance(data, list) else [data]:
            if isinstance(item, dict) and fnmatchcase(str(item.get(name, "")), like.removeprefix("!")) is not like.startswith("!"):
                yield from _walk(item, rest)
    elif isinstance(data, dict):
        if step in data:
            yield from _walk(data[step], rest)
    elif isinstance(data, list) and step.isdigit():
        if int(step) < len(data):
            yield from _walk(data[int(step)], rest)
    elif isinstance(data, list):
        for item in data:
            yield from _walk(item, steps)
