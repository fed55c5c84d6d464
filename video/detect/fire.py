"""fire 火焰: something coloured like flames that flickers and stays where it is.

Sees: open flames in colour, from about a thousandth of the picture on. Does not see: fire on an infra-red picture
without colour, embers that glow evenly, flames behind smoke. A hazard light or a flag in the wind can be taken for fire
when it is orange, large and never rests.

Source: colour and temporal variation together, after T. Celik and H. Demirel, Fire detection in video sequences using
a generic color model, 2009, and B. U. Töreyin et al., Computer vision based method for real-time fire and flame
detection, 2006.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.foreground import Foreground
from video.detect.look import Look
from video.detect.verdict import NOTHING, Verdict, needs_of
from video.model import Box, FeedSpec, Point
from video.picture import Picture

Heat = NDArray[np.float32]
WIDTH_PX = 96
# Flames in YUV about 128: red enough, not blue, and lit.
_RED_FROM, _BLUE_TO, _LIT_FROM = (np.array([level]) for level in (151.0, 114.0, 101.0))
_BLACK, _WHITE = np.array([0.0]), np.array([255.0])
# A pixel flickers when it turns flame or stops being one, and its luma jumps with it.
LEAST_JUMP_LEVELS = 12
LEARN_RATE, FLICKERING, WARM = 0.08, 0.2 * 255, 0.15 * 255
# Share of the picture that flickers, and the least share of all that is flame-coloured which must flicker.
PLAIN_SHARE, FAINT_SHARE, LEAST_OF_WARM = 0.0018, 0.0006, 0.07
# From here on it is worth looking more often.
CURIOUS_SHARE = 0.0003
# Fewer red samples are none; so long after the last, all is forgotten.
LEAST_PIXELS, FORGET_S = 3, 30.0
# As long as nothing flickers, a look now and then is enough.
PAUSE_S = 7.0
_NO_HEAT = np.zeros((0, 0), np.float32)
# Flames stay: the flickering part may move less than this from where it began, in fractions of the picture. Whoever
# works in an orange vest flickers too, and walks on.
STAYS_WITHIN = 0.12


class Fire:
    """Remembers for a few seconds where flame colours came and went."""

    def __init__(self, spec: FeedSpec) -> None:
        self._ignored = [np.array(zone.polygon, np.float32) for zone in spec.zones if zone.kind == "ignore"]
        self._before: tuple[Picture, Picture] | None = None
        self._flicker = self._warmth = _NO_HEAT
        self._began: Point | None = None
        self._red_at = self._looked_at = -math.inf
        self._red_before: Picture = np.zeros((0, 0), np.uint8)
        self.curious = False

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive with the box of what flickers."""
        if look.planes is None or look.planes.u is None or look.planes.v is None:
            return Verdict(NOTHING.needs, blind="no_colour")
        if look.lane == "patrol" and not self.curious and 0 <= look.at - self._looked_at < PAUSE_S:
            return NOTHING
        self._looked_at = look.at
        self.curious = False
        red = _red(look.planes.v)
        few = cv2.countNonZero(red) < LEAST_PIXELS
        if few and look.at - self._red_at > FORGET_S:
            # The usual case: nothing red, and nothing was.
            self._before = None
            self._flicker = self._warmth = _NO_HEAT
            return NOTHING
        self._red_at = self._red_at if few else look.at
        if not self._stirred(red):
            # What is red and rests is a sign or a roof.
            return NOTHING
        flames, luma = _flames(red, look.planes.u, look.luma)
        if self._before is None or self._before[0].shape != flames.shape:
            self._flicker, self._warmth = np.zeros(flames.shape, np.float32), np.zeros(flames.shape, np.float32)
            self._before = flames, luma
            return NOTHING
        self._remember(flames, luma)
        return self._verdict()

    def _stirred(self, red: Picture) -> bool:
        before, self._red_before = self._red_before, red
        return before.shape == red.shape and cv2.countNonZero(cv2.bitwise_xor(red, before)) >= LEAST_PIXELS

    def _remember(self, flames: Picture, luma: Picture) -> None:
        assert self._before is not None
        before, luma_before = self._before
        self._before = flames, luma
        for zone in self._ignored:
            cv2.fillPoly(flames, [np.round(zone * flames.shape[::-1]).astype(np.int32)], 0)
        _, jumped = cv2.threshold(cv2.absdiff(luma, luma_before), LEAST_JUMP_LEVELS, 255, cv2.THRESH_BINARY)
        changed = cv2.bitwise_and(cv2.bitwise_xor(flames, before), jumped)
        cv2.accumulateWeighted(changed, self._flicker, LEARN_RATE)
        cv2.accumulateWeighted(flames, self._warmth, LEARN_RATE)

    def _verdict(self) -> Verdict:
        flickering = np.asarray(self._flicker > FLICKERING, np.uint8)
        count = cv2.countNonZero(flickering)
        share = count / flickering.size
        self.curious = share >= CURIOUS_SHARE
        began, stayed = self._began, False
        self._began = None
        if count:
            box = _around(flickering)
            middle = box[0] + box[2] / 2, box[1] + box[3] / 2
            stayed = began is not None and _apart(began, middle) < STAYS_WITHIN
            self._began = began if stayed else middle
        warm = int(np.count_nonzero(self._warmth > WARM))
        if not stayed or share < FAINT_SHARE or count < LEAST_OF_WARM * warm:
            return NOTHING
        needs = needs_of(share, plain=PLAIN_SHARE, faint=FAINT_SHARE)
        score = min(1.0, 0.5 + share / (8 * PLAIN_SHARE) + 0.2 * count / max(1, warm))
        return Verdict(needs, round(score, 3), box, {"flickers": round(share, 4)})


def _red(v: Picture) -> Picture:
    """Some thousand samples of the plane, 255 where it is as red as flames."""
    # Picking pixels costs the same for every size of picture; flames are larger than what is lost.
    step = max(1, v.shape[1] // WIDTH_PX)
    return np.asarray(cv2.inRange(np.ascontiguousarray(v[::step, ::step]), _RED_FROM, _WHITE), np.uint8)


def _flames(red: Picture, u: Picture, luma: Picture) -> tuple[Picture, Picture]:
    """Where the colours of flames are, 255, and the luma there; both small."""
    size_px = red.shape[1], red.shape[0]
    y = np.asarray(cv2.resize(luma, size_px, interpolation=cv2.INTER_AREA), np.uint8)
    blue = cv2.resize(u, size_px, interpolation=cv2.INTER_NEAREST)
    flames = cv2.bitwise_and(red, cv2.inRange(blue, _BLACK, _BLUE_TO))
    return np.asarray(cv2.bitwise_and(flames, cv2.inRange(y, _LIT_FROM, _WHITE)), np.uint8), y


def _around(mask: Picture) -> Box:
    x, y, w, h = cv2.boundingRect(mask)
    height, width = mask.shape
    return x / width, y / height, w / width, h / height


def _apart(one: Point, other: Point) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))
