"""Secrets found in text and replaced by tokens such as `<sas-1>`, the same secret by the same token.

The room works on text that is about to be written, never on the bytes that are scanned. `finding.find` tells where secrets stand,
in whatever encoding; `redactor.Redactor` gives them their tokens over a whole document. What counts as a secret: docs/redaction.md.
"""

from __future__ import annotations
