"""Text of `Label: value` lines as an object: what people paste from the portal, PowerShell's lists, messages of `az`.

    Error Code: UserErrorX            -> {"errorcode": "UserErrorX"}
    VmAgentVersion : Unknown          -> {"vmagentversion": "Unknown", "statuses": {"code": "ProvisioningState/Unavailable"}}
    Statuses[0]    :
        Code       : ProvisioningState/Unavailable
    (ScopeLocked) The scope ...       -> {"error": {"code": "ScopeLocked", "message": "The scope ..."}}

Labels lose their blanks and capitals; German ones of the portal get the English name. A label alone on its line has its value on the next.
"""

from __future__ import annotations

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
ALONE = frozenset({"errorcode", "errormessage", "recommendedaction"})
"""Labels whose value may stand on the next line."""


def read(text: str) -> dict[str, Any]:
    """All labels of a text in one object; of a label that comes twice at one level the first counts. Labels with an index open an inner object."""
    out: dict[str, Any] = {}
    inner, inner_indent = out, -1
    waiting = ""
    for line in text.splitlines()[:MOST_LINES]:
        if found := _INLINE.search(line):
            error = out.setdefault("error", {})
            if isinstance(error, dict):
                for found in _INLINE.finditer(line):
                    error.setdefault(found["name"].lower(), found["value"])
        elif found := _CLI.search(line):
            out.setdefault("error", {"code": found["code"], "message": found["message"].strip()})
        name = _name(line)
        if name in ALONE:
            waiting = name
            continue
        if waiting and line.strip():
            out.setdefault(waiting, line.strip())
            waiting = ""
            continue
        if (found := _LABEL.match(line)) is None:
            continue
        indent = len(found["indent"])
        name, value = _name(found["label"]), (found["value"] or "").strip()
        if found["index"] is not None and not value:
            known = out.setdefault(name, [])
            if isinstance(known, list):
                inner, inner_indent = {}, indent
                known.append(inner)
            continue
        target = inner if indent > inner_indent >= 0 else out
        if value:
            target.setdefault(name, value)
        elif name in ALONE:
            waiting = name
    return out


def _name(label: str) -> str:
    name = re.sub(r"[\s_-]+", "", label.strip().rstrip(":")).lower()
    return NAMES.get(name, name)
