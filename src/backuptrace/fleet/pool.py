"""Workers that may die: each has one task at a time, so that whoever dies or hangs is known, and costs nothing but itself.

A task whose worker died is given once more to a fresh worker, because the first one may have suffered from what came before; if that dies too, the
task is named with the reason. A task that takes too long is not tried again.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Literal, NamedTuple, final

from backuptrace.errors import BackuptraceError
from backuptrace.fleet.worker import BROKEN, DONE, MEMORY, READY, STOP, Work, serve

START_S = 300.0
"""Seconds in which a worker must be ready; compiling the signatures takes some."""
MOST_STARTS = 3
"""Workers in a row that die before they are ready: then no worker will ever be."""
RECYCLE = 1000
"""Tasks after which a worker is replaced, so that nothing that leaks can grow."""
TICK_S = 0.5
TRIES = 2
KILL_S = 10.0

Kind = Literal["crashed", "timeout", "memory"]


class Task(NamedTuple):
    """name: what the answer is known by; data: what the worker gets."""

    name: str
    data: bytes


class Fault(NamedTuple):
    """Why there is no answer: of which kind, and in words."""

    kind: Kind
    what: str


class Done(NamedTuple):
    """The answer to a task, or why there is none."""

    name: str
    answer: bytes | None
    fault: Fault | None


@dataclass(slots=True)
class _Worker:
    process: Any
    pipe: Connection
    until: float
    """When it must be ready, or with its task; monotonic seconds."""
    ready: bool = False
    task: Task | None = None
    served: int = 0


@final
@dataclass(slots=True)
class Pool:
    """make(*arguments) prepares the work in each worker; timeout: seconds for one task; memory: bytes for one worker (None: no bound)."""

    make: Callable[..., Work]
    arguments: tuple[Any, ...]
    jobs: int
    timeout: float
    memory: int | None = None
    recycle: int = RECYCLE
    workers: list[_Worker] = field(default_factory=list)
    _broken: int = 0
    _tried: dict[str, int] = field(default_factory=dict)
    _waiting: deque[Task] = field(default_factory=deque)
    _again: deque[Task] = field(default_factory=deque)
    """Tasks whose worker died, for a fresh one."""

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends all workers at once, whatever they do."""
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            self._gone(worker)
        self.workers.clear()

    def start(self, tasks: int) -> None:
        """Starts the workers for so many tasks: `run` would do it, but now something else can be done meanwhile."""
        while len(self.workers) < min(self.jobs, tasks):
            self.workers.append(self._start())

    def run(self, tasks: Iterable[Task], tick: Callable[[], None] = lambda: None) -> Iterator[Done]:
        """The answers as they come; the next task is handed out before an answer is. tick: called at least twice a second.

        Raises BackuptraceError if no worker can start, and what a worker raised that ends the run.
        """
        self._waiting, self._again = deque(tasks), deque[Task]()
        while self._waiting or self._again or any(worker.task for worker in self.workers):
            self._fill()
            now = time.monotonic()
            soonest = min((worker.until for worker in self.workers if worker.task or not worker.ready), default=now + TICK_S)
            told = wait([worker.pipe for worker in self.workers], max(0.0, min(TICK_S, soonest - now)))
            for worker in list(self.workers):
                done = self._heard(worker) if worker.pipe in told else self._late(worker)
                if done is not None:
                    self._fill()
                    yield done
            tick()

    def _fill(self) -> None:
        """A task for every worker that has none; a worker for every task, up to `jobs`."""
        for worker in list(self.workers):
            if worker.ready and worker.task is None:
                if self._again and not worker.served:
                    self._hand(worker, self._again.popleft())
                elif self._waiting:
                    self._hand(worker, self._waiting.popleft())
                elif self._again:
                    self._drop(worker)
        starting = sum(not worker.ready for worker in self.workers)
        while len(self.workers) < self.jobs and starting < len(self._waiting) + len(self._again):
            self.workers.append(self._start())
            starting += 1

    def _hand(self, worker: _Worker, task: Task) -> None:
        worker.task, worker.until = task, time.monotonic() + self.timeout
        with contextlib.suppress(OSError):  # it died: its pipe tells at the next look
            worker.pipe.send_bytes(task.data)

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, os.getpid(), self.make, self.arguments, self.memory), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours, time.monotonic() + START_S)

    def _heard(self, worker: _Worker) -> Done | None:
        try:
            message = worker.pipe.recv_bytes()
        except (EOFError, OSError):
            return self._dead(worker)
        kind, body = message[:1], message[1:]
        if kind == READY:
            worker.ready, self._broken = True, 0
            return None
        if kind == BROKEN:
            raise _unable(body.decode("utf-8", "replace"))
        if kind == STOP:
            what, where, why, fix = (body.decode("utf-8", "replace").split("\0") + [""] * 4)[:4]
            raise BackuptraceError(what, where=where, why=why, fix=fix)
        task, worker.task = worker.task, None
        worker.served += 1
        if kind == MEMORY:
            self._drop(worker)
            return self._failed(task, Fault("memory", _too_large(self.memory)))
        if worker.served >= self.recycle:
            self._drop(worker)
        if task is None or kind != DONE:
            return None
        return Done(task.name, body, None)

    def _late(self, worker: _Worker) -> Done | None:
        if (worker.ready and worker.task is None) or time.monotonic() < worker.until:
            return None
        if not worker.ready:
            raise _unable(f"it was not ready after {START_S:.0f} s")
        task = worker.task
        self._drop(worker)
        return Done(task.name, None, Fault("timeout", f"not done after {self.timeout:g} s")) if task else None

    def _dead(self, worker: _Worker) -> Done | None:
        self._drop(worker, kill=False)
        how = ended(worker.process.exitcode)
        if not worker.ready:
            self._broken += 1
            if self._broken >= MOST_STARTS:
                raise _unable(how)
            return None
        return self._failed(worker.task, Fault("crashed", how))

    def _failed(self, task: Task | None, fault: Fault) -> Done | None:
        """Sets the task aside for a fresh worker, or gives up on it."""
        if task is None:
            return None
        self._tried[task.name] = tries = self._tried.get(task.name, 0) + 1
        if tries < TRIES:
            self._again.append(task)
            return None
        return Done(task.name, None, fault)

    def _drop(self, worker: _Worker, *, kill: bool = True) -> None:
        if kill:
            worker.process.kill()
        self._gone(worker)
        self.workers.remove(worker)

    @staticmethod
    def _gone(worker: _Worker) -> None:
        worker.process.join(KILL_S)
        if worker.process.exitcode is None:
            worker.process.kill()
            worker.process.join(KILL_S)
        worker.pipe.close()


def ended(status: int | None) -> str:
    """How a process ended, in words."""
    if status is None:
        return "the worker does not answer and cannot be ended"
    if status >= 0:
        return f"the worker ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    more = "; the system kills so when memory runs out" if name == "SIGKILL" else ""
    return f"the worker was ended by {name}{more}"


def _too_large(memory: int | None) -> str:
    return "no memory was left" if memory is None else f"it needs more memory than the {memory >> 20} MiB that a worker may have"


def _unable(why: str) -> BackuptraceError:
    return BackuptraceError("no worker can start", why=why, fix="try `backuptrace scan` with one of the bundles; allow more with --memory")
