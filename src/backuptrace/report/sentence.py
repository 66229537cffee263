"""The answer in one plain sentence, and what it rests on in another: for people who read nothing else.

Used for `verdict.sentence` and by the text report where a report carries none.
"""

from __future__ import annotations

from collections.abc import Sequence

from backuptrace.report.document import Attempt, Cause, Coverage, Focus, Missing, Outcome

MOST_NAMES = 6


def verdict_sentence(outcome: Outcome, *, cause: Cause | None, focus: Focus, attempts: Sequence[Attempt]) -> str:
    """One sentence (two where there is an earlier failure to tell) for the outcome; `cause` is the first supported one, `attempts` in order of time."""
    failed = [attempt for attempt in attempts if attempt.result == "failed"]
    judged = next((attempt for attempt in reversed(failed) if _within(attempt, focus)), None)
    if judged is not None:
        failure = f"The backup failed (attempt {span(judged.started, judged.ended)})"
    else:
        failure = f"Backups fail (judged at {clock_time(focus.to)} UTC)" if focus.to else "Backups fail"
    if outcome == "explained" and cause is not None:
        sure = f" (confidence {cause.confidence})" if cause.confidence else ""
        return f"{failure}; the cause: {cause.title}{sure}."
    if outcome == "recovered":
        last = f"The last backup attempt ({span(attempts[-1].started, attempts[-1].ended)}) succeeded" if attempts else "The last backup attempt succeeded"
        if not failed:
            return f"{last}, and no fault is open at the end of the logs."
        earlier = span(failed[-1].started, failed[-1].ended)
        many = f"an earlier attempt failed ({earlier})" if len(failed) == 1 else f"{len(failed)} earlier attempts failed, the last one {earlier}"
        return f"{last}, and no fault is open at the end of the logs; {many}."
    if outcome == "no-failure-seen":
        return "No failed backup attempt and no open fault was seen in this bundle."
    if outcome == "unexplained":
        return f"{failure}, and nothing in this bundle explains why."
    known = f"{failure}, but this bundle cannot tell why" if judged is not None else "This bundle cannot tell why the backup failed"
    return f"{known}: evidence that would decide is missing."


def _within(attempt: Attempt, focus: Focus) -> bool:
    """Whether the attempt is the one that was judged: it overlaps the focus (a focus without a begin is a moment)."""
    begin, end = attempt.started or attempt.ended, attempt.ended or attempt.started
    if begin is None or end is None:
        return False
    return (focus.to is None or begin <= focus.to) and end >= (focus.from_ or focus.to or end)


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
