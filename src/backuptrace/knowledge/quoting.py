"""How a text is written in YAML: plain where that is safe, else in single quotes, else (control characters) in double quotes.

A pattern always stands in single quotes; a sentence keeps them if it has them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import yaml

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\u0085]")
_PATTERN_KEYS = ("head", "start")


def key_text(key: str, *, flow: bool = False) -> str:
    """A key."""
    return _text(key, flow=flow)


def value_text(node: Any, key: str, *, flow: bool = False) -> str:
    """A scalar as the value of a key; patterns always stand in quotes, so that they look alike."""
    text = str(node.value)
    kind = str(node.tag).rpartition(":")[2]
    if kind != "str" and node.style is None:
        return text if kind in ("int", "bool", "null", "timestamp") and not _odd(kind, text) else _quoted(text)
    if "re" in key.split("|")[1:] or key in _PATTERN_KEYS:
        return _quoted(text)
    return _quoted(text) if node.style == "'" and " " in text else _text(text, flow=flow)


def _odd(kind: str, text: str) -> bool:
    """Whether YAML sees a number or truth where our files mean text (`010`, `yes`)."""
    return (kind == "int" and not re.fullmatch(r"-?(?:0|[1-9][0-9]{0,17})", text)) or (kind == "bool" and text.lower() not in ("true", "false"))


@lru_cache(4096)
def _text(text: str, *, flow: bool) -> str:
    if text and not _UNPRINTABLE.search(text) and text == text.strip() and _reads_plain(text, flow=flow):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    if _UNPRINTABLE.search(text):
        return str(yaml.dump(text, default_style='"', width=1 << 20, allow_unicode=True)).rstrip("\n")
    return "'" + text.replace("'", "''") + "'"


def _reads_plain(text: str, *, flow: bool) -> bool:
    """Whether the bare text is read as just this text, as a key and as a value."""
    if ": " in text or " #" in text or text.endswith(":") or text[0] in "-?:,[]{}#&*!|>'\"%@`" or (flow and re.search(r"[,\[\]{}]", text)):
        return False
    try:
        node: Any = yaml.compose(f"[{text}]" if flow else f"a: {text}", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    value = node.value[0] if flow else node.value[0][1]
    return isinstance(value, yaml.ScalarNode) and value.value == text and value.tag.endswith(":str")
