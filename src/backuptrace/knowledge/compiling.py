"""The shaped files -> one `Pack`: patterns, tests and `when` trees, everything cross-checked. Imported only when there is no warm cache."""

from __future__ import annotations

import re
from difflib import get_close_matches

from msgspec import structs

from backuptrace.errors import Fault, KnowledgeError
from backuptrace.knowledge import when as ast
from backuptrace.knowledge.compiled import LINED, STAMPED, Format, Milestone, Pack, Slot, Start, Verdict, Watched
from backuptrace.knowledge.definitions import definitions, unused
from backuptrace.knowledge.durations import duration
from backuptrace.knowledge.eventdict import words_of
from backuptrace.knowledge.library import Library
from backuptrace.knowledge.merging import merged
from backuptrace.knowledge.needles import Needle, data_names, needles, raw_patterns
from backuptrace.knowledge.selections import Layout, SelectionError, Sought, byte_patterns, conditions, field_tests, pair_of
from backuptrace.knowledge.shapes import FormatShape, JsonRecords, Need, ObjectsShape, ReleaseShape, ReleasesShape, Selection, SignatureShape, VerdictShape
from backuptrace.knowledge.texts import Text
from backuptrace.knowledge.when_parser import Definition, WhenError, parse
from backuptrace.knowledge.yamlfile import KnowledgeFile
from backuptrace.matcher import Pattern

