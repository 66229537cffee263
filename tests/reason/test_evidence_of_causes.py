"""Of the hits that speak for a cause each line is shown once, in order; only what is shown is quoted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.caused import Role, _distinct, _Piece, _sorted
from backuptrace.model import Event, Log, Told
from backuptrace.timeline.placed import Placed

LOGS = [Log(f"{name}.log", "x", f"{name}.log", rank, made=name == "made") for rank, name in enumerate(("a", "b", "made"))]
roles: st.SearchStrategy[Role] = st.sampled_from(["supports", "context", "contradicts"])
signatures = st.sampled_from(["one", "two"])


@st.composite
def hits(draw: st.DrawFn) -> list[Placed]:
    """A record (offset) may be hit on two of its lines, and by two selections on one line; of events numbers may come again."""
    out = []
    for log, record, line, dated in draw(st.lists(st.tuples(st.sampled_from(LOGS), st.integers(0, 3), st.integers(0, 1), st.booleans()), max_size=8)):
        event = Event("slot", record // 2, 10 * record + (line if log.made else 0), Told(record // 2 if log.made else 3 * record + line + 1, "text"))
        out.append(Placed(record // 2, event, log, dated, 0.0))
    return out


@st.composite
def pieces(draw: st.DrawFn) -> list[_Piece]:
    found = draw(hits())
    return [_Piece(item, draw(signatures), draw(roles)) for item in found * 2 if draw(st.booleans())]


@given(pieces())
@settings(deadline=None)
def test_as_if_every_line_was_looked_at(found: list[_Piece]) -> None:
    lines = {(p.item.log.path, p.item.event.told.line, None if p.item.log.made else p.item.event.offset, p.role): p for p in found}
    assert _distinct(found) == list(lines.values())
    plain = sorted(
        found, key=lambda p: (p.role != "supports", not p.item.dated, p.item.utc if p.item.dated else 0, p.item.log.path, p.item.event.told.line or 0)
    )
    assert _sorted(found) == plain


def test_lines_of_different_records_are_not_read() -> None:
    def never() -> Told:
        raise AssertionError("read although nothing depends on it")

    found = [_Piece(Placed(n, Event("slot", n, n, never), LOGS[0], True, 0.0), "one", "supports") for n in range(3)]
    assert _sorted(_distinct(found * 2)) == found
