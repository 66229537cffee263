"""Which events of an XML export may be on a selection: those that hold one of its words and, where it asks for event ids, have such an id.

In XML the id stands in digits behind the provider, so it can be looked at before anything is parsed. In most logs one provider writes nearly
everything, and its name alone would make every event wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backuptrace.knowledge.loading import Ready

END = b"</Event>"
_ID = re.compile(rb"<EventID[^>]*>\s{0,40}0{0,20}(\d{1,10})\s{0,40}</EventID>")
MOST_IDS = 1 << 17


class XmlHits:
    """For one format; hits are (index in `Ready.written`, end offset) in order of the end."""

    def __init__(self, ready: Ready) -> None:
        self._slots = [raw.slots for raw in ready.written]
        self._tests = [[test for test in tests if test.field == "event_id"] for tests in ready.tests]
        self._accepted: dict[tuple[int, bytes], bool] = {}

    def ends(self, raw: bytearray, hits: Sequence[tuple[int, int]]) -> Iterable[int]:
        """The ends of those hits whose event may be on a selection of their pattern. `raw`: a block of XML."""
        begin = end = 0
        number: bytes | None = None
        taken = False
        for pattern, at in hits:
            if at > end:
                begin = raw.rfind(END, end, at) + len(END) if raw.find(END, end, at) >= 0 else end
                end = raw.find(END, max(begin, at - len(END)))
                if end < 0:
                    end = len(raw)
                found = _ID.search(raw, begin, end)
                number = found[1] if found else None
                end = min(end + len(END), len(raw))
                taken = False
            if not taken and (number is None or self._accepts(pattern, number)):
                taken = True
                yield at

    def _accepts(self, pattern: int, number: bytes) -> bool:
        key = pattern, number
        known = self._accepted.get(key)
        if known is None:
            if len(self._accepted) > MOST_IDS:
                self._accepted.clear()
            known = self._accepted[key] = any(all(test.holds(number) for test in self._tests[slot]) for slot in self._slots[pattern])
        return known
