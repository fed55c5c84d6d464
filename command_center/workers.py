"""Threads that work beside the requests: each does one thing again and again, and a failure is seen and tried again."""

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")
log = structlog.get_logger()
LONGEST_PAUSE_S = 30.0
PATIENCE_S = 10.0


class Worker:
    """A thread with a name that can be woken, that says whether its last try failed, and that ends when told to.

    Args:
        name: of the thread, and of the failure in the health report.
        step: done each time; returns whether there is more to do at once.
        every_s: longest pause between two steps without a wake.
    """

    def __init__(self, name: str, step: Callable[[], bool], *, every_s: float = 1.0) -> None:
        self.name = name
        self.failing: str | None = None
        self._step = step
        self._every_s = every_s
        self._bell = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self, _seq: int = 0) -> None:
        """Look at once. Returns at once, from any thread."""
        self._bell.set()

    @property
    def ending(self) -> bool:
        """Whether it was told to end: a step that waits for long looks at this."""
        return self._ended

    def end(self) -> None:
        """Finish the step at hand and stop."""
        self._ended = True
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        failures = 0
        while not self._ended:
            self._bell.clear()
            try:
                more = self._step()
                failures, self.failing = 0, None
            except Exception as error:
                # A worker must outlive whatever its step meets (a full disk, a database that restarts); it says so.
                failures, more = failures + 1, False
                self.failing = f"{type(error).__name__}: {error}"
                log.exception("worker_failed", worker=self.name, failures=failures)
            if not more:
                self._bell.wait(min(self._every_s * 2**failures, LONGEST_PAUSE_S) if failures else self._every_s)


class Mailbox(Generic[T]):
    """A worker that handles what is put into it, in order, in batches; what fails is kept and tried again.

    Args:
        name: see Worker.
        handle: gets everything that has come since the last time.
        most: beyond so many waiting items the oldest are dropped and counted.
        every_s: handled so often, together; None for at once.
    """

    def __init__(
        self, name: str, handle: Callable[[list[T]], None], *, most: int = 100_000, every_s: float | None = None
    ) -> None:
        self._handle = handle
        self._items: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._kept: list[T] = []
        self._most = most
        self.dropped = 0
        self._at_once = every_s is None
        self.worker = Worker(name, self._step, every_s=every_s or 1.0)

    def put(self, item: T) -> None:
        """Returns at once, from any thread."""
        self._items.put(item)
        if self._at_once:
            self.worker.wake()

    def _step(self) -> bool:
        while not self._items.empty():
            self._kept.append(self._items.get())
        if len(self._kept) > self._most:
            self.dropped += len(self._kept) - self._most
            del self._kept[: -self._most]
        if self._kept:
            self._handle(self._kept)
            self._kept = []
        return False
