"""Getting a keeper's feeds looked at: which picture on which lane, and what comes of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from video.clues import Clue
from video.desk import LookerDesk
from video.feed import Feed
from video.hours import within
from video.schedule import Blobs, Job
from video.sources.unit import Family, decodable
from video.wire import Head, spec_to_json

# Every feed is looked at within this time, as long as there is time to look.
PROMISE_S = 10.0
# Cameras that send key frames more often than this are not looked at more often.
LOOK_GAP_S = 0.9
# A camera whose key frames are further apart is looked at in between.
OVERDUE_S = 0.8 * PROMISE_S
# A suspicion is looked into after so long and for so long; then a feed is left in peace for a while.
HOT_AFTER_S, HOT_FOR_S, HOT_REST_S = 0.5, 2.5, 1.0
# After a hush there is something to compare once some pictures have come.
HUSH_AFTER_S = 0.25
TILE_EVERY_S = 1.5
PINNED_WEIGHT, BUSY_WEIGHT, MOST_ACTIVE = 3.0, 2.0, 2.0


class Looking:
    """Hands pictures of feeds to lookers.

    Args:
        feeds: the keeper's feeds by id.
        lookers: how many processes look.
        say: tells the monitor something.
        object_model: file of the object detector, empty for none.
        on_signals: takes rows of signals as lookers tell them.
        on_died: told which feeds a dead looker had, and which of them it was at.
    """

    def __init__(
        self,
        feeds: dict[str, Feed],
        lookers: int,
        *,
        object_model: str = "",
        say: Callable[[Head, list[bytes]], None],
        on_signals: Callable[[list[Head]], None],
        on_died: Callable[[set[str], str | None], None],
    ) -> None:
        self._feeds, self._say, self._on_died = feeds, say, on_died
        self.desks = [
            LookerDesk(on_signals, partial(self._started, index), partial(self._died, index))
            for index in range(lookers)
        ]
        self._home: dict[str, int] = {}
        self._load = [0] * lookers
        self.mosaic = False
        self.looks: Counter[str] = Counter()
        self.look_s = self.busy_s = 0.0
        self._tiles: list[tuple[str, float, bytes]] = []

    def desk(self, feed_id: str) -> LookerDesk:
        return self.desks[self._home[feed_id]]

    def watch(self, feed: Feed) -> None:
        """A new feed, or new settings of a known one."""
        if feed.spec.id not in self._home:
            index = self._load.index(min(self._load))
            self._home[feed.spec.id] = index
            self._load[index] += 1
        self.desk(feed.spec.id).tell(_watch(feed))

    def forget(self, feed_id: str) -> None:
        desk = self.desk(feed_id)
        desk.schedule.forget(feed_id)
        desk.tell({"do": "forget", "id": feed_id, "at": time.time()})
        self._load[self._home.pop(feed_id)] -= 1

    def lost(self, feed_id: str, now: float) -> None:
        """A feed fell silent: what was open on its picture is no longer known."""
        self.desk(feed_id).tell({"do": "lost", "id": feed_id, "at": now})

    def key(self, feed: Feed, at: float) -> None:
        """A whole key frame of a feed is there."""
        if at - feed.asked_at < LOOK_GAP_S or at < feed.quarantined_until:
            return
        head: Head = {"repeated": True} if feed.key_repeats() else {}
        self._look(feed, head, [], at, feed.ring.newest_key)

    def look_at_overdue(self, now: float) -> None:
        """Feeds with key frames far apart are looked at in between: the whole way from the last one is decoded."""
        for feed in self._feeds.values():
            if now - max(feed.asked_at, feed.last_look_at) > OVERDUE_S and now >= feed.quarantined_until:
                units = feed.ring.since_last_key() if feed.loss is None else []
                if units and units[-1].at > feed.last_look_at:
                    head = {"family": units[0].parameters.family}
                    self._look(feed, head, [decodable(unit) for unit in units], units[-1].at)

    def _look(
        self,
        feed: Feed,
        head: Head,
        blobs: Blobs,
        now: float,
        load: Callable[[], tuple[Family, bytes] | None] | None = None,
    ) -> None:
        head |= {"do": "look", "id": feed.spec.id, "at": now, "lane": "patrol"}
        quiet_s = feed.quiet_s(now)
        if quiet_s:
            head["quiet_s"] = quiet_s
        if now >= feed.deep_at:
            feed.deep_at, head["lane"] = now + feed.deep_every_s, "deep"
        if self.mosaic and now - feed.tile_at >= TILE_EVERY_S:
            feed.tile_at, head["tile"] = now, True
        feed.asked_at = now
        done = partial(self._looked, feed, now, str(head["lane"]))
        desk = self.desk(feed.spec.id)
        weight = self._weight(feed, now)
        desk.schedule.patrol(Job(feed.spec.id, head, blobs, done, weight, feed.last_look_at, now, feed.shown_at, load))
        desk.wake()

    def _weight(self, feed: Feed, now: float) -> float:
        weight = feed.weight * min(MOST_ACTIVE, max(1.0, feed.activity)) * (1.0 + feed.surprise)
        weight *= PINNED_WEIGHT if feed.spec.pinned else 1.0
        return weight * (BUSY_WEIGHT if feed.spec.busy_hours and within(feed.spec.busy_hours, now) else 1.0)

    def _looked(self, feed: Feed, at: float, lane: str, answer: Head | None, blobs: Blobs) -> None:
        if answer is None:
            return
        self.busy_s += answer["s"]
        if not answer["decoded"]:
            return
        if blobs:
            feed.shown_at = at
            self._tiles.append((feed.spec.id, at, blobs[0]))
        if answer.get("only_shown"):
            self.looks["tile"] += 1
            return
        self.looks[lane] += 1
        self.look_s += 0.01 * (answer["s"] - self.look_s)
        feed.last_look_at, feed.ever_looked = max(feed.last_look_at, at), True
        self._keep(feed, answer)
        if answer["suspect"]:
            self._heat(feed, time.time(), 0.0 if answer["pressing"] else HOT_REST_S)

    def _keep(self, feed: Feed, answer: Head) -> None:
        """Pass on what is worth keeping."""
        if "traces" in answer:
            self._say({"say": "traces", "traces": answer["traces"]}, [])
        if "memory" in answer:
            feed.memory = answer["memory"]
            self._say({"say": "memory", "id": feed.spec.id, "memory": feed.memory}, [])

    # The hot lane.

    def clue(self, feed: Feed, clue: Clue) -> None:
        """The sizes of the pictures tell that it is worth looking before the next key frame."""
        now = time.time()
        if now > feed.hot_until + HOT_REST_S and feed.ever_looked:
            feed.hot_until = now + HOT_FOR_S
            self._hot_soon(feed, HUSH_AFTER_S if clue == "hush" else 0.0, hushed=clue == "hush")

    def _heat(self, feed: Feed, now: float, rest_s: float) -> None:
        if now > feed.hot_until + rest_s:
            feed.hot_until = now + HOT_FOR_S
        if now < feed.hot_until:
            self._hot_soon(feed, HOT_AFTER_S)

    def _hot_soon(self, feed: Feed, after_s: float, *, hushed: bool = False) -> None:
        """Look at what comes in the next moment; what has come is read without waiting for the camera's turn."""
        if feed.source is not None:
            feed.source.hurry(True)
        asyncio.get_running_loop().call_later(after_s, partial(self._hot_look, feed, hushed=hushed))

    def _hot_look(self, feed: Feed, *, hushed: bool = False) -> None:
        """Look at what came since the last key frame, at full rate."""
        if feed.source is not None and not feed.audience:
            feed.source.hurry(False)
        units = feed.ring.since_last_key()
        if self._feeds.get(feed.spec.id) is not feed or len(units) < 2 or time.time() < feed.quarantined_until:
            return
        family, times = units[0].parameters.family, [round(unit.at, 3) for unit in units]
        head: Head = {"do": "look", "id": feed.spec.id, "family": family, "times": times, "lane": "hot"}
        if hushed:
            head["hushed"] = True
        desk = self.desk(feed.spec.id)
        blobs = [decodable(unit) for unit in units]
        desk.schedule.hot(Job(feed.spec.id, head, blobs, partial(self._hot_looked, desk, feed, times[-1])))
        desk.wake()

    def _hot_looked(self, desk: LookerDesk, feed: Feed, at: float, answer: Head | None, blobs: Blobs) -> None:
        if answer is not None:
            desk.schedule.hot_cost(answer["s"])
            self._looked(feed, at, "hot", answer, blobs)

    # Lookers come and go.

    def _started(self, index: int) -> None:
        for feed_id, home in self._home.items():
            if home == index:
                self.desks[index].tell(_watch(self._feeds[feed_id]))

    def _died(self, index: int, culprit: str | None) -> None:
        feed = self._feeds.get(culprit) if culprit is not None else None
        if feed is not None and feed.strike(time.time()):
            self.desks[index].schedule.forget(feed.spec.id)
        self._on_died({feed_id for feed_id, home in self._home.items() if home == index}, culprit)

    def tell_tiles(self) -> None:
        """Pass on the small pictures that have gathered."""
        if self._tiles:
            rows, self._tiles = self._tiles, []
            self._say({"say": "tiles", "tiles": [row[:2] for row in rows]}, [jpeg for _, _, jpeg in rows])

    def report(self) -> Head:
        """What the monitor adds up over all keepers."""
        return {
            "skipped": sum(desk.schedule.skipped for desk in self.desks),
            "hot_skipped": sum(desk.schedule.hot_skipped for desk in self.desks),
            "looks": self.looks.total() - self.looks["tile"],
            "lanes": dict(self.looks),
            "restarts": sum(desk.restarts for desk in self.desks),
            "look_s": self.look_s,
            "busy_s": self.busy_s,
            "pids": [desk.pid for desk in self.desks],
        }


def _watch(feed: Feed) -> dict[str, Any]:
    return {"do": "watch", "feed": spec_to_json(feed.spec), "at": time.time(), "memory": feed.memory}


def ages(feeds: Iterable[Feed], states: dict[str, str], now: float) -> list[float]:
    """Seconds since each feed was looked at. A lost one cannot be: its age would hide how well others are watched."""
    unseen = ("lost", "quarantined")
    return [round(now - feed.last_look_at, 2) for feed in feeds if states[feed.spec.id] not in unseen]
