"""One feed in a keeper's hands: its source, its ring, when it was last looked at, and what is open on it."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from video.clues import Clue, Clues, KeySizes, ends_empty, quiet_before
from video.detect import signal_loss
from video.model import QUALITY_KINDS, FeedSignal, FeedSpec, FeedState
from video.ring import Ring
from video.sources.driver import Source, rhythm_s
from video.sources.sdp import VideoTrack
from video.sources.unit import AccessUnit
from video.viewers import Audience

STRIKES, STRIKE_MEMORY_S, QUARANTINE_S = 3, 300.0, 600.0
ONLINE_WITHIN_S = 10.0
USUAL_RATE = 0.02
# Pictures of a slow source that may be missing before it counts as silent.
MISSED_BEATS = 2.5


class Feed:
    """State of one feed, and where its source hands packets to; the keeper moves it."""

    def __init__(
        self,
        spec: FeedSpec,
        *,
        ring_s: float,
        deep_every_s: float,
        now: float,
        on_key: Callable[[Feed, float], None],
        on_clue: Callable[[Feed, Clue], None],
    ) -> None:
        self.spec = spec
        self.deep_every_s = deep_every_s
        self.ring = Ring(ring_s)
        self.audience = Audience(self.ring)
        self.source: Source | None = None
        self.task: asyncio.Task[None] | None = None
        self.last_picture_at = now
        self.last_look_at = now
        self.asked_at = 0.0
        self.ever_looked = False
        # Deep looks are spread over their time, so that they never come all at once.
        self.deep_at = now + random.uniform(0.1, 1.0) * deep_every_s
        self.tile_at = self.shown_at = 0.0
        self.hot_until = 0.0
        self.weight = 1.0
        self.memory: dict[str, Any] | None = None
        self.loss: FeedSignal | None = None
        self.open: dict[str, FeedSignal] = {}
        self.quarantined_until = 0.0
        # How much more comes between key frames than usual: 1 is as always.
        self.activity = 1.0
        # How far the size of the newest key frame is from this camera's usual ones: 0 is as always.
        self.surprise = 0.0
        self._usual_bytes = 0.0
        self._group: Sequence[int] = ()
        self._key_sizes = 0, 0
        self._clues, self._key_usual = Clues(), KeySizes()
        self._on_key, self._on_clue = on_key, on_clue
        self._pictures = 0
        self._strikes: deque[float] = deque(maxlen=STRIKES)

    # What the source tells.

    def opened(self, track: VideoTrack, channel: int) -> None:
        """A stream begins."""
        self.ring.opened(track, channel)
        self.audience.opened(track, channel)

    def begin(self) -> None:
        """A key frame begins with the next packets."""
        if self.source is not None:
            self._group = self.source.state.counts.sizes
        self._weigh(self.ring.newest_bytes)
        self.ring.begin()

    def packets(self, data: bytes, at: float) -> None:
        """Whole packets."""
        self.ring.packets(data, at)
        if self.audience:
            self.audience.packets(data, at)
        clue = self._clues.read(self.source.state.counts.sizes) if self.source is not None else None
        if clue is not None:
            self._on_clue(self, clue)

    def key(self, at: float) -> None:
        """The key frame that began last is whole."""
        if self.source is not None and self.source.state.counts.sizes:
            self.surprise = self._key_usual.surprise(self.source.state.counts.sizes[0])
        self._on_key(self, at)

    def unit(self, unit: AccessUnit) -> None:
        """A picture of a source that makes whole units."""
        self.ring.add(unit)
        self._pictures += 1
        self.last_picture_at = unit.at
        if self.audience:
            self.audience.unit(unit)
        if unit.key:
            self.surprise = self._key_usual.surprise(len(unit.data))
            self._on_key(self, unit.at)

    def _weigh(self, came: int) -> None:
        """Bytes between key frames tell how much moves, without decoding anything."""
        if self._usual_bytes:
            self.activity = came / self._usual_bytes
            self._usual_bytes += USUAL_RATE * (came - self._usual_bytes)
        else:
            self._usual_bytes = float(came)

    # What the keeper asks.

    @property
    def sizes(self) -> list[tuple[float, int]]:
        """When (epoch seconds) a picture of how many bytes came, between the last two key frames.

        A camera sends them evenly, so their moments lie evenly between those of the key frames.
        """
        starts, count = self.ring.newest_starts, len(self._group)
        if starts is None or not count:
            return []
        first, step_s = starts[0], (starts[1] - starts[0]) / count
        return [(first + index * step_s, self._group[index]) for index in range(1, count)]

    def quiet_s(self, at: float) -> float:
        """For how long before the key frame that came at `at` the pictures in between carried next to nothing."""
        return quiet_before(self.sizes, at) if ends_empty(self._group) else 0.0

    def key_repeats(self) -> bool:
        """Whether the key frame that came last is byte for byte one of the two before it."""
        size = self.source.state.counts.sizes[0] if self.source is not None and self.source.state.counts.sizes else 0
        before, self._key_sizes = self._key_sizes, (size, self._key_sizes[0])
        # Most are not even as long: only those that are have to be compared.
        return size > 0 and size in before and self.ring.key_repeats

    def hear(self) -> None:
        """Take note of whether pictures came since the last time."""
        if self.source is None or self.ring.stream is None:
            return
        pictures = self.source.state.counts.pictures
        if pictures != self._pictures and self.ring.newest_at is not None:
            self._pictures, self.last_picture_at = pictures, self.ring.newest_at

    @property
    def waits_for_its_turn(self) -> bool:
        """Nothing was tried yet: a great start opens only a few feeds at once, and the others are not lost."""
        if self.source is None or self.ring.newest_at is not None:
            return False
        return not (self.source.state.failures or self.source.state.opened)

    @property
    def quiet_since(self) -> float:
        """The last picture; before the first one of a feed that opened at once, the moment it opened."""
        if self.source is not None and self.ring.newest_at is None and self.source.state.failures == 0:
            return max(self.last_picture_at, self.source.state.opened_at)
        return self.last_picture_at

    @property
    def silent_s(self) -> float:
        """So long may pass without a picture; a camera that only gives one now and then is given its rhythm."""
        return max(signal_loss.SILENT_S, MISSED_BEATS * rhythm_s(self.source))

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
        if self.open:
            kinds = {signal.kind for signal in self.open.values()}
            worst = next((kind for kind in QUALITY_KINDS if kind in kinds), None)
            if worst is not None:
                return worst
        fresh = self.ring.newest_at is not None and now - self.last_picture_at < max(ONLINE_WITHIN_S, self.silent_s)
        return "online" if fresh else "opening"
