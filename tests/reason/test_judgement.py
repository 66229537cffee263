"""The status table of the report contract, row by row, and the order of the causes."""

from __future__ import annotations

from collections.abc import Mapping

from backuptrace.knowledge import library
from backuptrace.knowledge.compiled import Pack
from backuptrace.knowledge.compiling import compile_library
from backuptrace.knowledge.library import Source
from backuptrace.model import HOUR, SECOND
from backuptrace.reason.focus import Focus
from backuptrace.reason.judgement import CauseState, judge
from backuptrace.timeline.history import History, Spans, Window
from backuptrace.timeline.rows import Row

FORMAT = r"""
schema: 1
id: {id}
title: The {id}
os: linux
kind: indexed
reader: lines
path: [var/log/{id}.log]
records: [{{start: '^(?P<stamp>\d{{4}}) ', time: iso, zone: utc}}]
"""
DAY = 24 * HOUR


def cause(name: str, *, systems: str = "linux", observable: str = "guest") -> Source:
    text = f"""
schema: 1
id: {name}
os: [{systems}]
title: {{en: {name}, de: {name}}}
observable: {observable}
explanation: {{en: x, de: x}}
steps: []
doc: {{url: 'https://example.org'}}
source: {{id: S1}}
"""
    return Source(f"{name}.yml", f"causes/{name}", text.encode(), "signatures", own=False)


def signature(name: str, verdict: str) -> Source:
    selections = "".join(
        f"  {s}: {{source: {f}, 'message|contains': words of {s}}}\n" for s, f in (("bad", "log"), ("good", "log"), ("far", "gone")) if s in verdict
    )
    text = f"schema: 1\nid: linux.{name}\ntitle: {name}\nselect:\n{selections}verdicts:\n  - {verdict}\n"
    return Source(f"{name}.yml", f"linux/{name}", text.encode(), "signatures", own=False)


def pack(*items: Source, confidence: str = "") -> Pack:
    formats = [Source(f"{f}.yml", f"linux/{f}", FORMAT.format(id=f).encode(), "parsers", own=False) for f in ("log", "gone")]
    extra = [Source("confidence.yml", "confidence.yml", confidence.encode(), "signatures", own=False)] if confidence else []
    return compile_library(library.shape([*formats, *items, *extra]), "test")


def hits(**seconds: list[int]) -> dict[str, list[Row]]:
    """`name_selection=[seconds]` -> rows of linux.name/selection."""
    return {"linux." + key.replace("_", "/"): [Row((s * SECOND, 0, s), (s * SECOND, 0, s)) for s in at] for key, at in seconds.items()}


WHOLE: Spans = ((0, DAY),)
FOCUS = Focus(Window(0, 10_000 * SECOND), None, "", (0, 0))


def judged(
    known: Pack, rows: Mapping[str, list[Row]], *, covered: Spans = WHOLE, system: str = "linux", order: list[str] | None = None, excerpt: bool = False
) -> list[CauseState]:
    coverage = {slot: covered for slot, source in known.source_of.items() if source == "log"}
    return judge(known, History(rows, coverage), FOCUS, system=system, order=order or [], excerpt=excerpt)


def one(*args: object, **options: object) -> CauseState:
    return judged(*args, **options)[0]  # type: ignore[arg-type]


def test_not_applicable_on_the_other_system() -> None:
    known = pack(cause("w", systems="windows"), signature("x", "{cause: w, when: bad, why: y}"))
    assert one(known, hits(x_bad=[5])).status == "not-applicable"
    assert one(known, hits(x_bad=[5]), system="unknown").status == "supported"


def test_supported_when_a_verdict_is_true() -> None:
    known = pack(cause("c"), signature("x", "{cause: c, when: bad, why: because}"))
    state = one(known, hits(x_bad=[5]))
    assert (state.status, state.why, state.first) == ("supported", "because", 5 * SECOND)


def test_contradicted_when_a_refuter_is_newer_than_the_last_support() -> None:
    known = pack(cause("c"), signature("x", "{cause: c, when: bad, why: y, refuted_by: [good]}"))
    assert one(known, hits(x_bad=[5, 9], x_good=[20])).status == "contradicted"
    assert one(known, hits(x_bad=[5, 9], x_good=[7])).status == "supported"
    assert one(known, hits(x_bad=[5, 9], x_good=[20_000])).status == "supported", "what happens after the focus refutes nothing"


