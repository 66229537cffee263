"""What the logs leave open at their end: the judged backup attempt, or something that began shortly before. They cannot tell how it goes on."""

from __future__ import annotations

from typing import NamedTuple

from backuptrace.judged import Judged
from backuptrace.timeline.attempts import summary
from backuptrace.timeline.begun import begun
from backuptrace.timeline.jobs import JOB
from backuptrace.timeline.placed import Placed


class Pending(NamedTuple):
    """`what`: the last step of the attempt, or what began; `since`: when that began, microseconds UTC; `told`: where the logs tell it."""

    what: str
    since: int
    told: Placed
    attempt: bool


def pending(judged: Judged) -> Pending | None:
    """The attempt counts where the extension's own log shows its steps and no end: it hangs, was killed, or the logs were taken meanwhile."""
    attempt = judged.focus.attempt
    if attempt is not None and attempt.kind != JOB and attempt.result == "unknown" and attempt.step is not None:
        return Pending(summary(*attempt.step, judged.language), attempt.started, attempt.step[1], attempt=True)
    if found := begun(judged.timeline):
        return Pending(summary(found.milestone, found.first, judged.language), found.first.utc, found.first, attempt=False)
    return None
