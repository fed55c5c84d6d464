"""A keeper: the child process that holds many feeds open on one event loop and keeps their last seconds in rings.

Run by the monitor as `python -m video.keeper FD RING_S LOOKERS`. It decodes nothing: looks, stills and pictures
are made by its lookers, children of its own.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import uvloop

from video.child import MAX_WAITING_BYTES, inherited_socket
from video.desk import Job, LookerDesk
from video.detect import signal_loss
from video.feed import Feed, Viewer
from video.fmp4 import clip_mp4
from video.model import FeedSignal, FeedSpec, moment
from video.sources.rtsp import RtspSource, SourceError
from video.sources.unit import AccessUnit, BadVideo, decodable
from video.wire import Head, packed, receive, signal_from_json, signal_to_json, spec_from_json, spec_to_json

OPENING_AT_ONCE_PER_HOST = 10
HOT_AFTER_S, HOT_FOR_S = 0.6, 2.5
TICK_S = 0.5
WATCHED_WITHIN_S = 10.0
MAX_STILLS = 60
Done = Callable[[Head | None, list[bytes]], None]


class Keeper:
    """Feeds in, signals, fragments and clips out."""

    def __init__(self, writer: asyncio.StreamWriter, *, ring_s: float, lookers: int) -> None:
        self._writer = writer
        self._ring_s = ring_s
        self._feeds: dict[str, Feed] = {}
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._desks = [
            LookerDesk(self._take_signals, partial(self._looker_started, index), partial(self._looker_died, index))
            for index in range(lookers)
        ]
        self._home: dict[str, int] = {}
        self._looks = 0

    # What the monitor asks for.

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Serve until the monitor closes the socket."""
        work = [asyncio.create_task(desk.run()) for desk in self._desks]
        work.append(asyncio.create_task(self._tick()))
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
            await asyncio.gather(*(desk.close() for desk in self._desks))
            for task in [*work, *(feed.task for feed in self._feeds.values() if feed.task)]:
                task.cancel()

    async def _obey_all(self, reader: asyncio.StreamReader) -> None:
        while True:
            self._obey(*await receive(reader))

    def _obey(self, head: Head, blobs: list[bytes]) -> None:
        wish = head["do"]
        if wish == "feeds":
            self._set_feeds([spec_from_json(row) for row in head["feeds"]])
        elif wish == "live":
            self._add_viewer(head["feed"], head["viewer"])
        elif wish == "unlive":
            for feed in self._feeds.values():
                feed.viewers.pop(head["viewer"], None)
        elif wish == "clip":
            self._cut_clip(head)
        elif wish == "picture":
            self._take_picture(head)

    def _say(self, head: Head, blobs: list[bytes] | None = None) -> None:
        if not self._writer.is_closing():
            self._writer.write(packed(head, blobs or ()))

    def _set_feeds(self, specs: list[FeedSpec]) -> None:
        wanted = {spec.id: spec for spec in specs}
        for feed_id in [known for known in self._feeds if known not in wanted]:
            self._drop(feed_id)
        for spec in specs:
            feed = self._feeds.get(spec.id)
            if feed is not None and feed.spec.url != spec.url:
                self._drop(spec.id)
                feed = None
            if feed is None:
                self._open(spec)
            elif feed.spec != spec:
                feed.spec = spec
                self._desk(spec.id).tell({"do": "watch", "feed": spec_to_json(spec), "at": time.time()})

    def _open(self, spec: FeedSpec) -> None:
        feed = self._feeds[spec.id] = Feed(spec, ring_s=self._ring_s, now=time.time())
        loads = [sum(1 for home in self._home.values() if home == index) for index in range(len(self._desks))]
        self._home[spec.id] = loads.index(min(loads))
        self._desk(spec.id).tell({"do": "watch", "feed": spec_to_json(spec), "at": time.time()})
        host = urlsplit(spec.url).netloc.rpartition("@")[2]
        gate = self._gates.setdefault(host, asyncio.Semaphore(OPENING_AT_ONCE_PER_HOST))
        try:
            feed.source = RtspSource(spec.url, partial(self._unit, feed), gate=gate)
        except (SourceError, ValueError):
            # An address nobody can open stays in the list and shows as lost, like any camera that never answers.
            return
        feed.task = asyncio.create_task(feed.source.run())

    def _drop(self, feed_id: str) -> None:
        feed = self._feeds.pop(feed_id)
        if feed.task is not None:
            feed.task.cancel()
        desk = self._desk(feed_id)
        desk.forget(feed_id)
        desk.tell({"do": "forget", "id": feed_id, "at": time.time()})
        for signal in [*feed.open.values(), *([feed.loss] if feed.loss else [])]:
            self._tell_signal(replace(signal, ended_at=moment(time.time())))
        del self._home[feed_id]

    def _desk(self, feed_id: str) -> LookerDesk:
        return self._desks[self._home[feed_id]]

    # What comes in from cameras.

    def _unit(self, feed: Feed, unit: AccessUnit) -> None:
        feed.last_unit_at = unit.at
        feed.ring.add(unit)
        if feed.viewers:
            self._show(feed.show([unit]))
        if unit.key:
            self._want_look(feed, [unit], hot=False)

    def _show(self, messages: list[tuple[int, Head, bytes]]) -> None:
        # A monitor that does not read loses live pictures, never signals; the viewer starts again at a key frame.
        if self._writer.transport.get_write_buffer_size() < MAX_WAITING_BYTES:
            for number, head, blob in messages:
                self._say({"say": "live", "viewer": number, **head}, [blob])

    def _want_look(self, feed: Feed, units: list[AccessUnit], *, hot: bool) -> None:
        if time.time() < feed.quarantined_until:
            return
        head = {"do": "look", "id": feed.spec.id, "at": units[-1].at, "hot": hot}
        job = Job(feed.spec.id, head, [decodable(unit) for unit in units], partial(self._looked, feed, units[-1].at))
        desk = self._desk(feed.spec.id)
        if hot:
            desk.urgent(job)
        else:
            desk.look(job)

    def _looked(self, feed: Feed, at: float, answer: Head | None, blobs: list[bytes]) -> None:
        if answer is None or not answer["decoded"]:
            return
        self._looks += 1
        feed.last_look_at, feed.ever_looked = max(feed.last_look_at, at), True
        now = time.time()
        if answer["suspect"]:
            if now > feed.hot_until + HOT_FOR_S:
                feed.hot_until = now + HOT_FOR_S
            if now < feed.hot_until:
                asyncio.get_running_loop().call_later(HOT_AFTER_S, self._hot_look, feed)

    def _hot_look(self, feed: Feed) -> None:
        """Look again between two key frames: everything since the last one is decoded, at full rate."""
        units = feed.ring.since_last_key()
        if self._feeds.get(feed.spec.id) is feed and len(units) > 1:
            self._want_look(feed, units, hot=True)

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
        self._say({"say": "signal", "signal": signal_to_json(signal)})

    def _looker_started(self, index: int) -> None:
        for feed_id, home in self._home.items():
            if home == index:
                spec = self._feeds[feed_id].spec
                self._desks[index].tell({"do": "watch", "feed": spec_to_json(spec), "at": time.time()})

    def _looker_died(self, index: int, feed_id: str | None) -> None:
        """Baselines died with the looker: what it had open is ended, and what is still so will be seen again."""
        now = time.time()
        for known, home in self._home.items():
            feed = self._feeds[known]
            for signal in list(feed.open.values()) if home == index else ():
                detail = {**signal.detail, "ended_by": "looker_restarted"}
                self._tell_signal(replace(signal, ended_at=moment(now), detail=detail))
                del feed.open[signal.id]
        suspect = self._feeds.get(feed_id) if feed_id is not None else None
        if suspect is not None and suspect.strike(now):
            self._desks[index].forget(suspect.spec.id)

    async def _tick(self) -> None:
        """Twice a second: who fell silent; once a second: a health report."""
        count = 0
        while True:
            await asyncio.sleep(TICK_S)
            now = time.time()
            for feed in self._feeds.values():
                self._judge_transport(feed, now)
            count += 1
            if count % 2 == 0:
                self._say(self._health(now))

    def _judge_transport(self, feed: Feed, now: float) -> None:
        if feed.spec.detectors is not None and "signal_loss" not in feed.spec.detectors:
            return
        if feed.waits_for_its_turn:
            return
        verdict = signal_loss.judge(now=now, last_unit_at=feed.quiet_since)
        if verdict.positive(feed.spec.sensitivity) and feed.loss is None:
            error = feed.source.state.last_error if feed.source is not None else "not an address of a camera"
            detail = {**verdict.detail, "error": error}
            since = moment(verdict.since or now)
            feed.loss = FeedSignal(feed.spec.id, "signal_loss", since, None, 1.0, None, detail, uuid.uuid4().hex)
            self._tell_signal(feed.loss)
            self._desk(feed.spec.id).tell({"do": "lost", "id": feed.spec.id, "at": now})
        elif not verdict.positive(feed.spec.sensitivity) and feed.loss is not None:
            self._tell_signal(replace(feed.loss, ended_at=moment(feed.last_unit_at)))
            feed.loss = None

    def _health(self, now: float) -> Head:
        feeds = self._feeds.values()
        states = {feed.spec.id: feed.state(now) for feed in feeds}
        # A lost camera cannot be looked at: its age would hide how well the others are watched.
        ages = [now - feed.last_look_at for feed in feeds if states[feed.spec.id] not in ("lost", "quarantined")]
        return {
            "say": "health",
            "states": states,
            "ages": [round(age, 2) for age in ages],
            "watched": sum(feed.ever_looked and now - feed.last_look_at <= WATCHED_WITHIN_S for feed in feeds),
            "skipped": sum(desk.skipped for desk in self._desks),
            "looks": self._looks,
            "restarts": sum(desk.restarts for desk in self._desks),
            "pids": [desk.pid for desk in self._desks],
        }

    # Live pictures, clips, stills.

    def _add_viewer(self, feed_id: str, number: int) -> None:
        feed = self._feeds.get(feed_id)
        if feed is None:
            self._say({"say": "live", "viewer": number, "gone": True})
            return
        feed.viewers[number] = viewer = Viewer(number)
        units = feed.ring.since_last_key()
        if units:
            try:
                self._show([(number, head, blob) for head, blob in viewer.write(units)])
            except BadVideo:
                self._say({"say": "live", "viewer": number, "gone": True})

    def _cut_clip(self, head: Head) -> None:
        feed = self._feeds.get(head["feed"])
        units = feed.ring.between(head["start"], head["end"]) if feed is not None else []
        if feed is None or not units:
            self._say({"say": "clip", "ask": head["ask"], "missing": True})
            return
        runs = _runs(units, head["start"], min(head["end"], units[-1].at))

        def done(answer: Head | None, stills: list[bytes]) -> None:
            pictures = [still for still in stills if still]
            about = {"say": "clip", "ask": head["ask"], "start": units[0].at, "end": units[-1].at}
            self._say(about, [clip_mp4(units), *pictures])

        self._ask_stills(feed, runs, done)

    def _take_picture(self, head: Head) -> None:
        feed = self._feeds.get(head["feed"])
        units = feed.ring.since_last_key()[:1] if feed is not None else []

        def done(answer: Head | None, stills: list[bytes]) -> None:
            self._say({"say": "picture", "ask": head["ask"]}, [still for still in stills if still])

        if feed is None or not units:
            done(None, [])
        else:
            self._ask_stills(feed, [units], done)

    def _ask_stills(self, feed: Feed, runs: list[list[AccessUnit]], done: Done) -> None:
        blobs = [decodable(unit) for run in runs for unit in run]
        head: Head = {"do": "stills", "runs": [len(run) for run in runs]}
        self._desk(feed.spec.id).urgent(Job(feed.spec.id, head, blobs, done))


def _runs(units: list[AccessUnit], start: float, end: float) -> list[list[AccessUnit]]:
    """For each full second from `start` on, what must be decoded to see that moment."""
    runs = []
    for second in range(min(MAX_STILLS, max(1, round(end - start)))):
        last = max((index for index, unit in enumerate(units) if unit.at <= start + second), default=0)
        key = max(index for index in range(last + 1) if units[index].key)
        runs.append(units[key : last + 1])
    return runs


async def serve(fileno: str, ring_s: float, lookers: int) -> None:
    reader, writer = await asyncio.open_connection(sock=inherited_socket(fileno), limit=2**22)
    await Keeper(writer, ring_s=ring_s, lookers=lookers).run(reader)


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
