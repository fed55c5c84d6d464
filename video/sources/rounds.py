"""Reading thousands of sockets in rounds instead of one wake-up for every packet.

A camera sends fifteen small pictures a second; who wakes up for each of them spends his time waking up. Here every
socket is read a few times a second and what has gathered in the kernel is taken in one piece: each reader says after a
read when it wants the next one (`rhythm.py`). A feed that somebody watches live is read at every beat.

Source: G. Varghese, T. Lauck, Hashed and hierarchical timing wheels (SOSP 1987), scheme 4.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import Protocol
from weakref import WeakKeyDictionary

BEAT_S = 0.025
# The wheel: nobody waits longer than its turn of 1.6 s.
SLOTS = 64
# New readers begin within so many beats, where the fewest are.
FIRST_BEATS = 8
BUFFER_BYTES = 512 * 1024


class Reader(Protocol):
    """Whoever has a socket to be read; it must never raise."""

    def pull(self, buffer: memoryview, now: float) -> float:
        """Take what has come, using `buffer` as scratch space; seconds until the next time."""


class Rounds:
    """Reads its members, each when it wants to be read; lives in the event loop it was made in."""

    def __init__(self) -> None:
        self._slots: list[dict[Reader, None]] = [{} for _ in range(SLOTS)]
        self._place: dict[Reader, int] = {}
        self._prompt: dict[Reader, None] = {}
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._beat = 0
        self._next_at = 0.0
        self._running = False

    def join(self, reader: Reader) -> None:
        """Read this one from now on."""
        soon = ((self._beat + ahead) % SLOTS for ahead in range(1, FIRST_BEATS + 1))
        self._put(reader, min(soon, key=lambda slot: len(self._slots[slot])))
        if not self._running:
            self._running = True
            self._next_at = asyncio.get_running_loop().time()
            self._schedule()

    def leave(self, reader: Reader) -> None:
        slot = self._place.pop(reader, None)
        if slot is not None:
            self._slots[slot].pop(reader, None)
        self._prompt.pop(reader, None)

    def prompt(self, reader: Reader, wanted: bool) -> None:
        """Read this one at every beat, or no longer."""
        if wanted and reader in self._place:
            self._prompt[reader] = None
        else:
            self._prompt.pop(reader, None)

    def _put(self, reader: Reader, slot: int) -> None:
        self._place[reader] = slot
        self._slots[slot][reader] = None

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        # Late is late: a beat that was missed is not made up for by a burst of them.
        self._next_at = max(self._next_at + BEAT_S, loop.time())
        loop.call_at(self._next_at, self._tick)

    def _tick(self) -> None:
        if not self._place:
            self._running = False
            return
        self._beat = beat = (self._beat + 1) % SLOTS
        due, self._slots[beat] = self._slots[beat], {}
        now, buffer, place, slots = time.time(), self._buffer, self._place, self._slots
        for reader in due:
            beats = math.ceil(reader.pull(buffer, now) / BEAT_S)
            if reader in place:
                slot = (beat + min(max(1, beats), SLOTS - 1)) % SLOTS
                place[reader] = slot
                slots[slot][reader] = None
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
