"""`scan`: a bundle in, a report out. What the command line and other programs call."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Literal

import msgspec

from backuptrace import answer
from backuptrace.bundle.limits import Limits
from backuptrace.bundle.opening import open_bundle
from backuptrace.errors import BundleError, UsageError
from backuptrace.judged import Judged
from backuptrace.knowledge.catalogue import find_code
from backuptrace.knowledge.compiled import Pack
from backuptrace.knowledge.derived import formats_of
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.knowledge.texts import Language
from backuptrace.model import HOUR, SECOND
from backuptrace.readers.stamps import parse_iso
from backuptrace.reason.focus import SETTLING, Focus, at_attempt, choose
from backuptrace.reason.judgement import CauseState, judge
from backuptrace.redact.redactor import Redactor
from backuptrace.report.document import Report
from backuptrace.scanning.bundles import Scanned, Watch, declared_by, scan_bundle, unwatched
from backuptrace.timeline.assembly import Timeline, assemble
from backuptrace.timeline.attempts import Attempt, find_attempts
from backuptrace.timeline.history import Window
from backuptrace.timeline.jobs import JOB, find_jobs, joined, reported_code
from backuptrace.timeline.zone import given

_AtFocus = Callable[[Focus], list[CauseState]]
LATER = HOUR
"""A fault that begins sooner after a failed attempt belongs to it."""
_WINDOWS = re.compile(r"(?:^|[/!])(?:WindowsAzure|Packages/Plugins|Windows/(?:System32|Panther))/|WaAppAgent|\.evtx$", re.IGNORECASE)
_LINUX = re.compile(r"(?:^|[/!])(?:var/(?:log|lib)|etc)/|waagent\.", re.IGNORECASE)
"""Paths that only one of the systems has."""
MOST_EARLIER = 10
"""Failed attempts before the judged one whose causes are looked for."""


class ScanOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a scan: as the arguments of `scan` of the same names."""

    code: str | None = None
    at: datetime | str | None = None
    language: Language = "en"
    whole: bool = False
    """Even a few lines are whole logs, not an excerpt that somebody chose."""
    tz: str | None = None
    limits: Limits | None = None
    root: bool | None = None
    watch: Watch = unwatched
    redact: bool = True
    jobs: int = 1


PLAIN = ScanOptions()


def scan(
    path: str | os.PathLike[str],
    *,
    code: str | None = None,
    at: datetime | str | None = None,
    signatures: Sequence[str] = (),
    parsers: Sequence[str] = (),
    cache: bool = True,
    language: Language = "en",
    tz: str | None = None,
    limits: Limits | None = None,
    root: bool | None = None,
    engine: str | None = None,
    watch: Watch = unwatched,
    redact: bool = True,
    jobs: int = 1,
) -> Report:
    """Scans a bundle: a folder, an archive, a single log, or the root of an installed system (`/`, a mounted disk).

    code: the error code that the portal showed, by name or number; at: when the job failed (a datetime with a zone, or text such as
    `2026-11-22T03:12Z`); signatures, parsers: folders with further data files; language: `en` or `de`, for the texts of the report;
    tz: the zone of the machine's local time where the bundle does not tell it, such as `Europe/Berlin` or `+02:00`;
    limits: how much an archive may cost (`backuptrace.bundle.limits`); root: whether the folder is the root of an installed system, of which only
    declared paths are opened (None: look whether it is one); engine: `hyperscan`, `re2` or `re` instead of the fastest one that is installed;
    watch: called with the path of an artifact and the number of bytes of it that were just read, for a line of progress;
    redact: replace secrets by tokens such as `<sas-1>`, in every text of the report (docs/redaction.md); False: only where nobody else will see it;
    jobs: processes that may read one log of 32 MB or more (0: one a processor, up to 4), on Linux and where the program has no other threads.

    Raises BundleError (nothing readable), KnowledgeError (faulty data files), UsageError (a time, zone, folder or engine that cannot be used).
    """
    options = ScanOptions(code=code, at=at, language=language, tz=tz, limits=limits, root=root, watch=watch, redact=redact, jobs=jobs)
    return scan_with(load(signatures, parsers, cached=cache, engine=engine), path, options)


def scan_with(knowledge: Knowledge, path: str | os.PathLike[str], options: ScanOptions = PLAIN) -> Report:
    """As `scan`, with knowledge that is loaded already: for many bundles in one process. Raises BundleError, UsageError."""
    return answer.report(judged_with(knowledge, path, options))


