"""intrusion 区域入侵: something as large as a person stands or walks in a zone, judged by where its feet are.

Sees: a body that differs from the usual scene inside the zone. Does not see: somebody in the colours of the ground, or
smaller than about a fourteenth of the picture's height; takes large animals and vehicles for persons.
"""

from __future__ import annotations

from video.detect.areas import Areas
from video.detect.bodies import FAINT_AREA, PLAIN_AREA, Body, needs_for_person
from video.detect.foreground import Foreground
from video.detect.look import Look
from video.detect.verdict import LEARNING, NOTHING, Verdict
from video.model import FeedSpec, Zone


class Intrusion:
    """Looks for bodies whose foot point lies in one of the zones."""

    curious = False

    def __init__(self, spec: FeedSpec) -> None:
        self._areas = Areas(spec.zones, "intrusion")

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive with the box of the plainest body in a zone."""
        if not self._areas:
            return NOTHING
        if not foreground.settled:
            return LEARNING
        if foreground.share < FAINT_AREA / 2 or not self._areas.touched(foreground.mask, FAINT_AREA / 4):
            return NOTHING
        best: tuple[Body, Zone] | None = None
        for body in foreground.bodies:
            zone = self._areas.at(body.foot, look.at) if needs_for_person(body) <= 1 else None
            plainer = best is None or _weight(body) > _weight(best[0])
            if zone is not None and plainer and foreground.solid(body):
                best = body, zone
        if best is None:
            return NOTHING
        body, zone = best
        score = min(1.0, 0.45 + 0.05 * body.area / PLAIN_AREA + body.contrast / 255)
        detail = {"zone": zone.name, "contrast": round(body.contrast, 1)}
        return Verdict(needs_for_person(body), round(score, 3), body.box, detail)


def _weight(body: Body) -> float:
    return body.area * body.contrast
