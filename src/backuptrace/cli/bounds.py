"""The options of `scan` and `fleet` that move the limits on archives: `--max-member 500M`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from backuptrace.errors import UsageError

if TYPE_CHECKING:
    from backuptrace.bundle.limits import Limits

_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_SIZE = re.compile(r"([0-9]{1,15})(\.[0-9]{1,6})? ?([KMGT]?)(?:I?B)?", re.IGNORECASE | re.ASCII)
_COUNT = re.compile(r"[0-9]{1,15}", re.ASCII)

MaxMember = Annotated[
    str | None,
    typer.Option("--max-member", metavar="SIZE", help="Most bytes that are read of one packed file or nested archive, such as 500M or 20G (8G; nested: 2G)."),
]
MaxTotal = Annotated[str | None, typer.Option("--max-total", metavar="SIZE", help="Most bytes that are unpacked of the whole bundle (64G).")]
MaxRatio = Annotated[
    str | None,
    typer.Option("--max-ratio", metavar="N", help="How many times its packed size a file may have, once 16M of it were read (1000)."),
]
MaxDepth = Annotated[str | None, typer.Option("--max-depth", metavar="N", help="How many archives may stand around a file, one within the other (4).")]
MaxMembers = Annotated[str | None, typer.Option("--max-members", metavar="N", help="Most files, folders and links of the bundle (200000).")]


def limits_of(*, member: str | None, total: str | None, ratio: str | None, depth: str | None, members: str | None) -> Limits | None:
    """The limits that the options ask for, None where they ask for nothing. Raises UsageError."""
    from backuptrace.bundle.limits import Limits

    wanted: dict[str, int] = {}
    if member is not None:
        wanted["member"] = wanted["spool"] = size("--max-member", member)
    if total is not None:
        wanted["total"] = size("--max-total", total)
    for option, field, text in (("--max-ratio", "ratio", ratio), ("--max-depth", "depth", depth), ("--max-members", "count", members)):
        if text is not None:
            wanted[field] = number(option, text)
    return Limits(**wanted) if wanted else None


def size(option: str, text: str) -> int:
    """Bytes of `500M`, `1.5G`, `64 KiB` or a plain number; a unit is a power of 1024. Raises UsageError, also for 0."""
    found = _SIZE.fullmatch(text.strip())
    bytes_ = int(float(found[1] + (found[2] or "")) * (1 << _UNITS[found[3].upper()])) if found else 0
    if bytes_ < 1:
        raise UsageError("not a size", where=f"{option} {text}", fix="write a number with K, M, G or T, such as 500M (units of 1024)")
    return bytes_


def number(option: str, text: str) -> int:
    """A whole number above 0. Raises UsageError."""
    value = int(text) if _COUNT.fullmatch(text.strip()) else 0
    if value < 1:
        raise UsageError("not a number above 0", where=f"{option} {text}", fix="write digits only, such as 1000")
    return value
