"""What a scan needs of the knowledge, compiled: plain rows that go into the cache as JSON, so that a warm scan reads no YAML and no grammar."""

from __future__ import annotations

from typing import Literal

import msgspec

from backuptrace.knowledge.shapes import AttemptResult, CauseShape, CodeShape, Expected, JsonRecords, ObjectsShape, ReleaseShape
from backuptrace.knowledge.texts import Text
from backuptrace.knowledge.when import When
from backuptrace.matcher import Pattern
from backuptrace.readers.eventwords import Words

LINED = ("lines", "events")
"""Readers whose records are looked for in lines of text: logs that grow line by line."""
STAMPED = ("text", "stamp")
"""Fields of which the record's time is a part: what holds for one record does not hold for the same one at another time."""


class Row(msgspec.Struct, frozen=True):
    """Base of the compiled rows."""


class FieldTest(Row, frozen=True):
    """One condition on one field: any (or, with `every`, each) of the `re` patterns is found in it; `negated`: that must not be so."""

    field: str
    patterns: list[str]
    ignore_case: bool
    every: bool = False
    negated: bool = False


class Slot(Row, frozen=True):
    """One selection or milestone as the scan sees it. `by`: the field whose value each hit keeps; `uncollapsed`: hits of one second stay apart;
    `decided`: the test (by index) that the patterns decide (see Watched), -1 for none.
    """

    key: str
    tests: list[FieldTest]
    by: str = ""
    uncollapsed: bool = False
    milestone: bool = False
    decided: int = -1


class Watched(Row, frozen=True):
    """The slots (by index) that a pattern may belong to. `line`: the `re` text, without a bar between alternatives, that decides on the line that it hit,
    on what stands behind the head or, if `whole`, on all of it; where it is empty, the tests of the slots decide.
    """

    line: str
    ignore_case: bool
    whole: bool
    slots: list[int]


class Start(Row, frozen=True):
    """A record start: `re` text, kind of time, zone."""

    pattern: str
    time: Literal["iso", "us", "syslog", "unixdate", "rfc2822", "epoch", "uptime"]
    zone: Literal["utc", "local"]


class Milestone(Row, frozen=True):
    """See shapes.MilestoneShape; `key` is format.name."""

    key: str
    summary: Text
    role: str
    result: AttemptResult | str
    code: str
    keys: dict[str, str]
    facts: dict[str, str]
    show: bool
    until: str = ""
    same_as: list[str] = []
    over_at: list[str] = []


class RawPattern(Row, frozen=True):
    """A pattern for the raw bytes of event files, and the slots (by index) of which it may show an event."""

    pattern: Pattern
    slots: list[int]


class Format(Row, frozen=True):
    """A log format with all slots that are looked for in it; `watch[i]` tells which ones pattern i may belong to.

    raw: of the reader `events`: of these patterns the raw bytes of an event hold at least one if it is on any slot; None where that cannot be told.
    """

    id: str
    title: Text
    os: str
    kind: Literal["indexed", "parsed", "state"]
    reader: Literal["lines", "json", "xml", "conf", "rows", "events", "objects", "transcript"]
    path: list[str]
    not_path: list[str]
    name: list[str]
    head: list[str]
    expected: Expected | None
    starts: list[Start]
    json: JsonRecords | None
    defaults: dict[str, str]
    heartbeat: int
    slots: list[Slot]
    patterns: list[Pattern]
    watch: list[list[Watched]]
    milestones: list[Milestone]
    rows: list[str] = []
    carry: list[str] = []
    command: list[str] = []
    channel: list[str] = []
    raw: list[RawPattern] | None = None
    objects: ObjectsShape | None = None

    @property
    def timeless(self) -> bool:
        """Whether its selections are states: a configuration, or a document whose records carry no time."""
        return self.kind == "state" or (self.json is not None and not self.json.stamp)


class Verdict(Row, frozen=True):
    """One clause of a signature: names in `when` and `refuted_by` are slot keys."""

    signature: str
    title: Text
    cause: str
    when: When
    text: str
    why: Text
    refuted_by: list[str]
    root: bool
    needs: list[tuple[Text, str]]
    confidence: str
    lasting: bool = False


class Pack(Row, frozen=True):
    """All knowledge of one scan; `version` is the hash of the files it was made from."""

    version: str
    formats: list[Format]
    verdicts: list[Verdict]
    causes: list[CauseShape]
    codes: list[CodeShape]
    source_of: dict[str, str]
    """slot key -> format id"""
    titles: dict[str, Text]
    """signature id -> title"""
    overrides: list[str]
    """one line for each built-in file that a user's folder replaced"""
    releases: list[ReleaseShape] = []
    """releases with known defects"""
    words: Words = Words()
    """the event dictionary"""
