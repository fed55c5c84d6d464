"""The bell says that the log has grown; what it grew by is read from the log."""

from collections.abc import Callable
from typing import Protocol

Listener = Callable[[int], None]


class Bell(Protocol):
    """Says "the log grew to seq". May ring late, twice or not at all: the log is the truth."""

    def ring(self, seq: int) -> None:
        """Tell every listener; returns at once, from any thread, and never raises."""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(seq)` at each ring, in any thread; the returned function ends that."""

    def close(self) -> None:
        """Ring no more."""


class MemoryBell:
    """Rings within this process; other processes find new facts by looking once a second."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()

    def ring(self, seq: int) -> None:
        for listener in self._listeners:
            listener(seq)

    def listen(self, listener: Listener) -> Callable[[], None]:
        # A new tuple each time, so that a ring in another thread goes on over the old one.
        self._listeners = (*self._listeners, listener)
        return lambda: self._forget(listener)

    def close(self) -> None:
        self._listeners = ()

    def _forget(self, listener: Listener) -> None:
        self._listeners = tuple(other for other in self._listeners if other is not listener)


def open_bell(url: str) -> Bell:
    """Return the bell of `url`; `memory://` is the only one so far.

    Raises:
        ValueError: there is no driver for this URL.
    """
    if url == "memory://":
        return MemoryBell()
    raise ValueError(f"no bell for {url!r}: this version has memory:// only")
