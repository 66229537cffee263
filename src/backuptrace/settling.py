"""What would settle a cause: the log or export, the time that it should tell of, and one command that gets it and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from backuptrace.judged import Judged
from backuptrace.knowledge.compiled import Format
from backuptrace.knowledge.derived import formats_of
from backuptrace.knowledge.shapes import CauseShape
from backuptrace.model import utc_text
from backuptrace.pending import pending
from backuptrace.reason.judgement import CauseState
from backuptrace.report import document as doc

OPEN = ("unknown", "not-visible")
"""The statuses of causes that more evidence may settle."""


Wanted = tuple[str, str | None]
"""What would settle a cause, and the command that gets it."""


def wanted_of(state: CauseState, judged: Judged) -> tuple[Wanted, ...]:
    """For a supported cause what its verdicts would look at to be sure; for an open one what it lacks, with at least one command."""
    if state.status not in ("supported", *OPEN):
        return ()
    speak = judged.tongue
    wanted = [_lacking(name, state, judged) for name in state.needs]
    if state.status != "not-visible":
        wanted += [(speak.text(what), command or None) for d in state.decisions for what, command in d.verdict.needs]
    if state.status in OPEN and not any(command for _, command in wanted):
        wanted += advised(state, judged)[:1]
    return tuple(dict.fromkeys(wanted))


def needs_of(wanted: Iterable[Wanted], state: CauseState, judged: Judged) -> list[doc.Need]:
    """The same for the report: of an open cause with the time that it should tell of."""
    begin, end = (utc_text(stamp) for stamp in judged.focus.shown) if state.status in OPEN else (None, None)
    return [doc.Need(what=what, command=command, from_=begin, to=end) for what, command in wanted]


def _lacking(name: str, state: CauseState, judged: Judged) -> Wanted:
    """A format (by its id) that the bundle lacks, or that does not cover the time."""
    shape = formats_of(judged.pack).get(name)
    if shape is None:
        return name, None
    title = judged.tongue.text(shape.title)
    if any(log.format == name for log in judged.scanned.logs):
        title = judged.tongue.say("needs.uncovered", source=title)
    return title, command_of(shape, chain([state.cause], judged.pack.causes))


def command_of(shape: Format, causes: Iterable[CauseShape]) -> str | None:
    """The format's own command, else the first that one of the causes has for it."""
    if shape.expected is not None:
        return shape.expected.command
    return next((need.command for cause in causes for need in cause.needs if need.source == shape.id and need.command), None)


def advised(state: CauseState, judged: Judged) -> list[Wanted]:
    """What the catalogue advises to run on this system and the bundle does not hold already; a format's own command where it is a log.

    For what only the control plane can tell, its exports come first.
    """
    have, known = judged.held, formats_of(judged.pack)
    out: list[Wanted] = []
    for need in sorted(state.cause.needs, key=lambda need: state.reason == "not-visible" and need.os != "any"):
        if need.command is None or need.source in have or not (judged.system == "unknown" or need.os in ("any", judged.system)):
            continue
        shape = known.get(need.source)
        if shape is not None and shape.expected is not None:
            out.append((judged.tongue.text(shape.title), shape.expected.command))
        else:
            out.append((judged.tongue.text(need.what), need.command))
    return out


def run_next(judged: Judged, causes: list[doc.Cause]) -> list[doc.Next]:
    """One row a command: what tells about the cause that was found, then what settles most open causes, ties by the documented order of the code."""
    places = {name: place for place, name in enumerate(judged.code.causes)} if judged.code else {}
    settles: dict[str, list[str]] = {}
    what: dict[str, str] = {}
    for state, cause in zip(judged.states, causes, strict=True):
        needs: list[Wanted] = [(need.what, need.command) for need in cause.needs if need.command]
        if state.status == "supported" and not needs:
            needs = advised(state, judged)[:2]
        for about, command in needs:
            if command:
                settles.setdefault(command, []).append(cause.id)
                what.setdefault(command, about)
    rows = [doc.Next(command=command, settles=list(dict.fromkeys(ids)), what=what[command]) for command, ids in settles.items()]
    found = {state.cause.id for state in judged.states[:1] if state.status == "supported"}
    rows.sort(key=lambda row: (found.isdisjoint(row.settles), -len(row.settles), min(places.get(name, len(places)) for name in row.settles)))
    return rows if found else [*_later(judged), *rows]


def _later(judged: Judged) -> list[doc.Next]:
    """The log that breaks off before something is over, once more."""
    open_ = pending(judged)
    shape = formats_of(judged.pack).get(open_.told.log.format) if open_ else None
    command = command_of(shape, judged.pack.causes) if shape else None
    if shape is None or command is None:
        return []
    return [doc.Next(command=command, settles=[], what=judged.tongue.say("needs.later", source=judged.tongue.text(shape.title)))]
