"""Which causes, on how many VMs, since when, and what those share: on made rows."""

from __future__ import annotations

from itertools import combinations
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from backuptrace.fleet.summary import Supported, Vm, summarize, tail


def vm(
    name: str, *causes: str, first: str | None = "2026-03-01T00:00:00.000000Z", os: str = "linux", to: str | None = None, uid: str = "", **properties: str
) -> Vm:
    supported = [Supported(cause, first, number == 0) for number, cause in enumerate(causes)]
    outcome = "explained" if causes else "no-failure-seen"
    return Vm(id=uid or name, name=name, bundle=f"{name}{to}.zip", os=os, to=to, outcome=outcome, causes=supported, properties=properties)


OLD, NEW = "2.2.46", "2.9.1.1"


def test_counts_and_dates() -> None:
    rows = [
        vm("a", "dhcp", first="2026-03-04T00:00:00.000000Z"),
        vm("b", "dhcp", "disk-full", first="2026-03-02T00:00:00.000000Z"),
        vm("c", "disk-full", first=None),
        vm("d"),
    ]
    summary = summarize(rows)
    assert (summary.bundles, summary.vms, summary.outcomes) == (4, 4, {"explained": 3, "no-failure-seen": 1})
    dhcp, disk = summary.causes
    assert (dhcp.cause, dhcp.vms, dhcp.leading, dhcp.names) == ("dhcp", 2, 2, ["a", "b"])
    assert (dhcp.since, dhcp.newest) == ("2026-03-02T00:00:00.000000Z", "2026-03-04T00:00:00.000000Z")
    assert (disk.cause, disk.vms, disk.leading, disk.since) == ("disk-full", 2, 1, "2026-03-02T00:00:00.000000Z")
    assert summarize(rows[::-1]) == summary


def test_bundles_of_one_vm_count_once() -> None:
    rows = [
        vm("web", "dhcp", uid="7", first="2026-03-05T00:00:00.000000Z", to="2026-03-06", agent_version=OLD),
        vm("web", "dhcp", uid="7", first="2026-03-01T00:00:00.000000Z", to="2026-03-02", agent_version=OLD),
        vm("web", uid="7", to="2026-03-09", agent_version=NEW),
        vm("other", uid="8"),
    ]
    summary = summarize(rows)
    assert (summary.bundles, summary.vms) == (4, 2)
    assert summary.outcomes == {"no-failure-seen": 2}, "the newest bundle tells how the VM is"
    assert (summary.causes[0].vms, summary.causes[0].since) == (1, "2026-03-01T00:00:00.000000Z")


def test_what_the_affected_share_and_the_others_do_not() -> None:
    affected = [vm(f"a{n}", "dhcp", agent_version=OLD, region="westeurope") for n in range(8)]
    others = [vm(f"b{n}", agent_version=NEW if n else OLD, region="westeurope") for n in range(20)]
    (group,) = summarize(affected + others).causes
    (item,) = group.shared
    assert (item.property, item.value, item.affected, item.affected_known, item.others, item.others_known) == ("agent_version", OLD, 8, 8, 1, 20)
    assert item.chance < 0.001


def test_what_everybody_has_is_not_shared() -> None:
    rows = [vm(f"a{n}", "dhcp", agent_version=OLD) for n in range(5)] + [vm(f"b{n}", agent_version=OLD) for n in range(50)]
    assert summarize(rows).causes[0].shared == []


def test_what_is_commoner_among_the_others_is_not_shared() -> None:
    rows = [vm(f"a{n}", "dhcp", agent_version=OLD if n < 6 else NEW) for n in range(10)] + [vm(f"b{n}", agent_version=OLD) for n in range(9)]
    assert [item.value for item in summarize(rows).causes[0].shared] == []


def test_without_others_nothing_can_be_said() -> None:
    assert summarize([vm(f"a{n}", "dhcp", agent_version=OLD) for n in range(5)]).causes[0].shared == []


def test_one_vm_shares_nothing_and_a_few_of_many_neither() -> None:
    others = [vm(f"b{n}", agent_version=NEW) for n in range(9)]
    assert summarize([vm("a", "dhcp", agent_version=OLD), *others]).causes[0].shared == []
    few = [vm(f"a{n}", "dhcp", agent_version=OLD if n < 2 else f"3.{n}") for n in range(6)]
    assert summarize(few + others).causes[0].shared == []


def test_only_vms_of_the_same_system_are_the_others() -> None:
    """Every Windows VM has an agent of Windows, which says nothing about a cause on Windows."""
    rows = [vm(f"a{n}", "vss-writer", os="windows", agent_version="2.7.41491.1") for n in range(4)] + [vm(f"b{n}", agent_version=NEW) for n in range(50)]
    assert summarize(rows).causes[0].shared == []


def test_a_property_that_is_not_known_does_not_count() -> None:
    rows = [vm(f"a{n}", "dhcp", region="westeurope") for n in range(4)] + [vm(f"u{n}", "dhcp") for n in range(4)]
    rows += [vm(f"b{n}", region="northeurope") for n in range(6)] + [vm(f"c{n}") for n in range(30)]
    (item,) = summarize(rows).causes[0].shared
    assert (item.affected, item.affected_known, item.others, item.others_known) == (4, 4, 0, 6)


@given(st.integers(1, 9), st.data())
def test_chance_is_that_of_all_ways_to_draw(total: int, data: st.DataObject) -> None:
    drawn, marked = data.draw(st.integers(1, total)), data.draw(st.integers(1, total))
    count = data.draw(st.integers(0, min(drawn, marked)))
    ways = [sum(one < marked for one in draw) >= count for draw in combinations(range(total), drawn)]
    assert isclose(tail(count, drawn, marked, total), sum(ways) / len(ways), rel_tol=1e-9)


def test_large_fleets_are_counted_at_once() -> None:
    rows = [vm(f"a{n}", "dhcp", agent_version=OLD if n % 2 else NEW, region=f"r{n % 3}") for n in range(3_000)]
    rows += [vm(f"b{n}", agent_version=NEW, region=f"r{n % 3}") for n in range(7_000)]
    (item,) = summarize(rows).causes[0].shared
    assert (item.value, item.affected, item.chance) == (OLD, 1_500, 0.0)
