"""Backup attempts, joined from the milestones of the agent and of the backup extension.

A run is the agent's `Enable extension`, the extension's own start (twice: enable and daemon), its steps, and its verdict
`Enable,<status>,<code>,...`; the same run is told again by its status file. They are joined where less than ten minutes lie between two
of them; a task id that differs, or a start behind an end, begins a new attempt. A run that skips (the same task again) is none.

The Windows agent says that its command ended well, which is no proof of a snapshot: such a step with a result counts only where no end is told.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from backuptrace.knowledge.compiled import Milestone
from backuptrace.knowledge.shapes import AttemptResult
from backuptrace.knowledge.texts import Language, pick
from backuptrace.model import HOUR, MINUTE, SECOND, Event
from backuptrace.timeline.assembly import Timeline
from backuptrace.timeline.placed import Placed

APART = 10 * MINUTE
"""Longest time between two milestones of one run (the extension may sleep for minutes while it waits for the host)."""
HANGING = 3 * HOUR
"""Longest time until the log that told the start of a run tells its end: the agent kills a command that hangs for an hour and a half."""
Result = Literal["succeeded", "failed", "unknown"]


class Attempt(msgspec.Struct):
    """One run, times in microseconds UTC. `step`: the last one that was reached; `began`: a start was seen, not only an end."""

    kind: str
    started: int
    last: int
    result: Result = "unknown"
    code: str = ""
    keys: dict[str, str] = {}
    began: bool = False
    ended: int | None = None
    skipped: bool = False
    milestones: list[tuple[Placed, Milestone]] = []
    step: tuple[Milestone, Placed] | None = None


def find_attempts(timeline: Timeline) -> list[Attempt]:
    """All attempts in time order."""
    found: list[Attempt] = []
    for placed, milestone in told_by(timeline, "attempt-"):
        if placed.dated:
            _tell(found, placed, milestone)
    for attempt in found:
        if attempt.result == "succeeded" and attempt.ended is None:
            attempt.ended = attempt.last
    return [attempt for attempt in found if not (attempt.skipped and attempt.result == "unknown") and (attempt.began or attempt.ended is not None)]


def told_by(timeline: Timeline, role: str) -> list[tuple[Placed, Milestone]]:
    """The kept hits of all milestones whose role is or begins with this one, in order."""
    told = [(placed, milestone) for milestone in timeline.milestones if milestone.role.startswith(role) for placed in timeline.placed[milestone.key]]
    return sorted(told, key=lambda item: item[0].key)


def summary(milestone: Milestone, placed: Placed, language: Language) -> str:
    """The milestone's text with the record's fields filled in."""
    text = pick(milestone.summary, language)
    for name, value in placed.event.fields.items():
        text = text.replace("{" + name + "}", value)
    return text


def result_of(milestone: Milestone, event: Event) -> Result | Literal["ignored"]:
    """What the end of an attempt says of its result."""
    rule = milestone.result
    if isinstance(rule, AttemptResult):
        value = event.fields.get(rule.field, "")
        if value in rule.ignore:
            return "ignored"
        return "succeeded" if value in rule.succeeded else "failed"
    return rule if rule in ("succeeded", "failed") else "unknown"  # type: ignore[return-value]  # narrowed by the test


def _tell(found: list[Attempt], placed: Placed, milestone: Milestone) -> None:
    event, role = placed.event, milestone.role
    keys = {name: value for name, field in milestone.keys.items() if (value := event.fields.get(field))}
    result = result_of(milestone, event) if role in ("attempt-end", "attempt-step") else "unknown"
    if result == "ignored":
        role = "attempt-step"
    current = _current(found, placed.utc, keys)
    if current is None and role == "attempt-end" and found and _hung(found[-1], placed):
        current = found[-1]
    fresh = current is None or (role == "attempt-begin" and current.ended is not None and placed.utc > current.ended)
    if current is not None and result == "failed" and _another_failure(current, placed, keys):
        fresh = True
    if fresh:
        if role in ("attempt-step", "attempt-skip"):
            return
        current = Attempt("backup", placed.utc, placed.utc)
        found.append(current)
    if current is None:
        return
    current.last = max(current.last, placed.utc)
    current.keys |= {name: value for name, value in keys.items() if name not in current.keys}
    current.milestones.append((placed, milestone))
    if role == "attempt-skip":
        current.skipped = True
        return
    current.began = current.began or role == "attempt-begin"
    if role == "attempt-end":
        if current.result == "unknown" or current.ended is None:
            current.result = result  # type: ignore[assignment]  # `ignored` became a step above
            current.code = (event.fields.get(milestone.code, "") if milestone.code else "") or current.code
        current.ended = max(current.ended or 0, placed.utc)
    elif role == "attempt-step" and milestone.summary:
        current.step = milestone, placed
        if result == "succeeded" and current.result == "unknown":
            current.result = "succeeded"


def _hung(attempt: Attempt, placed: Placed) -> bool:
    """Whether an end told by this log may be that of a run that it saw begin long before."""
    begun = {p.log.format for p, m in attempt.milestones if m.role == "attempt-begin"}
    return attempt.ended is None and placed.log.format in begun and placed.utc - attempt.last <= HANGING


def _another_failure(current: Attempt, placed: Placed, keys: dict[str, str]) -> bool:
    """Whether a failure belongs to a new run: it comes behind a success, and not from the file that told the success or repeats it by its task."""
    if current.result != "succeeded" or current.ended is None or placed.utc < current.ended + 2 * SECOND or "task" in keys:
        return False
    told = {p.log.format for p, m in current.milestones if m.role == "attempt-end"}
    return placed.log.format not in told


def _current(found: list[Attempt], utc: int, keys: dict[str, str]) -> Attempt | None:
    """The attempt that a milestone belongs to: the one with its task id, else the last one if it is near enough."""
    if task := keys.get("task"):
        for attempt in reversed(found[-20:]):
            if attempt.keys.get("task") == task and abs(utc - attempt.last) <= 6 * APART:
                return attempt
    if not found or utc - found[-1].last > APART:
        return None
    other = found[-1].keys.get("task")
    if task and other and other != task and utc // SECOND > found[-1].last // SECOND:
        return None
    return found[-1]
