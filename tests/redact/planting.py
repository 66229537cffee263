"""Sample bundles with secrets planted where a report quotes: into the lines that speak for a cause, around them, and into documents."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eventforms import Told, viewer_xml
from evtxwriter import Entry, written

from backuptrace.report.document import Report

from .seeds import WAYS, Maker, Seed

Files = dict[str, bytes]


class Planter:
    """Plants secrets one after the other, each way in its turn."""

    def __init__(self, seed: int = 1) -> None:
        self.make = Maker(seed)
        self.seeds: list[Seed] = []
        self._ways = self._turns()

    def _turns(self) -> Iterator[Seed]:
        while True:
            for way in WAYS.values():
                yield way(self.make)

    def next(self) -> str:
        seed = next(self._ways)
        self.seeds.append(seed)
        return seed.text.replace("\n", " ")

    def lines(self, data: bytes, hits: set[int]) -> bytes:
        """Secrets behind the text of the lines with these numbers (from 1), and on lines of their own around them."""
        ends = b"\r\n" if b"\r\n" in data else b"\n"
        out = []
        for number, line in enumerate(data.split(ends), 1):
            if number + 1 in hits or number - 1 in hits:
                out.append(line + b" " + self.next().encode())
            elif number in hits:
                out.append(line + b" " + self.next().encode() + b" " + self.next().encode())
            else:
                out.append(line)
        return ends.join(out)

    def document(self, data: bytes) -> bytes:
        """Secrets behind every sentence in a JSON document."""

        def walk(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: walk(item) for key, item in value.items()}
            if isinstance(value, list):
                return [walk(item) for item in value]
            return f"{value} {self.next()}" if isinstance(value, str) and " " in value else value

        return json.dumps(walk(json.loads(data))).encode()

    def planted(self, files: Files, report: Report) -> Files:
        """The bundle with secrets wherever the report looked. `report`: of the bundle as it is."""
        hits: dict[str, set[int]] = {}
        for cause in report.causes:
            for item in cause.evidence:
                hits.setdefault(item.source, set()).add(item.line or 0)
        for entry in report.timeline:
            hits.setdefault(entry.source, set()).add(entry.line or 0)
        out = dict(files)
        for name, numbers in sorted(hits.items()):
            data = files.get(name)
            if data is None or name.endswith((".gz", ".evtx")):
                continue
            try:
                out[name] = self.document(data)
            except ValueError:
                out[name] = self.lines(data, numbers)
        return out


def unpacked(sample: Path) -> Files:
    """A sample's files, whatever it is packed in."""
    archives = sorted(sample.glob("bundle.*"))
    if not archives:
        return {path.relative_to(sample).as_posix(): path.read_bytes() for path in sorted(sample.rglob("*")) if path.is_file() and path.name != "case.yml"}
    with tarfile.open(archives[0]) as bundle:
        return {member.name: stream.read() for member in bundle if (stream := bundle.extractfile(member)) is not None}


def packed(files: Files) -> bytes:
    """A tar.gz of the files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return raw.getvalue()


def nested(files: Files) -> bytes:
    """A zip with everything in a tar.gz inside of it, as portals and people pack it."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("upload/support.tar.gz", packed(files))
    return raw.getvalue()


def events(planter: Planter, form: str) -> Files:
    """A log of Windows events about a crashing extension, with secrets in their data, as a file of the system or as an export."""
    time = 1_780_985_000_000_000
    rows: list[tuple[int, list[tuple[str, str]]]] = []
    for number in range(20):
        # What stands in an event ends where the next datum begins.
        words = ["IaaSBcdrExtension.exe", "1.0.90.0", "5e0d1a2b", "ntdll.dll", "10.0.17763.1", "5e0d1a2c", "c0000005", "000000000003ab12", "1a2b"]
        rows.append((number, [("", word) for word in [*words, planter.next(), planter.next()]]))
    if form == "evtx":
        entries = [Entry("Application Error", 1000, time + n * 60_000_000, n + 1, "Application", level=2, data=data, classic=True) for n, data in rows]
        return {"Windows/System32/winevt/Logs/Application.evtx": written(entries)}
    told = [Told(time + n * 60_000_000, "Application Error", 1000, "Application", 2, n + 1, data=data) for n, data in rows]
    return {"Application.xml": viewer_xml(told).encode("utf-16" if form == "utf-16" else "utf-8")}