ROWED = ("rows", "transcript")
"""Readers for which expressions tell the lines that count."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
HIGH, MEDIUM, LEAST_FIRED = 0.95, 0.80, 5
"""Confidence is earned (REPORT.md): share of right answers among the labelled cases in which a signature fired."""


def compile_library(library: Library, version: str) -> Pack:
    """Everything a scan needs. Raises KnowledgeError with every fault of every file at once."""
    compiler = _Compiler(library)
    pack = compiler.pack(version)
    if compiler.faults:
        raise KnowledgeError(compiler.faults)
    return pack


class _Building:
    """A format while selections are still added to it."""

    def __init__(self, shape: FormatShape) -> None:
        self.shape = shape
        self.slots: list[Slot] = []
        self.index: dict[Pattern, int] = {}
        self.watch: list[dict[Sought, list[int]]] = []
        self.needles: dict[Needle, list[int]] | None = {}

    def want(self, found: list[Needle] | None) -> None:
        """Needles of the selection that was added last; None where it has none."""
        if found is None:
            self.needles = None
        elif self.needles is not None:
            for needle in found:
                self.needles.setdefault(needle, []).append(len(self.slots) - 1)

    def add(self, slot: Slot, patterns: list[Sought]) -> None:
        self.slots.append(slot)
        for sought in dict.fromkeys(patterns):
            at = self.index.setdefault(sought.pattern, len(self.index))
            if at == len(self.watch):
                self.watch.append({})
            self.watch[at].setdefault(sought, []).append(len(self.slots) - 1)

    def searched(self) -> tuple[list[Pattern], list[list[Watched]]]:
        """The patterns, and what is watched for each of them."""
        watch = [[Watched(sought.line, sought.ignore_case, sought.whole, slots) for sought, slots in found.items()] for found in self.watch]
        whole = {number for number, slot in enumerate(self.slots) if any(test.field in STAMPED for test in slot.tests)}
        stamped = {at for at, found in enumerate(watch) if any(not whole.isdisjoint(said.slots) for said in found)}
        return merged(list(self.index), watch, stamped)


class _Compiler:
    def __init__(self, library: Library) -> None:
        self.library = library
        self.faults = list(library.faults)
        self.formats = {key: _Building(shape) for key, (shape, _) in library.formats.items()}
        self.source_of: dict[str, str] = {}
        self.words = words_of(library.events, self.faults)
        self.data_names = data_names(self.words)

    def pack(self, version: str) -> Pack:
        milestones = {key: self.milestones(shape, file) for key, (shape, file) in self.library.formats.items()}
        verdicts = [verdict for shape, file in self.library.signatures.values() for verdict in self.signature(shape, file)]
        for code, file in self.library.codes.values():
            for n, cause in enumerate(code.causes):
                self.known_cause(cause, file.place(f"$.causes[{n}]"))
        return Pack(
            version,
            [self.format(key, milestones[key]) for key in self.formats],
            verdicts,
            [shape for shape, _ in self.library.causes.values()],
            [shape for shape, _ in self.library.codes.values()],
            self.source_of,
            {key: shape.title for key, (shape, _) in self.library.signatures.items()},
            self.library.overrides,
            [release for file in self.library.releases for release in self.releases(*file)],
            self.words,
        )

    def fault(self, place: str, what: str, fix: str = "", caret: str = "") -> None:
        self.faults.append(Fault(place, what, fix, caret))

    def known_cause(self, cause: str, place: str) -> None:
        if cause not in self.library.causes and cause not in self.library.broken:
            close = get_close_matches(cause, list(self.library.causes), 1, 0.6)
            self.fault(place, f"unknown cause {cause!r}", f"did you mean {close[0]!r}?" if close else "declare it in signatures/causes/")

    def releases(self, shape: ReleasesShape, file: KnowledgeFile) -> list[ReleaseShape]:
        for n, release in enumerate(shape.releases):
            self.expression(release.version, file, f"$.releases[{n}].version")
            for fact, value in release.only.items():
                self.expression(value, file, f"$.releases[{n}].only.{fact}")
        return shape.releases

    # formats

    def format(self, key: str, milestones: list[Milestone]) -> Format:
        building = self.formats[key]
        shape, file = building.shape, self.library.formats[key][1]
        starts, json = [], None
        if isinstance(shape.records, JsonRecords):
            json = shape.records
        elif shape.records:
            for n, record in enumerate(shape.records):
                place = f"$.records[{n}].start"
                if (start := self.expression(record.start, file, place)) and "stamp" not in start.groupindex:
                    self.fault(file.place(place), "the record start has no group `stamp`", "write (?P<stamp>...) around the time")
                starts.append(Start(record.start, record.time, record.zone))
        if (
            (shape.reader in ("json", "xml", "objects")) != (json is not None)
            or (shape.reader in LINED) != bool(starts)
            or (shape.reader in ROWED) != bool(shape.rows)
        ):
            fix = "lines: a list of starts; events: none; json, xml, objects: each, stamp, fields; rows and transcript: a list `rows`; conf: none"
            self.fault(file.place("$.records"), f"`records` does not fit the reader {shape.reader!r}", fix)
        told = (shape.reader == "events") != bool(shape.channel) or (shape.reader == "objects") != (shape.objects is not None)
        if told or not (shape.channel or shape.path or shape.name or shape.objects):
            fix = "events: `channel`; objects: `objects`; all others: `path` or `name`"
            self.fault(file.place("$.reader"), "`path`, `channel` or `objects` does not fit the reader", fix)
        for n, row in enumerate(shape.rows):
            self.expression(row, file, f"$.rows[{n}]")
        for n, command in enumerate(shape.command):
            self.expression(command, file, f"$.command[{n}]")
        for n, head in enumerate(shape.head):
            self.expression(head, file, f"$.head[{n}]")
        return Format(
            shape.id, shape.title, shape.os, shape.kind, shape.reader, shape.path, shape.not_path, shape.name, shape.head, shape.expected,
            starts, json, shape.defaults, self.duration(shape.heartbeat, file.place("$.heartbeat")),
            building.slots, *building.searched(), milestones, shape.rows, shape.carry, shape.command,
            shape.channel, None if building.needles is None else raw_patterns(building.needles, self.words),
            shape.objects,
        )  # fmt: skip

    def expression(self, text: str, file: KnowledgeFile, path: str) -> re.Pattern[str] | None:
        try:
            return re.compile(text)
        except re.error as error:
            at = error.pos or 0
            fix = "close what is opened there; the characters . * + ? ( ) [ ] { } | ^ $ \\ need a \\ in front to stand for themselves"
            self.fault(file.place(path, at), f"no regular expression: {error.msg}", fix, f"{text}\n{' ' * at}^")
            return None

    def duration(self, text: str, place: str) -> int:
        if not text:
            return 0
        found = duration(text)
        if found is None:
            self.fault(place, f"{text!r} is no duration", "write a number and a unit, such as 30m or 2h")
        return found or 0

    def milestones(self, shape: FormatShape, file: KnowledgeFile) -> list[Milestone]:
        out = []
        for name, milestone in shape.milestones.items():
            key = f"{shape.id}.{name}"
            if self.selection(shape.id, milestone.match, Slot(key, [], milestone=True), file, f"$.milestones.{name}.match"):
                out.append(
                    Milestone(
                        key,
                        milestone.summary,
                        milestone.role,
                        milestone.result,
                        milestone.code,
                        milestone.keys,
                        milestone.facts,
                        milestone.show,
                        milestone.until,
                        milestone.same_as,
                        milestone.over_at,
                    )
                )
            for key, others in (("same_as", milestone.same_as), ("over_at", milestone.over_at)):
                for n, other in enumerate(others):
                    self.known_milestone(other, file.place(f"$.milestones.{name}.{key}[{n}]"))
        return out

    # signatures

    def selection(self, source: str, selection: Selection, slot: Slot, file: KnowledgeFile, path: str) -> bool:
        """Adds a slot to a format; False if the selection is faulty."""
        building = self.formats[source]
        try:
            layout = Layout.of(building.shape)
            self.known_fields(source, [(condition.key, condition.field) for condition in conditions(selection)], file, path)
            found = conditions(selection, layout)
            tests = field_tests(found)
            patterns, decided = byte_patterns(found, layout) if building.shape.reader in LINED else ([], -1)
        except SelectionError as error:
            self.refused(file, path, error)
            return False
        building.add(structs.replace(slot, tests=tests, decided=decided), patterns)
        if building.shape.reader == "events":
            building.want(needles(conditions(selection), self.data_names))
        self.source_of[slot.key] = source
        return True

    def known_fields(self, source: str, wanted: list[tuple[str, str]], file: KnowledgeFile, path: str) -> None:
        shape = self.formats[source].shape
        known = fields_of(shape)
        for key, name in wanted:
            if known and name not in known and not pair_of(name, shape.pairs):
                close = get_close_matches(name, known, 1, 0.6)
                fix = f"did you mean {close[0]!r}?" if close else "known are: " + ", ".join([*known, *(f"{prefix}.<name>" for prefix in shape.pairs)])
                self.fault(file.key(f"{path}.{key}"), f"the format {source} has no field {name!r}", fix)

    def refused(self, file: KnowledgeFile, path: str, error: SelectionError) -> None:
        """The fault of a condition, in its value if that has a place."""
        where = f"{path}.{error.key}" if error.key else path
        if not error.text:
            self.fault(file.key(where), error.what, error.fix)
            return
        item = f"{where}[{error.index}]"
        value = item if file.holds(item) else where
        self.fault(file.place(value, error.column), error.what, error.fix, f"{error.text}\n{' ' * error.column}^")

    def signature(self, shape: SignatureShape, file: KnowledgeFile) -> list[Verdict]:
        for name in shape.select:
            if not _NAME.fullmatch(name) or name in ast.KEYWORDS:
                fix = "use letters, digits and _, and no word of the language"
                self.fault(file.key(f"$.select.{name}"), f"{name!r} cannot be the name of a selection", fix)
        if not shape.verdicts:
            self.fault(file.key("$.verdicts"), "a signature without a verdict", "write at least one: `- {cause: .., when: .., why: ..}`")
        for n, verdict in enumerate(shape.verdicts):
            self.names(shape, file, n, verdict)
        defined = self.defined(shape, file)
        whens = [defined if defined is None else self.when(shape, file, n, verdict, defined) for n, verdict in enumerate(shape.verdicts)]
        by: dict[str, str] = {}
        middles: set[str] = set()
        used: set[str] = {name for verdict in shape.verdicts for name in verdict.refuted_by}
        for when in whens:
            if when is not None:
                by.update(ast.keyed(when))
                middles |= ast.ordered_middles(when)
                used |= ast.names_of(when)
        for name, selection in shape.select.items():
            if name not in used and None not in whens:
                self.fault(file.key(f"$.select.{name}"), f"the selection {name!r} is used nowhere", "use it in a verdict, or remove it")
            self.declared(file, name, selection, Slot(f"{shape.id}/{name}", [], by=by.get(name, ""), uncollapsed=name in middles))
        return [self.verdict(shape, verdict, when) for verdict, when in zip(shape.verdicts, whens, strict=True) if when is not None]

    def declared(self, file: KnowledgeFile, name: str, selection: Selection, slot: Slot) -> None:
        path = f"$.select.{name}"
        source, milestone = str(selection.get("source", "")), str(selection.get("milestone", ""))
        if milestone:
            if not self.known_milestone(milestone, file.place(f"{path}.milestone")):
                return
            source, _, short = milestone.rpartition(".")
            selection = {**self.formats[source].shape.milestones[short].match, **selection}
        if source not in self.formats:
            close = get_close_matches(source, list(self.formats), 1, 0.5)
            fix = f"did you mean {close[0]!r}?" if close else "known are: " + ", ".join(self.formats)
            if source in self.library.broken:
                return
            self.fault(file.place(f"{path}.source"), f"unknown source {source!r}" if source else "the selection names no source", fix)
            return
        self.selection(source, selection, slot, file, path)

    def known_milestone(self, milestone: str, place: str) -> bool:
        """Whether a format declares it; a fault at `place` if not, unless that format's file is faulty itself."""
        source, _, short = milestone.rpartition(".")
        if source in self.formats and short in self.formats[source].shape.milestones:
            return True
        if source not in self.library.broken:
            close = get_close_matches(milestone, [f"{f}.{m}" for f, b in self.formats.items() for m in b.shape.milestones], 1, 0.5)
            fix = f"did you mean {close[0]!r}?" if close else "write format.name of a milestone that a file in parsers/ declares"
            self.fault(place, f"unknown milestone {milestone!r}", fix)
        return False

    def names(self, shape: SignatureShape, file: KnowledgeFile, n: int, verdict: VerdictShape) -> None:
        """What a verdict names beside its `when` must be there."""
        self.known_cause(verdict.cause, file.place(f"$.verdicts[{n}].cause"))
        for m, name in enumerate(verdict.refuted_by):
            if name not in shape.select:
                close = get_close_matches(name, list(shape.select), 1, 0.6)
                fix = f"did you mean {close[0]!r}?" if close else "declare it under `select`"
                self.fault(file.place(f"$.verdicts[{n}].refuted_by[{m}]"), f"unknown selection {name!r}", fix)

    def defined(self, shape: SignatureShape, file: KnowledgeFile) -> dict[str, Definition] | None:
        """What the names under `define` stand for; None if one is mistaken."""
        found, mistakes = definitions(shape.define, list(shape.select), [*self.formats, *self.library.broken])
        for key, in_key, error in mistakes:
            path = f"$.define.{key}"
            if in_key:
                self.fault(file.key(path), error.what, error.fix)
            else:
                self.fault(file.place(path, error.column - 1), error.what, error.fix, error.caret())
        for key in unused(shape.define, [verdict.when for verdict in shape.verdicts]):
            self.fault(file.key(f"$.define.{key}"), f"the definition {key!r} is used nowhere", "use it in a `when`, or remove it")
        return None if mistakes else found

    def when(self, shape: SignatureShape, file: KnowledgeFile, n: int, verdict: VerdictShape, defined: dict[str, Definition]) -> ast.When | None:
        place = f"$.verdicts[{n}].when"
        try:
            when = parse(verdict.when, list(shape.select), [*self.formats, *self.library.broken], defined)
        except WhenError as error:
            self.fault(file.place(place, error.column - 1), error.what, error.fix, error.caret())
            return None
        for name, key in ast.keyed_pairs(when):
            if (source := source_of(shape.select[name])) in self.formats:
                known = [field for field in fields_of(self.formats[source].shape) if field != "text"]
                if key not in known:
                    self.fault(file.place(place), f"`by` and `distinct` find no field {key!r} in {source}", "known are: " + ", ".join(known))
        for name in sorted(ast.timed_names(when)):
            source = source_of(shape.select[name])
            if source in self.formats and timeless(self.formats[source].shape):
                self.fault(file.place(place), f"{name!r} has no time: {source} is a state, not a log", "use it plainly: `and`, `or`, `not`, `unless`")
        return when

    def verdict(self, shape: SignatureShape, verdict: VerdictShape, when: ast.When) -> Verdict:
        key = f"{shape.id}/"
        confidence = confidence_of(self.library.confidence.get(shape.id))
        return Verdict(
            shape.id, shape.title, verdict.cause, ast.renamed(when, lambda name: key + name), " ".join(verdict.when.split()), verdict.why,
            [key + name for name in verdict.refuted_by], verdict.root, [_need(need) for need in verdict.needs], confidence,
            verdict.lasting,
        )  # fmt: skip


