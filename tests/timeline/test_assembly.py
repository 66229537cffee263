"""What is put together of all logs of a bundle: states that several files tell, milestones that some log has."""

from __future__ import annotations

import pytest

from backuptrace.knowledge.compiled import Format, Milestone, Pack
from backuptrace.model import Hits, Log
from backuptrace.timeline.assembly import assemble


def shape(kind: str, *milestones: str) -> Format:
    told = [Milestone(f"demo.{name}", name, "", "", "", {}, {}, show=True) for name in milestones]
    return Format("demo", "Demo", "linux", kind, "lines", [], [], [], [], None, [], None, {}, 0, [], [], [], told)  # type: ignore[arg-type]  # a Literal


@pytest.mark.parametrize(
    "told, holds",
    [([], None), ([{}], None), ([{"s": False}], False), ([{"s": False}, {"s": True}], True), ([{"s": True}, {"s": False}], True), ([{"t": True}], None)],
)
def test_a_state_holds_where_some_file_says_so(told: list[dict[str, bool]], holds: bool | None) -> None:
    logs = [Log(f"etc/{n}", "demo", f"etc/{n}", n, states=states) for n, states in enumerate(told)]
    pack = Pack("test", [shape("state")], [], [], [], {"s": "demo"}, {}, [])
    assert assemble(logs, pack, None).history.states == {"s": holds}


def test_milestones_stand_in_the_order_of_the_pack() -> None:
    logs = [Log(name, "demo", name, rank, hits={f"demo.{name}": Hits([], [], [])}) for rank, name in enumerate("abx")]
    pack = Pack("test", [shape("indexed", "c", "b", "a")], [], [], [], {}, {}, [])
    assert [milestone.key for milestone in assemble(logs, pack, None).milestones] == ["demo.b", "demo.a"]
