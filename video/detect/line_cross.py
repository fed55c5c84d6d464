"""line_cross 越线: a body walks or drives over a line, in one direction or in both.

Sees: a body that was clearly on one side and then clearly on the other, its path between the line's ends. Does not
see: somebody hidden while crossing, or two crossing as one body (told once); needs looks several times a second, which
it asks for while somebody is near.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from video.detect.areas import Areas
from video.detect.foreground import Foreground
from video.detect.look import Look
from video.detect.tracks import Track, Tracks
from video.detect.verdict import LEARNING, NOTHING, Verdict, needs_of
from video.model import FeedSpec, Point, Zone

# Distance to the line at which a side is taken for certain, in heights of the picture.
CLEAR = 0.012
PLAIN_AREA, FAINT_AREA = 0.00264, 0.00088
# A crossing is told for so long.
TOLD_S = 1.0


class LineCross:
    """Remembers for each track on which side of each line it was last seen clearly."""

    def __init__(self, spec: FeedSpec) -> None:
        self._areas = Areas(spec.zones, "line_cross")
        self._tracks = Tracks()
        self._sides: dict[tuple[int, int], tuple[int, Point]] = {}
        self._told: tuple[float, Verdict] = (-math.inf, NOTHING)
        self.curious = False

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive for a second after a body crossed a line in an alarming direction."""
        self.curious = False
        if not self._areas:
            return NOTHING
        if not foreground.settled:
            return LEARNING
        aspect = look.luma.shape[1] / look.luma.shape[0]
        tracks = self._tracks.follow(foreground.bodies, look.at, aspect)
        self.curious = any(self._areas.near(track.body, look.at) for track in tracks)
        for track in tracks:
            verdict = self._crossing(track, look.at, aspect)
            if verdict is not None and foreground.solid(track.body):
                self._told = look.at, verdict
        if len(self._sides) > 400:
            alive = {track.number for track in tracks}
            self._sides = {key: value for key, value in self._sides.items() if key[0] in alive}
        told_at, verdict = self._told
        return verdict if look.at - told_at <= TOLD_S else NOTHING

    def _crossing(self, track: Track, at: float, aspect: float) -> Verdict | None:
        foot = track.feet[-1][1]
        for index, zone in self._areas.open_at(at):
            side = _side(zone, foot, aspect)
            if side == 0:
                continue
            before, start = self._sides.get((track.number, index), (side, foot))
            self._sides[track.number, index] = side, foot
            if before == side or not _over(zone, start, foot) or not _alarming(zone, side, aspect):
                continue
            needs = needs_of(track.body.area, plain=PLAIN_AREA, faint=FAINT_AREA)
            score = round(min(1.0, 0.5 + track.body.contrast / 255), 3)
            detail = {"zone": zone.name, "direction_deg": _direction_deg(start, foot, aspect)}
            return Verdict(needs, score, track.body.box, detail, since=at)
        return None


def _side(zone: Zone, point: Point, aspect: float) -> int:
    """1 right of the line as seen from its first end, -1 left of it, 0 too near to tell."""
    (ax, ay), (bx, by) = zone.polygon[0], zone.polygon[-1]
    along, away = ((bx - ax) * aspect, by - ay), ((point[0] - ax) * aspect, point[1] - ay)
    distance = (along[0] * away[1] - along[1] * away[0]) / max(1e-6, math.hypot(*along))
    return 0 if abs(distance) < CLEAR else int(math.copysign(1, distance))


def _over(zone: Zone, start: Point, end: Point) -> bool:
    """Whether the way from start to end meets one of the line's pieces."""
    corners: NDArray[np.float64] = np.array(zone.polygon)
    return any(_meets(np.array(start), np.array(end), a, b) for a, b in itertools.pairwise(corners))


def _meets(p: NDArray[np.float64], q: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    return _turn(p, q, a) * _turn(p, q, b) <= 0 and _turn(a, b, p) * _turn(a, b, q) <= 0


def _turn(p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64]) -> float:
    return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))


def _alarming(zone: Zone, side: int, aspect: float) -> bool:
    """Whether coming to this side goes the zone's way."""
    if zone.direction_deg is None:
        return True
    (ax, ay), (bx, by) = zone.polygon[0], zone.polygon[-1]
    along = ((bx - ax) * aspect, by - ay)
    angle = math.radians(zone.direction_deg)
    wanted = math.sin(angle), -math.cos(angle)
    return side * (along[0] * wanted[1] - along[1] * wanted[0]) > 0


def _direction_deg(start: Point, end: Point, aspect: float) -> int:
    """Clockwise from up."""
    across, down = (end[0] - start[0]) * aspect, end[1] - start[1]
    return round(math.degrees(math.atan2(across, -down))) % 360
