"""Windows event logs in their binary form (.evtx), whole or damaged, as event records."""

from typing import TYPE_CHECKING, Any

from backuptrace.readers.evtx.account import Cleared, Reading, Unreadable
from backuptrace.readers.evtx.finding import looks_like_evtx

if TYPE_CHECKING:
    from backuptrace.readers.evtx.reading import Picked, Wanted, read

__all__ = ["Cleared", "Picked", "Reading", "Unreadable", "Wanted", "looks_like_evtx", "read"]


def __getattr__(name: str) -> Any:
    """The readers come when they are used: every file that is no log of a known name is asked whether it is one of these."""
    if name not in __all__:
        raise AttributeError(name)
    from backuptrace.readers.evtx import reading

    return getattr(reading, name)