def confidence_of(record: list[int] | None) -> str:
    """`high`, `medium` or `low`, from [cases in which a signature fired, of those with the right cause]."""
    fired, right = (record or [0, 0])[:2]
    share = right / fired if fired else 0.0
    if fired >= LEAST_FIRED and share >= HIGH:
        return "high"
    return "medium" if share >= MEDIUM else "low"


def timeless(shape: FormatShape) -> bool:
    """Whether the format's selections have no time; see compiled.Format.timeless."""
    return shape.kind == "state" or (isinstance(shape.records, JsonRecords) and not shape.records.stamp)


def source_of(selection: Selection) -> str:
    """The format that a selection looks at, "" if it names none."""
    return str(selection.get("source", "")) or str(selection.get("milestone", "")).rpartition(".")[0]


def fields_of(shape: FormatShape) -> list[str]:
    """The fields that conditions can ask for; empty where any name may be one (the keys of a conf file)."""
    if isinstance(shape.records, JsonRecords):
        return [*shape.records.fields, *(derived(shape.objects) if shape.objects else ()), "text"]
    names = ["text"] if shape.reader in ROWED else ["message", "text"]
    for expression in [*(record.start for record in shape.records or ()), *shape.rows]:
        try:
            names += [name for name in re.compile(expression).groupindex if name not in names and name != "stamp"]
        except re.error:
            return []
    return [] if shape.reader == "conf" else names


def derived(shape: ObjectsShape) -> list[str]:
    """The fields that the reader of objects adds."""
    return [*(["place"] if shape.scope else []), *(["code"] if shape.code else []), *(f"sum_{name}" for name in shape.sums)]


def _need(need: Need) -> tuple[Text, str]:
    return need.what, need.command or ""
