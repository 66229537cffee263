"""Windows events as people save them: XML, CSV, text, PowerShell objects, copied details."""

from typing import TYPE_CHECKING, Any

from backuptrace.readers.exports.account import Form, Reading
from backuptrace.readers.exports.sniffing import as_posted, sniff

if TYPE_CHECKING:
    from backuptrace.readers.exports.reading import read

__all__ = ["Form", "Reading", "as_posted", "read", "sniff"]


def __getattr__(name: str) -> Any:
    """The readers come when they are used: every file that is no log of a known name is asked whether it is one of these."""
    if name not in __all__:
        raise AttributeError(name)
    from backuptrace.readers.exports import reading

    return getattr(reading, name)
