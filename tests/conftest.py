"""One cache of compiled signatures for all tests of a run and all its processes, and never that of the user."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """As an environment variable, so that processes that tests start have it too; pytest-xdist's workers get it from the process that starts them."""
    if hasattr(config, "workerinput"):
        return
    folder = tempfile.mkdtemp(prefix="backuptrace-tests-")
    os.environ["BACKUPTRACE_CACHE"] = folder
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
