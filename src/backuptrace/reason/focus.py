"""Which moment is judged: the time given, else the last attempt that failed, else the end of coverage (REPORT.md, "The focus")."""

from __future__ import annotations

import msgspec

from backuptrace.model import HOUR, MINUTE, SECOND
from backuptrace.timeline.assembly import Timeline
from backuptrace.timeline.attempts import Attempt
from backuptrace.timeline.history import Window
from backuptrace.timeline.jobs import JOB

SETTLING = 2 * MINUTE
"""After an attempt's end the agent still reports what it did."""
AROUND = 12 * HOUR
"""How far from a given time an attempt may lie and still be the one that is meant: a job is reported when it ends, hours after the snapshot."""
JOB_BASIS = "the time of the last backup job that the service tells, which failed"
FAILURE = 15 * MINUTE
"""`at failure`: the last minutes of the attempt."""


class Focus(msgspec.Struct, frozen=True):
    """`window`: the time in which evidence counts, microseconds UTC; `attempt`: the judged one; `basis`: where it comes from, in words.

    `any_attempt`: whether the bundle shows attempts at all; where it shows none, the whole window stands in for the one that was not seen.
    """

    window: Window
    attempt: Attempt | None
    basis: str
    shown: tuple[int | None, int | None]
    any_attempt: bool = True

    @property
    def attempt_window(self) -> Window | None:
        """What `in attempt` narrows to."""
        if self.attempt is None:
            return None if self.any_attempt else self.window
        lead = MINUTE if self.attempt.began else 5 * MINUTE
        low = max(self.attempt.started - lead, self.window.start)
        return Window(low, self.window.end if self.attempt.result == "unknown" else max(low, min(self.attempt.last + MINUTE, self.window.end)))

    @property
    def failure_window(self) -> Window | None:
        """What `at failure` narrows to."""
        window = self.attempt_window
        return window and Window(max(window.start, window.end - FAILURE), window.end)


def choose(timeline: Timeline, attempts: list[Attempt], at: int | None) -> Focus:
    """The judged moment; `at` in microseconds UTC if the user named one."""
    begin = timeline.start if timeline.start is not None else 0
    if at is not None:
        return _given(begin, attempts, at)
    good = [attempt for attempt in attempts if attempt.result == "succeeded" and attempt.ended is not None]
    last = _last(attempts)
    if last is not None and last.result == "failed":
        return at_attempt(begin, attempts, last, JOB_BASIS if last.kind == JOB else "the last backup attempt seen in the guest, which failed")
    return at_end(timeline, good[-1] if good else None, last, any_attempt=bool(attempts))


def at_attempt(begin: int, attempts: list[Attempt], attempt: Attempt, basis: str) -> Focus:
    """A failed attempt: what began before it counts back to the last success."""
    low = _behind_success(attempts, attempt.started, begin)
    return Focus(Window(min(low, attempt.started), attempt.last + SETTLING), attempt, basis, (attempt.started, attempt.last))


def at_end(timeline: Timeline, success: Attempt | None, last: Attempt | None, *, any_attempt: bool) -> Focus:
    """The end of coverage: what is open then and began after the last success."""
    begin = timeline.start if timeline.start is not None else 0
    end = timeline.end if timeline.end is not None else begin
    low = success.ended + SECOND if success is not None and success.ended is not None else begin
    begun = last if last is not None and last.result == "unknown" and (success is None or last.started > (success.ended or 0)) else None
    if timeline.excerpt or timeline.end is None:
        basis = "an excerpt: a few lines that somebody chose are their own focus"
        return Focus(Window(low, max(end, low) + SECOND), begun, basis, (timeline.start, timeline.end), any_attempt)
    if begun is not None:
        basis = "the last backup attempt seen in the guest, of which no end is recorded, up to the end of the logs"
        return Focus(Window(low, max(end, low)), begun, basis, (begun.started, end))
    if success is not None:
        return Focus(Window(low, max(end, low)), None, "the end of the logs, after the last backup attempt, which succeeded", (success.ended, end))
    return Focus(Window(low, max(end, low)), None, "the end of the logs: they show no backup attempt", (timeline.start, end), any_attempt)


def _last(attempts: list[Attempt]) -> Attempt | None:
    """The last attempt; one of unknown result that reached nothing does not displace a failed one (an agent restart enables the extension again)."""
    for attempt in reversed(attempts):
        if attempt.result == "succeeded":
            break
        if attempt.result == "failed" or attempt.step:
            return attempt
    return attempts[-1] if attempts else None


def _behind_success(attempts: list[Attempt], until: int, begin: int) -> int:
    """From when on evidence counts: behind the last success that ended before a time, else from the begin of the logs."""
    ended = [attempt.ended for attempt in attempts if attempt.result == "succeeded" and attempt.ended is not None and attempt.ended < until]
    return max(ended) + SECOND if ended else begin


def _given(begin: int, attempts: list[Attempt], at: int) -> Focus:
    near = [a for a in attempts if a.result != "succeeded" and -MINUTE * 30 <= at - a.started <= AROUND]
    if near:
        best = min(near, key=lambda a: abs(at - a.last))
        focus = at_attempt(begin, attempts, best, "the backup attempt at the time given")
        return Focus(Window(focus.window.start, max(focus.window.end, min(at, best.last + HOUR))), best, focus.basis, focus.shown)
    low = _behind_success(attempts, at - MINUTE, min(begin, at))
    return Focus(Window(low, at + SETTLING), None, "the time given; no backup attempt was seen near it", (low, at), any_attempt=False)
