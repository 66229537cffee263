"""The shapes of the data files: formats, signatures, causes, error codes. Unknown keys are faults."""

from __future__ import annotations

from typing import Literal

import msgspec

from backuptrace.knowledge.texts import Hint, System, Text

Value = str | int | bool | list[str | int | bool]
Selection = dict[str, Value]
"""`source` or `milestone`, and field conditions `field[|modifier...]: value or values`."""


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class RecordStart(_Shape, frozen=True, kw_only=True):
    """How a record of a line log starts: the regex of its first line (named groups are fields, `stamp` is required), its time and zone."""

    start: str
    time: Literal["iso", "us", "syslog", "unixdate", "rfc2822", "epoch", "uptime"] = "iso"
    zone: Literal["utc", "local"] = "utc"


class JsonRecords(_Shape, frozen=True, kw_only=True):
    """Where the records of a JSON or XML document lie and which of their values are fields (dotted paths; `~` reads a string as JSON).

    `covers`: their times are those of the machine and say how far the bundle reaches.
    """

    each: str = "$"
    stamp: str = ""
    time: Literal["iso", "ticks", "epoch"] = "iso"
    covers: bool = True
    fields: dict[str, str]


class ObjectsShape(_Shape, frozen=True, kw_only=True):
    """How objects of Azure are told by their keys (all in lower case, `properties` dissolved), and what in them has a meaning of its own.

    keys: alternatives, each a list of dotted paths that must have a value, `!` in front: must have none, `path=glob`: a value like that;
    vm: the machine that an object is about; scope: the id whose place relative to that machine becomes the field `place`;
    code: texts in which an error code of the catalogue is looked for, which becomes the field `code`;
    sums: fields whose numbers are added up over all objects that differ in `same`, as `sum_<field>`. Paths have alternatives behind `|`.
    empty: globs on the names of files that hold an empty list of such objects, as nothing else tells what was listed.
    """

    keys: list[str]
    vm: str = ""
    scope: str = ""
    code: str = ""
    same: str = ""
    sums: list[str] = []
    empty: list[str] = []


class AttemptResult(_Shape, frozen=True, kw_only=True):
    """How the end of an attempt is judged by one field."""

    field: str
    succeeded: list[str]
    ignore: list[str] = []


class MilestoneShape(_Shape, frozen=True, kw_only=True):
    """A point on the timeline that matters even when nothing fails. `until`: of a job of the service, the field with the time of its end.

    `same_as`: milestones (`format.name`) of logs in UTC that tell its moment, at most a minute apart: they show the zone of a log in local time.
    `over_at`: something begins here that is over, for better or worse, at one of these milestones (`format.name`).
    """

    match: Selection
    summary: Text
    role: Literal["", "attempt-begin", "attempt-step", "attempt-end", "attempt-skip", "job", "report", "boot", "trouble"] = ""
    result: AttemptResult | Literal["failed", "succeeded", ""] = ""
    code: str = ""
    until: str = ""
    same_as: list[str] = []
    over_at: list[str] = []
    keys: dict[str, str] = {}
    facts: dict[str, str] = {}
    show: bool = True


class Expected(_Shape, frozen=True, kw_only=True):
    """What its absence from a bundle means, and one read-only command that gets it."""

    always: bool = True
    why: Text
    command: str


class Sample(_Shape, frozen=True, kw_only=True):
    """A line as the format writes it, and what its fields must be."""

    text: str
    fields: dict[str, str]


class FormatShape(_Shape, frozen=True, kw_only=True):
    """One log format: parsers/<id>.yml.

    separator: the one character that ends each field of the head and of the pairs, where records are single lines;
    pairs: prefix -> how a value named `<prefix>.<name>` begins in the record, {} stands for the name; without_case: fields compared without case;
    channel: of the reader `events`, whose records, fields, pairs and separator are those of readers/winevent.py: the channels of the events, `*` at the
    end for all that begin so, `*` alone for all that no other format has; objects: of the reader `objects`;
    command: expressions on a command at a prompt, whose output it is, without sudo, folders and what stands behind a bar.
    """

    schema: Literal[1]
    id: str
    title: Text
    os: System
    kind: Literal["indexed", "parsed", "state"]
    reader: Literal["lines", "json", "xml", "conf", "rows", "events", "objects", "transcript"]
    path: list[str] = []
    not_path: list[str] = []
    name: list[str] = []
    head: list[str] = []
    expected: Expected | None = None
    records: list[RecordStart] | JsonRecords | None = None
    rows: list[str] = []
    carry: list[str] = []
    command: list[str] = []
    fields: dict[str, str] = {}
    pairs: dict[str, str] = {}
    separator: str = ""
    without_case: list[str] = []
    channel: list[str] = []
    objects: ObjectsShape | None = None
    defaults: dict[str, str] = {}
    heartbeat: str = ""
    milestones: dict[str, MilestoneShape] = {}
    samples: list[Sample] = []
    notes: str = ""


