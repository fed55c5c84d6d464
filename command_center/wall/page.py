"""One page: its place in the log, its filter, its digest, and what it is told beside the log."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from command_center.timeline import Head
from command_center.wall.frames import Line, beat_frame, resume_frame
from command_center.wall.hail import Ack, Subscribe
from command_center.wall.health import Health
from command_center.wall.lane import Lane, Subscription
from command_center.wall.mosaic import Look, Mosaic
from command_center.wall.seats import Seat
from command_center.wall.tail import Tail
from command_center.wall.viewer import Scope, Viewer
from command_center.wall.wire import Wire

CHUNK = 200
FELL_BEHIND = 4008
NOT_SIGNED_IN = 4401


class FellBehind(Exception):
    """The page is too far behind to be served fact by fact."""


class SignedOut(Exception):
    """The viewer's session has ended."""


class House(Protocol):
    """What a page needs of the wall it hangs on."""

    tail: Tail
    lane: Lane
    health: Health
    mosaic: Mosaic
    seats_json: bytes
    behind_facts: int

    def now(self) -> datetime: ...

    def may_look(self, viewer: Viewer) -> bool:
        """Whether a viewer may see pictures of cameras."""

    async def snapshot(self, viewer: Viewer) -> tuple[Head, bytes]:
        """The head of the log and the snapshot frame of the same view."""

    async def read_since(self, seq: int) -> list[Line]:
        """Lines that are no longer in memory."""

    async def log_digest(self, seq: int) -> str | None:
        """The log's digest at a number, None if the log has no such number."""


@dataclass(slots=True)
class Place:
    """How far a page is: the last number looked at, the last one sent, and its digest there."""

    cursor: int
    sent: int
    digest: str


