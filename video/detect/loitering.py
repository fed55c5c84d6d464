"""loitering 徘徊: a body stays in a zone for longer than its limit.

Sees: somebody who stands or walks about in the zone, as long as the track holds. Does not see: somebody who leaves the
zone again and again; takes two persons who change places within one look for one.
"""

from __future__ import annotations

from video.detect.areas import Areas
from video.detect.bodies import Body, needs_for_person
from video.detect.foreground import Foreground
from video.detect.look import Look
from video.detect.tracks import Tracks
from video.detect.verdict import LEARNING, NEVER, NOTHING, Verdict
from video.model import FeedSpec, Zone

USUAL_LIMIT_S = 60.0
# Somebody may be hidden or outside for so long and still be staying.
AWAY_S = 4.0
# At so many limits the score is full.
PLAIN_LIMITS = 1.5


class Loitering:
    """Remembers since when each track is in a zone."""

    def __init__(self, spec: FeedSpec) -> None:
        self._areas = Areas(spec.zones, "loitering")
        self._tracks = Tracks()
        # Track number and zone name to first and last moment in it.
        self._stays: dict[tuple[int, str], tuple[float, float]] = {}
        self.curious = False

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive with the body that stays longest, as soon as it is over the limit."""
        self.curious = False
        if not self._areas:
            return NOTHING
        if not foreground.settled:
            return LEARNING
        aspect = look.luma.shape[1] / look.luma.shape[0]
        self._stays = {key: stay for key, stay in self._stays.items() if look.at - stay[1] <= AWAY_S}
        best, longest = NOTHING, 0.0
        for track in self._tracks.follow(foreground.bodies, look.at, aspect):
            zone = self._areas.at(track.body.foot, look.at) if needs_for_person(track.body) <= 1 else None
            if zone is None:
                continue
            since, _ = self._stays.get((track.number, zone.name), (look.at, look.at))
            self._stays[track.number, zone.name] = since, look.at
            limits = (look.at - since) / _limit_s(zone)
            if limits >= 1 and not foreground.solid(track.body):
                continue
            if limits >= longest:
                best, longest = _verdict(zone, limits, look.at - since, track.body, since), limits
        # Just before the limit, closer looks make sure that it is still the same body.
        self.curious = 0.85 <= longest < 1.0
        return best


def _limit_s(zone: Zone) -> float:
    return zone.limit if zone.limit is not None else USUAL_LIMIT_S


def _verdict(zone: Zone, limits: float, stay_s: float, body: Body, since: float) -> Verdict:
    """The limit is the user's own: over it is over it at every sensitivity that sees a body of this size."""
    if limits < 1:
        return Verdict(NEVER)
    score = round(min(1.0, 0.6 + 0.4 * (limits - 1) / (PLAIN_LIMITS - 1)), 3)
    detail = {"zone": zone.name, "stay_s": round(stay_s, 1)}
    return Verdict(needs_for_person(body), score, body.box, detail, since)
