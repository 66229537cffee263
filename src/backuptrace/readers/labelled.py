"""Text of `Label: value` lines as objects: what people paste from the portal, PowerShell's lists, messages of `az`.

    Error Code: UserErrorX            -> {"errorcode": "UserErrorX"}
    VmAgentVersion : Unknown          -> {"vmagentversion": "Unknown", "statuses": [{"code": "ProvisioningState/Unavailable"}]}
    Statuses[0]    :
        Code       : ProvisioningState/Unavailable
    (ScopeLocked) The scope ...       -> {"error": {"code": "ScopeLocked", "message": "The scope ..."}}

Labels lose their blanks and capitals; German ones of the portal get the English name. A label alone on its line has its value on the next.
What was copied with its markup (`<br>`, `<td>`, `**Error code**`) is read without.
"""

from __future__ import annotations

import html
import re
from typing import Any

MOST_LINES = 2_000
_LABEL = re.compile(r"^(?P<indent>\s*)(?P<label>[A-Za-zÄÖÜäöüß][\w ÄÖÜäöüß./-]{1,40}?)(?P<index>\[\d+\])?\s*[:=](?:\s+(?P<value>.*?))?\s*$")
_CLI = re.compile(r"\((?P<code>[A-Z][A-Za-z]{4,80})\)\s+(?P<message>\S.*)")
_INLINE = re.compile(r"""(?P<quote>["'])(?P<name>code|message)(?P=quote)\s*:\s*(?P=quote)(?P<value>(?:(?!(?P=quote)).){3,2000})""", re.IGNORECASE)
NAMES = {
    "fehlercode": "errorcode",
    "fehlermeldung": "errormessage",
    "empfohleneaktion": "recommendedaction",
    "empfohlenemaßnahme": "recommendedaction",
    "recommendedactions": "recommendedaction",
    "recommendations": "recommendedaction",
    "fehler": "errormessage",
    "errordetails": "errormessage",
    "backupinstance": "vmname",
    "virtualmachine": "vmname",
    "virtuellermaschinenname": "vmname",
    "starttime": "starttime",
    "startzeit": "starttime",
}
_MARKUP = re.compile(r"</?(?:br|p|div|td|tr|th|li|ul|ol|table|tbody|thead|span|b|i|strong|em|a|code|pre|h[1-6])\b[^<>]{0,300}>", re.IGNORECASE)
_INSIDE = re.compile(r"</?(?:span|b|i|strong|em|a|code)\b", re.IGNORECASE)
ALONE = frozenset({"errorcode", "errormessage", "recommendedaction"})
"""Labels whose value may stand on the next line."""


def read(text: str) -> list[dict[str, Any]]:
    """The objects of a text. What is indented below a label without a value is inside it; a label that comes again begins the next object.

    Of the messages with a code the first counts, and belongs to the first object.
    """
    found: list[dict[str, Any]] = [{}]
    open_: list[tuple[int, dict[str, Any]]] = []
    told: set[str] = set()
    waiting = ""
    for line in plain(text).splitlines()[:MOST_LINES]:
        _message(line, found[0])
        name = _name(line)
        if name in ALONE:
            waiting = name
            continue
        if waiting and line.strip():
            found[-1].setdefault(waiting, line.strip())
            waiting = ""
            continue
        if (label := _LABEL.match(line)) is None:
            continue
        indent = len(label["indent"])
        while open_ and open_[-1][0] >= indent:
            open_.pop()
        name, value = _name(label["label"]), (label["value"] or "").strip()
        if name in ALONE and not value:
            waiting = name
            continue
        if not open_ and not label["index"]:
            if name in told:
                found.append({})
                told.clear()
            told.add(name)
        node = open_[-1][1] if open_ else found[-1]
        if label["index"]:
            items = node.setdefault(name, [])
            if isinstance(items, list):
                items.append(value or {})
                if not value:
                    open_.append((indent, items[-1]))
        elif value:
            node.setdefault(name, value)
        elif isinstance(inner := node.setdefault(name, {}), dict):
            open_.append((indent, inner))
    return [one for one in found if one]


def plain(text: str) -> str:
    """The text without markup of web pages and of Markdown; a tag that ends a line there ends one here."""
    if not _MARKUP.search(text):
        return text.replace("**", "") if "**" in text else text
    return html.unescape(_MARKUP.sub(lambda tag: "" if _INSIDE.match(tag[0]) else "\n", text)).replace("**", "")


def _message(line: str, into: dict[str, Any]) -> None:
    """A code with its message inside a line: of az, or in a piece of JSON."""
    if _INLINE.search(line):
        error = into.setdefault("error", {})
        for found in _INLINE.finditer(line) if isinstance(error, dict) else ():
            error.setdefault(found["name"].lower(), found["value"])
    elif told := _CLI.search(line):
        into.setdefault("error", {"code": told["code"], "message": told["message"].strip()})


def _name(label: str) -> str:
    name = re.sub(r"[\s_-]+", "", label.strip().rstrip(":")).lower()
    return NAMES.get(name, name)
