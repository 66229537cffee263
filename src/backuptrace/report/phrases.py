"""Times and coverage in words."""

from __future__ import annotations

from collections.abc import Sequence

from backuptrace.report.document import Coverage, Missing

MOST_NAMES = 6


def coverage_sentence(coverage: Sequence[Coverage], missing: Sequence[Missing]) -> str:
    """What was read, from when to when, and what was not in the bundle."""
    if not coverage:
        read = "No known log was found"
    else:
        begin = min((source.from_ for source in coverage if source.from_), default=None)
        end = max((source.to for source in coverage if source.to), default=None)
        read = f"Read {len(coverage)} source{'s' if len(coverage) > 1 else ''}, {span(begin, end) if begin or end else 'none of them with a time'}"
        partial = sum(1 for source in coverage if source.holes or not source.complete)
        if partial:
            read += f", {partial} with gaps" if len(coverage) > 1 else ", with gaps"
    if not missing:
        return f"{read}."
    names = ", ".join(item.source for item in missing[:MOST_NAMES])
    more = f" and {len(missing) - MOST_NAMES} more" if len(missing) > MOST_NAMES else ""
    return f"{read}. Not in the bundle: {names}{more}."


def clock_time(stamp: str | None, *, known: str | None = None) -> str:
    """`2026-11-22 03:12:07` for a UTC text of the report, only the time of day where the date is that of `known`; `?` for None."""
    if stamp is None:
        return "?"
    return stamp[11:19] if known is not None and known[:10] == stamp[:10] else f"{stamp[:10]} {stamp[11:19]}"


def span(begin: str | None, end: str | None) -> str:
    """`2026-11-22 03:10:00 to 03:12:07 UTC`, open ends as `from` and `until`."""
    if begin is None and end is None:
        return "at an unknown time"
    if end is None:
        return f"from {clock_time(begin)} UTC"
    if begin is None:
        return f"until {clock_time(end)} UTC"
    if begin[:19] == end[:19]:
        return f"{clock_time(begin)} UTC"
    return f"{clock_time(begin)} to {clock_time(end, known=begin)} UTC"
