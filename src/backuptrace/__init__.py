"""backuptrace: from the logs of a failed Azure VM backup back to its documented cause.

>>> report = backuptrace.scan("bundle.zip")
>>> report.verdict.sentence
>>> report.timeline_frame()
>>> backuptrace.open_fleet("results").verdicts
"""

from __future__ import annotations

from typing import Any

from backuptrace.version import __version__

__all__ = ["Report", "__version__", "open_fleet", "scan"]


def __getattr__(name: str) -> Any:
    """`scan`, `Report` and `open_fleet` on first use: the command line starts without them."""
    if name == "scan":
        from backuptrace.api import scan

        return scan
    if name == "Report":
        from backuptrace.report.document import Report

        return Report
    if name == "open_fleet":
        from backuptrace.fleet.opening import open_fleet

        return open_fleet
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
