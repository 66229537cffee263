"""In which form the first bytes of a file may hold objects of the control plane: what `az`, PowerShell, REST, Log Analytics and the portal give."""

from __future__ import annotations

import re
from typing import Literal

Form = Literal["JSON", "YAML", "CSV", "text"]
_SUFFIX = re.compile(r"(?:^|/)[^/.]*$|\.(?:txt|log|out|md|eml|html?|csv|tsv|json|ya?ml)$", re.IGNORECASE)
_JSON = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:\[\s*[\[{\]]|\{\s*[\"}])", re.MULTILINE)
_YAML = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:- )?[A-Za-z]\w*:(?: [^\r\n]*)?\r?\n(?: *- | +|[A-Za-z]\w*:(?: |\r?$))", re.MULTILINE)
_OF_AZURE = re.compile(rb"^ *(?:- )?(?:\w*[iI]d|scope|source): ['\"]?/subscriptions/|^ *(?:instanceView|vmAgent|properties): *\r?$", re.MULTILINE)
_COLUMN = (
    rb"(?:Job(?:Operation|Status|UniqueId|ID)|Operation ?Name(?:Value)?|ActivityStatusValue|WorkloadName|Item Name|EntityFriendlyName"
    rb"|LockId|Lock ?Level|Level +Name|Protection ?Stat(?:e|us)|ProvisioningState|Publisher +Version)"
)
"""Columns that few other tables have."""
_CSV = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:(?:#TYPE [^\n]*|sep=.)\r?\n){0,2}(?:[^\r\n]*[,;\t])?[\"']?" + _COLUMN + rb"(?:_[a-z])?(?: \[UTC\])?[\"']?[,;\t\r\n]",
    re.IGNORECASE,
)
_DASHES = re.compile(rb"^ {0,4}-{2,}(?: +-{2,})+ *\r?$", re.MULTILINE)
_NAMES = re.compile(rb"\b" + _COLUMN + rb"\b", re.IGNORECASE)
_LIST = re.compile(rb"^ {0,4}(?:LockId|ProtectionStat(?:e|us)|WorkloadName|ProvisioningState) *: ", re.IGNORECASE | re.MULTILINE)
"""Of locks, protected items, jobs, extensions, as PowerShell prints them."""
_PASTED = re.compile(
    rb"(?i:\berror ?code\b|\bfehlercode\b|\bvmagentversion\b|[\"']code[\"']\s*:\s*[\"'])|\((?:[A-Z][a-z]+){2,}\) "
    rb"|\b(?:UserError|GuestAgent|Extension[A-Z][a-z]+[A-Z])[A-Za-z]{8,}"
)


def form_of(head: bytes, path: str) -> Form | None:
    """The form of objects that a file may hold, by its first bytes in UTF-8; None: none."""
    if not _SUFFIX.search(path):
        return None
    if _JSON.search(head[:4096]):
        return "JSON"
    if _CSV.search(head):
        return "CSV"
    if _YAML.search(head) and _OF_AZURE.search(head):
        return "YAML"
    return "text" if _PASTED.search(head) or _LIST.search(head) or _table(head) else None


def _table(head: bytes) -> bool:
    """Whether a line of dashes stands below such names of columns."""
    for dashes in _DASHES.finditer(head):
        end = max(dashes.start() - 1, 0)
        if _NAMES.search(head, head.rfind(b"\n", 0, end) + 1, end):
            return True
    return False
