"""Jobs of the backup service, as its exports tell them, beside the attempts that the guest saw.

A job is one backup, from the service's view: it may run the extension several times, and go on for hours after the snapshot. What the guest saw in
its time is a part of it, and its result is the last word: a snapshot that went well is no backup if its data could not be moved.
"""

from __future__ import annotations

from itertools import pairwise

from backuptrace.model import MINUTE
from backuptrace.readers.stamps import parse_iso
from backuptrace.timeline.assembly import Timeline
from backuptrace.timeline.attempts import Attempt, result_of, told_by

JOB = "job"
NEVER = 1 << 62
BEFORE = 5 * MINUTE
"""How much earlier than the job's start the guest's clock may put the run."""


def reported_code(timeline: Timeline, attempt: Attempt | None) -> str | None:
    """The error code that the bundle itself tells: that of the judged job, else the newest of a report of the service; None without one."""
    if attempt is not None and attempt.kind == JOB and attempt.result == "failed":
        own = next((placed.event.fields.get(milestone.code, "") for placed, milestone in attempt.milestones if milestone.role == JOB), "")
        if own:
            return own
    told = told_by(timeline, "report") + [item for item in told_by(timeline, JOB) if not item[0].dated]
    codes = [code for placed, milestone in told if (code := placed.event.fields.get(milestone.code, ""))]
    return codes[-1] if codes else None


def find_jobs(timeline: Timeline) -> list[Attempt]:
    """The jobs that milestones of the role `job` tell, each once, in time order. One whose time cannot be read is none: nobody knows which one it was."""
    found: dict[str, Attempt] = {}
    for placed, milestone in told_by(timeline, JOB):
        if not placed.dated:
            continue
        fields = placed.event.fields
        keys = {name: fields[source] for name, source in milestone.keys.items() if fields.get(source)}
        result = result_of(milestone, placed.event)
        end = parse_iso(fields.get(milestone.until, "").encode("utf-8", "replace"))
        job = Attempt(JOB, placed.utc, placed.utc, code=fields.get(milestone.code, ""), keys=keys, began=True, milestones=[(placed, milestone)])
        if result != "ignored":
            job.result = result
            job.ended = job.last = max(placed.utc, end[0]) if end else placed.utc
        name = keys.get(JOB) or f"{placed.utc}"
        known = found.get(name)
        if known is None or (known.ended is None and job.ended is not None) or (not known.code and job.code):
            found[name] = job
    return sorted(found.values(), key=lambda job: job.started)


def joined(attempts: list[Attempt], jobs: list[Attempt]) -> list[Attempt]:
    """Both in time order; what the guest saw inside a job is a part of it, inside one that still runs what it saw before the next."""
    if not jobs:
        return attempts
    ends = [job.ended if job.ended is not None else later.started - BEFORE for job, later in pairwise(jobs)]
    ends.append(NEVER if jobs[-1].ended is None else jobs[-1].ended)
    rest = []
    for attempt in attempts:
        around = [job for job, end in zip(jobs, ends, strict=True) if job.started - BEFORE <= attempt.started < max(end, job.started + 1)]
        if not around:
            rest.append(attempt)
            continue
        job = around[-1]
        job.milestones += attempt.milestones
        job.keys |= {name: text for name, text in attempt.keys.items() if name not in job.keys}
        job.last = max(job.last, attempt.last)
        job.code = job.code or attempt.code
        job.step = attempt.step or job.step
    return sorted([*rest, *jobs], key=lambda attempt: attempt.started)
