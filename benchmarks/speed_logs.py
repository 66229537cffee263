"""Large agent logs for the speed measurements: a synthetic one, and two woven from the lines of real agents.

All are made once and kept; the same seed, size and sources give the same bytes.
"""

from __future__ import annotations

import hashlib
import random
import re
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, NamedTuple

from speed_words import FAILURES, NOISE

CHUNK = 4000
"""Lines that are written at once."""
FAILING = 0.005
"""Share of failure lines in the synthetic log."""
BEGIN = datetime(2025, 1, 1, tzinfo=timezone.utc)
LONGEST_GAP = timedelta(hours=1)
LASTING = timedelta(minutes=20)
"""A log over less time shows little but an agent that starts."""
_STAMP = re.compile(rb"^(\d{4})([-/])(\d\d)[-/](\d\d)([T ])(\d\d:\d\d:\d\d)(\.\d{1,6})?(Z?)(?= )", re.MULTILINE)
_NAME = re.compile(r"(?:^|/)waagent\.log$")
_FOREIGN = "var/log/azure/"


def synthetic(path: Path, size: int, seed: int = 7) -> None:
    """About 135 bytes a line, a line every 1.4 s, 18 shapes of everyday lines and 0.5 % failures of 50 kinds."""
    rng = random.Random(seed)
    moment = BEGIN.timestamp()
    written = 0
    with _fresh(path) as out:
        while written < size:
            lines = []
            for _ in range(CHUNK):
                moment += rng.random() * 2.8
                shape = rng.choice(FAILURES if rng.random() < FAILING else NOISE)
                a, b = rng.randrange(1, 60_000), rng.randrange(1 << 40)
                stamp = datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                lines.append(f"{stamp} {shape.format(a=a, b=b)}\n")
            block = "".join(lines).encode()
            out.write(block)
            written += len(block)
    _ready(path)


class Record(NamedTuple):
    """A record of a real log without its time: what separates the parts of its stamp, what follows, and how long after the record before it came."""

    style: tuple[str, str, str]
    rest: bytes
    gap: timedelta


def woven(path: Path, size: int, records: list[Record]) -> None:
    """The records over and over, their distances kept, time always going on."""
    moment = BEGIN
    written = 0
    with _fresh(path) as out:
        while written < size:
            for low in range(0, len(records), CHUNK):
                parts: list[bytes] = []
                for (slash, blank, zulu), rest, gap in records[low : low + CHUNK]:
                    moment += gap
                    parts.append(moment.strftime(f"%Y{slash}%m{slash}%d{blank}%H:%M:%S.%f{zulu}").encode())
                    parts.append(rest)
                block = b"".join(parts)
                out.write(block)
                written += len(block)
                if written >= size:
                    break
    _ready(path)


def records_of(folder: Path, least: timedelta = timedelta()) -> list[Record]:
    """The records of every waagent.log below a folder that covers at least this time, plain or in a bundle, in a fixed order.

    A log that occurs twice counts once.
    """
    out: list[Record] = []
    seen: set[bytes] = set()
    for text in _logs(folder):
        digest = hashlib.sha256(text).digest()
        if digest not in seen:
            seen.add(digest)
            records = list(_records(text))
            if sum((record.gap for record in records[1:]), timedelta()) >= least:
                out += records
    return out


def _records(text: bytes) -> Iterator[Record]:
    found = list(_STAMP.finditer(text))
    before: datetime | None = None
    for here, after in zip_longest(found, found[1:]):
        year, slash, month, day, blank, clock, fraction, zulu = (part.decode() if part else "" for part in here.groups())
        try:
            moment = datetime.fromisoformat(f"{year}-{month}-{day}T{clock}{fraction.ljust(7, '0') if fraction else ''}+00:00")
        except ValueError:
            continue
        gap = timedelta(minutes=1) if before is None else min(max(moment - before, timedelta()), LONGEST_GAP)
        before = moment
        rest = text[here.end() : after.start() if after else len(text)]
        yield Record((slash, blank, zulu), rest if rest.endswith(b"\n") else rest + b"\n", gap)


def _logs(folder: Path) -> Iterator[bytes]:
    """Plain logs, and those in .tar.gz and .zip bundles; one bundle a folder, as several are usually copies of one machine."""
    taken: set[Path] = set()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        shown = path.relative_to(folder).as_posix()
        if _wanted(shown):
            yield path.read_bytes()
        elif path.name.endswith((".tar.gz", ".tgz", ".zip")) and path.parent not in taken:
            taken.add(path.parent)
            yield from _zipped(path) if path.suffix == ".zip" else _tarred(path)


def _tarred(path: Path) -> Iterator[bytes]:
    with tarfile.open(path) as bundle:
        for member in bundle:
            if member.isfile() and _wanted(member.name) and (file := bundle.extractfile(member)):
                yield file.read()


def _zipped(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as bundle:
        for name in bundle.namelist():
            if _wanted(name):
                yield bundle.read(name)


def _wanted(path: str) -> bool:
    return bool(_NAME.search(path)) and _FOREIGN not in path


def _fresh(path: Path) -> BinaryIO:
    return path.with_suffix(".part").open("wb")


def _ready(path: Path) -> None:
    path.with_suffix(".part").replace(path)
