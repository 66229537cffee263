"""Windows event logs in their binary form (.evtx), whole or damaged, as event records."""

from backuptrace.readers.evtx.account import Cleared, Reading, Unreadable
from backuptrace.readers.evtx.finding import looks_like_evtx
from backuptrace.readers.evtx.reading import Picked, Wanted, read

__all__ = ["Cleared", "Picked", "Reading", "Unreadable", "Wanted", "looks_like_evtx", "read"]
