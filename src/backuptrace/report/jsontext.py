"""A document of ours as JSON text that is harmless when it is shown."""

from __future__ import annotations

import msgspec

from backuptrace.report.safe import safe_json, without_surrogates

_PLAIN = bytes(range(0x7F))


def encoded(value: object) -> bytes:
    """JSON on one line; lone surrogates, which no UTF-8 can carry, become U+FFFD."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(without_surrogates(msgspec.to_builtins(value)))


def json_text(page: object) -> str:
    """A report or page as `Report.to_json` writes it."""
    return json_bytes(page).decode()


def json_bytes(page: object) -> bytes:
    """The same as UTF-8."""
    raw = encoded(page)
    shown = msgspec.json.format(raw, indent=2) + b"\n"
    if raw.isascii() and b"\x7f" not in raw:
        return shown
    special = raw.translate(None, _PLAIN).decode()
    return shown if safe_json(special) == special else safe_json(shown.decode()).encode()
