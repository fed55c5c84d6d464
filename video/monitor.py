"""The monitor: what a server holds in its hands. Keepers and lookers work in child processes behind it."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from video.child import start_child
from video.live_queue import LiveQueue
from video.looking import PROMISE_S
from video.model import Clip, FeedSignal, FeedSpec, FeedState, HealthReport, NoFootage, Tile, Trace, moment
from video.orders import KeeperOrders
from video.slot import KeeperSlot
from video.wire import Head, Message, signal_from_json, spec_to_json, trace_from_json

RESTART_AFTER_S = 0.5
ANSWER_TIMEOUT_S = 15.0
# Pictures still on their way when the end of a clip has passed.
LATE_S = 0.4


def _ignore(*told: object) -> None:
    """Nobody asked to be told."""


class Monitor:
    """Holds feeds and tells what happens on them. Lives in the event loop it is started in."""

    def __init__(
        self,
        feeds: Iterable[FeedSpec],
        *,
        on_signal: Callable[[FeedSignal], None],
        on_health: Callable[[HealthReport], None],
        on_trace: Callable[[Trace], None] = _ignore,
        on_memory: Callable[[str, dict[str, Any]], None] = _ignore,
        on_tiles: Callable[[list[Tile]], None] = _ignore,
        memories: Mapping[str, dict[str, Any]] | None = None,
        opening_per_host: int = 10,
        deep_every_s: float = 300.0,
        object_model: str = "",
        keepers: int = 1,
        lookers: int = 1,
        ring_s: float = 14.0,
    ) -> None:
        """Describe a monitor; nothing runs yet.

        Args:
            feeds: cameras to watch.
            on_signal: called in the event loop when a signal starts and when it ends.
            on_health: called about once a second.
            on_trace: called with what a more sensitive setting would have told, when it is over.
            on_memory: called now and then with what the detectors of a feed have learned, plain JSON values.
            on_tiles: called four times a second with small pictures, while the mosaic is wanted.
            memories: what `on_memory` was told in an earlier life.
            opening_per_host: how many feeds of one host are opened at once.
            deep_every_s: how often every feed is looked at with the full set of detectors.
            object_model: file of the object detector that confirms scene signals where a feed asks for it.
            keepers: processes that hold feeds open.
            lookers: processes that decode and detect, shared out among the keepers (at least one each).
            ring_s: seconds of compressed video kept per feed.
        """
        self._specs = {spec.id: spec for spec in feeds}
        self._on_signal, self._on_health = on_signal, on_health
        self._on_trace, self._on_memory, self._on_tiles = on_trace, on_memory, on_tiles
        self._memories = dict(memories or {})
        self._mosaic = False
        self.weights: Mapping[str, float] = {}
        each = max(1, -(-lookers // keepers))
        self._orders = KeeperOrders(ring_s, each, opening_per_host, deep_every_s, object_model)
        self._slots = [KeeperSlot(index) for index in range(keepers)]
        self._home: dict[str, KeeperSlot] = {}
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._live: dict[int, tuple[str, LiveQueue]] = {}
        self._open: dict[str, FeedSignal] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._told_at = 0.0
        # Feeds over which a looker died, and how often.
        self.killers: Counter[str] = Counter()

    async def start(self) -> None:
        """Start the keepers; feeds open by and by."""
        self._settle()
        self._tasks = [asyncio.create_task(self._keep(slot)) for slot in self._slots]

    async def stop(self) -> None:
        """End all child processes and all live viewers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await asyncio.gather(*(slot.child.end() for slot in self._slots if slot.child is not None))
        for slot in self._slots:
            slot.child = None
        for _, queue in self._live.values():
            queue.put(None, key=True)

    async def set_feeds(self, feeds: Iterable[FeedSpec]) -> None:
        """Watch these feeds from now on; those that stay the same are not disturbed."""
        self._specs = {spec.id: spec for spec in feeds}
        self._settle()
        for slot in self._slots:
            self._send_feeds(slot)

    def set_mosaic(self, wanted: bool) -> None:
        """Make small pictures of all feeds from now on, or no longer."""
        self._mosaic = wanted
        for slot in self._slots:
            self._send(slot, {"do": "mosaic", "wanted": wanted})

    def prioritise(self, weights: Mapping[str, float]) -> None:
        """How much each feed matters when time is short; feeds not named count 1."""
        self.weights = weights
        for slot in self._slots:
            self._send_weights(slot)

    def health(self) -> HealthReport:
        """The fleet as the keepers last told it."""
        reports = [slot.report for slot in self._slots if slot.report is not None]
        states: dict[str, FeedState] = dict.fromkeys(self._specs, "opening")
        for report in reports:
            states |= {feed_id: state for feed_id, state in report["states"].items() if feed_id in states}
        ages = np.array([age for report in reports for age in report["ages"]] or [0.0])
        p50, p99 = np.percentile(ages, [50, 99])
        return HealthReport(
            total=len(states),
            online=sum(state not in ("lost", "opening") for state in states.values()),
            watched=sum(report["watched"] for report in reports),
            age_p50_s=round(float(p50), 2),
            age_p99_s=round(float(p99), 2),
            age_worst_s=round(float(ages.max()), 2),
            skipped=sum(slot.count("skipped") for slot in self._slots),
            looks=sum(slot.count("looks") for slot in self._slots),
            states=states,
            quarantined=tuple(feed_id for feed_id, state in states.items() if state == "quarantined"),
            restarts=sum(slot.restarts + slot.count("restarts") for slot in self._slots),
            lanes=dict(sum((slot.lanes() for slot in self._slots), Counter())),
            promise_s=PROMISE_S,
            stretched_s=round(float(p99), 1) if p99 > PROMISE_S else 0.0,
            hot_skipped=sum(slot.count("hot_skipped") for slot in self._slots),
            look_ms=round(1000 * max((report["look_s"] for report in reports), default=0.0), 2),
            busy=round(sum(slot.busy for slot in self._slots) / (len(self._slots) * self._orders.lookers), 3),
        )

    def pids(self) -> dict[str, list[int]]:
        """Process ids of keepers and lookers, for measuring and for tests that kill them."""
        keepers = [slot.child.pid for slot in self._slots if slot.child is not None]
        lookers = [pid for slot in self._slots if slot.report is not None for pid in slot.report["pids"]]
        return {"keepers": keepers, "lookers": lookers}

    async def live(self, feed_id: str) -> AsyncIterator[bytes | dict[str, Any]]:
        """A live picture for Media Source Extensions.

        Yields `{"codec", "width", "height", "started_at"}`, then the init segment, then fragments from the last key
        frame in the ring on. Description and init segment come again when the camera changes its picture size. A
        reader that is too slow loses pictures up to a key frame. Ends when the feed is no longer watched.

        Raises:
            NoFootage: the feed is not watched.
        """
        slot = self._slot(feed_id)
        number, queue = next(self._numbers), LiveQueue()
        self._live[number] = (feed_id, queue)
        self._send(slot, {"do": "live", "feed": feed_id, "viewer": number})
        try:
            while (item := await queue.get()) is not None:
                yield item
        finally:
            del self._live[number]
            self._send(self._home.get(feed_id, slot), {"do": "unlive", "viewer": number})

    async def clip(self, feed_id: str, start: datetime, end: datetime) -> Clip:
        """Cut a piece of the past; waits until `end` has passed.

        The file starts with the key frame before `start` (or the oldest the ring still has) and comes with one still
        per second from `start` on.

        Raises:
            NoFootage: the feed is not watched, or the ring holds nothing of that time.
        """
        slot = self._slot(feed_id)
        await asyncio.sleep(max(0.0, end.timestamp() + LATE_S - time.time()))
        wish = {"do": "clip", "feed": feed_id, "start": start.timestamp(), "end": end.timestamp()}
        head, blobs = await self._ask(slot, wish)
        if head.get("missing") or not blobs:
            raise NoFootage(f"no footage of feed {feed_id} at that time")
        return Clip(blobs[0], blobs[1:], moment(head["start"]), moment(head["end"]))

    async def picture(self, feed_id: str) -> bytes | None:
        """The latest key frame as JPEG in full size; None when there is none.

        Raises:
            NoFootage: the feed is not watched.
        """
        _, blobs = await self._ask(self._slot(feed_id), {"do": "picture", "feed": feed_id})
        return blobs[0] if blobs else None

    # Keepers.

    def _slot(self, feed_id: str) -> KeeperSlot:
        slot = self._home.get(feed_id)
        if slot is None:
            raise NoFootage(f"feed {feed_id} is not watched")
        return slot

    def _settle(self) -> None:
        """Give every feed a keeper; those that have one keep it."""
        self._home = {feed_id: slot for feed_id, slot in self._home.items() if feed_id in self._specs}
        loads = [sum(home is slot for home in self._home.values()) for slot in self._slots]
        for feed_id in self._specs:
            if feed_id not in self._home:
                least = loads.index(min(loads))
                loads[least] += 1
                self._home[feed_id] = self._slots[least]
        for feed_id, queue in self._live.values():
            if feed_id not in self._home:
                queue.put(None, key=True)

    def _send(self, slot: KeeperSlot, head: Head) -> None:
        if slot.child is not None:
            slot.child.send(head)

    def _send_feeds(self, slot: KeeperSlot) -> None:
        rows = [spec_to_json(spec) for feed_id, spec in self._specs.items() if self._home[feed_id] is slot]
        memories = {row["id"]: self._memories[row["id"]] for row in rows if row["id"] in self._memories}
        self._send(slot, {"do": "feeds", "feeds": rows, "memories": memories})

    def _send_weights(self, slot: KeeperSlot) -> None:
        weights = {feed_id: weight for feed_id, weight in self.weights.items() if self._home.get(feed_id) is slot}
        self._send(slot, {"do": "weights", "weights": weights})

    async def _ask(self, slot: KeeperSlot, head: Head) -> Message:
        number = next(self._numbers)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._send(slot, {**head, "ask": number})
        try:
            return await asyncio.wait_for(answer, ANSWER_TIMEOUT_S)
        except TimeoutError as error:
            raise NoFootage("the keeper of this feed does not answer") from error
        finally:
            del self._answers[number]

    async def _keep(self, slot: KeeperSlot) -> None:
        """Keep one keeper alive; a new one gets the feeds of the dead one and its viewers."""
        while True:
            slot.child = await start_child("video.keeper", self._orders.written())
            self._send_feeds(slot)
            self._send_weights(slot)
            self._send(slot, {"do": "mosaic", "wanted": self._mosaic})
            for number, (feed_id, _) in self._live.items():
                if self._home.get(feed_id) is slot:
                    self._send(slot, {"do": "live", "feed": feed_id, "viewer": number})
            try:
                while True:
                    self._hear(slot, *await slot.child.receive())
            except (asyncio.IncompleteReadError, OSError, ValueError):
                slot.child.kill()
                await slot.child.end()
            slot.bury()
            self._end_signals(slot)
            await asyncio.sleep(RESTART_AFTER_S)

    def _end_signals(self, slot: KeeperSlot) -> None:
        """What a dead keeper had open is ended; what is still so will be seen again."""
        for signal in list(self._open.values()):
            if self._home.get(signal.feed_id, slot) is slot:
                detail = {**signal.detail, "ended_by": "keeper_restarted"}
                self._tell(replace(signal, ended_at=moment(time.time()), detail=detail))

    def _hear(self, slot: KeeperSlot, head: Head, blobs: list[bytes]) -> None:
        said = head["say"]
        if said == "live":
            self._hear_live(head, blobs)
        elif said == "signal":
            self._tell(signal_from_json(head["signal"]))
        elif said == "health":
            slot.heard(head, time.monotonic())
            self._tell_health()
        elif said == "traces":
            for row in head["traces"]:
                self._on_trace(trace_from_json(row))
        elif said == "memory":
            self._memories[head["id"]] = head["memory"]
            self._on_memory(head["id"], head["memory"])
        elif said == "tiles":
            self._on_tiles([Tile(row[0], row[1], jpeg) for row, jpeg in zip(head["tiles"], blobs, strict=True)])
        elif said == "killed":
            self.killers[head["feed"]] += 1
        else:
            answer = self._answers.get(head["ask"])
            if answer is not None and not answer.done():
                answer.set_result((head, blobs))

    def _tell(self, signal: FeedSignal) -> None:
        if signal.ended_at is None:
            self._open[signal.id] = signal
        else:
            self._open.pop(signal.id, None)
        self._on_signal(signal)

    def _tell_health(self) -> None:
        now = time.monotonic()
        if now - self._told_at >= 0.9:
            self._told_at = now
            self._on_health(self.health())

    def _hear_live(self, head: Head, blobs: list[bytes]) -> None:
        known = self._live.get(head["viewer"])
        if known is None:
            return
        queue = known[1]
        if head.get("gone"):
            queue.put(None, key=True)
            return
        about = head.get("about")
        if about is not None:
            started_at = moment(about.pop("at")).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            queue.put({**about, "started_at": started_at}, key=True)
        queue.put(blobs[0], key=about is not None or bool(head.get("key")))
