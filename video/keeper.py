"""A keeper: the child process that holds many feeds open on one event loop and keeps their last seconds in rings.

Run by the monitor as `python -m video.keeper FD ORDERS`. It decodes nothing: looks, stills and
pictures are made by its lookers, children of its own.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import sys
import time
import uuid
from dataclasses import replace
from urllib.parse import urlsplit

import uvloop

from video.child import inherited_socket, open_files_limit
from video.detect import signal_loss
from video.feed import Feed
from video.looking import PROMISE_S, Looking, ages
from video.model import FeedSignal, FeedSpec, moment
from video.orders import KeeperOrders
from video.showing import Showing
from video.sources.driver import open_source
from video.sources.rtsp import SourceError
from video.wire import Head, packed, receive, signal_from_json, signal_to_json, spec_from_json

TICK_S = 0.5
SHOW_EVERY_S = 0.04
# Pictures of the mosaic go out every so many of these.
TILES_EVERY = 6
OVERSLEPT_S = 1.0
# New objects before Python looks for rings of them that nobody holds: packets come by the thousand and make none.
GARBAGE_AFTER = 20_000


class Keeper:
    """Feeds in; signals, fragments, clips, tiles and health reports out."""

    def __init__(self, writer: asyncio.StreamWriter, orders: KeeperOrders) -> None:
        self._writer = writer
        self._orders = orders
        self._feeds: dict[str, Feed] = {}
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._looking = Looking(
            self._feeds,
            orders.lookers,
            object_model=orders.object_model,
            say=self._say,
            on_signals=self._take_signals,
            on_died=self._looker_died,
        )
        self._showing = Showing(self._feeds, self._looking.desk, self._say, writer.transport.get_write_buffer_size)

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Serve until the monitor closes the socket."""
        work = [asyncio.create_task(desk.run()) for desk in self._looking.desks]
        work += [asyncio.create_task(self._tick()), asyncio.create_task(self._show())]
        obeying = asyncio.create_task(self._obey_all(reader))
        try:
            # None of these ends by itself: the first that does is the monitor going away, or a fault that ends us.
            done, _ = await asyncio.wait([obeying, *work], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            obeying.cancel()
            await asyncio.gather(*(desk.close() for desk in self._looking.desks))
            for task in [*work, *(feed.task for feed in self._feeds.values() if feed.task)]:
                task.cancel()

    async def _obey_all(self, reader: asyncio.StreamReader) -> None:
        while True:
            head, _ = await receive(reader)
            self._obey(head)

    def _obey(self, head: Head) -> None:
        wish = head["do"]
        if wish == "feeds":
            self._set_feeds([spec_from_json(row) for row in head["feeds"]], head["memories"])
        elif wish == "live":
            self._showing.join(head["feed"], head["viewer"])
        elif wish == "unlive":
            self._showing.leave(head["viewer"])
        elif wish == "clip":
            self._showing.clip(head)
        elif wish == "picture":
            self._showing.picture(head)
        elif wish == "mosaic":
            self._looking.mosaic = head["wanted"]
        elif wish == "weights":
            for feed in self._feeds.values():
                feed.weight = head["weights"].get(feed.spec.id, 1.0)

    def _say(self, head: Head, blobs: list[bytes]) -> None:
        if not self._writer.is_closing():
            self._writer.write(packed(head, blobs))

    # Which feeds.

    def _set_feeds(self, specs: list[FeedSpec], memories: Head) -> None:
        wanted = {spec.id: spec for spec in specs}
        for feed_id in [known for known in self._feeds if known not in wanted]:
            self._drop(feed_id)
        for spec in specs:
            feed = self._feeds.get(spec.id)
            if feed is not None and feed.spec.url != spec.url:
                self._drop(spec.id)
                feed = None
            if feed is None:
                self._open(spec, memories.get(spec.id))
            elif feed.spec != spec:
                feed.spec = spec
                self._looking.watch(feed)
        # Hundreds of thousands of long-lived objects: a full collection would stop all feeds for a moment.
        gc.collect()
        gc.freeze()

    def _open(self, spec: FeedSpec, memory: Head | None) -> None:
        orders = self._orders
        feed = Feed(
            spec,
            ring_s=orders.ring_s,
            deep_every_s=orders.deep_every_s,
            now=time.time(),
            on_key=self._looking.key,
            on_clue=self._looking.clue,
        )
        feed.memory = memory
        self._feeds[spec.id] = feed
        self._looking.watch(feed)
        host = urlsplit(spec.url).netloc.rpartition("@")[2]
        gate = self._gates.setdefault(host, asyncio.Semaphore(self._orders.opening_per_host))
        try:
            feed.source = open_source(spec.url, feed, gate=gate)
        except (SourceError, ValueError):
            # An address nobody can open stays in the list and shows as lost, like any camera that never answers.
            return
        feed.task = asyncio.create_task(feed.source.run())

    def _drop(self, feed_id: str) -> None:
        feed = self._feeds[feed_id]
        if feed.task is not None:
            feed.task.cancel()
        self._looking.forget(feed_id)
        del self._feeds[feed_id]
        for signal in [*feed.open.values(), *([feed.loss] if feed.loss else [])]:
            self._tell_signal(replace(signal, ended_at=moment(time.time())))

    # Signals.

    def _take_signals(self, rows: list[Head]) -> None:
        for row in rows:
            signal = signal_from_json(row)
            feed = self._feeds.get(signal.feed_id)
            if feed is None:
                continue
            if signal.ended_at is None:
                feed.open[signal.id] = signal
            elif feed.open.pop(signal.id, None) is None:
                continue
            self._tell_signal(signal)

    def _tell_signal(self, signal: FeedSignal) -> None:
        self._say({"say": "signal", "signal": signal_to_json(signal)}, [])

    def _looker_died(self, feed_ids: set[str], culprit: str | None) -> None:
        """Backgrounds died with the looker: what it had open is ended, and what is still so will be seen again."""
        now = moment(time.time())
        for feed in (self._feeds[feed_id] for feed_id in feed_ids):
            for signal in feed.open.values():
                detail = {**signal.detail, "ended_by": "looker_restarted"}
                self._tell_signal(replace(signal, ended_at=now, detail=detail))
            feed.open.clear()
        if culprit is not None:
            self._say({"say": "killed", "feed": culprit}, [])

    # The clock.

    async def _show(self) -> None:
        for turn in itertools.count():
            await asyncio.sleep(SHOW_EVERY_S)
            self._showing.step()
            if turn % TILES_EVERY == 0:
                self._looking.tell_tiles()

    async def _tick(self) -> None:
        """Twice a second: who fell silent; once a second: a health report."""
        count, before, blind_until = 0, time.monotonic(), 0.0
        while True:
            await asyncio.sleep(TICK_S)
            now = time.time()
            slept_s, before = time.monotonic() - before, time.monotonic()
            if slept_s > TICK_S + OVERSLEPT_S:
                # Who slept himself must not call others silent: they get their time again.
                blind_until = now + signal_loss.SILENT_S
            for feed in self._feeds.values():
                feed.hear()
                # Hundreds of feeds are judged: those of which there is nothing to say are passed over quickly.
                if (feed.loss is not None or now - feed.last_picture_at >= signal_loss.SILENT_S) and now >= blind_until:
                    self._judge_transport(feed, now)
            count += 1
            if count % 2 == 0:
                self._looking.look_at_overdue(now)
                self._say(self._health(now), [])

    def _judge_transport(self, feed: Feed, now: float) -> None:
        if feed.spec.detectors is not None and "signal_loss" not in feed.spec.detectors:
            return
        if feed.waits_for_its_turn:
            return
        verdict = signal_loss.judge(now=now, last_unit_at=feed.quiet_since, silent_s=feed.silent_s)
        if verdict.positive(feed.spec.sensitivity) and feed.loss is None:
            error = feed.source.state.last_error if feed.source is not None else "not an address of a camera"
            detail = {**verdict.detail, "error": error}
            since = moment(verdict.since or now)
            feed.loss = FeedSignal(feed.spec.id, "signal_loss", since, None, 1.0, None, detail, uuid.uuid4().hex)
            self._tell_signal(feed.loss)
            self._looking.lost(feed.spec.id, now)
        elif not verdict.positive(feed.spec.sensitivity) and feed.loss is not None:
            self._tell_signal(replace(feed.loss, ended_at=moment(feed.last_picture_at)))
            feed.loss = None

    def _health(self, now: float) -> Head:
        feeds = self._feeds.values()
        states: dict[str, str] = {feed.spec.id: feed.state(now) for feed in feeds}
        watched = sum(feed.ever_looked and now - feed.last_look_at <= PROMISE_S for feed in feeds)
        return {
            "say": "health",
            "states": states,
            "ages": ages(feeds, states, now),
            "watched": watched,
            **self._looking.report(),
        }


async def serve(fileno: str, orders: KeeperOrders) -> None:
    open_files_limit()
    gc.set_threshold(GARBAGE_AFTER)
    reader, writer = await asyncio.open_connection(sock=inherited_socket(fileno), limit=2**22)
    await Keeper(writer, orders).run(reader)


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], KeeperOrders.read(sys.argv[2])))
