"""A document of ours as JSON text that is harmless when it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from backuptrace.report.safe import no_surrogates, safe_json

_PLAIN = bytes(range(0x7F))


def json_text(page: object) -> str:
    """A report or page as `Report.to_json` writes it."""
    return json_bytes(page).decode()


def json_bytes(page: object) -> bytes:
    """The same as UTF-8."""
    try:
        raw = msgspec.json.encode(page)
    except UnicodeEncodeError:
        raw = msgspec.json.encode(_without_surrogates(msgspec.to_builtins(page)))
    shown = msgspec.json.format(raw, indent=2) + b"\n"
    if raw.isascii() and b"\x7f" not in raw:
        return shown
    special = raw.translate(None, _PLAIN).decode()
    return shown if safe_json(special) == special else safe_json(shown.decode()).encode()


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return no_surrogates(value)
    if isinstance(value, Mapping):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value
