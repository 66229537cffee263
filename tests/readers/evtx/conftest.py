"""A sound log and what becomes of a file when it is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from evtxlogs import entries
from evtxwriter import written

from backuptrace.readers.evtx import Reading, read


@pytest.fixture(scope="session")
def log() -> bytes:
    """Records 100 to 129 in three chunks of ten."""
    return written(entries(), most=10)


@pytest.fixture
def told() -> Callable[[bytes], tuple[list[int | None], Reading]]:
    """The record numbers read from a file, and the account."""

    def read_all(raw: bytes) -> tuple[list[int | None], Reading]:
        reading = Reading()
        return [event.number for event in read(raw, reading)], reading

    return read_all