def judged_with(knowledge: Knowledge, path: str | os.PathLike[str], options: ScanOptions = PLAIN) -> Judged:
    """What `scan_with` makes its report of: for those who ask more than a report tells."""
    moment, zone = _moment(options.at), given(options.tz) if options.tz else None
    pack = knowledge.pack
    with open_bundle(path, options.limits, declared=declared_by(knowledge), root=options.root) as bundle:
        scanned = scan_bundle(bundle, knowledge, options.watch, options.jobs)
        name, kind = bundle.name, bundle.kind
    if kind == "file" and not scanned.logs:
        raise BundleError(
            "not a log that is known",
            where=os.fspath(path),
            why="its first lines have the form of no declared format",
            fix="give the whole bundle: a folder or an archive of the logs",
        )
    timeline = assemble(scanned.logs, pack, scanned.newest_kept, zone, whole=options.whole, moments=scanned.moments, zones=scanned.zones)
    attempts = joined(find_attempts(timeline), find_jobs(timeline))
    system = _system(scanned, pack)
    focus = choose(timeline, attempts, moment)
    code = options.code or reported_code(timeline, focus.attempt)
    known = find_code(code, pack.codes) if code else None
    order = list(known.causes) if known else []

    def at_focus(focus: Focus) -> list[CauseState]:
        return judge(pack, timeline.history, focus, system=system, order=order, excerpt=timeline.excerpt, begin=timeline.start)

    states = at_focus(focus)
    if moment is None and focus.attempt is not None and focus.attempt.result == "failed" and focus.attempt.kind != JOB:
        focus, states = _newer(timeline, focus, states, at_focus)
    earlier = _earlier(timeline, attempts, focus, states, at_focus)
    notes = knowledge.notes + pack.overrides
    redactor = Redactor() if options.redact else None
    return Judged(name, kind, system, pack, scanned, timeline, attempts, focus, states, earlier, known, code, moment, notes, options.language, redactor)


def _newer(timeline: Timeline, focus: Focus, states: list[CauseState], at_focus: _AtFocus) -> tuple[Focus, list[CauseState]]:
    """A fault that began well after the failed attempt and is open at the end of the logs is what stands in the way of the next backup."""
    failed = focus.attempt
    if failed is None or timeline.end is None or timeline.end < failed.last + LATER:
        return focus, states
    basis = "the end of the logs: a fault that began after the last failed backup attempt is still open"
    since = Focus(Window(failed.last + SETTLING, timeline.end), None, basis, (failed.last, timeline.end))
    now = at_focus(since)
    if now and now[0].status == "supported" and now[0].first > failed.last + LATER and now[0].support:
        return since, now
    return focus, states


def _earlier(timeline: Timeline, attempts: list[Attempt], focus: Focus, states: list[CauseState], at_focus: _AtFocus) -> dict[int, list[str]]:
    """The causes of each failed attempt, by its place in the list."""
    out: dict[int, list[str]] = {}
    begin = timeline.start if timeline.start is not None else 0
    failed = [n for n, attempt in enumerate(attempts) if attempt.result == "failed"]
    for n in failed[-MOST_EARLIER:]:
        found = states if attempts[n] is focus.attempt else at_focus(at_attempt(begin, attempts, attempts[n], ""))
        out[n] = [state.cause.id for state in found if state.status == "supported"]
    return out


def _system(scanned: Scanned, pack: Pack) -> Literal["linux", "windows", "unknown"]:
    """By the formats that were recognised, else by the names of the files that were not."""
    systems = {formats_of(pack)[log.format].os for log in scanned.logs} - {"any"}
    if not systems:
        names = [path for path, _, _ in scanned.unknown]
        systems = {system for system, marks in (("windows", _WINDOWS), ("linux", _LINUX)) if any(marks.search(name) for name in names)}
    if systems == {"linux"}:
        return "linux"
    return "windows" if systems == {"windows"} else "unknown"


def _moment(at: datetime | str | None) -> int | None:
    """Microseconds UTC. Raises UsageError for text that is no time and for a datetime without a zone."""
    if at is None:
        return None
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise UsageError("the time has no zone", where=str(at), fix="give a datetime with tzinfo, such as datetime(..., tzinfo=timezone.utc)")
        return int(at.astimezone(timezone.utc).timestamp()) * SECOND + at.microsecond
    text = at.strip()
    found = parse_iso(text.encode("utf-8", "replace")) or parse_iso(_padded(text).encode("utf-8", "replace"))
    if found is None:
        raise UsageError("not a time", where=at, fix="write it as 2026-11-22T03:12Z (UTC) or with an offset: 2026-11-22T04:12+01:00")
    return found[0]


def _padded(text: str) -> str:
    """A time without seconds gets them: `2026-11-22 03:12`."""
    head, rest = text[:16], text[16:]
    return f"{head}:00{rest}"
