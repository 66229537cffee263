"""What a fleet keeps of one bundle: plain rows, made from the report by the worker, written to the journal as one line of JSON, and later to the tables.

Times are UTC text as in the report. Nothing here depends on when or where the scan ran, so the same bundle gives the same bytes.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from backuptrace.model import Problem
from backuptrace.report.document import Fact, Report

State = Literal["scanned", "unreadable", "failed"]
KEPT_STATUSES = ("supported", "contradicted", "unknown")
NAMES = ("vm_name", "computer_name", "host_name")
"""Facts that name a VM, the best first. The name of the host is none: machines of many customers are called alike."""
ID = "vm_id"


class CauseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cause for which something speaks. rank: its place in the report, from 1; first, last, hits: of its evidence."""

    cause: str
    rank: int
    status: str
    confidence: str | None
    root: bool
    first: str | None
    last: str | None
    hits: int


class EvidenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line or event that the report quotes."""

    cause: str
    signature: str
    time: str | None
    uncertainty_s: float
    source: str
    line: int | None
    record: int | None
    offset: int | None
    text: str
    role: str


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One backup attempt."""

    attempt: str
    kind: str
    started: str | None
    ended: str | None
    result: str
    code: str | None
    reached: str | None
    keys: dict[str, str]
    causes: list[str]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """All about one bundle. key: what it depends on (`run.key_of`); report: name of its files in `reports/` without suffix, "" where there
    are none; size, html: bytes of the JSON and of the HTML file (0: there is none).

    state: `unreadable`: nothing in the bundle can be read; `failed`: its worker died, hung or ran out of memory: `problems` tell which.
    """

    key: str
    state: State
    report: str = ""
    size: int = 0
    html: int = 0
    vm: str = ""
    vm_id: str = ""
    os: str = "unknown"
    outcome: str | None = None
    cause: str | None = None
    sentence: str = ""
    from_: str | None = None
    to: str | None = None
    focus_from: str | None = None
    focus_to: str | None = None
    code: str | None = None
    causes: list[CauseRow] = []
    evidence: list[EvidenceRow] = []
    attempts: list[AttemptRow] = []
    facts: list[Fact] = []
    problems: list[Problem] = []
    notes: list[str] = []

    def fact(self, name: str) -> str:
        """The value of a fact, "" where it is not known."""
        return next((fact.value for fact in self.facts if fact.name == name), "")


def entry_of(report: Report, key: str, name: str, size: int, html: int) -> Entry:
    """The rows of a report that was written to the files `name` of `size` and `html` bytes."""
    facts = {fact.name: fact.value for fact in reversed(report.facts)}
    causes = [(rank, cause) for rank, cause in enumerate(report.causes, 1) if cause.status in KEPT_STATUSES]
    return Entry(
        key=key,
        state="scanned",
        report=name,
        size=size,
        html=html,
        vm=next((facts[name] for name in NAMES if facts.get(name)), ""),
        vm_id=facts.get(ID, ""),
        os=report.bundle.os,
        outcome=report.verdict.outcome,
        cause=report.verdict.cause,
        sentence=report.verdict.sentence,
        from_=report.bundle.from_,
        to=report.bundle.to,
        focus_from=report.focus.from_,
        focus_to=report.focus.to,
        code=report.reported.code,
        causes=[
            CauseRow(
                cause=cause.id, rank=rank, status=cause.status, confidence=cause.confidence, root=cause.root,
                first=cause.hits.first, last=cause.hits.last, hits=cause.hits.total,
            )
            for rank, cause in causes
        ],
        evidence=[
            EvidenceRow(
                cause=cause.id, signature=item.signature, time=item.time, uncertainty_s=item.uncertainty_s, source=item.source,
                line=item.line, record=item.record, offset=item.offset, text=item.text, role=item.role,
            )
            for _, cause in causes for item in cause.evidence
        ],
        attempts=[
            AttemptRow(
                attempt=one.id, kind=one.kind, started=one.started, ended=one.ended, result=one.result,
                code=one.code, reached=one.reached, keys=one.keys, causes=one.causes,
            )
            for one in report.attempts
        ],
        facts=report.facts,
        problems=report.problems,
        notes=report.capped,
    )  # fmt: skip


def decoded(line: bytes) -> Entry:
    """What `jsontext.encoded` wrote. Raises msgspec.DecodeError, msgspec.ValidationError."""
    return _DECODER.decode(line)


_DECODER = msgspec.json.Decoder(Entry)
