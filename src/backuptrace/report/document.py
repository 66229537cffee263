"""The report as a document: what `backuptrace scan --format json` prints and what `backuptrace.scan()` returns.

Keys and their order are the contract `backuptrace.report/1`: keys may be added, none is renamed or dropped. `from` is `from_` in Python.
Times are UTC text as `model.utc_text` makes it (`2026-11-22T03:12:07.123456Z`), durations are seconds, lines and records count from 1, offsets are bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from backuptrace.knowledge.texts import Language
from backuptrace.model import Problem
from backuptrace.report.jsontext import json_text

if TYPE_CHECKING:
    import pandas as pd

SCHEMA: Literal["backuptrace.report/1"] = "backuptrace.report/1"
MOST_TEXT = 2_000
"""Characters of a record that evidence may show."""

Utc = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Outcome = Literal["explained", "recovered", "no-failure-seen", "unexplained", "cannot-tell"]
Status = Literal["supported", "contradicted", "unknown", "not-visible", "no-evidence", "not-applicable"]
Confidence = Literal["high", "medium", "low"]


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote the report: `signatures` is the version or hash of the signature set."""

    name: str = "backuptrace"
    version: str
    signatures: str


class BundleInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was scanned, and the time from its first to its last trustworthy record.

    `zone`: local time of the machine, such as `UTC+02:00` or `Europe/Berlin`, None: not known; `zone_basis`: how it is known, in words.
    """

    name: str
    kind: str
    os: Literal["linux", "windows", "unknown"] = "unknown"
    host: str | None = None
    from_: Utc | None = msgspec.field(default=None, name="from")
    to: Utc | None = None
    zone: str | None = None
    zone_basis: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: `cause` is the id of the first supported cause where the outcome is `explained`."""

    outcome: Outcome
    cause: str | None = None
    sentence: str


class Focus(msgspec.Struct, frozen=True, kw_only=True):
    """The moment that was judged, and where it comes from, in words."""

    from_: Utc | None = msgspec.field(default=None, name="from")
    to: Utc | None = None
    basis: str


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """What the portal said, when given or found; `message` is the documented text of the code."""

    code: str | None = None
    at: Utc | None = None
    message: str | None = None


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something the bundle says about the VM: agent_version, extension_version, os_name, os_version, kernel, python, region, ..."""

    name: str
    value: str
    source: str


class Identifiers(msgspec.Struct, frozen=True, kw_only=True):
    """Ids to look for elsewhere: job, task, activity, correlation, container."""

    job: list[str] = []
    task: list[str] = []
    activity: list[str] = []
    correlation: list[str] = []
    container: list[str] = []


class Doc(msgspec.Struct, frozen=True, kw_only=True):
    """The section of the troubleshooting documentation that describes the cause."""

    url: str
    anchor: str = ""
    section: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do, in the documented order."""

    text: str


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """How often the evidence was seen (`total`), how much of it the report shows, and when."""

    total: Count = 0
    shown: Count = 0
    first: Utc | None = None
    last: Utc | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One original line or event. `hit_from` and `hit_to` bound what hit, in characters of `text` (None: not known).

    `context`: lines around it; `context_before` of them stand before it (None: not known).
    """

    signature: str
    time: Utc | None = None
    uncertainty_s: float = 0.0
    source: str
    line: Count | None = None
    record: Count | None = None
    offset: Count | None = None
    text: Annotated[str, msgspec.Meta(max_length=MOST_TEXT)]
    context: list[str] = []
    role: Literal["supports", "contradicts", "context"] = "supports"
    hit_from: Count | None = None
    hit_to: Count | None = None
    context_before: Count | None = None


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What would settle the cause, and one read-only command that gets it; for an open cause the time that it should tell of."""

    what: str
    command: str | None = None
    from_: Utc | None = msgspec.field(default=None, name="from")
    to: Utc | None = None


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One cause of the catalogue at the focus. `root` is False where it is a consequence of deeper causes.

    `lacking`: ids of the formats without which it stays open.
    """

    id: str
    status: Status
    confidence: Confidence | None = None
    title: str
    explanation: str = ""
    error_codes: list[str] = []
    doc: Doc
    steps: list[Step] = []
    why: str = ""
    hits: Hits = Hits()
    evidence: list[Evidence] = []
    needs: list[Need] = []
    root: bool = True
    caveats: str = ""
    lacking: list[str] = []


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """A read-only command to run next, `what` it gets, and the causes that it would settle."""

    command: str
    settles: list[str] = []
    what: str = ""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One backup attempt seen in the guest; `reached` is the last milestone, `causes` those supported at its end."""

    id: str
    kind: str
    started: Utc | None = None
    ended: Utc | None = None
    result: Literal["succeeded", "failed", "unknown"] = "unknown"
    code: str | None = None
    reached: str | None = None
    keys: dict[str, str] = {}
    causes: list[str] = []


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that differs between the last good attempt and the first failed one behind it; `boot` for a start of the machine in between."""

    name: str
    before: str | None = None
    after: str | None = None
    time: Utc | None = None
    source: str


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What changed between two attempts, by their ids."""

    good: str
    failed: str
    changes: list[Change] = []


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline, ordered by time."""

    time: Utc
    uncertainty_s: float = 0.0
    source: str
    line: Count | None = None
    record: Count | None = None
    kind: Literal["evidence", "milestone", "context"]
    summary: str
    causes: list[str] = []


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """A time that a source does not cover, None: open to that side."""

    from_: Utc | None = msgspec.field(default=None, name="from")
    to: Utc | None = None
    why: str = ""


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """How the stamps of a source were read as UTC, and by how many seconds its clock is known to be wrong."""

    zone: str = "UTC"
    basis: str = ""
    skew_s: float | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What one source covers: `unreadable` and `suppressed` count records; `complete` means the absence of a record tells something.

    `recognised`: what told its format; `parts`: how many files it was joined from (rotated logs, documents of one kind).
    """

    source: str
    format: str
    from_: Utc | None = msgspec.field(default=None, name="from")
    to: Utc | None = None
    complete: bool = False
    records: Count | None = None
    unreadable: Count = 0
    suppressed: Count = 0
    holes: list[Hole] = []
    clock: Clock = Clock()
    notes: list[str] = []
    recognised: str = ""
    parts: Count = 1


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """A source that the bundle lacks, and one read-only command that gets it."""

    source: str
    why_it_matters: str
    command: str | None = None


