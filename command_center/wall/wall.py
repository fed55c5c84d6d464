"""The wall of one process: its tail, its pages, and the few clocks that tick for all of them."""

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from command_center.settings import Settings
from command_center.timeline import GENESIS_DIGEST, Head, Timeline
from command_center.wall.bell import Bell
from command_center.wall.frames import Line, snapshot_frame
from command_center.wall.hail import Subscribe
from command_center.wall.health import Health
from command_center.wall.lane import TICK_S, Lane
from command_center.wall.mosaic import TICK_S as TILES_S
from command_center.wall.mosaic import Mosaic
from command_center.wall.page import Page
from command_center.wall.seats import summary
from command_center.wall.tail import Tail
from command_center.wall.viewer import Providers, Viewer
from command_center.wall.wire import Wire

HEALTH_S = 1.0
SIGNED_IN_S = 5.0
FORGET_S = 600.0
SNAPSHOTS_AT_ONCE = 4

log = logging.getLogger(__name__)


class Wall:
    """Everything that pages share. Made in the composition root; `running()` belongs into the app's lifespan.

    Args:
        settings: `beat_s`, `tail_facts`, `page_behind_facts`, `page_write_timeout_s` are used.
    """

    def __init__(self, *, timeline: Timeline, bell: Bell, lane: Lane, settings: Settings, providers: Providers) -> None:
        self.providers = providers
        self.lane = lane
        self.tail = Tail(timeline, keep=settings.tail_facts)
        self.health = Health(providers.area_of_camera)
        self.mosaic = Mosaic(providers.area_of_camera)
        self.seats_json = orjson.dumps(summary([], 0.0))
        self.behind_facts = settings.page_behind_facts
        self.pages: dict[Page, WebSocket] = {}
        self.cut = 0
        self.dropped_positions = 0
        self._timeline = timeline
        self._bell = bell
        self._beat_s = settings.beat_s
        self._write_timeout_s = settings.page_write_timeout_s
        # Many pages that come back at once must not take every database connection.
        self._snapshots = asyncio.Semaphore(SNAPSHOTS_AT_ONCE)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the log and tick until the block ends."""
        self._timeline.on_commit(self._bell.ring)
        await self.tail.load(self.behind_facts)
        # What is loaded by now stays: a full collection over it held up every page for 140 ms, again and again.
        gc.collect()
        gc.freeze()
        tasks = [
            asyncio.create_task(self.tail.follow(self._bell, self._push)),
            asyncio.create_task(_every(self._beat_s, self._beat)),
            asyncio.create_task(_every(TICK_S, self._positions)),
            asyncio.create_task(_every(TILES_S, self._tiles)),
            asyncio.create_task(_every(HEALTH_S, self._look_at_health)),
            asyncio.create_task(_every(SIGNED_IN_S, self._look_who_left)),
            asyncio.create_task(_every(FORGET_S, self._forget)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._bell.close()
            self.tail.close()

    def hang(self, websocket: WebSocket, viewer: Viewer, subscribe: Subscribe) -> Page:
        """A page connects."""
        page = Page(self, Wire(websocket), viewer, subscribe)
        self.pages[page] = websocket
        return page

    def take_down(self, page: Page) -> None:
        """A page has gone."""
        if self.pages.pop(page, None) is not None:
            self.dropped_positions += page.dropped_positions
            page.close()

    def figures(self) -> dict[str, Any]:
        """For health and metrics: pages, the worst lag among seats in step, who is behind, what was dropped."""
        dropped = self.dropped_positions + sum(page.dropped_positions for page in self.pages)
        skipped = self.mosaic.skipped + sum(page.skipped_tiles for page in self.pages)
        seats = self._seats(time.monotonic())
        return {
            "pages": len(self.pages),
            "seats": seats,
            "cut": self.cut,
            "dropped_positions": dropped,
            "skipped_tiles": skipped,
        }

    def now(self) -> datetime:
        return self._timeline.now()

    def may_look(self, viewer: Viewer) -> bool:
        return self.providers.may_look(viewer)

    async def snapshot(self, viewer: Viewer) -> tuple[Head, bytes]:
        async with self._snapshots:
            return await run_in_threadpool(self._snapshot, viewer)

    async def read_since(self, seq: int) -> list[Line]:
        return await run_in_threadpool(self.tail.read_since, seq)

    async def log_digest(self, seq: int) -> str | None:
        digest = GENESIS_DIGEST if seq == 0 else self.tail.digest_at(seq)
        if digest is None:
            lines = await run_in_threadpool(self.tail.read_since, seq - 1, 1)
            digest = lines[0].digest if lines and lines[0].seq == seq else None
        return digest

    def _snapshot(self, viewer: Viewer) -> tuple[Head, bytes]:
        with self._timeline.reading() as session:
            head = self._timeline.head(session)
            return head, snapshot_frame(head.seq, head.digest, self.providers.snapshot(session, viewer))

    def _push(self) -> None:
        for page in self.pages:
            page.push()

    def _wake(self) -> None:
        for page in self.pages:
            page.wake()

    def _seats(self, now: float) -> dict[str, Any]:
        return summary((page.seat for page in self.pages if page.follows_facts and page.seat.name), now)

    async def _beat(self) -> None:
        now = time.monotonic()
        self.seats_json = orjson.dumps(self._seats(now))
        for page in list(self.pages):
            if page.parted:
                continue
            if page.stuck_s > self._write_timeout_s or (page.stuck_s and page.behind > self.behind_facts):
                self.cut += 1
                page.part()
            else:
                page.seat.beat_due(now)
                page.wake()

    async def _positions(self) -> None:
        if self.lane.publish(self.now()):
            self._wake()

    async def _tiles(self) -> None:
        if self.mosaic.publish():
            for page in self.pages:
                if page.follows_tiles:
                    page.wake()

    async def _look_at_health(self) -> None:
        if self.health.take(await run_in_threadpool(self.providers.health)):
            self._wake()

    async def _look_who_left(self) -> None:
        """Close the pages of those who have signed out or were signed out for idleness."""
        for page in await run_in_threadpool(self._signed_out, list(self.pages.items())):
            page.end()

    def _signed_out(self, pages: list[tuple[Page, WebSocket]]) -> list[Page]:
        return [page for page, websocket in pages if not self.providers.still_signed_in(websocket, page.viewer)]

    async def _forget(self) -> None:
        self.lane.forget(self.now())


async def _every(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    """Do it on a steady clock; what was missed while busy is not made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        try:
            await act()
        except SQLAlchemyError:
            # The database may be restarting; the next tick looks again.
            log.exception("a tick of the wall failed")
        due = max(due + seconds, loop.time())
        await asyncio.sleep(due - loop.time())
