"""The tests inside the data files: small bundles run with the real scan, each with the status that its cause must get; sample lines of formats."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from backuptrace import answer
from backuptrace.api import ScanOptions, judged_with
from backuptrace.bundle.opening import open_bundle
from backuptrace.errors import BackuptraceError
from backuptrace.explained import why
from backuptrace.judged import Judged
from backuptrace.knowledge.eventexport import export
from backuptrace.knowledge.loading import Knowledge, Ready
from backuptrace.knowledge.shapes import EventShape, FormatShape, SignatureShape, TestShape
from backuptrace.readers import conf, jsontree, rows, xmltree
from backuptrace.readers.winevent import SEPARATOR
from backuptrace.scanning.bundles import scan_bundle
from backuptrace.scanning.objectfields import sample_fields
from backuptrace.scanning.records import Records

AS_WRITTEN = "as written"
NO_TIME = b"-"
STATUS = {"supported": ("supported",), "contradicted": ("contradicted",), "unknown": ("unknown",), AS_WRITTEN: (AS_WRITTEN,)}


@dataclass(frozen=True, slots=True)
class Proof:
    """One test that was run: `got` is the status, or the words of an error; `why` what the report says of it.

    reasons: of one that failed, what each verdict of the signature came to and which clause decided, and the files of the test that nobody could read.
    """

    signature: str
    name: str
    wanted: str
    got: str
    why: str
    reasons: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the status is the wanted one; `none` means anything but supported."""
        return self.got in STATUS[self.wanted] if self.wanted in STATUS else self.got != "supported"


def prove(signature: SignatureShape, knowledge: Knowledge) -> Iterator[Proof]:
    """Runs every test of a signature with all knowledge loaded, in a temporary folder."""
    for test in signature.tests:
        cause = test.cause or signature.verdicts[0].cause
        with tempfile.TemporaryDirectory(prefix="backuptrace-") as folder:
            write(test, Path(folder))
            try:
                judged = judged_with(knowledge, folder, ScanOptions(at=test.at or None, whole=test.whole))
            except BackuptraceError as error:
                yield Proof(signature.id, test.name, test.expect, f"error: {error}", "")
                continue
        state = next((item for item in answer.report(judged).causes if item.id == cause), None)
        if state is None:
            yield Proof(signature.id, test.name, test.expect, "no such cause", "")
        else:
            proof = Proof(signature.id, test.name, test.expect, state.status, state.why)
            yield proof if proof.holds else replace(proof, reasons=tuple(_reasons(signature.id, cause, judged)))


def _reasons(signature: str, cause: str, judged: Judged) -> Iterator[str]:
    """Why a test came out as it did."""
    for path, _, _ in judged.scanned.unknown:
        yield f"{path}: no format reads this file"
    for log in judged.scanned.logs:
        if log.size and log.records == 0 and any(shape.id == log.format and shape.kind == "indexed" for shape in judged.pack.formats):
            yield f"{log.path}: none of its lines begins as a record of {log.format} does; `backuptrace signatures show {log.format}` has a sample"
    state = next(one for one in judged.states if one.cause.id == cause)
    for verdict in why(judged, state).verdicts:
        if verdict.signature == signature:
            told = f"`{' '.join(verdict.when.split())}` is {verdict.truth}"
            if verdict.refuted_by is not None:
                told += f", and {verdict.refuted_by.source}:{verdict.refuted_by.line} shows that it is over"
            elif verdict.failed:
                told += f": {verdict.failed}" + (f" ({verdict.miss})" if verdict.miss else "")
            yield told


def unseen(signature: SignatureShape, knowledge: Knowledge) -> list[str]:
    """The selections that no record of any test fulfils: a pattern that finds nothing looks like a sound machine."""
    seen: set[str] = set()
    for test in signature.tests:
        with tempfile.TemporaryDirectory(prefix="backuptrace-") as folder:
            write(test, Path(folder))
            with contextlib.suppress(BackuptraceError), open_bundle(folder) as bundle:
                for log in scan_bundle(bundle, knowledge).logs:
                    seen |= {key for key, hits in log.hits.items() if hits.total} | {key for key, holds in log.states.items() if holds}
    return [name for name in signature.select if f"{signature.id}/{name}" not in seen]


def prove_format(shape: FormatShape, knowledge: Knowledge) -> Iterator[Proof]:
    """Reads every sample of a format as the scan reads a record; `got` is `as written`, or what came out otherwise."""
    ready = knowledge.formats[shape.id]
    for n, sample in enumerate(shape.samples, 1):
        try:
            fields = _read(ready, sample.text)
        except ValueError as error:
            yield Proof(shape.id, f"sample {n}", AS_WRITTEN, str(error), sample.text)
            continue
        wrong = [f"{key} is {fields.get(key)!r}, wanted {value!r}" for key, value in sample.fields.items() if fields.get(key, "") != value]
        yield Proof(shape.id, f"sample {n}", AS_WRITTEN, "; ".join(wrong) or AS_WRITTEN, sample.text if wrong else "")


def _read(ready: Ready, text: str) -> dict[str, str]:
    """The fields of the first record in a text. Raises ValueError where there is none, or where its time is none."""
    shape = ready.shape
    if shape.reader == "conf":
        return shape.defaults | {setting.key: setting.value for setting in conf.settings(text)}
    if shape.reader in ("rows", "transcript"):
        found_rows = list(rows.rows(text, ready.rows, shape.carry))
        if not found_rows:
            raise ValueError("no row matches")
        return found_rows[-1].fields  # lines above the last give it the fields that it carries
    if shape.objects is not None:
        return sample_fields(ready, text)
    if shape.json is not None:
        data = (xmltree if shape.reader == "xml" else jsontree).read(text.encode())
        item = next(iter(jsontree.items(data, shape.json.each)), None)
        if item is None:
            raise ValueError(f"no record at {shape.json.each}")
        return {name: jsontree.first(item, path) for name, path in shape.json.fields.items()}
    records, line = Records(ready.starts), bytearray(text.encode())
    found = records.start(line, 0, len(line))
    if found is None:
        raise ValueError("no record start matches")
    head, clock = found
    timeless = clock[0] == "uptime"  # seconds since the start: a stamp, but no time of day
    if not timeless and records.stamp(head, clock) is None and not (shape.reader == "events" and head["stamp"] == NO_TIME):
        raise ValueError(f"the stamp {head['stamp'].decode('utf-8', 'replace')!r} is no time of the kind {clock[0]}")
    fields = {key: value.decode("utf-8", "replace") for key, value in head.groupdict().items() if value is not None}
    message = line[head.end() :].decode("utf-8", "replace")
    pairs = [datum.partition("=") for datum in message.split(SEPARATOR)[1:]] if shape.reader == "events" else []
    return {**fields, **{f"data.{name}": value for name, _, value in pairs}, "message": message, "text": text}


def write(test: TestShape, folder: Path) -> None:
    """Lays the test's files out below a folder, its events as an XML export of each channel. Raises BackuptraceError for a path that climbs out of it."""
    channels: dict[str, list[EventShape]] = {}
    for event in test.events:
        channels.setdefault(event.channel, []).append(event)
    exports = {f"{channel.replace('/', '%4')}.xml": export(events) for channel, events in channels.items()}
    for path, text in {**test.files, **exports}.items():
        target = (folder / path).resolve()
        if folder.resolve() not in target.parents:
            raise BackuptraceError("the path climbs out of the bundle", where=path, fix="write it relative to the bundle's root")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