def test_one_standing_verdict_is_enough() -> None:
    known = pack(cause("c"), signature("x", "{cause: c, when: bad, why: y, refuted_by: [good]}"), signature("z", "{cause: c, when: bad, why: z}"))
    assert one(known, hits(x_bad=[5], x_good=[9], z_bad=[5])).status == "supported"


def test_unknown_only_where_a_source_is_missing_and_the_cause_is_thinkable() -> None:
    known = pack(cause("c"), signature("x", "{cause: c, when: bad and not far, why: y}"))
    state = one(known, hits(x_bad=[5]))
    assert (state.status, state.needs) == ("unknown", ("gone",))
    assert state.reason == "lacking"
    assert one(known, {}).status == "no-evidence"
    far = pack(cause("c"), signature("x", "{cause: c, when: far, why: y}"))
    assert one(far, {}).status == "no-evidence", "nothing points to it"
    assert one(far, {}, order=["c"]).status == "unknown", "the documentation names it for the reported code"


def test_not_visible_where_only_the_control_plane_could_tell() -> None:
    assert one(pack(cause("c", observable="control-plane")), {}).status == "not-visible"


def test_no_evidence_where_all_is_false_and_covered() -> None:
    known = pack(cause("c"), signature("x", "{cause: c, when: bad, why: y}"))
    assert one(known, {}).status == "no-evidence"
    assert one(known, hits(x_bad=[50_000])).status == "no-evidence", "outside the focus"


def test_every_cause_stands_once() -> None:
    known = pack(
        cause("a"), cause("b"), cause("w", systems="windows"), signature("x", "{cause: a, when: bad, why: y}"), signature("z", "{cause: a, when: bad, why: y}")
    )
    assert sorted(state.cause.id for state in judged(known, {})) == ["a", "b", "w"]


CONFIDENCE = "schema: 1\nfired: {linux.high: [20, 20], linux.medium: [10, 8], linux.low: [10, 5], linux.few: [4, 4]}\n"


def verdict(name: str, extra: str = "") -> str:
    return f"{{cause: {name}, when: bad, why: y{extra}}}"


def test_confidence_is_earned() -> None:
    names = ["high", "medium", "low", "few", "never"]
    known = pack(*[cause(n) for n in names], *[signature(n, verdict(n)) for n in names], confidence=CONFIDENCE)
    found = judged(known, hits(**{f"{n}_bad": [5] for n in names}))
    assert {s.cause.id: s.confidence for s in found} == {"high": "high", "medium": "medium", "low": "low", "few": "medium", "never": "low"}
    few = judged(known, hits(high_bad=[5]), excerpt=True)
    assert few[0].confidence == "medium", "an excerpt proves less"


def test_an_absence_proves_less_in_an_excerpt() -> None:
    known = pack(cause("c"), signature("high", "{cause: c, when: not bad, why: y}"), confidence=CONFIDENCE)
    assert [one(known, {}, excerpt=excerpt).confidence for excerpt in (False, True, False)] == ["high", "medium", "high"]


def test_root_before_consequence_then_confidence_then_time_then_id() -> None:
    names = ["high", "medium", "low", "b", "a", "late"]
    items = [cause(n) for n in names] + [signature(n, verdict(n)) for n in names[1:]] + [signature("high", verdict("high", ", root: false"))]
    known = pack(*items, confidence=CONFIDENCE)
    seconds = {f"{n}_bad": [5] for n in names} | {"late_bad": [900]}
    assert [s.cause.id for s in judged(known, hits(**seconds))] == ["medium", "a", "b", "low", "late", "high"]


def test_the_order_of_the_reported_code_breaks_ties_only() -> None:
    known = pack(cause("a"), cause("b"), signature("a", verdict("a")), signature("b", verdict("b")))
    assert [s.cause.id for s in judged(known, hits(a_bad=[5], b_bad=[5]), order=["b", "a"])] == ["b", "a"]
    assert [s.cause.id for s in judged(known, hits(a_bad=[5]), order=["b", "a"])] == ["a", "b"], "the code alone proves nothing"
