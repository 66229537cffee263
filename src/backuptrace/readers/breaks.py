"""Lines that were copied from a web page with the mark of their end."""

from __future__ import annotations

_BREAKS = ("<br>", "<br/>", "<br />")


def unbroken(line: str) -> str:
    """A line without its end, be it a carriage return or `<br>`."""
    line = line.removesuffix("\r")
    bare = line.rstrip()
    if bare.endswith(">"):
        for mark in _BREAKS:
            if bare[-len(mark) :].lower() == mark:
                return bare[: -len(mark)]
    return line
