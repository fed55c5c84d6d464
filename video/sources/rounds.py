"""Reading thousands of sockets in rounds instead of one wake-up for every packet.

A camera sends fifteen small pictures a second; who wakes up for each of them spends his time waking up. Here every
socket is read a few times a second and what has gathered in the kernel is taken in one piece. A feed that somebody
watches live is read at every beat.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol
from weakref import WeakKeyDictionary

ROUND_S = 0.2
BEATS = 8
BUFFER_BYTES = 512 * 1024


class Reader(Protocol):
    """Whoever has a socket to be read; it must never raise."""

    def pull(self, buffer: memoryview, now: float) -> None:
        """Take what has come, using `buffer` as scratch space."""


class Rounds:
    """Reads its members in turn, each once in `ROUND_S`; lives in the event loop it was made in."""

    def __init__(self) -> None:
        self._beats: list[dict[Reader, None]] = [{} for _ in range(BEATS)]
        self._place: dict[Reader, int] = {}
        self._prompt: dict[Reader, None] = {}
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._beat = 0
        self._next_at = 0.0
        self._running = False

    def join(self, reader: Reader) -> None:
        """Read this one from now on."""
        beat = min(range(BEATS), key=lambda index: len(self._beats[index]))
        self._place[reader] = beat
        self._beats[beat][reader] = None
        if not self._running:
            self._running = True
            self._next_at = asyncio.get_running_loop().time()
            self._schedule()

    def leave(self, reader: Reader) -> None:
        beat = self._place.pop(reader, None)
        if beat is not None:
            del self._beats[beat][reader]
        self._prompt.pop(reader, None)

    def prompt(self, reader: Reader, wanted: bool) -> None:
        """Read this one at every beat, or no longer."""
        if wanted and reader in self._place:
            self._prompt[reader] = None
        else:
            self._prompt.pop(reader, None)

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        # Late is late: a beat that was missed is not made up for by a burst of them.
        self._next_at = max(self._next_at + ROUND_S / BEATS, loop.time())
        loop.call_at(self._next_at, self._tick)

    def _tick(self) -> None:
        if not self._place:
            self._running = False
            return
        self._beat = (self._beat + 1) % BEATS
        now, buffer = time.time(), self._buffer
        for reader in list(self._beats[self._beat]):
            reader.pull(buffer, now)
        for reader in list(self._prompt):
            reader.pull(buffer, now)
        self._schedule()


_SHARED: WeakKeyDictionary[asyncio.AbstractEventLoop, Rounds] = WeakKeyDictionary()


def rounds() -> Rounds:
    """The rounds of the running event loop: all sources in it are read together."""
    loop = asyncio.get_running_loop()
    if loop not in _SHARED:
        _SHARED[loop] = Rounds()
    return _SHARED[loop]
