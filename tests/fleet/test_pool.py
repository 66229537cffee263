"""Workers die, hang and eat memory: each costs its own task and no other, and is named. All with real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import fleetfaults
import pytest

from backuptrace.errors import BackuptraceError
from backuptrace.fleet.pool import Done, Pool, Task

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")
GOOD = [f"good{n}" for n in range(6)]


def ran(names: list[str], folder: Path, *, jobs: int = 2, timeout: float = 60.0, memory: int | None = None, recycle: int = 1000) -> dict[str, Done]:
    with Pool(fleetfaults.echo, (str(folder),), jobs, timeout, memory, recycle) as pool:
        done = list(pool.run([Task(name, name.encode()) for name in names]))
    assert sorted(one.name for one in done) == sorted(names), "each task is answered exactly once"
    return {one.name: one for one in done}


def starts(folder: Path) -> Counter[str]:
    """How often each task was given to a worker."""
    return Counter(path.name.split(".")[0] for path in folder.iterdir())


def workers(folder: Path) -> set[int]:
    return {int(text) for path in folder.iterdir() if path.suffix != ".seen" and (text := path.read_text())}


def alive(pid: int) -> bool:
    """Not counting one whose end nobody has asked for yet."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("bad, kind, words", [("segfault", "crashed", "SIGSEGV"), ("abort", "crashed", "SIGABRT"), ("exit", "crashed", "status 7")])
def test_who_dies_costs_only_its_own_task(bad: str, kind: str, words: str, tmp_path: Path) -> None:
    done = ran([GOOD[0], bad, *GOOD[1:]], tmp_path)
    fault = done[bad].fault
    assert fault is not None
    assert (fault.kind, done[bad].answer) == (kind, None)
    assert words in fault.what
    assert {name: done[name].answer for name in GOOD} == {name: name.upper().encode() for name in GOOD}
    assert starts(tmp_path) == {bad: 2, **dict.fromkeys(GOOD, 1)}, "the one that died is tried once more, no other is done twice"


@pytest.mark.parametrize("bad", ["hang", "deaf"])
def test_who_hangs_is_ended(bad: str, tmp_path: Path) -> None:
    done = ran([bad, *GOOD], tmp_path, timeout=1.0)
    fault = done[bad].fault
    assert fault is not None
    assert fault == ("timeout", "not done after 1 s")
    assert all(done[name].answer for name in GOOD)
    assert starts(tmp_path)[bad] == 1
    assert not [pid for pid in workers(tmp_path) if alive(pid)]


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS")
def test_who_eats_memory_gets_no_more(tmp_path: Path) -> None:
    done = ran(["eats", *GOOD], tmp_path, memory=600 << 20)
    fault = done["eats"].fault
    assert fault is not None
    assert fault == ("memory", "it needs more memory than the 600 MiB that a worker may have")
    assert all(done[name].answer for name in GOOD)


def test_who_died_by_accident_is_tried_again_by_a_fresh_worker(tmp_path: Path) -> None:
    done = ran([*(f"slow{n}" for n in range(8)), "once"], tmp_path, jobs=2)
    assert done["once"].answer == b"ONCE"
    marks = sorted((path for path in tmp_path.iterdir() if path.suffix != ".seen"), key=lambda path: path.suffix)
    second = [path for path in marks if path.name.startswith("once.")][1]
    assert next(path for path in marks if path.read_text() == second.read_text()) == second, "it did nothing before"


def test_all_of_many_killers(tmp_path: Path) -> None:
    bad = [f"segfault{n}" for n in range(2)] + ["exit"]
    done = ran([name for pair in zip(bad, GOOD[:3]) for name in pair], tmp_path)
    assert all(done[name].fault for name in bad)
    assert all(done[name].answer for name in GOOD[:3])


def test_workers_are_replaced_after_so_many_tasks(tmp_path: Path) -> None:
    ran(GOOD, tmp_path, jobs=1, recycle=2)
    assert sorted(Counter(path.read_text() for path in tmp_path.iterdir()).values()) == [2, 2, 2]


def test_no_worker_outlives_the_pool(tmp_path: Path) -> None:
    """Neither where the caller stops in the midst of it."""
    pool = Pool(fleetfaults.echo, (str(tmp_path),), 2, 60.0)
    with pool:
        next(pool.run([Task(name, name.encode()) for name in ["good", "hang1", "hang2"]]))
        until = time.monotonic() + 20
        while not any(path.name.startswith("hang") for path in tmp_path.iterdir()) and time.monotonic() < until:
            time.sleep(0.02)
        assert any(alive(pid) for pid in workers(tmp_path))
    assert not [pid for pid in workers(tmp_path) if alive(pid)]


@pytest.mark.parametrize("kind, words", [("", "no such knowledge"), ("exit", "status 7"), ("segfault", "SIGSEGV")])
def test_workers_that_cannot_start_are_an_error_not_an_endless_loop(kind: str, words: str) -> None:
    with Pool(fleetfaults.broken, (kind,), 1, 60.0) as pool, pytest.raises(BackuptraceError, match=words):
        list(pool.run([Task("a", b"a")]))


def test_nothing_to_do_starts_no_worker(tmp_path: Path) -> None:
    with Pool(fleetfaults.echo, (str(tmp_path),), 2, 60.0) as pool:
        assert list(pool.run([])) == []
        assert pool.workers == []


def test_large_answers_come_whole(tmp_path: Path) -> None:
    name = "x" * 200
    task = Task(name, b"y" * (3 << 20))
    with Pool(fleetfaults.upper, (), 1, 60.0) as pool:
        (done,) = pool.run([task])
    assert done.answer == b"Y" * (3 << 20)


HANGING = """
import sys, fleetfaults
from backuptrace.fleet.pool import Pool, Task
if __name__ == "__main__":
    with Pool(fleetfaults.echo, (sys.argv[1],), 2, 600.0) as pool:
        list(pool.run([Task("hang", b"hang"), Task("deaf", b"deaf")]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_workers_die_with_a_parent_that_is_killed_whatever_they_do(tmp_path: Path) -> None:
    script, folder = tmp_path / "hanging.py", tmp_path / "marks"
    script.write_text(HANGING)
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(fleetfaults.__file__).parent)])}
    parent = subprocess.Popen([sys.executable, script, folder], env=environment)
    until = time.monotonic() + 20
    while len(workers(folder)) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    pids = workers(folder)
    parent.kill()
    parent.wait()
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    assert len(pids) == 2
    assert not [pid for pid in pids if alive(pid)]
