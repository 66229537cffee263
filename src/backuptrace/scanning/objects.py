"""Exports of the control plane: every object goes to the formats that its keys tell, and counts if it is about the machine of the bundle.

They are read while the bundle is, one object in memory at a time, and judged when all of it was: only then is known which machine it is about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from backuptrace.knowledge.codes import Codes
from backuptrace.knowledge.globs import one_of
from backuptrace.knowledge.loading import Knowledge
from backuptrace.knowledge.recognition import base_path
from backuptrace.knowledge.shapes import AttemptResult
from backuptrace.model import UTC_CLOCK, Log, Problem
from backuptrace.readers import folding, jsonstream, labelled, tables
from backuptrace.readers.exports.encoding import encoding_of
from backuptrace.readers.exports.xmlstream import as_utf8
from backuptrace.readers.stamps import parse_iso
from backuptrace.readers.stream import Origin, Readable, beginning
from backuptrace.scanning.machines import Choice, Machine, choose, group_of, machine_of, place_of
from backuptrace.scanning.objectfields import Keyed, keyed, value
from backuptrace.scanning.objectforms import form_of
from backuptrace.scanning.objecthits import Record, add

MOST_TEXT = 16 << 10
"""Characters of an object that are kept."""
MOST_KEPT = 10_000
"""Objects of one format in one file that are kept because they may matter."""
MOST_ALIKE = 1_000
"""Those of them about one machine that the same selection wants: an event that comes every minute leaves room for others."""
MOST_BROKEN = 5
MOST_KINDS = 1_000
"""Sets of keys that are remembered."""
_LOST = (b"System.", b"Microsoft.Azure.")
MOST_PASTED = 256 << 10
"""Bytes of pasted text that are looked at."""
MOST_CSV = 16 << 20
MOST_YAML = 512 << 10
"""Bytes of such files that are read."""
_CALLED_JSON = re.compile(r"\.json$", re.IGNORECASE)
_CALLED_YAML = re.compile(r"\.ya?ml$", re.IGNORECASE)


FIX = "add the output of `az vm get-instance-view -g <group> -n <vm>`, or export for this machine only"


class Headed(Readable, Protocol):
    """A stream whose first bytes were looked at."""

    head: bytes


@dataclass(slots=True)
class _Part:
    """The objects of one file that have one format. `seen`: all of them; `last`: the end of the time that they tell."""

    format: Keyed
    records: list[Record] = field(default_factory=list)
    seen: int = 0
    machines: Counter[Machine] = field(default_factory=Counter)
    shown: set[Machine] = field(default_factory=set)
    span: tuple[int, int] | None = None
    alike: Counter[tuple[Machine | None, str]] = field(default_factory=Counter)
    full: bool = False
    lost: bool = False

    def count(self, record: Record, *, listed: bool) -> None:
        """Notes what an object tells, whether it is kept or not. listed: it is one of a list, not one that somebody asked for alone."""
        self.seen += 1
        if record.machine is not None and len(self.machines) < MOST_KEPT:
            self.machines[record.machine] += 1
            if not listed:
                self.shown.add(record.machine)
        for stamp in _times(self.format, record):
            self.span = (stamp, stamp) if self.span is None else (min(self.span[0], stamp), max(self.span[1], stamp))

    def keeps(self, record: Record, wanted: str | None) -> bool:
        """Whether there is room for an object that this selection wants (None: none does, "": it is a state)."""
        if wanted is None:
            return False
        alike = (record.machine, wanted)
        if len(self.records) >= MOST_KEPT or (wanted and self.alike[alike] >= MOST_ALIKE):
            self.full = True
            return False
        self.alike[alike] += 1
        return True


@dataclass(slots=True)
class _File:
    path: str
    why: str
    modified: int | None
    size: int | None
    cut: bool = False
    items: int = 0
    parts: dict[str, _Part] = field(default_factory=dict)


class ObjectFiles:
    """The exports of one bundle: first `read` each, then `scan` all."""

    def __init__(self, knowledge: Knowledge, problems: list[Problem]) -> None:
        self._formats = keyed(knowledge.formats.values())
        self._codes = Codes(knowledge.pack.codes)
        self._problems = problems
        self._files: list[_File] = []
        self._known: dict[tuple[str, ...], list[Keyed]] = {}

    def read(self, stream: Headed, artifact: Origin) -> bool:
        """Takes all objects of a file; False if it holds none of a declared format, nor an empty list where one is expected."""
        path = artifact.path
        encoding = encoding_of(stream.head)
        head = stream.head.decode(encoding, "replace").encode() if encoding.startswith("utf-16") else stream.head
        if not self._formats or (form := form_of(head, path)) is None:
            return False
        file = _File(path, f"its content: {form} of the control plane", artifact.modified, artifact.size)
        read = {"JSON": self._json, "YAML": self._yaml, "CSV": self._separated, "text": self._text}[form]
        read(as_utf8(stream, encoding), file)
        file.cut = file.cut or artifact.cut
        if file.parts:
            self._files.append(file)
        return bool(file.parts)

    def _json(self, stream: Readable, file: _File) -> None:
        broken = 0
        problems: list[Problem] = []
        try:
            for item in jsonstream.items(stream):
                file.items += 1
                try:
                    data = _decoded(item.raw)
                except (ValueError, msgspec.DecodeError, RecursionError) as error:
                    broken += 1
                    if broken <= MOST_BROKEN:
                        what = f"object {file.items} (line {item.line}) is no JSON and was left out: {error}"
                        problems.append(Problem("unreadable", file.path, what, "export it again"))
                    continue
                for one in (several := list(_unwrapped(data))):
                    self._object(folding.folded(one), item.raw, item.line, item.offset, file, listed=item.listed or len(several) != 1)
        except jsonstream.CutShortError as error:
            file.cut = True
            problems.append(Problem("unreadable", file.path, f"JSON that is not whole: {error}; the objects before that count", "export it again"))
        if broken > MOST_BROKEN:
            problems.append(Problem("unreadable", file.path, f"{broken} objects are no JSON and were left out", "export it again"))
        if not file.items and not file.cut:
            self._empty(file)
        if file.parts or _CALLED_JSON.search(file.path):
            self._problems += problems

    def _empty(self, file: _File) -> None:
        """An empty list has no keys: here the name of the file tells what was listed."""
        for one in self._formats:
            if one_of(one.shape.empty).search(base_path(file.path.rsplit("!", 1)[-1])):
                file.parts[one.ready.shape.id] = _Part(one)
                file.why = "its name, as the list in it is empty"

    def _text(self, stream: Readable, file: _File) -> None:
        self._pasted(beginning(stream, MOST_PASTED), file)

    def _pasted(self, raw: bytes, file: _File) -> None:
        if (encoding := encoding_of(raw)) in ("cp850", "cp1252"):
            raw = raw.decode(encoding, "replace").encode()
        text = raw.decode("utf-8", "replace")
        data = labelled.read(text)
        for number, one in enumerate(data):
            self._object(folding.folded(one), raw, 1, number, file, listed=len(data) > 1)
        self._rows(list(tables.printed(text)), file)

    def _separated(self, stream: Readable, file: _File) -> None:
        raw = self._most(stream, MOST_CSV, file)
        encoding = encoding_of(raw)
        self._rows(tables.separated(raw.decode(encoding if encoding in ("cp850", "cp1252") else "utf-8", "replace")), file)

    def _rows(self, rows: Iterable[tables.Row], file: _File) -> None:
        for row in rows:
            self._object(folding.folded(row.data), row.text.encode(), row.line, row.line, file, listed=True)

    def _yaml(self, stream: Readable, file: _File) -> None:
        from backuptrace.readers import yamltext

        raw = self._most(stream, MOST_YAML, file)
        parts = list(yamltext.items(raw.decode("utf-8", "replace")))
        for number, (line, text) in enumerate(parts[: -1 if file.cut else None], 1):
            try:
                data = yamltext.read(text)
            except ValueError as error:
                self._pasted(text.encode(), file)
                if _CALLED_YAML.search(file.path):
                    self._problems.append(Problem("unreadable", file.path, f"object {number} (line {line}) is no YAML: {error}", "export it again"))
                continue
            for one in (several := list(_unwrapped(data))):
                self._object(folding.folded(one), text.encode(), line, line, file, listed=len(parts) > 1 or len(several) != 1)

    def _most(self, stream: Readable, most: int, file: _File) -> bytes:
        """The first bytes of a file that is read whole; more is a problem."""
        raw = beginning(stream, most + 1)
        if len(raw) > most:
            file.cut = True
            what = f"an export above {most} bytes: only its beginning was read"
            self._problems.append(Problem("too-large", file.path, what, "export the time around the failed backup only"))
        return raw[:most]

    def _object(self, item: Any, raw: bytes, line: int, offset: int, file: _File, *, listed: bool) -> None:
        if not isinstance(item, dict):
            return
        text: list[str] = []

        def words() -> str:
            if not text:
                text.append(raw[: 4 * MOST_TEXT].decode("utf-8", "replace")[:MOST_TEXT].rstrip("\0\r\n "))
            return text[0]

        for one in self._thinkable(item):
            if not one.fits(item):
                continue
            shape = one.ready.shape
            part = file.parts.get(shape.id)
            if part is None:
                part = file.parts[shape.id] = _Part(one)
            part.lost = part.lost or (any(mark in raw for mark in _LOST) and folding.lost(item))
            for found in one.parts(item):
                record = self._record(one, found, item, line, offset)
                part.count(record, listed=listed)
                if part.keeps(record, "" if shape.timeless else _wanted(one, record, raw)):
                    record.text = words()
                    part.records.append(record)

    def _thinkable(self, item: dict[str, Any]) -> list[Keyed]:
        """The formats that an object with such keys can have; the objects of one list have all the same."""
        names = tuple(item)
        if names not in self._known:
            if len(self._known) >= MOST_KINDS:
                self._known.clear()
            self._known[names] = [one for one in self._formats if one.may_fit(item.keys())]
        return self._known[names]

    def _record(self, one: Keyed, part: dict[str, Any], item: dict[str, Any], line: int, offset: int) -> Record:
        shape = one.shape
        fields = one.fields(part, item)
        if shape.code:
            code = self._codes.found(one.texts(part, item, shape.code))
            fields["code"] = code.code if code else ""
        machine = machine_of(value(part, item, shape.vm)) if shape.vm else None
        stamp = one.stamp(part, item)
        scope = value(part, item, shape.scope) if shape.scope else ""
        return Record(fields, "", line, offset, stamp[0] if stamp else None, machine, scope, value(part, item, shape.same).lower() if shape.same else "")

    def scan(self, logs: list[Log]) -> None:
        """Adds a log for each format of each file, with what is about the machine of the bundle."""
        named = [list(dict.fromkeys(m for part in file.parts.values() for m in part.machines)) for file in self._files]
        choice = choose([m for _, part in self._parts() for m in part.shown], named)
        if choice.machine is None and choice.named:
            choice = self._assumed(choice)
        groups, totals = self._groups(choice), self._totals(choice)
        for file, part in self._parts():
            logs.append(self._log(file, part, choice, groups, totals, len(logs)))

    def _parts(self) -> Iterator[tuple[_File, _Part]]:
        return ((file, part) for file in self._files for part in file.parts.values())

    def _own(self, choice: Choice) -> Iterator[tuple[_File, _Part, Record]]:
        """The records that are about the machine of the bundle, or about no certain one."""
        return ((file, part, record) for file, part in self._parts() for record in part.records if choice.concerns(record.machine))

    def _groups(self, choice: Choice) -> set[str]:
        """The resource groups in which restore points of the machine lie."""
        if choice.machine is None:
            return set()
        return {group for *_, record in self._own(choice) if "restorepointcollections" in record.same and (group := group_of(record.same))}

    def _log(self, file: _File, part: _Part, choice: Choice, groups: set[str], totals: dict[tuple[str, str], float], rank: int) -> Log:
        shape = part.format.ready.shape
        log = Log(file.path, shape.id, base_path(file.path), rank, modified=file.modified, recognised=file.why, size=file.size or 0, aside=True)
        log.cut, log.records = file.cut, part.seen
        own = [record for record in part.records if choice.concerns(record.machine)]
        if shape.timeless and (own or not part.seen):
            log.states = dict.fromkeys((slot.key for slot in shape.slots), False)
        for record in own:
            if part.format.shape.scope:
                record.fields["place"] = place_of(record.scope, choice.machine, groups)
            for name in part.format.shape.sums:
                record.fields[f"sum_{name}"] = f"{totals.get((shape.id, name), 0):g}"
            add(log, part.format.ready, record)
        foreign = {machine.name for machine in part.machines if not choice.concerns(machine)}
        if foreign and choice.machine is not None:
            log.notes.append(f"what it tells of other machines ({_few(foreign)}) does not count")
        if part.full:
            log.capped.append(f"{file.path}: of objects that may matter, those after the first {MOST_ALIKE} alike or {MOST_KEPT} in all were not kept")
        if part.lost:
            what = "saved by ConvertTo-Json without -Depth: values that lie deeper are lost"
            self._problems.append(Problem("incomplete", file.path, what, "save it again with ConvertTo-Json -Depth 10"))
        if part.span is not None and part.format.records.covers:
            log.seen(*part.span, UTC_CLOCK)
        return log

    def _totals(self, choice: Choice) -> dict[tuple[str, str], float]:
        """The sums over all objects of the machine, each counted once however many files hold it."""
        counted: dict[tuple[str, str], dict[str, float]] = {}
        for file, part, record in self._own(choice):
            for name in part.format.shape.sums:
                known = counted.setdefault((part.format.ready.shape.id, name), {})
                same = record.same or f"{file.path}:{record.offset}"
                known[same] = max(known.get(same, 0.0), _number(record.fields.get(name, "")))
        return {key: sum(known.values()) for key, known in counted.items()}

    def _assumed(self, choice: Choice) -> Choice:
        """Of several machines the only one whose newest job failed; where there is none such, none."""
        newest: dict[Machine, tuple[int, bool]] = {}
        for _, part in self._parts():
            for machine, stamp, failed in _jobs(part):
                newest[machine] = max(newest.get(machine, (stamp, failed)), (stamp, failed))
        failing = [machine for machine, (_, failed) in newest.items() if failed]
        first = next(file.path for file, part in self._parts() if part.machines)
        if len(failing) == 1:
            what = f"the exports speak of several machines: taken for the one of the bundle is {failing[0].name}, the only one whose newest job failed"
            self._problems.append(Problem("assumed", first, what, FIX))
            return Choice(failing[0], choice.named)
        named = _few({machine.name for machine in choice.named})
        what = f"the exports speak of several machines ({named}), and nothing tells which one the bundle is about: what concerns one machine does not count"
        self._problems.append(Problem("ambiguous", first, what, FIX))
        return choice


def _few(names: Collection[str]) -> str:
    """The first three, and whether there are more."""
    return ", ".join(sorted(names)[:3]) + (", ..." if len(names) > 3 else "")


def _decoded(raw: bytes) -> Any:
    """The value; PowerShell may write the text in the code page of the system. Raises ValueError, DecodeError, RecursionError."""
    try:
        return msgspec.json.decode(raw)
    except UnicodeDecodeError:
        return msgspec.json.decode(raw.decode(encoding_of(raw), "replace"))


def _unwrapped(data: Any) -> Iterator[Any]:
    """A REST answer or a PowerShell list inside a list gives its items."""
    if isinstance(data, list):
        yield from data
    elif isinstance(data, dict) and isinstance(data.get("value"), list) and len(data) <= 3:
        yield from data["value"]
    else:
        yield data


def _jobs(part: _Part) -> Iterator[tuple[Machine, int, bool]]:
    """(machine, time, whether it failed) of each job that is over."""
    for milestone in part.format.ready.shape.milestones:
        rule = milestone.result
        if milestone.role != "job" or not isinstance(rule, AttemptResult):
            continue
        slot = [slot.key for slot in part.format.ready.shape.slots].index(milestone.key)
        tests = part.format.ready.tests[slot]
        for record in part.records:
            result = record.fields.get(rule.field, "")
            if record.machine is None or record.stamp is None or result in rule.ignore:
                continue
            if all(test.holds(record.fields.get(test.field, "").encode("utf-8", "replace")) for test in tests):
                yield record.machine, record.stamp, result not in rule.succeeded


def _times(one: Keyed, record: Record) -> Iterator[int]:
    """When it was, and of a job when it ended."""
    if record.stamp is not None:
        yield record.stamp
        for name in one.untils:
            if (end := parse_iso(record.fields.get(name, "").encode("utf-8", "replace"))) is not None:
                yield end[0]


def _wanted(one: Keyed, record: Record, raw: bytes) -> str | None:
    """The first selection that could hold, whatever is known only later; None: none."""
    for slot, tests in zip(one.ready.shape.slots, one.ready.tests, strict=True):
        early = [test for test in tests if test.field not in ("place", "text") and not test.field.startswith("sum_")]
        if all(test.holds(record.fields.get(test.field, "").encode("utf-8", "replace")) for test in early):
            late = [test for test in tests if test.field == "text"]
            if all(test.holds(raw[:MOST_TEXT]) for test in late):
                return slot.key
    return None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
