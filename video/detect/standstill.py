"""Things that stand still where the scene was different before: shared by left_object and removed_object.

Whether something came or went is asked of its outline: what is there has edges along it, in the picture or, if it is
gone, in the usual scene.

Source: stationary foreground and edge comparison, after J. Martínez-del-Rincón et al., Automatic left luggage
detection and tracking using multi-camera UKF, 2006, and the survey by E. Luna et al., Abandoned object detection in
video-surveillance, Sensors 18(12), 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from video.detect.areas import Areas
from video.detect.bodies import Body
from video.detect.foreground import Foreground
from video.detect.look import Look
from video.detect.verdict import LEARNING, NEVER, NOTHING, Verdict, needs_of
from video.model import Box, FeedSpec, Zone
from video.picture import Picture

USUAL_LIMIT_S = 60.0
# Larger is light or a vehicle that fills the picture.
MOST_AREA = 0.15
# The same thing at the next look: boxes overlap by so much; its pixels differ by no more than so many levels.
LEAST_OVERLAP, MOST_STIRRED_LEVELS = 0.5, 7.0
# Somebody may stand before it for so long.
HIDDEN_S = 12.0
# How much stronger the outline must be in the one picture than in the other.
PLAIN_OUTLINE, FAINT_OUTLINE = 1.8, 1.15
MOST_KEPT = 12


@dataclass
class _Still:
    zone: Zone
    body: Body
    patch: Picture
    since: float
    seen_at: float


class Standstill:
    """Remembers what stands still in the zones of one kind."""

    def __init__(self, spec: FeedSpec, kind: Literal["left_object", "removed_object"]) -> None:
        self._areas = Areas(spec.zones, kind)
        self._came = kind == "left_object"
        self._still: list[_Still] = []
        self.curious = False

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive with the thing that came (or the place of the one that went) longest ago, over its zone's limit."""
        if not self._areas:
            return NOTHING
        if not foreground.settled:
            return LEARNING
        if not look.hot:
            self._remember(look, foreground)
        best = NOTHING
        for still in self._still:
            if still.seen_at == look.at and look.at - still.since >= _limit_s(still.zone):
                verdict = self._verdict(still, look, foreground)
                best = min(best, verdict, key=lambda verdict: verdict.needs)
        return best

    def _remember(self, look: Look, foreground: Foreground) -> None:
        self._still = [still for still in self._still if look.at - still.seen_at <= HIDDEN_S]
        for body in foreground.bodies:
            zone = self._areas.at(body.middle, look.at) if body.area <= MOST_AREA else None
            if zone is None:
                continue
            known = max(self._still, key=lambda still: _overlap(still.body.box, body.box), default=None)
            if known is not None and _overlap(known.body.box, body.box) >= LEAST_OVERLAP:
                _again(known, body, foreground.luma, look.at)
            elif len(self._still) < MOST_KEPT:
                self._still.append(_Still(zone, body, _patch(foreground.luma, body.box), look.at, look.at))

    def _verdict(self, still: _Still, look: Look, foreground: Foreground) -> Verdict:
        now, usual = _outlines(foreground, still.body.box)
        stronger = (now + 1) / (usual + 1) if self._came else (usual + 1) / (now + 1)
        needs = needs_of(stronger, plain=PLAIN_OUTLINE, faint=FAINT_OUTLINE)
        if needs == NEVER or not foreground.solid(still.body):
            return NOTHING
        stood_s = look.at - still.since
        score = round(min(1.0, 0.5 + 0.2 * (stronger - 1)), 3)
        detail = {"zone": still.zone.name, "still_s": round(stood_s, 1), "outline": round(stronger, 2)}
        return Verdict(needs, score, still.body.box, detail, still.since)


def _again(still: _Still, body: Body, luma: Picture, at: float) -> None:
    """The same place once more: it stood still unless its pixels have stirred."""
    still.seen_at = at
    patch = _patch(luma, still.body.box)
    # A camera may change the size of its pictures.
    same_size = patch.shape == still.patch.shape
    if not same_size or cv2.mean(cv2.absdiff(patch, still.patch))[0] > MOST_STIRRED_LEVELS:
        still.body, still.patch, still.since = body, _patch(luma, body.box), at


def _limit_s(zone: Zone) -> float:
    return zone.limit if zone.limit is not None else USUAL_LIMIT_S


def _pixels(box: Box, shape: Sequence[int], margin: int = 0) -> tuple[slice, slice]:
    height, width = shape[0], shape[1]
    left, top = max(0, round(box[0] * width) - margin), max(0, round(box[1] * height) - margin)
    right, low = round((box[0] + box[2]) * width) + margin, round((box[1] + box[3]) * height) + margin
    return slice(top, max(top + 1, low)), slice(left, max(left + 1, right))


def _patch(luma: Picture, box: Box) -> Picture:
    return luma[_pixels(box, luma.shape)].copy()


def _outlines(foreground: Foreground, box: Box) -> tuple[float, float]:
    """Mean slope along the outline of what stands there: in the picture, and in the usual scene."""
    part = _pixels(box, foreground.mask.shape, margin=3)
    ring = cv2.morphologyEx(foreground.mask[part], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    if not cv2.countNonZero(ring):
        return 0.0, 0.0
    now, usual = _slopes(foreground.luma[part]), _slopes(foreground.usual[part])
    return float(now[ring > 0].mean()), float(usual[ring > 0].mean())


def _slopes(luma: Picture) -> Picture:
    return np.asarray(cv2.morphologyEx(luma, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.uint8)


def _overlap(one: Box, other: Box) -> float:
    """Shared area of two boxes by their joined area."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(0.0, across) * max(0.0, down)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)