class Unexplained(msgspec.Struct, frozen=True, kw_only=True):
    """A warning or error that no signature knows, its variable parts folded into `template`."""

    template: str
    count: Count
    first: Utc | None = None
    last: Utc | None = None
    sample: str


class Redaction(msgspec.Struct, frozen=True, kw_only=True):
    """What was replaced before the report left: the level (`secrets` or `none`) and how many different secrets of each kind."""

    level: str = "none"
    counts: dict[str, int] = {}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer for one bundle, its texts in `language`. Causes are ranked, supported ones first; every cause of the catalogue appears once."""

    schema: Literal["backuptrace.report/1"] = SCHEMA
    tool: Tool
    bundle: BundleInfo
    verdict: Verdict
    focus: Focus
    reported: Reported = Reported()
    facts: list[Fact] = []
    identifiers: Identifiers = Identifiers()
    causes: list[Cause] = []
    next: list[Next] = []
    attempts: list[Attempt] = []
    timeline: list[TimelineEntry] = []
    coverage: list[Coverage] = []
    missing: list[Missing] = []
    unexplained: list[Unexplained] = []
    redaction: Redaction = Redaction()
    problems: list[Problem] = []
    capped: list[str] = []
    changed: Changed | None = None
    language: Language = "en"

    def supported(self) -> list[Cause]:
        """The causes that the evidence supports, best first."""
        return [cause for cause in self.causes if cause.status == "supported"]

    def to_json(self) -> str:
        r"""The report as indented JSON with a final line end; same report, same text.

        Control characters and direction overrides stand as `\uXXXX`, so that the text is harmless when shown; lone surrogates become U+FFFD.
        """
        return json_text(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> Report:
        """The report that `to_json` wrote; unknown keys are passed over. Raises msgspec.DecodeError or msgspec.ValidationError."""
        return msgspec.json.decode(text, type=cls)

    def timeline_frame(self) -> pd.DataFrame:
        """The timeline as a table, one row an entry in order of time.

        Columns: time (datetime64[us, UTC]), uncertainty_s (float64, seconds), source (string), line and record (Int64, missing where there is none),
        kind (string), summary (string), causes (object: a list of cause ids). Without entries the table is empty and has the same types.
        """
        import numpy as np
        import pandas as pd

        rows = self.timeline
        moments = np.array([row.time[:-1] for row in rows], dtype="datetime64[us]")
        return pd.DataFrame(
            {
                "time": pd.DatetimeIndex(moments).tz_localize("UTC"),
                "uncertainty_s": pd.array([row.uncertainty_s for row in rows], dtype="float64"),
                "source": pd.array([row.source for row in rows], dtype="string"),
                "line": pd.array([row.line for row in rows], dtype="Int64"),
                "record": pd.array([row.record for row in rows], dtype="Int64"),
                "kind": pd.array([row.kind for row in rows], dtype="string"),
                "summary": pd.array([row.summary for row in rows], dtype="string"),
                "causes": pd.Series([list(row.causes) for row in rows], dtype="object"),
            },
        )
