"""Where a line of evidence stands, and how many further ones say the same, in words."""

from __future__ import annotations

from collections.abc import Sequence

from backuptrace.report.document import Evidence
from backuptrace.report.phrases import Tongue
from backuptrace.report.times import Times, clock_time


def number_text(item: Evidence, speak: Tongue) -> str:
    """What follows the path: `:17`, or ` record 4711` where records have numbers; nothing where neither is known."""
    if item.record is not None:
        return speak.say("evidence.record", record=item.record)
    return "" if item.line is None else f":{item.line}"


def alike_text(group: Sequence[Evidence], times: Times) -> str:
    """How many lines say the same, the last of them when and where."""
    speak, last = times.tongue, group[-1]
    when = clock_time(last.time, known=group[0].time) if last.time else speak.say("evidence.no-time")
    where = number_text(last, speak) if last.line is None else speak.say("evidence.line", line=last.line)
    return speak.say("evidence.alike", n=speak.number(len(group)), when=when, place=where)
