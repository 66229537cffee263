"""What was judged of a bundle: everything that a report, or an answer to `why`, is made of."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from backuptrace.knowledge.compiled import Pack
from backuptrace.knowledge.shapes import CodeShape
from backuptrace.knowledge.texts import Language
from backuptrace.model import Event
from backuptrace.reason.focus import Focus
from backuptrace.reason.judgement import CauseState
from backuptrace.redact.redactor import Redactor
from backuptrace.report.phrases import Tongue, tongue
from backuptrace.report.times import Times, zone_of
from backuptrace.scanning.bundles import Scanned
from backuptrace.timeline.assembly import Timeline
from backuptrace.timeline.attempts import Attempt
from backuptrace.timeline.zone import UNKNOWN


class Judged(msgspec.Struct, frozen=True):
    """Everything that the report is made of."""

    name: str
    kind: str
    system: Literal["linux", "windows", "unknown"]
    pack: Pack
    scanned: Scanned
    timeline: Timeline
    attempts: list[Attempt]
    focus: Focus
    states: list[CauseState]
    earlier: dict[int, list[str]]
    """index of an attempt -> causes supported at its end"""
    code: CodeShape | None
    code_text: str | None
    at: int | None
    notes: list[str]
    language: Language = "en"
    redactor: Redactor | None = None
    """What takes the secrets out, None: they stay."""

    @property
    def tongue(self) -> Tongue:
        """The language of the report."""
        return tongue(self.language)

    @property
    def zone(self) -> str | None:
        """The name of the machine's zone, None where nothing tells it."""
        zone = self.timeline.clocks.zone
        return None if zone == UNKNOWN else zone.name

    @property
    def times(self) -> Times:
        """Times in the words of the report."""
        return Times(self.tongue, zone_of(self.zone))

    @property
    def held(self) -> set[str]:
        """The formats (ids) of which the bundle holds a log that was read to its end."""
        return {log.format for log in self.scanned.logs if not log.cut}


class Quote(NamedTuple):
    """What a report quotes of an event; `hit`: from, to, characters of `text`."""

    before: list[str]
    text: str
    hit: tuple[int, int]
    after: list[str]


def quoted(event: Event, judged: Judged) -> Quote:
    """Without secrets, as long as the text is whole: of one that is cut in two nothing may tell that it is one."""
    told = event.told
    if judged.redactor is None:
        return Quote(told.before, told.text, told.hit, told.after)
    at, lines = len(told.before), (*told.before, told.text, *told.after)
    if judged.redactor.quiet(lines):
        return Quote(told.before, told.text, told.hit, told.after)
    pieces = judged.redactor.parts(lines, *told.hit, marked=at)
    texts = [piece.text for piece in pieces]
    return Quote(texts[:at], texts[at], pieces[at][1:], texts[at + 1 :])
