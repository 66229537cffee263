"""`run`: from sources to a folder of results. Killed at any moment, the next run goes on, and both end with the same files.

OUT/fleet.journal     what is done, see `journal`
OUT/reports/*.json    a report per bundle (the contract `backuptrace.report/1`), and as a page: *.html
OUT/*.parquet         the tables, see `tables`; written at the end
OUT/fleet.html        the summary and a table of all VMs, as a page
OUT/fleet.json        the summary; written last: where it is, the rest is complete
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from backuptrace import __version__
from backuptrace.bundle.names import printable
from backuptrace.errors import BackuptraceError, BundleError, UsageError
from backuptrace.fleet import tables
from backuptrace.fleet.journal import UNFINISHED, Journal
from backuptrace.fleet.options import Options
from backuptrace.fleet.page import Row, render
from backuptrace.fleet.pool import Done, Pool, Task
from backuptrace.fleet.result import Failure, Result
from backuptrace.fleet.rows import Entry, encoded
from backuptrace.fleet.sources import JOURNAL, Source, find, short_name
from backuptrace.fleet.summary import Supported, Vm, summarize
from backuptrace.fleet.work import Job, put, scanner
from backuptrace.fleet.worker import Work
from backuptrace.knowledge.compiled import Pack
from backuptrace.knowledge.loading import load
from backuptrace.knowledge.texts import pick
from backuptrace.model import Problem
from backuptrace.redact.redactor import redacted
from backuptrace.scanning.parts import processors
from backuptrace.timeline.zone import given

REPORTS, SUMMARY, PAGE, LOCK = "reports", "fleet.json", "fleet.html", "fleet.lock"
TIMEOUT_S = 600.0
MEMORY = 4 << 30
_REPORT = re.compile(r"^[\w.-]*-[0-9a-f]{12}\.(?:json|html)$")
_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Progress(NamedTuple):
    """How far a run is: bundles and their bytes; of those done, `before` were done by an earlier run; seconds since the first one was handed out."""

    done: int
    total: int
    before: int
    failed: int
    bytes_done: int
    bytes_total: int
    seconds: float


Watch = Callable[[Progress], None]


class _Item(NamedTuple):
    """A bundle with what it is found by, and what it is called where secrets must not be told."""

    source: Source
    key: str
    report: str
    label: str
    path: str


def run(
    sources: Sequence[str],
    out: str | os.PathLike[str],
    *,
    options: Options | None = None,
    jobs: int = 0,
    timeout: float = TIMEOUT_S,
    memory: int | None = MEMORY,
    fresh: bool = False,
    retry: bool = False,
    watch: Watch = lambda _: None,
    inform: Callable[[str], None] = lambda _: None,
    make: Callable[..., Work] = scanner,
) -> Result:
    """Scans every bundle that `sources` stand for (`sources.find`) and writes the results to the folder `out`.

    jobs: workers (0: as many as processors); timeout: seconds for one bundle; memory: bytes of address space for one worker, None: no bound;
    fresh: forget what earlier runs did; retry: try again what failed then; inform: called with what somebody should
    know but is no part of the result; make: what prepares the work of a worker, as `work.scanner`.

    Raises UsageError, KnowledgeError, BundleError (no bundle, or nothing can be read in any), BackuptraceError (the results cannot be written).
    """
    options = options or Options()
    if options.tz:
        given(options.tz)
    folder = Path(out)
    _check(folder)
    found = find(sources, without=os.fspath(out))
    if not found.sources:
        reason = "; ".join(f"{problem.where} {problem.what}" for problem in found.problems[:3]) or "the sources are empty"
        raise BundleError("no bundles", where=" ".join(sources[:3]), why=reason, fix="name folders with bundles, archives, or @list.txt with one path a line")
    _make(folder)
    with _locked(folder):
        if fresh:
            _forget(folder)
        knowledge = load(options.signatures, options.parsers, engine=options.engine)
        for text in knowledge.notes:
            inform(text)
        pool = Pool(make, (options, str(folder / REPORTS)), jobs or processors(), timeout, memory)
        with pool, Journal(folder / JOURNAL) as journal:
            if not journal.places:  # nothing is done yet: all workers will have work, and may start meanwhile
                pool.start(len(found.sources))
            items = _items(found.sources, options, knowledge.pack.version)
            if journal.damaged:
                inform(f"{folder / JOURNAL}: {journal.damaged} damaged lines were passed over; their bundles are scanned again")
            todo = [item for item in items if not _is_done(folder, journal, item.key, options, retry=retry)]
            _scan(journal, items, todo, pool, watch)
            pool.close()
            with contextlib.suppress(FileNotFoundError):
                (folder / SUMMARY).unlink()
            journal.keep([item.key for item in items])
            gathered = _Gathered(options)
            if not tables.possible():
                inform("pyarrow is not installed, so there are no tables; it comes with backuptrace where it has a wheel")
                for _ in gathered.passed(_named(journal, items)):
                    pass
            else:
                tables.write(folder, gathered.passed(_named(journal, items)))
            result = gathered.result(len(items), found.problems, knowledge.pack)
            put(folder / PAGE, render(result, gathered.rows).encode())
        _prune(folder, {item.report + suffix for item in items for suffix in (".json", ".html")[: 1 + options.html]})
        put(folder / SUMMARY, msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    if result.scanned == 0 and not result.failed:
        first = result.unreadable[0]
        raise BundleError("nothing can be read in any bundle", where=first.bundle, why=first.what, fix="check what was copied there")
    return result


def _scan(journal: Journal, items: Sequence[_Item], todo: Sequence[_Item], pool: Pool, watch: Watch) -> None:
    """Everything that is to do, the largest bundle first, so that none is left alone at the end."""
    by_key = {item.key: item for item in todo}
    sizes = {item.key: item.source.size for item in items}
    total, left = sum(sizes.values()), sum(item.source.size for item in todo)
    before, begin, done, failed = len(items) - len(todo), time.monotonic(), 0, 0
    ordered = sorted(todo, key=lambda item: (-item.source.size, item.source.label))
    tasks = [Task(item.key, msgspec.msgpack.encode(Job(item.source.path, item.key, item.report))) for item in ordered]

    def tell() -> None:
        watch(Progress(before + done, len(items), before, failed, total - left, total, time.monotonic() - begin))

    pool.start(len(tasks))
    tables.prepare()
    for one in pool.run(tasks, tell):
        item = by_key[one.name]
        journal.add(_answer(one))
        done, left, failed = done + 1, left - item.source.size, failed + (one.answer is None)
        tell()


def _answer(done: Done) -> bytes:
    """The line for the journal; where there is no answer, the reason."""
    if done.fault is None:
        return done.answer or b""
    fix = {
        "timeout": "allow more with --timeout, then run again with --retry",
        "memory": "allow more with --memory, then run again with --retry",
        "crashed": "try `backuptrace scan` with it alone; run again with --retry",
    }[done.fault.kind]
    return encoded(Entry(key=done.name, state="failed", problems=[Problem(done.fault.kind, "", done.fault.what, fix)]))


def _items(sources: Sequence[Source], options: Options, version: str) -> list[_Item]:
    """In the order of the sources. The name of a report is readable, harmless, and never that of another bundle; nor is a label."""
    out: list[_Item] = []
    taken: set[str] = set()
    for source in sources:
        label, path = (redacted(source.label), redacted(printable(source.path))) if options.redact else (source.label, printable(source.path))
        sum_ = hashlib.blake2b(source.path.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
        if label in taken:
            label = f"{label} ({sum_})"
        taken.add(label)
        name = _SAFE.sub("_", short_name(label.rpartition("/")[2])).strip("._")[:80]
        out.append(_Item(source, options.key_of(source.identity, version), f"{name or 'bundle'}-{sum_}", label, path))
    return out


def _is_done(folder: Path, journal: Journal, key: str, options: Options, *, retry: bool) -> bool:
    place = journal.places.get(key)
    if place is None or (retry and place.state == "failed"):
        return False
    if not place.report:
        return True
    if options.html and not place.html:
        return False
    sizes = {".json": place.size, ".html": place.html} if options.html else {".json": place.size}
    try:
        return all((folder / REPORTS / (place.report + suffix)).stat().st_size == size for suffix, size in sizes.items())
    except OSError:
        return False


def _named(journal: Journal, items: Sequence[_Item]) -> Iterator[tables.Named]:
    """The entries in the order of the items."""
    for item in items:
        entry = journal.entry(item.key)
        yield tables.Named(item.label, item.path, entry.vm or short_name(item.label), entry.vm_id, item.source.size, entry)


@dataclass(slots=True)
class _Gathered:
    """What the summary and the page need of the entries, taken from them on their way to the tables."""

    options: Options
    rows: list[Row] = field(default_factory=list)
    vms: list[Vm] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    unreadable: list[Failure] = field(default_factory=list)
    incomplete: int = 0

    def passed(self, entries: Iterable[tables.Named]) -> Iterator[tables.Named]:
        """The same entries, each looked at once."""
        for one in entries:
            entry, vm = one.entry, vm_of(one)
            if entry.state == "scanned":
                self.vms.append(vm)
                self.incomplete += bool(entry.problems)
            else:
                problem = entry.problems[0]
                lost = self.failed if entry.state == "failed" else self.unreadable
                lost.append(Failure(bundle=one.label, kind=problem.kind, what=problem.what, fix=problem.fix))
            report = f"{entry.report}.html" if entry.report and self.options.html else ""
            since = next((cause.first for cause in vm.causes if cause.leading), None)
            causes = [cause.cause for cause in vm.causes]
            outcome = entry.outcome or entry.state
            self.rows.append(Row(vm=one.vm, bundle=one.label, report=report, outcome=outcome, causes=causes, since=since, properties=vm.properties))
            yield one

    def result(self, bundles: int, aside: list[Problem], pack: Pack) -> Result:
        """When all have passed."""
        options, summary = self.options, summarize(self.vms)
        supported = {group.cause for group in summary.causes}
        titles = {cause.id: pick(cause.title, options.language) for cause in pack.causes if cause.id in supported}
        if options.redact:
            aside = [Problem(problem.kind, redacted(problem.where), redacted(problem.what), problem.fix) for problem in aside]
        return Result(
            version=__version__, signatures=pack.version, language=options.language, redacted=options.redact, bundles=bundles, scanned=len(self.vms),
            with_problems=self.incomplete, summary=summary, titles=titles, failed=self.failed, unreadable=self.unreadable, aside=aside,
        )  # fmt: skip


def vm_of(row: tables.Named) -> Vm:
    """What the summary needs to know of a bundle. The VM is told by its id, else by its name, else every bundle is one of its own."""
    entry = row.entry
    fact = entry.fact
    system = fact("distro") or " ".join(part for part in (fact("os_name"), fact("os_version") or fact("os_build")) if part)
    known = {"agent_version": fact("agent_version"), "extension_version": fact("extension_version"), "system": system, "region": fact("region")}
    return Vm(
        id=(entry.vm_id or row.vm).lower() if entry.vm_id or entry.vm else f"bundle {row.label}",
        name=row.vm,
        bundle=row.label,
        os=entry.os,
        to=entry.to,
        outcome=entry.outcome or "",
        causes=[Supported(cause.cause, cause.first, cause.cause == entry.cause) for cause in entry.causes if cause.status == "supported"],
        properties={name: value for name, value in known.items() if value},
    )


def _check(folder: Path) -> None:
    """Raises UsageError if the folder is a file or holds something else, BackuptraceError if it cannot be looked at or made."""
    try:
        held = {entry.name for entry in os.scandir(folder)}
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise UsageError("cannot write the results", where=str(folder), why="it is a file", fix="name a folder: -o results") from error
    except OSError as error:
        raise _unwritable(folder, error) from error
    if held - {LOCK, REPORTS} and JOURNAL not in held:
        raise UsageError("the folder holds something else", where=str(folder), why="it has files, but no results of a fleet", fix="name a new or empty folder")


def _make(folder: Path) -> None:
    """Makes the folder for the results and that of the reports. Raises BackuptraceError."""
    try:
        (folder / REPORTS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> BackuptraceError:
    return BackuptraceError("cannot write the results", where=str(folder), why=error.strerror or str(error), fix="choose another folder with -o")


def _forget(folder: Path) -> None:
    """Removes what earlier runs left, and nothing else."""
    unfinished = folder / (JOURNAL + UNFINISHED)
    for path in (folder / SUMMARY, folder / PAGE, unfinished, folder / JOURNAL, *(tables.path_of(folder, name) for name in tables.COLUMNS)):
        path.unlink(missing_ok=True)
    _prune(folder, set())


def _prune(folder: Path, wanted: set[str]) -> None:
    """Removes reports of bundles that are not part of the fleet any more, and what a killed worker left half-written."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder / REPORTS) as found:
        for entry in list(found):
            if entry.name not in wanted and (_REPORT.match(entry.name) or entry.name.endswith(UNFINISHED)):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One run at a time; the system lets go of the lock however the run ends. Raises UsageError."""
    with (folder / LOCK).open("ab") as file:
        try:
            _lock(file)
        except OSError as error:
            raise UsageError(
                "another run is writing there", where=str(folder), why="two runs cannot share a folder", fix="wait for it, or choose another folder with -o"
            ) from error
        yield


def _lock(file: IO[Any]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
