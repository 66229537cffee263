"""Member names as they may be shown: printable text with '/' between the parts, and never a way out of the bundle."""

from __future__ import annotations

import os
import re

SHOWN = 240
_DRIVE = re.compile(r"[A-Za-z]:")


def printable(name: str | bytes) -> str:
    """Text without control characters, surrogates or text-direction marks; each becomes U+FFFD."""
    if isinstance(name, bytes):
        name = name.decode("utf-8", "replace")
    if name.isprintable():
        return name
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)


def member_path(raw: bytes, *, legacy: bool = False) -> str:
    """The path of an archive member: '/' for backslashes, no leading './', no empty parts.

    legacy: a zip name without the UTF-8 flag; read as UTF-8 where it is (Info-ZIP, waagent), else as code page 437 (APPNOTE.TXT, appendix D).
    """
    if legacy:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("cp437")
    else:
        text = raw.decode("utf-8", "replace")
    return tidy(printable(text))


def tidy(text: str) -> str:
    """One shape for all paths; a leading '/' stays, so that `escapes` can see it."""
    text = text.replace("\\", "/")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    return ("/" if text.startswith("/") else "") + "/".join(parts)


def escapes(path: str) -> str:
    """Why a member path points out of the bundle ('' if it does not)."""
    if path.startswith("/"):
        return "is an absolute path"
    if ".." in path.split("/"):
        return "climbs out of the bundle with '..'"
    return "names a drive" if _DRIVE.match(path) else ""


def file_path(root_relative: str) -> str:
    """The path of a file below a folder, as text to be shown; a backslash in a Linux file name separates too (zips of Windows unpacked by old tools)."""
    text = printable(os.fsencode(root_relative))
    path = tidy(text)
    return path if path and not escapes(path) else text


def shown(path: str) -> str:
    """A path short enough for a message."""
    return path if len(path) <= SHOWN else f"{path[: SHOWN // 2]}...{path[-SHOWN // 2 :]}"