class Need(_Shape, frozen=True, kw_only=True):
    """What would settle a verdict, and one read-only command that gets it."""

    what: Text
    command: str | None = None
    source: str = ""


class VerdictShape(_Shape, frozen=True, kw_only=True):
    """When the cause holds; `refuted_by` names selections whose later hit shows that the fault was over.

    `lasting`: a good backup does not end this fault, so evidence from before the last one counts too.
    """

    cause: str
    when: str
    why: Text
    refuted_by: list[str] = []
    root: bool = True
    lasting: bool = False
    needs: list[Need] = []


class EventShape(_Shape, frozen=True, kw_only=True):
    """A Windows event of a test; `data`: values by name, or in order where they have no names; `level`: as a word; time: with Z, UTC."""

    time: str
    channel: str
    provider: str
    event_id: int
    level: Literal["critical", "error", "warning", "information", "verbose"] = "information"
    computer: str = "vm01"
    data: dict[str, str | int | bool] | list[str | int | bool] = {}


class TestShape(_Shape, frozen=True, kw_only=True):
    """A small bundle inside the signature file and the status that its cause must get; `events`: its Windows events, laid out by channel.

    Fewer than 20 lines count as an excerpt, after whose end nothing is missing; `whole`: these are whole logs, and what came after them is not known.
    """

    name: str
    expect: Literal["supported", "none", "contradicted", "unknown"]
    files: dict[str, str] = {}
    events: list[EventShape] = []
    cause: str = ""
    at: str = ""
    whole: bool = False


class SignatureShape(_Shape, frozen=True, kw_only=True):
    """One signature: signatures/<os>/<topic>/<name>.yml, id = that path with dots.

    `define`: names for selections or for an expression, `name` or `name(x)`, in the order in which they use each other.
    """

    schema: Literal[1]
    id: str
    title: Text
    status: Literal["experimental", "test", "stable"] = "experimental"
    select: dict[str, Selection]
    define: dict[str, str] = {}
    verdicts: list[VerdictShape]
    notes: str = ""
    tests: list[TestShape] = []


class Doc(_Shape, frozen=True, kw_only=True):
    """The section of the documentation that describes a cause."""

    url: str
    anchor: str = ""
    section: str = ""


class Provenance(_Shape, frozen=True, kw_only=True):
    """Where a fact comes from; dates as YYYY-MM-DD, or YYYY-MM where the day is not known."""

    id: str
    published: str = ""
    checked: str = ""


class CauseNeed(_Shape, frozen=True, kw_only=True):
    """What would settle a cause; `source` is the format that holds it, `os` where the command runs."""

    what: Text
    command: str | None = None
    source: str = ""
    os: System = "any"


class CauseShape(_Shape, frozen=True, kw_only=True):
    """One documented cause: signatures/causes/<id>.yml. `proves` and `refutes`: what a bundle can show for and against it."""

    schema: Literal[1]
    id: str
    os: list[Literal["linux", "windows"]]
    catalogue: str = ""
    title: Text
    observable: Literal["guest", "control-plane", "both"]
    error_codes: list[str] = []
    explanation: Text
    steps: list[str | Hint]
    proves: list[str | Hint] = []
    refutes: list[str | Hint] = []
    needs: list[CauseNeed] = []
    doc: Doc
    source: Provenance
    caveats: Text = ""


class CodeShape(_Shape, frozen=True, kw_only=True):
    """One error code of the portal: signatures/errors/<code>.yml; `causes` in the documented order, `steps` where no cause has them.

    told: the service's own words for it, by which it is known in exports that do not name it, as the list of jobs.
    """

    schema: Literal[1]
    code: str
    aliases: list[str | int] = []
    message: Text
    told: list[str] = []
    causes: list[str]
    steps: list[str | Hint] = []
    doc: Doc | None = None
    source: Provenance
    caveats: Text = ""


class ReleaseShape(_Shape, frozen=True, kw_only=True):
    """A release with a known defect. `version` and the values of `only` (fact -> value) are regular expressions on the whole text.

    `symptom`: words of the log that show it; `fixed_in`: "" where that is not known.
    """

    program: Literal["agent", "extension"]
    version: str
    only: dict[str, str] = {}
    defect: Text
    symptom: str = ""
    fixed_in: str = ""
    source: Provenance


class ReleasesShape(_Shape, frozen=True, kw_only=True):
    """signatures/releases.yml: what is known of single releases."""

    schema: Literal[1]
    releases: list[ReleaseShape]


class ConfidenceShape(_Shape, frozen=True, kw_only=True):
    """signatures/confidence.yml, written by benchmarks/confidence.py: signature id -> [cases in which it fired, of those with the right cause]."""

    schema: Literal[1]
    fired: dict[str, list[int]]
