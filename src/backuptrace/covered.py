"""What a bundle lacks: the formats that would tell more, how to get them, and which causes they would settle."""

from __future__ import annotations

from backuptrace.answer import report
from backuptrace.judged import Judged
from backuptrace.knowledge.collecting import causes_of, fits
from backuptrace.report.coverage_page import CoveragePage, Gap
from backuptrace.settling import OPEN, command_of


def coverage_page(judged: Judged) -> CoveragePage:
    """What is in the bundle, what is missing, how to get it. Pure."""
    document = report(judged)
    return CoveragePage(
        bundle=document.bundle,
        focus=document.focus,
        sources=document.coverage,
        missing=_gaps(judged),
        unread=[problem for problem in document.problems if problem.kind == "unknown-file"],
        problems=[problem for problem in document.problems if problem.kind not in ("unknown-file", "note")],
        redaction=document.redaction,
        language=document.language,
    )


def _gaps(judged: Judged) -> list[Gap]:
    """Formats that the machine may have and the bundle lacks or has in part; what collectors usually take first, then what would settle most open causes."""
    speak, resting = judged.tongue, causes_of(judged.pack)
    seen = {log.format for log in judged.scanned.logs}
    applicable = {state.cause.id for state in judged.states if state.status != "not-applicable"}
    open_ = {name: [state.cause.id for state in judged.states if state.status in OPEN and name in state.needs] for name in resting}
    gaps = []
    for shape in judged.pack.formats:
        causes = [cause for cause in resting.get(shape.id, ()) if cause in applicable]
        settles = open_.get(shape.id, [])
        if not fits(shape, judged.system) or (shape.id in seen and not settles) or not (causes or shape.expected):
            continue
        usual = shape.expected is not None and shape.expected.always
        command = command_of(shape, judged.pack.causes)
        if not usual and command is None and not settles:
            continue
        gaps.append(
            Gap(
                format=shape.id,
                source=speak.text(shape.title),
                state="partial" if shape.id in seen else "missing",
                usual=usual,
                why=speak.text(shape.expected.why) if shape.expected else "",
                command=command,
                causes=causes,
                settles=settles,
            )
        )
    return sorted(gaps, key=lambda gap: (not gap.usual, gap.command is None, -len(gap.settles), -len(gap.causes)))
