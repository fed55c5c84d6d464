"""A keeper's desk for one looker: hands out jobs, oldest feed first, and notices when the looker dies or hangs.

Jobs of a feed that is waiting already are replaced by newer ones, never queued: under too much load every feed is
looked at less often, all alike, and each look that was left out is counted.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from video.child import Child, start_child
from video.wire import Head

# So much work lies with a looker at once: enough to keep it busy, little enough to be lost with it.
MAX_OUT = 6
JOB_TIMEOUT_S = 10.0
START_TIMEOUT_S = 60.0
Blobs = list[bytes]


@dataclass
class Job:
    """Something for a looker to do; `done` gets its answer, or None when it died over it."""

    feed_id: str
    head: Head
    blobs: Blobs
    done: Callable[[Head | None, Blobs], None]
    sent_at: float = 0.0


@dataclass
class LookerDesk:
    """One looker process and the work waiting for it."""

    on_signals: Callable[[list[Head]], None]
    on_started: Callable[[], None]
    on_died: Callable[[str | None], None]
    pid: int = 0
    restarts: int = 0
    skipped: int = 0
    _child: Child | None = None
    _out: dict[int, Job] = field(default_factory=dict)
    _urgent: deque[Job] = field(default_factory=deque)
    _waiting: dict[str, Job] = field(default_factory=dict)
    _number: int = 0
    _closing: bool = False

    async def run(self) -> None:
        """Keep a looker alive until cancelled."""
        while not self._closing:
            child = await start_child("video.looker")
            self.pid = child.pid
            if await self._ready(child):
                self._child = child
                self.on_started()
                self._send_more()
                await self._serve(child)
            self._child = None
            child.kill()
            await child.end()
            self.restarts += 1
            self._buried()
            await asyncio.sleep(0.2)

    async def _ready(self, child: Child) -> bool:
        """Wait for the first word of a new looker."""
        try:
            await asyncio.wait_for(child.receive(), START_TIMEOUT_S)
        except (asyncio.IncompleteReadError, OSError, ValueError):
            return False
        return True

    async def close(self) -> None:
        self._closing = True
        if self._child is not None:
            await self._child.end()

    def tell(self, head: Head) -> None:
        """A message without an answer of its own; lost with a dead looker, told again to the next one."""
        if self._child is not None:
            self._child.send(head)

    def look(self, job: Job) -> None:
        """Queue a look; a feed keeps its place in the queue when its picture is replaced by a newer one."""
        if job.feed_id in self._waiting:
            self.skipped += 1
        self._waiting[job.feed_id] = job
        self._send_more()

    def urgent(self, job: Job) -> None:
        """Queue something that goes before all looks."""
        self._urgent.append(job)
        self._send_more()

    def forget(self, feed_id: str) -> None:
        self._waiting.pop(feed_id, None)

    def _send_more(self) -> None:
        while self._child is not None and len(self._out) < MAX_OUT and (self._urgent or self._waiting):
            job = self._urgent.popleft() if self._urgent else self._waiting.pop(next(iter(self._waiting)))
            self._number += 1
            job.sent_at = time.monotonic()
            self._out[self._number] = job
            self._child.send({**job.head, "job": self._number}, job.blobs)

    async def _serve(self, child: Child) -> None:
        """Take answers until the looker is gone or sits on one job for too long."""
        receiving = asyncio.create_task(self._receive(child))
        try:
            while not receiving.done():
                # Only watched here: a reader that is cancelled in the middle of a message would lose its place.
                await asyncio.wait([receiving], timeout=JOB_TIMEOUT_S / 4)
                oldest = min((job.sent_at for job in self._out.values()), default=time.monotonic())
                if time.monotonic() - oldest > JOB_TIMEOUT_S:
                    return
            receiving.result()
        except (asyncio.IncompleteReadError, OSError, ValueError):
            return
        finally:
            receiving.cancel()

    async def _receive(self, child: Child) -> None:
        while True:
            head, blobs = await child.receive()
            self.on_signals(head.get("signals", []))
            job = self._out.pop(head.get("job", -1), None)
            if job is not None:
                job.done(head, blobs)
            self._send_more()

    def _buried(self) -> None:
        """The first job out is what the looker was at when it died; the others go back to their callers."""
        lost, self._out = list(self._out.values()), {}
        self.on_died(lost[0].feed_id if lost else None)
        for job in lost:
            job.done(None, [])
