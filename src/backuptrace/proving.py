"""The tests inside the data files: small bundles run with the real scan, each with the status that its cause must get; sample lines of formats."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backuptrace.api import scan_with
from backuptrace.errors import BackuptraceError
from backuptrace.knowledge.loading import Knowledge
from backuptrace.knowledge.shapes import FormatShape, SignatureShape, TestShape
from backuptrace.scanning.records import Records

AS_WRITTEN = "as written"
STATUS = {"supported": ("supported",), "contradicted": ("contradicted",), "unknown": ("unknown",), AS_WRITTEN: (AS_WRITTEN,)}


@dataclass(frozen=True, slots=True)
class Proof:
    """One test that was run: `got` is the status, or the words of an error; `why` what the report says of it."""

    signature: str
    name: str
    wanted: str
    got: str
    why: str

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
                report = scan_with(knowledge, folder, at=test.at or None, whole=test.whole)
            except BackuptraceError as error:
                yield Proof(signature.id, test.name, test.expect, f"error: {error}", "")
                continue
        state = next((item for item in report.causes if item.id == cause), None)
        if state is None:
            yield Proof(signature.id, test.name, test.expect, "no such cause", "")
        else:
            yield Proof(signature.id, test.name, test.expect, state.status, state.why)


def prove_format(shape: FormatShape, knowledge: Knowledge) -> Iterator[Proof]:
    """Reads every sample of a format as the scan reads a record; `got` is `as written`, or what came out otherwise."""
    ready = knowledge.formats[shape.id]
    records = Records(ready.starts)
    for n, sample in enumerate(shape.samples, 1):
        line = bytearray(sample.text.encode())
        found = records.start(line, 0, len(line))
        name = f"sample {n}"
        if found is None:
            yield Proof(shape.id, name, AS_WRITTEN, "no record start matches", sample.text)
            continue
        head, clock = found
        fields = {key: value.decode("utf-8", "replace") for key, value in head.groupdict().items() if value is not None}
        fields |= {"message": line[head.end() :].decode("utf-8", "replace"), "text": sample.text}
        wrong = [f"{key} is {fields.get(key)!r}, wanted {value!r}" for key, value in sample.fields.items() if fields.get(key) != value]
        if records.stamp(head, clock) is None:
            wrong.append(f"the stamp {fields['stamp']!r} is no time of the kind {clock[0]}")
        yield Proof(shape.id, name, AS_WRITTEN, "; ".join(wrong) or AS_WRITTEN, sample.text if wrong else "")


def write(test: TestShape, folder: Path) -> None:
    """Lays the test's files out below a folder. Raises BackuptraceError for a path that climbs out of it."""
    for path, text in test.files.items():
        target = (folder / path).resolve()
        if folder.resolve() not in target.parents:
            raise BackuptraceError("the path climbs out of the bundle", where=path, fix="write it relative to the bundle's root")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
