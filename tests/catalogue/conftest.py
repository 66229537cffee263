"""The data files as they are shaped, without a fault."""

from __future__ import annotations

import pytest

from backuptrace.knowledge import library
from backuptrace.knowledge.library import Library


@pytest.fixture(scope="module")
def shaped() -> Library:
    found = library.shape(library.sources())
    assert found.faults == []
    return found
