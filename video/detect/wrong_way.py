"""wrong_way 逆行: a body moves through a zone against its allowed direction.

Sees: vehicles and persons that keep going against the arrow for about a second. Does not see: somebody hidden among
others that go the right way, or who only stands. Needs looks several times a second, which it asks for.
"""

from __future__ import annotations

import math

from video.detect.areas import Areas
from video.detect.foreground import Foreground
from video.detect.look import Look
from video.detect.tracks import Track, Tracks
from video.detect.verdict import LEARNING, NOTHING, Verdict, needs_of
from video.model import FeedSpec, Point, Zone

# Way against the arrow, in heights of the picture, and points it must have been seen at.
PLAIN_WAY, FAINT_WAY, LEAST_POINTS = 0.15, 0.06, 3
# The way must go within so many degrees of straight against the arrow, and take at least so long.
WITHIN_DEG, LEAST_S = 60.0, 0.35
RECENT_S = 4.0


class WrongWay:
    """Compares the way of each track with the zone's arrow."""

    def __init__(self, spec: FeedSpec) -> None:
        self._areas = Areas([zone for zone in spec.zones if zone.direction_deg is not None], "wrong_way")
        self._tracks = Tracks()
        self.curious = False

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive with the body that went furthest against the arrow."""
        self.curious = False
        if not self._areas:
            return NOTHING
        if not foreground.settled:
            return LEARNING
        aspect = look.luma.shape[1] / look.luma.shape[0]
        tracks = self._tracks.follow(foreground.bodies, look.at, aspect)
        self.curious = any(self._areas.near(track.body, look.at) for track in tracks)
        best, furthest = NOTHING, 0.0
        for track in tracks:
            zone = self._areas.at(track.body.middle, look.at)
            way = self._against(zone, track, look.at, aspect) if zone is not None else 0.0
            if zone is not None and way > furthest and foreground.solid(track.body):
                best, furthest = _verdict(zone, track, way), way
        return best

    def _against(self, zone: Zone, track: Track, at: float, aspect: float) -> float:
        """Heights of the picture gone against the arrow of late, 0 when its way is another."""
        points = [
            (when, point)
            for when, point in track.middles
            if at - when <= RECENT_S and self._areas.at(point, at) is zone
        ]
        if len(points) < LEAST_POINTS or points[-1][0] - points[0][0] < LEAST_S:
            return 0.0
        (_, start), (_, end) = points[0], points[-1]
        way, turned_deg = _way(start, end, aspect, zone.direction_deg or 0.0)
        return way if turned_deg >= 180 - WITHIN_DEG else 0.0


def _way(start: Point, end: Point, aspect: float, allowed_deg: float) -> tuple[float, float]:
    across, down = (end[0] - start[0]) * aspect, end[1] - start[1]
    direction_deg = math.degrees(math.atan2(across, -down))
    return math.hypot(across, down), abs((direction_deg - allowed_deg + 180) % 360 - 180)


def _verdict(zone: Zone, track: Track, way: float) -> Verdict:
    needs = needs_of(way, plain=PLAIN_WAY, faint=FAINT_WAY)
    score = round(min(1.0, 0.5 + way), 3)
    return Verdict(needs, score, track.body.box, {"zone": zone.name, "way": round(way, 3)})
