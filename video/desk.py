"""A keeper's desk for one looker: hands out work in batches, and notices when the looker dies or hangs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from video.child import Child, start_child
from video.progress import Progress
from video.schedule import Job, Schedule
from video.wire import Head

# So many batches lie with a looker at once: enough to keep it busy, little enough to be lost with it.
MAX_OUT = 2
JOB_TIMEOUT_S = 10.0
START_TIMEOUT_S = 60.0


@dataclass
class LookerDesk:
    """One looker process and the work waiting for it."""

    on_signals: Callable[[list[Head]], None]
    on_started: Callable[[], None]
    on_died: Callable[[str | None], None]
    object_model: str = ""
    pid: int = 0
    restarts: int = 0
    schedule: Schedule = field(default_factory=Schedule)
    _child: Child | None = None
    _out: dict[int, tuple[float, list[Job]]] = field(default_factory=dict)
    _number: int = 0
    _closing: bool = False
    _sending: bool = False

    async def run(self) -> None:
        """Keep a looker alive until cancelled."""
        progress = Progress()
        try:
            while not self._closing:
                progress.job = 0
                child = await start_child(
                    "video.looker", str(progress.fileno), self.object_model, pass_fds=[progress.fileno]
                )
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
                self._buried(progress.job)
                await asyncio.sleep(0.2)
        finally:
            progress.close()

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

    def wake(self) -> None:
        """There is work: what comes in one go is sent in one go."""
        if not self._sending:
            self._sending = True
            asyncio.get_running_loop().call_soon(self._send_more)

    def _send_more(self) -> None:
        self._sending = False
        while self._child is not None and len(self._out) < MAX_OUT and self.schedule:
            jobs = [job for job in self.schedule.next(time.time()) if job.ready()]
            if not jobs:
                continue
            first = self._number + 1
            self._number += len(jobs)
            self._out[first] = time.monotonic(), jobs
            heads = [{**job.head, "parts": len(job.blobs)} for job in jobs]
            self._child.send(
                {"do": "jobs", "first": first, "jobs": heads}, [blob for job in jobs for blob in job.blobs]
            )

    async def _serve(self, child: Child) -> None:
        """Take answers until the looker is gone or sits on one batch for too long."""
        receiving = asyncio.create_task(self._receive(child))
        try:
            while not receiving.done():
                # Only watched here: a reader that is cancelled in the middle of a message would lose its place.
                await asyncio.wait([receiving], timeout=JOB_TIMEOUT_S / 4)
                oldest = min((sent_at for sent_at, _ in self._out.values()), default=time.monotonic())
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
            _, jobs = self._out.pop(head.get("first", -1), (0.0, []))
            at = 0
            for job, answer in zip(jobs, head.get("answers", ()), strict=False):
                job.done(answer, blobs[at : at + answer["parts"]])
                at += answer["parts"]
            self._send_more()

    def _buried(self, at_job: int) -> None:
        """What the looker was at when it died is named; the other jobs go back to their callers."""
        lost, self._out = self._out, {}
        numbered = {first + index: job for first, (_, jobs) in lost.items() for index, job in enumerate(jobs)}
        culprit = numbered.get(at_job)
        self.on_died(culprit.feed_id if culprit is not None else None)
        for job in numbered.values():
            job.done(None, [])
