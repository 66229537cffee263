"""The event dictionary as it is shipped, and one way to read any export."""

from __future__ import annotations

import io
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from backuptrace.knowledge import library
from backuptrace.knowledge.eventdict import FOLDER, words_of
from backuptrace.readers.eventdict import EventDictionary
from backuptrace.readers.exports import Reading, read, sniff
from backuptrace.readers.exports.account import Wanted
from backuptrace.readers.winevent import WinEvent

BERLIN = ZoneInfo("Europe/Berlin")
Read = Callable[..., "tuple[list[WinEvent], Reading]"]


@pytest.fixture(scope="session")
def dictionary() -> EventDictionary:
    shaped = library.shape([source for source in library.sources() if source.path.startswith(FOLDER)])
    faults = list(shaped.faults)
    words = words_of(shaped.events, faults)
    assert not faults
    return EventDictionary(words)


@pytest.fixture(scope="session")
def read_export(dictionary: EventDictionary) -> Read:
    """(completed events, account) of the bytes of an export."""

    def reading(raw: bytes, wanted: Wanted | None = None) -> tuple[list[WinEvent], Reading]:
        form = sniff(raw)
        assert form is not None, "not recognised"
        account = Reading("case/export")
        stream = io.BytesIO(raw)
        events = [dictionary.complete(event) for event in read(stream, form, account, words=dictionary.words, wanted=wanted)]
        return events, account

    return reading
