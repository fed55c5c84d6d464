"""The tail: one per process reads the log, so that many pages cost the database as much as one."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from command_center.timeline import GENESIS_DIGEST, Head, Timeline
from command_center.wall.bell import Bell
from command_center.wall.frames import Line, line

Result = TypeVar("Result")

LOOK_S = 1.0
CHUNK = 500

log = logging.getLogger(__name__)


class Tail:
    """The newest facts, encoded, in memory. Everything but `read_since` belongs to the event loop's thread."""

    def __init__(self, timeline: Timeline, *, keep: int) -> None:
        self._timeline = timeline
        self._keep = keep
        self._base = 0
        self._base_digest = GENESIS_DIGEST
        self._lines: list[Line] = []
        self._areas: Counter[str] = Counter()
        # A thread of its own: the next facts never queue behind slow requests.
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="tail")
        self.rung = asyncio.Event()

    @property
    def head(self) -> Head:
        """The newest fact that pages can have."""
        if self._lines:
            return Head(self._lines[-1].seq, self._lines[-1].digest)
        return Head(self._base, self._base_digest)

    def after(self, seq: int, limit: int) -> list[Line] | None:
        """Up to `limit` lines above `seq`, or None when the first of them is no longer (or not yet) in memory."""
        start = seq - self._base
        return self._lines[start : start + limit] if start >= 0 else None

    def digest_at(self, seq: int) -> str | None:
        """The log's digest at `seq`, None when it is not in memory."""
        index = seq - self._base
        if index == 0:
            return self._base_digest
        return self._lines[index - 1].digest if 0 < index <= len(self._lines) else None

    def hides(self, shows: Callable[[str], bool]) -> bool:
        """Whether any fact in memory lies in an area that a page with this filter does not show."""
        return any(not shows(area) for area in self._areas)

    def read_since(self, seq: int, limit: int = CHUNK) -> list[Line]:
        """Read and encode from the database; call it in a worker thread."""
        return [line(fact) for fact in self._timeline.since(seq, limit)]

    async def load(self, count: int) -> None:
        """Start with the newest `count` facts."""
        head = await self._in_thread(self._timeline.head)
        start = max(0, head.seq - min(count, self._keep))
        if start:
            first = await self._in_thread(lambda: self.read_since(start - 1, 1))
            self._base, self._base_digest = first[0].seq, first[0].digest
        await self.refresh()

    async def refresh(self) -> bool:
        """Take in what the log grew by; whether it did."""
        grew = False
        while fresh := await self._in_thread(lambda: self.read_since(self.head.seq)):
            self._lines.extend(fresh)
            self._areas.update(item.area for item in fresh)
            self._forget()
            grew = True
            if len(fresh) < CHUNK:
                break
        return grew

    async def follow(self, bell: Bell, grown: Callable[[], None]) -> None:
        """Look at each ring and at least once a second, and call `grown()` when there is something new."""
        loop = asyncio.get_running_loop()

        def ring(_seq: int) -> None:
            # The loop may be closing while the last commits ring.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self.rung.set)

        hang_up = bell.listen(ring)
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.rung.wait(), LOOK_S)
                self.rung.clear()
                try:
                    grew = await self.refresh()
                except SQLAlchemyError:
                    # The database may be restarting; pages keep what they have.
                    log.exception("the log could not be read")
                    await asyncio.sleep(LOOK_S)
                    continue
                if grew:
                    grown()
        finally:
            hang_up()

    def close(self) -> None:
        self._reader.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, read: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._reader, read)

    def _forget(self) -> None:
        # A quarter more than asked for is kept, so that the list moves seldom.
        if len(self._lines) > self._keep + self._keep // 4:
            surplus = len(self._lines) - self._keep
            self._base, self._base_digest = self._lines[surplus - 1].seq, self._lines[surplus - 1].digest
            self._areas -= Counter(item.area for item in self._lines[:surplus])
            del self._lines[:surplus]
