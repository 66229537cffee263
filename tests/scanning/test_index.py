"""The time index and the kept texts against plain lists."""

from __future__ import annotations

from array import array
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from backuptrace.model import HOUR, SECOND, UTC_CLOCK, Run, Runs
from backuptrace.scanning.evidence import USUAL, Batch, Bounds, Evidence, Found

hits = st.lists(st.tuples(st.integers(0, 5 * SECOND), st.sampled_from(["", "a", "b"])), max_size=30)


def collapsed(found: list[tuple[int, int, str]], *, single: bool) -> list[Run]:
    """One run for neighbours of one second and value; its ends are the earliest and the latest."""
    out = []
    for key, group in groupby(found, key=lambda hit: hit[1] if single else (hit[0] // SECOND, hit[2])):
        told = [(stamp, at) for stamp, at, _ in group]
        out.append(Run(min(told), max(told), len(told), found[[at for _, at, _ in found].index(told[0][1])][2]))
        assert key is not None
    return out


@given(found=hits, cuts=st.lists(st.integers(0, 30), max_size=4), single=st.booleans(), keyed=st.booleans())
def test_runs_are_what_neighbours_of_a_second_collapse_to(found: list[tuple[int, str]], cuts: list[int], single: bool, keyed: bool) -> None:
    """However the hits are cut into blocks."""
    told = [(stamp, at, value if keyed else "") for at, (stamp, value) in enumerate(found)]
    runs = Runs(single=single, keyed=keyed)
    begin = 0
    for cut in [*sorted(cuts), len(told)]:
        if part := told[begin:cut]:
            stamps, places, values = zip(*part, strict=True)
            runs.add(array("q", stamps), array("q", places), values)
        begin = max(begin, cut)
    assert list(runs) == collapsed(told, single=single)
    assert runs.total == len(told)


def kept(hours: list[int], bounds: Bounds, mine: list[bool] | None = None) -> Evidence:
    evidence = Evidence(bounds)
    for offset, hour in enumerate(hours):
        if mine is None or mine[offset]:
            evidence.add(batch([hit(hour, offset)]))
    return evidence


def batch(hits: list[Found]) -> Batch:
    return Batch(UTC_CLOCK, [number for told in hits for number in told[:4]])


def hit(hour: int, offset: int) -> Found:
    return hour * HOUR, offset, offset, offset, UTC_CLOCK


@given(hours=st.lists(st.integers(0, 4), max_size=60), cuts=st.lists(st.integers(0, 60), max_size=4))
def test_kept_texts_do_not_depend_on_the_blocks(hours: list[int], cuts: list[int]) -> None:
    evidence, begin = Evidence(Bounds(2, 12)), 0
    found = [hit(hour, offset) for offset, hour in enumerate(sorted(hours))]
    for cut in [*sorted(cuts), len(found)]:
        if found[begin:cut]:
            evidence.add(batch(found[begin:cut]))
        begin = max(begin, cut)
    assert evidence.kept() == kept(sorted(hours), Bounds(2, 12)).kept()


@given(hours=st.lists(st.integers(0, 9), max_size=60).map(sorted), data=st.data())
def test_two_groups_keep_all_that_one_would(hours: list[int], data: st.DataObject) -> None:
    """A slot's hits lie in several groups; together they hold all texts that the slot alone would keep."""
    mine = data.draw(st.lists(st.booleans(), min_size=len(hours), max_size=len(hours)))
    bounds = Bounds(2, 6)
    parts = [kept(hours, bounds, mine), kept(hours, bounds, [not one for one in mine])]
    whole = [item[1] for item in kept(hours, bounds).kept()]
    together = [item[1] for item in Evidence.of(parts, bounds)]
    assert set(whole) <= set(together)
    assert together == sorted(together)
    assert len(together) <= bounds.most + 3 * 2 * bounds.per_hour


def test_the_oldest_and_the_newest_stay() -> None:
    found = [item[1] for item in kept([n // 100 for n in range(3000)], USUAL).kept()]
    assert len(found) <= USUAL.most + 4 * USUAL.per_hour
    assert found[0] == 0
    assert found[-1] == 2999
    assert 1500 not in found


@given(hours=st.lists(st.integers(0, 12), max_size=80).map(sorted), at=st.integers(0, 80))
def test_kept_texts_of_two_stretches_are_those_of_the_whole(hours: list[int], at: int) -> None:
    bounds = Bounds(2, 6)
    before = kept(hours[:at], bounds)
    before.join(kept(hours, bounds, [place >= at for place in range(len(hours))]))
    assert [item[1] for item in before.kept()] == [item[1] for item in kept(hours, bounds).kept()]


@given(
    found=st.lists(st.tuples(st.integers(0, 5 * SECOND), st.sampled_from(["", "a", "b"])), max_size=30),
    at=st.integers(0, 30),
    single=st.booleans(),
    keyed=st.booleans(),
)
def test_the_time_index_of_two_stretches_is_that_of_the_whole(found: list[tuple[int, str]], at: int, single: bool, keyed: bool) -> None:
    def index(low: int, high: int) -> Runs:
        runs = Runs(single=single, keyed=keyed)
        if pieces := found[low:high]:
            stamps, values = zip(*pieces, strict=True)
            runs.add(array("q", stamps), array("q", range(low, low + len(pieces))), values)
        return runs

    runs = index(0, at)
    runs.join(index(at, len(found)))
    assert list(runs) == list(index(0, len(found)))
