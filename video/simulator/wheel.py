"""One clock for all cameras: 15 ticks a second, each in 32 slots, and every connection in the slot of its camera.

Source: G. Varghese, T. Lauck, Hashed and hierarchical timing wheels (SOSP 1987), scheme 4.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Protocol

from video.simulator.coding import FPS

SLOTS = 32
STEPS_PER_S = FPS * SLOTS
# How many slots may be caught up with in one go before requests are answered again.
_AT_ONCE = 2 * SLOTS


class Rider(Protocol):
    """Whoever wants to be called once per tick."""

    def tick(self, tick: int) -> None: ...


class Wheel:
    """Turns while it runs: due actions first, then all riders of the slot.

    A step is a slot of a tick, counted from the start: `tick * SLOTS + slot`. `skipped_s` counts seconds that were
    left out because the machine stood still for more than one of them.
    """

    def __init__(self) -> None:
        self.step = 0
        self.skipped_s = 0.0
        self._slots: list[list[Rider]] = [[] for _ in range(SLOTS)]
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._origin = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to turn on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._spin()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def board(self, slot: int, rider: Rider) -> None:
        self._slots[slot].append(rider)

    def leave(self, slot: int, rider: Rider) -> None:
        if rider in self._slots[slot]:
            self._slots[slot].remove(rider)

    def at(self, step: int, action: Callable[[], None]) -> None:
        """Do something at a step, before the pictures of its slot are sent; at the next step when it has passed."""
        heapq.heappush(self._due, (step, next(self._order), action))

    def _spin(self) -> None:
        assert self._loop is not None
        due = int((self._loop.time() - self._origin) * STEPS_PER_S)
        if due - self.step > STEPS_PER_S:
            # A laptop that slept: leave out what nobody saw instead of rushing through it.
            left_out = (due - self.step) / STEPS_PER_S
            self._origin += left_out
            self.skipped_s += left_out
            due = self.step
        for _ in range(min(due + 1 - self.step, _AT_ONCE)):
            self._turn()
        wait_s = self._origin + self.step / STEPS_PER_S - self._loop.time()
        # The loop counts in whole milliseconds: less than one would spin.
        self._timer = self._loop.call_later(max(0.001, wait_s + 0.0005), self._spin)

    def _turn(self) -> None:
        step = self.step
        while self._due and self._due[0][0] <= step:
            heapq.heappop(self._due)[2]()
        tick, slot = divmod(step, SLOTS)
        # A copy: a rider that finds its client gone leaves while the round is going on.
        for rider in self._slots[slot][:]:
            rider.tick(tick)
        self.step = step + 1
