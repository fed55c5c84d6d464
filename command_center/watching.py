"""The cameras of a hall: the monitor that watches them, and where what it tells is kept and shown."""

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from command_center.ingest import baselines, feed_hours, traces
from command_center.ingest.commands import SignalCounts, end_open_signals, take_signal
from command_center.ingest.feed_hours import FeedHours
from command_center.ingest.feeds import feeds
from command_center.prewarning.fleet import Fleet
from command_center.registry.town_index import TownIndex
from command_center.settings import Settings
from command_center.timeline import Timeline, Transaction
from command_center.wall.mosaic import Mosaic
from command_center.workers import Mailbox, Worker
from video.model import FeedSignal, FeedSpec, HealthReport, Tile, Trace
from video.monitor import Monitor

# Beyond before and after an event, a clip may be asked for this much late.
RING_SPARE_S = 4.0
# A looker decodes and judges the key frames of about so many small pictures a second or two.
FEEDS_PER_LOOKER = 800
STORE_EVERY_S = 30.0
WEIGH_EVERY_S = 10.0
# A feed near an open case is looked at so much sooner when time is short.
CASE_WEIGHT = 2.0


class Watching:
    """Watches the feeds of a town and keeps what comes of it.

    Args:
        area_of_camera: area code of a camera, None for one the town does not have.
        cameras_of_cases: cameras of cases that are open now.
    """

    def __init__(
        self,
        timeline: Timeline,
        settings: Settings,
        town: TownIndex,
        *,
        area_of_camera: Callable[[str], str | None],
        cameras_of_cases: Callable[[Session], Collection[str]],
    ) -> None:
        self._timeline, self._settings, self._town = timeline, settings, town
        self._area_of_camera, self._cameras_of_cases = area_of_camera, cameras_of_cases
        with timeline.reading() as session:
            self.feeds: list[FeedSpec] = feeds(session)
            known = baselines.memories(session)
        self.counts = SignalCounts()
        self.hours = FeedHours()
        self.mosaic: Mosaic | None = None
        self.weights: Mapping[str, float] = {}
        self.signals: Mailbox[FeedSignal] = Mailbox("signals", self._take_signals)
        self.traces: Mailbox[Trace] = Mailbox("traces", self._store_traces, every_s=2.0)
        self.memories: Mailbox[tuple[str, dict[str, Any]]] = Mailbox("memories", self._store_memories, every_s=5.0)
        self.monitor = self._make_monitor(known) if self.feeds else None
        self.workers = (
            self.signals.worker,
            self.traces.worker,
            self.memories.worker,
            Worker("feed hours", self._store_hours, every_s=STORE_EVERY_S),
            Worker("feed weights", self._weigh, every_s=WEIGH_EVERY_S),
        )

    @property
    def fleet(self) -> Fleet:
        """Which of the watched cameras hang together."""
        watched = {feed.id for feed in self.feeds}
        cameras = [camera for id, camera in self._town.cameras.items() if id in watched]
        return Fleet(cameras, {code: village.name for code, village in self._town.villages.items()})

    def move(self, town: TownIndex) -> None:
        """Follow a town that has changed. Feeds, and groups that others hold, stay until the next start."""
        self._town = town

    def urls(self) -> Mapping[str, str]:
        """Where each feed comes from."""
        return {feed.id: feed.url for feed in self.feeds}

    def take_up(self) -> None:
        """Go on where the last process of this hall stopped, however it stopped."""
        with self._timeline.transaction() as tx:
            end_open_signals(tx, at=tx.now, why="restart")

    def show_on(self, mosaic: Mosaic) -> None:
        """Let a mosaic have small pictures as long as somebody looks at it."""
        self.mosaic = mosaic
        if self.monitor is not None:
            mosaic.wire(self.monitor.set_mosaic)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The monitor works as long as the block lasts."""
        if self.monitor is None:
            yield
            return
        await self.monitor.start()
        try:
            yield
        finally:
            await self.monitor.stop()

    def sweep(self, tx: Transaction) -> None:
        """Forget what is older than it is kept."""
        traces.forget(tx, before=tx.now - timedelta(days=self._settings.trace_days))
        feed_hours.forget(tx, before=tx.now - timedelta(days=self._settings.health_days))
        baselines.forget_others(tx, [feed.id for feed in self.feeds])

    def _make_monitor(self, known: Mapping[str, dict[str, Any]]) -> Monitor:
        settings = self._settings
        enough = min(os.cpu_count() or 1, -(-len(self.feeds) // FEEDS_PER_LOOKER))
        return Monitor(
            self.feeds,
            keepers=settings.feed_keepers,
            lookers=settings.feed_lookers or enough,
            opening_per_host=settings.feeds_opening,
            object_model=settings.object_model,
            ring_s=settings.clip_before_s + settings.clip_after_s + RING_SPARE_S,
            memories=known,
            on_signal=lambda signal: self.signals.put(signal),
            on_health=self._hear,
            on_trace=lambda trace: self.traces.put(trace),
            on_memory=lambda feed_id, memory: self.memories.put((feed_id, memory)),
            on_tiles=self._show,
        )

    def _hear(self, report: HealthReport) -> None:
        self.hours.add(report, self._timeline.now())
        if self.monitor is not None and self.weights is not self.monitor.weights:
            self.monitor.prioritise(self.weights)

    def _show(self, tiles: list[Tile]) -> None:
        if self.mosaic is not None:
            self.mosaic.take(tiles)

    def _take_signals(self, signals: list[FeedSignal]) -> None:
        with self._timeline.transaction() as tx:
            for signal in signals:
                take_signal(tx, signal, self._area_of_camera, self.counts)

    def _store_traces(self, rows: list[Trace]) -> None:
        with self._timeline.transaction() as tx:
            traces.store(tx, rows)

    def _store_memories(self, rows: list[tuple[str, dict[str, Any]]]) -> None:
        with self._timeline.transaction() as tx:
            baselines.store(tx, dict(rows))

    def _store_hours(self) -> bool:
        parts = self.hours.take()
        if parts:
            with self._timeline.transaction() as tx:
                feed_hours.store(tx, parts)
        return False

    def _weigh(self) -> bool:
        with self._timeline.reading() as session:
            weights = dict.fromkeys(self._cameras_of_cases(session), CASE_WEIGHT)
        if weights != self.weights:
            self.weights = weights
        return False
