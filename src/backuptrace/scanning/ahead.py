"""Work for the time in which the engine searches a block: it needs no lock of Python's then, so a second thread can read on and count."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Ahead(Generic[_T]):
    """One thread that does one thing at a time: `start` it, do something else, then `wait` for what it gave. `stop` it at the end."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], _T] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[list[_T], BaseException | None]] = SimpleQueue()
        self._thread = Thread(target=self._run, name="backuptrace-ahead", daemon=True)
        self._thread.start()

    def start(self, work: Callable[[], _T]) -> None:
        """Begins; what was started before must have been waited for."""
        self._work.put(work)

    def wait(self) -> _T:
        """The value of what was started. Raises what it raised."""
        value, error = self._done.get()
        if error is not None:
            raise error
        return value[0]

    def stop(self) -> None:
        """Ends the thread, after what it is doing."""
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                self._done.put(([work()], None))
            except BaseException as error:  # noqa: BLE001  given to the thread that waits
                self._done.put(([], error))
