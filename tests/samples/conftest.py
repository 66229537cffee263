"""The signatures are loaded once for each file of tests: a third of the time of a scan that is as small as these."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest

from backuptrace import api
from backuptrace.knowledge.loading import load


@pytest.fixture(autouse=True, scope="module")
def _loaded_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "load", lru_cache(load))
        yield
