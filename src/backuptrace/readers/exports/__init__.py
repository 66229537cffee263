"""Windows events as people save them: XML, CSV, text, PowerShell objects, copied details."""

from backuptrace.readers.exports.account import Form, Reading
from backuptrace.readers.exports.reading import read
from backuptrace.readers.exports.sniffing import as_posted, sniff

__all__ = ["Form", "Reading", "as_posted", "read", "sniff"]
