from hypothesis import given
from hypothesis import strategies as st

from backuptrace.scanning.eventspool import Line, Lines, Spool

RUNS = st.lists(
    st.lists(st.tuples(st.integers(0, 50), st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"."))), min_size=1, max_size=12), min_size=1, max_size=6
)


@given(RUNS)
def test_runs_come_back_by_time_and_nothing_is_lost(runs: list[list[tuple[int, bytes]]]) -> None:
    spool = Spool()
    lines: list[list[Line]] = [[(time, text + b"\n") for time, text in run] for run in runs]
    kept = [spool.write(list(run)) for run in lines]
    back = list(spool.lines(kept))
    spool.close()
    assert [time for time, _ in back] == sorted(time for run in lines for time, _ in run)
    assert sorted(back) == sorted(line for run in lines for line in run)


def test_lines_of_one_time_stay_in_their_order() -> None:
    spool = Spool()
    run = spool.write([(1, b"b\n"), (0, b"z\n"), (1, b"a\n")])
    assert [line for _, line in spool.lines([run])] == [b"z\n", b"b\n", b"a\n"]


@given(st.lists(st.binary(min_size=1, max_size=30)), st.integers(1, 17))
def test_lines_as_a_stream(lines: list[bytes], size: int) -> None:
    stream, buffer, out = Lines(iter(lines)), bytearray(size), b""
    while got := stream.readinto(memoryview(buffer)):
        out += buffer[:got]
    assert out == b"".join(lines)
