"""What people ask a keeper for: live pictures, clips, the newest picture."""

from __future__ import annotations

from collections.abc import Callable

from video.child import MAX_WAITING_BYTES
from video.desk import LookerDesk
from video.feed import Feed
from video.fmp4 import clip_mp4
from video.schedule import Blobs, Job
from video.sources.unit import AccessUnit, BadVideo, decodable
from video.viewers import Message
from video.wire import Head

MAX_STILLS = 60
Done = Callable[[Head | None, Blobs], None]


class Showing:
    """Answers the monitor's wishes about pictures.

    Args:
        feeds: the keeper's feeds by id.
        desk: the looker's desk of a feed.
        say: tells the monitor something.
        waiting: how many bytes the monitor has not read yet.
    """

    def __init__(
        self,
        feeds: dict[str, Feed],
        desk: Callable[[str], LookerDesk],
        say: Callable[[Head, list[bytes]], None],
        waiting: Callable[[], int],
    ) -> None:
        self._feeds, self._desk, self._say, self._waiting = feeds, desk, say, waiting
        self._watched: dict[str, Feed] = {}
        self._still_asked: set[str] = set()

    def join(self, feed_id: str, number: int) -> None:
        """A viewer wants to watch a feed live."""
        feed = self._feeds.get(feed_id)
        if feed is None:
            self._say({"say": "live", "viewer": number, "gone": True}, [])
            return
        self._watched[feed_id] = feed
        if feed.source is not None:
            feed.source.hurry(True)
        try:
            self._send(feed.audience.join(number))
            self._still(feed)
        except BadVideo:
            self._say({"say": "live", "viewer": number, "gone": True}, [])

    def leave(self, number: int) -> None:
        for feed_id, feed in list(self._watched.items()):
            feed.audience.leave(number)
            if not feed.audience:
                del self._watched[feed_id]
                if feed.source is not None:
                    feed.source.hurry(False)

    def step(self) -> None:
        """Tell viewers what came since the last time."""
        for feed in list(self._watched.values()):
            messages, wanted = feed.audience.take()
            self._send(messages)
            if wanted == "still":
                self._still(feed)

    def _send(self, messages: list[Message]) -> None:
        # A monitor that does not read loses live pictures, never signals; the viewer starts again at a key frame.
        if self._waiting() < MAX_WAITING_BYTES:
            for number, head, blob in messages:
                self._say({"say": "live", "viewer": number, **head}, [blob])

    def _still(self, feed: Feed) -> None:
        """Browsers cannot play this feed: its newest picture is decoded for them, one after the other."""
        units = feed.ring.since_last_key()
        feed_id = feed.spec.id
        if not units or units[-1].parameters.family in ("h264", "jpeg") or feed_id in self._still_asked:
            return
        self._still_asked.add(feed_id)

        def done(answer: Head | None, stills: Blobs) -> None:
            self._still_asked.discard(feed_id)
            if stills and stills[0]:
                self._send(feed.audience.show(stills[0]))

        self._ask_stills(feed, [units], done)

    def clip(self, head: Head) -> None:
        """Cut a piece of the past."""
        feed = self._feeds.get(head["feed"])
        units = feed.ring.between(head["start"], head["end"]) if feed is not None else []
        try:
            mp4 = clip_mp4(units) if units else b""
        except ValueError:
            mp4 = b""
        if feed is None or not mp4:
            self._say({"say": "clip", "ask": head["ask"], "missing": True}, [])
            return
        runs = _runs(units, head["start"], min(head["end"], units[-1].at))

        def done(answer: Head | None, stills: Blobs) -> None:
            pictures = [still for still in stills if still]
            about = {"say": "clip", "ask": head["ask"], "start": units[0].at, "end": units[-1].at}
            self._say(about, [mp4, *pictures])

        self._ask_stills(feed, runs, done)

    def picture(self, head: Head) -> None:
        """The newest key frame as JPEG."""
        feed = self._feeds.get(head["feed"])
        units = feed.ring.since_last_key()[:1] if feed is not None else []

        def done(answer: Head | None, stills: Blobs) -> None:
            self._say({"say": "picture", "ask": head["ask"]}, [still for still in stills if still])

        if feed is None or not units:
            done(None, [])
        else:
            self._ask_stills(feed, [units], done)

    def _ask_stills(self, feed: Feed, runs: list[list[AccessUnit]], done: Done) -> None:
        blobs = [decodable(unit) for run in runs for unit in run]
        family = runs[0][0].parameters.family
        head: Head = {"do": "stills", "family": family, "runs": [len(run) for run in runs]}
        desk = self._desk(feed.spec.id)
        desk.schedule.urgent(Job(feed.spec.id, head, blobs, done))
        desk.wake()


def _runs(units: list[AccessUnit], start: float, end: float) -> list[list[AccessUnit]]:
    """For each full second from `start` on, what must be decoded to see that moment."""
    runs = []
    for second in range(min(MAX_STILLS, max(1, round(end - start)))):
        last = max((index for index, unit in enumerate(units) if unit.at <= start + second), default=0)
        key = max(index for index in range(last + 1) if units[index].key)
        runs.append(units[key : last + 1])
    return runs
