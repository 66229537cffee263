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
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from backuptrace.bundle.names import printable
from backuptrace.errors import BundleError
from backuptrace.fleet import folder, tables
from backuptrace.fleet.folder import PAGE, REPORTS, SUMMARY
from backuptrace.fleet.gathering import Gathered
from backuptrace.fleet.journal import Journal
from backuptrace.fleet.options import Options
from backuptrace.fleet.page import render
from backuptrace.fleet.pool import Done, Pool, Task
from backuptrace.fleet.result import Result
from backuptrace.fleet.rows import Entry
from backuptrace.fleet.sources import JOURNAL, Source, find, short_name
from backuptrace.fleet.work import Job, put, scanner
from backuptrace.fleet.worker import Work
from backuptrace.knowledge.loading import load
from backuptrace.model import Problem
from backuptrace.redact.redactor import redacted
from backuptrace.report.jsontext import encoded
from backuptrace.scanning.parts import processors
from backuptrace.timeline.zone import given

TIMEOUT_S = 600.0
MEMORY = 4 << 30
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
    home = Path(out)
    folder.check(home)
    found = find(sources, without=os.fspath(out))
    if not found.sources:
        reason = "; ".join(f"{problem.where} {problem.what}" for problem in found.problems[:3]) or "the sources are empty"
        raise BundleError("no bundles", where=" ".join(sources[:3]), why=reason, fix="name folders with bundles, archives, or @list.txt with one path a line")
    folder.make(home)
    with folder.locked(home):
        if fresh:
            folder.forget(home)
        knowledge = load(options.signatures, options.parsers, engine=options.engine)
        for text in knowledge.notes:
            inform(text)
        pool = Pool(make, (options, str(home / REPORTS)), jobs or processors(), timeout, memory)
        with pool, Journal(home / JOURNAL) as journal:
            if not journal.places:  # nothing is done yet: all workers will have work, and may start meanwhile
                pool.start(len(found.sources))
            items = _items(found.sources, options, knowledge.pack.version)
            if journal.damaged:
                inform(f"{home / JOURNAL}: {journal.damaged} damaged lines were passed over; their bundles are scanned again")
            todo = [item for item in items if not _is_done(home, journal, item.key, options, retry=retry)]
            _scan(journal, items, todo, pool, watch)
            pool.close()
            gathered = _written(home, journal, items, options, inform)
            result = gathered.result(len(items), found.problems, knowledge.pack)
            put(home / PAGE, render(result, gathered.rows).encode())
        folder.prune(home, {item.report + suffix for item in items for suffix in (".json", ".html")[: 1 + options.html]})
        put(home / SUMMARY, msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    if result.scanned == 0 and not result.failed:
        first = result.unreadable[0]
        raise BundleError("nothing can be read in any bundle", where=first.bundle, why=first.what, fix="check what was copied there")
    return result


def _written(home: Path, journal: Journal, items: Sequence[_Item], options: Options, inform: Callable[[str], None]) -> Gathered:
    """Writes the tables anew from the journal; the summary goes first, because it tells that the rest is complete."""
    with contextlib.suppress(FileNotFoundError):
        (home / SUMMARY).unlink()
    journal.keep([item.key for item in items])
    gathered = Gathered(options)
    entries = gathered.passed(_named(journal, items))
    if tables.possible():
        tables.write(home, entries)
    else:
        inform("pyarrow is not installed, so there are no tables; it comes with backuptrace where it has a wheel")
        for _ in entries:
            pass
    return gathered


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


def _is_done(home: Path, journal: Journal, key: str, options: Options, *, retry: bool) -> bool:
    place = journal.places.get(key)
    if place is None or (retry and place.state == "failed"):
        return False
    if not place.report:
        return True
    if options.html and not place.html:
        return False
    sizes = {".json": place.size, ".html": place.html} if options.html else {".json": place.size}
    try:
        return all((home / REPORTS / (place.report + suffix)).stat().st_size == size for suffix, size in sizes.items())
    except OSError:
        return False


def _named(journal: Journal, items: Sequence[_Item]) -> Iterator[tables.Named]:
    """The entries in the order of the items."""
    for item in items:
        entry = journal.entry(item.key)
        yield tables.Named(item.label, item.path, entry.vm or short_name(item.label), entry.vm_id, item.source.size, entry)
