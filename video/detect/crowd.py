"""crowd 人员聚集: more persons in a zone than its limit, estimated from how much of it they cover.

Sees: groups that stand or walk; persons are counted by area, against the size of single persons seen at the same
height of the picture. Does not see: how many stand hidden behind others (dense crowds are counted too low, by half or
more). Until a few single persons have been seen, a usual size is assumed; a vehicle counts as several persons.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from video.detect.areas import Areas
from video.detect.bodies import Body
from video.detect.foreground import Foreground
from video.detect.look import Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, needs_of
from video.model import Box, FeedSpec

USUAL_LIMIT = 8.0
# A single person is upright: taller than wide by these factors, in the picture's own shape.
LEAST_UPRIGHT, MOST_UPRIGHT = 1.6, 4.0
LEAST_HEIGHT = 0.04
# Persons grow from the top of the picture to its bottom: sizes are kept by bands of rows.
BANDS, KEPT, ENOUGH = 6, 40, 5
# Without any seen: a person's area when its feet are at the bottom of the picture, falling with the square upwards.
ASSUMED_AREA = 0.02
# Counts are rough: a crowd is told plainly from this many limits on.
PLAIN_LIMITS, FAINT_LIMITS = 1.5, 0.75


class Crowd:
    """Remembers how large single persons are in each band of rows."""

    def __init__(self, spec: FeedSpec) -> None:
        self._areas = Areas(spec.zones, "crowd")
        self._sizes: list[deque[float]] = [deque(maxlen=KEPT) for _ in range(BANDS)]
        self.curious = False

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive with the box around everybody in the fullest zone."""
        if not self._areas:
            return NOTHING
        if not foreground.settled:
            return LEARNING
        aspect = look.luma.shape[1] / look.luma.shape[0]
        inside: dict[str, list[Body]] = {}
        limits = {zone.name: zone.limit or USUAL_LIMIT for zone in self._areas.zones}
        for body in foreground.bodies:
            self._learn(body, aspect)
            zone = self._areas.at(body.foot, look.at) if body.box[3] >= LEAST_HEIGHT else None
            if zone is not None and foreground.solid(body):
                inside.setdefault(zone.name, []).append(body)
        counts = {name: sum(self._persons(body) for body in bodies) for name, bodies in inside.items()}
        if not counts:
            return NOTHING
        name = max(counts, key=lambda name: counts[name] / limits[name])
        needs = needs_of(counts[name] / limits[name], plain=PLAIN_LIMITS, faint=FAINT_LIMITS)
        score = round(min(1.0, 0.4 * counts[name] / limits[name]), 3)
        return Verdict(needs, score, _around(inside[name]), {"zone": name, "persons": round(counts[name])})

    def _learn(self, body: Body, aspect: float) -> None:
        _, _, w, h = body.box
        if h >= LEAST_HEIGHT and LEAST_UPRIGHT <= h / (w * aspect) <= MOST_UPRIGHT:
            self._sizes[_band(body)].append(body.area)

    def _persons(self, body: Body) -> float:
        return max(1.0, body.area / self._single(body))

    def _single(self, body: Body) -> float:
        """The area of one person who stands where this body does."""
        band = _band(body)
        for other in sorted(range(BANDS), key=lambda other: abs(other - band)):
            sizes = sorted(self._sizes[other])
            if len(sizes) >= ENOUGH:
                # Areas grow with the square of the distance from the top, roughly.
                return sizes[len(sizes) // 2] * ((band + 1) / (other + 1)) ** 2
        return ASSUMED_AREA * max(0.2, body.foot[1]) ** 2


def _band(body: Body) -> int:
    return min(BANDS - 1, int(body.foot[1] * BANDS))


def _around(bodies: Sequence[Body]) -> Box:
    left, top = min(body.box[0] for body in bodies), min(body.box[1] for body in bodies)
    right, low = (max(body.box[axis] + body.box[axis + 2] for body in bodies) for axis in (0, 1))
    return left, top, right - left, low - top
