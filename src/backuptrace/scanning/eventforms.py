"""Which form of Windows events a file holds, by its first bytes. Apart from the reading of events, as every file that no path settles is asked."""

from __future__ import annotations

import re
from typing import Literal

from backuptrace.knowledge.recognition import is_foreign
from backuptrace.readers import evtx, exports

EVTX: Literal["Windows event log (.evtx)"] = "Windows event log (.evtx)"
Form = Literal["Windows event log (.evtx)"] | exports.Form
QUOTES = ("details", "posted")
"""Forms that a log of another program may quote."""
_LOGS = re.compile(r"winevt/Logs/[^/]+\.(?:txt|log)$", re.IGNORECASE)


def form_of(head: bytes, path: str) -> Form | None:
    """The form of events that a file holds, by its first bytes; None: it is no file of events. A text in the folder of event logs is one."""
    if evtx.looks_like_evtx(head):
        return EVTX
    form = exports.sniff(head) or (exports.as_posted(head) if _LOGS.search(path) else None)
    return None if form and form.kind in QUOTES and is_foreign(path) else form
