"""The tail: one per process reads the log, so that many pages cost the database as much as one."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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
        while read := await self._in_thread(lambda: self.read_since(self.head.seq)):
            # Some may have been offered meanwhile.
            fresh = [item for item in read if item.seq > self.head.seq]
            self._take(fresh)
            grew = grew or bool(fresh)
            if len(read) < CHUNK:
                break
        return grew

    def offer(self, lines: list[Line]) -> bool:
        """Take lines that this process has just stored, without reading them; whether the tail grew.

        Commits of other processes and of other threads may be missing before them: then it is left to the next look.
        """
        if lines[0].seq > self.head.seq + 1:
            self.rung.set()
            return False
        fresh = [item for item in lines if item.seq > self.head.seq]
        self._take(fresh)
        return bool(fresh)

    async def follow(self, bell: Bell, grown: Callable[[], None]) -> None:
        """Take what this process stores, look at each ring and at least once a second; `grown()` when there is more."""
        loop = asyncio.get_running_loop()

        def in_loop(act: Callable[[], None]) -> None:
            # The loop may be closing while the last commits ring.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(act)

        def take(lines: list[Line]) -> None:
            if self.offer(lines):
                grown()

        def ring(seq: int) -> None:
            in_loop(lambda: self.rung.set() if seq > self.head.seq else None)

        # Encoded in the thread that stored them, not in the loop that serves everybody.
        self._timeline.on_stored(lambda facts: in_loop(partial(take, [line(fact) for fact in facts])))
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

    def _take(self, fresh: list[Line]) -> None:
        self._lines.extend(fresh)
        self._areas.update(item.area for item in fresh)
        self._forget()

    def _forget(self) -> None:
        # A quarter more than asked for is kept, so that the list moves seldom.
        if len(self._lines) > self._keep + self._keep // 4:
            surplus = len(self._lines) - self._keep
            self._base, self._base_digest = self._lines[surplus - 1].seq, self._lines[surplus - 1].digest
            self._areas -= Counter(item.area for item in self._lines[:surplus])
            del self._lines[:surplus]
