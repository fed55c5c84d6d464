"""Tracks: which body of one look is which of the next. Good enough for a line, a direction and a stay; no identity.

Nearest neighbour with a guess of where each body goes, the largest first; looks may be 0.2 or 2 seconds apart.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from video.detect.bodies import Body
from video.model import Point

# How far a body may be from where it was expected: a share of its size, and of its size per second.
REACH, REACH_PER_S = 0.8, 1.2
LEAST_SIZE = 0.05
MOST_RESIZED = 3.5
FORGET_S = 4.0
MOST_TRACKS, MOST_POINTS = 40, 64


@dataclass
class Track:
    """One body over time; points are (x, y) of its middle and foot in fractions of width and height."""

    number: int
    body: Body
    seen_at: float
    first_at: float
    speed: Point = (0.0, 0.0)
    middles: deque[tuple[float, Point]] = field(default_factory=lambda: deque(maxlen=MOST_POINTS))
    feet: deque[tuple[float, Point]] = field(default_factory=lambda: deque(maxlen=MOST_POINTS))

    @property
    def age_s(self) -> float:
        return self.seen_at - self.first_at

    def expected(self, at: float) -> Point:
        x, y = self.body.middle
        passed_s = at - self.seen_at
        return x + self.speed[0] * passed_s, y + self.speed[1] * passed_s


class Tracks:
    """The tracks of one feed; `now` are those seen at the last look."""

    def __init__(self) -> None:
        self._known: list[Track] = []
        self._count = 0
        self.now: list[Track] = []

    def follow(self, bodies: Sequence[Body], at: float, aspect: float) -> list[Track]:
        """Take the bodies of a look; `aspect` is width / height of the picture. Returns `now`."""
        self._known = [track for track in self._known if at - track.seen_at <= FORGET_S]
        left = set(range(len(self._known)))
        self.now = []
        for body in bodies:
            best, nearest = None, math.inf
            for index in left:
                distance = _misfit(self._known[index], body, at, aspect)
                if distance < nearest:
                    best, nearest = index, distance
            if best is None:
                self.now.append(self._begin(body, at))
            else:
                left.discard(best)
                self.now.append(_continued(self._known[best], body, at))
        self._known = [*(track for track in self._known if track not in self.now), *self.now][-MOST_TRACKS:]
        return self.now

    def _begin(self, body: Body, at: float) -> Track:
        self._count += 1
        track = Track(self._count, body, at, at)
        track.middles.append((at, body.middle))
        track.feet.append((at, body.foot))
        return track


def _misfit(track: Track, body: Body, at: float, aspect: float) -> float:
    """Distance from where the track would be, in shares of its reach; infinite when it cannot be the same body."""
    passed_s = max(0.05, at - track.seen_at)
    resized = body.area / track.body.area
    if not 1 / MOST_RESIZED <= resized <= MOST_RESIZED:
        return math.inf
    (x, y), (expected_x, expected_y) = body.middle, track.expected(at)
    size = max(LEAST_SIZE, math.sqrt(track.body.box[2] * aspect * track.body.box[3]))
    distance = math.hypot((x - expected_x) * aspect, y - expected_y) / (size * (REACH + REACH_PER_S * passed_s))
    return distance if distance <= 1 else math.inf


def _continued(track: Track, body: Body, at: float) -> Track:
    passed_s = max(0.05, at - track.seen_at)
    (x, y), (old_x, old_y) = body.middle, track.body.middle
    now = (x - old_x) / passed_s, (y - old_y) / passed_s
    track.speed = 0.5 * (track.speed[0] + now[0]), 0.5 * (track.speed[1] + now[1])
    track.body, track.seen_at = body, at
    track.middles.append((at, body.middle))
    track.feet.append((at, body.foot))
    return track