class Page:
    """Serves one page in one task. It holds a number and a digest, never a queue, so a slow page costs no memory."""

    def __init__(self, house: House, wire: Wire, viewer: Viewer, subscribe: Subscribe) -> None:
        self._house = house
        self._wire = wire
        self.viewer = viewer
        self.seat = Seat(subscribe.seat)
        self.place = Place(0, 0, "")
        self._subscribe: Subscribe | None = subscribe
        self._wake = asyncio.Event()
        self._ended = False
        self._idle = False
        self.parted = False
        self._open(subscribe)

    def _open(self, subscribe: Subscribe) -> None:
        self._streams = subscribe.streams
        self.scope = Scope(self.viewer, subscribe.areas)
        self.seat.name = subscribe.seat
        self._health_version = 0
        self._positions: Subscription | None = None
        if "positions" in self._streams:
            self._positions = self._house.lane.subscribe(self.scope.key, self.scope.sees)
        self._tiles: Look | None = None
        if "tiles" in self._streams and self._house.may_look(self.viewer):
            self._tiles = self._house.mosaic.look(self.scope.sees, subscribe.cameras)

    @property
    def follows_tiles(self) -> bool:
        return self._tiles is not None

    @property
    def skipped_tiles(self) -> int:
        return self._tiles.skipped if self._tiles else 0

    @property
    def follows_facts(self) -> bool:
        return "facts" in self._streams

    @property
    def dropped_positions(self) -> int:
        return self._positions.dropped if self._positions else 0

    @property
    def stuck_s(self) -> float:
        return self._wire.stuck_s

    @property
    def behind(self) -> int:
        """How many facts the page has yet to look at."""
        return self._house.tail.head.seq - self.place.cursor if self.follows_facts and not self._subscribe else 0

    def wake(self) -> None:
        """There is something new; look when there is time."""
        self._wake.set()

    def push(self) -> None:
        """Send what the log grew by at once if the page has taken all before, else leave it to its own task.

        Two hundred tasks that wake for each fact cost more than the sending itself.
        """
        lines = self._house.tail.after(self.place.cursor, CHUNK)
        if not self._idle or not self.follows_facts or self._wake.is_set() or not lines or len(lines) == CHUNK:
            self._wake.set()
            return
        before = replace(self.place)
        frames = [frame for item in lines if (frame := self._pass(item))]
        if frames and not self._wire.send_now(frames):
            self.place = before
            self._wake.set()

    def subscribe(self, subscribe: Subscribe) -> None:
        """Start anew on the same socket with what the page asks for now."""
        self.close()
        self._open(subscribe)
        self._subscribe = subscribe
        self._wake.set()

    async def hang_up(self, code: int) -> None:
        """Close the socket with a code that says why."""
        await self._wire.close(code)

    def close(self) -> None:
        if self._positions:
            self._positions.close()
            self._positions = None
        if self._tiles:
            self._tiles.close()
            self._tiles = None

    def acknowledge(self, ack: Ack) -> None:
        """The page answers a beat."""
        self.seat.acknowledge(ack.seq, ack.digest, time.monotonic())

    def end(self) -> None:
        """Stop serving: the viewer has signed out. A page that does not read is cut, the others are told by code."""
        self._ended = True
        self._wake.set()
        if self.stuck_s:
            self._wire.part(b"", NOT_SIGNED_IN)

    def part(self) -> None:
        """Let go of a page that does not read: tell it where to resume, should it ever read again."""
        self.parted = True
        self._wire.part(resume_frame(self.place.sent), FELL_BEHIND)

    async def serve(self) -> None:
        """Send until the line is lost.

        Raises:
            LineLost: the page is gone.
            FellBehind: it reads, but too slowly; it has been told to resume.
        SignedOut: `end` was called.
        """
        while True:
            self._wake.clear()
            if self._ended:
                raise SignedOut
            if self._subscribe is not None:
                subscribe, self._subscribe = self._subscribe, None
                await self._begin(subscribe)
            if self.follows_facts:
                await self._send_facts()
            await self._send_beside()
            self._idle = True
            await self._wake.wait()
            self._idle = False

    async def _begin(self, subscribe: Subscribe) -> None:
        self.seat.restart()
        if self.follows_facts:
            self.place = await self._resumed(subscribe) or await self._anew()
        # A beat at once, so that the page knows where it stands without waiting for the next.
        self.seat.beat_due(time.monotonic())

    async def _anew(self) -> Place:
        head, frame = await self._house.snapshot(self.scope)
        await self._wire.send(frame)
        return Place(head.seq, head.seq, head.digest)

    async def _resumed(self, subscribe: Subscribe) -> Place | None:
        """Where the page can go on, None when it needs a snapshot.

        A page whose digest is that of the log has seen every fact. Another digest is that of a page that is shown a
        part of the facts; if no fact is hidden from this page, it went wrong somewhere and is better off anew.
        """
        since, tail = subscribe.since, self._house.tail
        if since is None or since > tail.head.seq or tail.head.seq - since > self._house.behind_facts:
            return None
        log_digest = await self._house.log_digest(since)
        if subscribe.digest != log_digest and tail.hides(self.scope.sees):
            return Place(since, since, subscribe.digest) if subscribe.digest else None
        if log_digest is None or subscribe.digest not in (None, log_digest):
            return None
        return Place(since, since, log_digest)

    async def _send_facts(self) -> None:
        tail = self._house.tail
        while True:
            if tail.head.seq - self.place.cursor > self._house.behind_facts:
                await self._wire.send(resume_frame(self.place.sent))
                raise FellBehind
            lines = tail.after(self.place.cursor, CHUNK)
            if lines is None:
                lines = await self._house.read_since(self.place.cursor)
            if not lines:
                return
            for item in lines:
                frame = self._pass(item)
                if frame:
                    await self._wire.send(frame)

    def _pass(self, item: Line) -> bytes | None:
        """Go past a fact; the frame to send, None when it is hidden from this page."""
        place, frame = self.place, None
        if self.scope.shows_fact(item.area, item.parties):
            frame = item.after(place.sent)
            # While nothing was hidden the page's digest is the log's own and needs no computing.
            whole = place.sent == item.seq - 1 and place.digest == self._house.tail.digest_at(place.sent)
            place.digest = item.digest if whole else item.chained(place.digest)
            place.sent = item.seq
        place.cursor = item.seq
        return frame

    async def _send_beside(self) -> None:
        if self._positions:
            frame = self._positions.take(self._house.now())
            if frame:
                await self._wire.send(frame)
        if "health" in self._streams and self._health_version < self._house.health.version:
            version = self._house.health.version
            await self._wire.send(self._house.health.frame(self.scope, self._health_version))
            self._health_version = version
        if self.seat.due is not None:
            await self._send_beat()
        frame = self._tiles.take() if self._tiles else None
        if frame:
            await self._wire.send(frame)
            # There may be more, but facts and beats that came meanwhile go first.
            self._wake.set()

    async def _send_beat(self) -> None:
        place, house = self.place, self._house
        seq, digest = (place.sent, place.digest) if self.follows_facts else (house.tail.head.seq, None)
        # Marked first: the answer may come before the next line here runs.
        self.seat.beat_sent(seq, digest or "")
        await self._wire.send(beat_frame(seq=seq, digest=digest, now=house.now(), seats_json=house.seats_json))
