"""One feed in a keeper's hands: its source, its ring, when it was last looked at, and what is open on it."""

from __future__ import annotations

import asyncio
from collections import deque

from video.fmp4 import Fragmenter, init_segment
from video.model import FeedSignal, FeedSpec, FeedState
from video.ring import Ring
from video.sources.rtsp import RtspSource
from video.sources.unit import AccessUnit, BadVideo, Parameters
from video.wire import Head

STRIKES, STRIKE_MEMORY_S, QUARANTINE_S = 3, 300.0, 600.0


class Viewer:
    """One live viewer of a feed: writes fragments from the last key frame on."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._fragmenter = Fragmenter()
        self._parameters: Parameters | None = None

    def write(self, units: list[AccessUnit]) -> list[tuple[Head, bytes]]:
        """Messages for units that belong together; a new picture size begins with a new header.

        Raises:
            BadVideo: the parameter sets cannot be read.
        """
        messages: list[tuple[Head, bytes]] = []
        first = units[0]
        if first.key and first.parameters != self._parameters:
            self._parameters = first.parameters
            self._fragmenter = Fragmenter()
            width, height = first.parameters.size_px
            about = {"codec": first.parameters.codec, "width": width, "height": height, "at": first.at}
            messages.append(({"about": about}, init_segment(first.parameters)))
        if self._parameters is not None:
            messages.append(({"key": first.key}, self._fragmenter.write(units)))
        return messages


class Feed:
    """State of one feed; the keeper moves it."""

    def __init__(self, spec: FeedSpec, *, ring_s: float, now: float) -> None:
        self.spec = spec
        self.ring = Ring(ring_s)
        self.source: RtspSource | None = None
        self.task: asyncio.Task[None] | None = None
        self.last_unit_at = now
        self.last_look_at = now
        self.ever_looked = False
        self.hot_until = 0.0
        self.loss: FeedSignal | None = None
        self.open: dict[str, FeedSignal] = {}
        self.viewers: dict[int, Viewer] = {}
        self.quarantined_until = 0.0
        self._strikes: deque[float] = deque(maxlen=STRIKES)

    @property
    def waits_for_its_turn(self) -> bool:
        """Nothing was tried yet: a great start opens only a few feeds at once, and the others are not lost."""
        if self.source is None or self.ring.newest is not None:
            return False
        return not (self.source.state.failures or self.source.state.opened)

    @property
    def quiet_since(self) -> float:
        """The last picture; before the first one of a feed that opened at once, the moment it opened."""
        if self.source is not None and self.ring.newest is None and self.source.state.failures == 0:
            return max(self.last_unit_at, self.source.state.opened_at)
        return self.last_unit_at

    def strike(self, now: float) -> bool:
        """A looker died over this feed; True when that was once too often and the feed is set aside."""
        self._strikes.append(now)
        if len(self._strikes) == STRIKES and now - self._strikes[0] < STRIKE_MEMORY_S:
            self.quarantined_until = now + QUARANTINE_S
            self._strikes.clear()
            return True
        return False

    def state(self, now: float) -> FeedState:
        """What a wall shows for this camera."""
        if self.loss is not None:
            return "lost"
        if now < self.quarantined_until:
            return "quarantined"
        kinds = {signal.kind for signal in self.open.values()}
        if "covered" in kinds:
            return "covered"
        if "freeze" in kinds:
            return "freeze"
        return "online" if self.ring.newest is not None and now - self.last_unit_at < 10 else "opening"

    def show(self, units: list[AccessUnit]) -> list[tuple[int, Head, bytes]]:
        """Messages for all viewers."""
        messages = []
        for viewer in self.viewers.values():
            try:
                messages += [(viewer.number, head, blob) for head, blob in viewer.write(units)]
            except BadVideo:
                continue
        return messages
