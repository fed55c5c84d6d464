"""What a scene looks like when nothing happens: shared by all scene detectors.

A pixel belongs to the scene while it lies within an envelope: the darkest and the brightest of its usual neighbours,
widened by how much it usually changes. Light that lifts the whole picture and a camera that shakes are taken out
first. Made for looks seconds apart, and cheap: a quiet look is one comparison.

Source: running value and deviation per pixel in whole levels, after A. Manzanera and J. Richefeu, A new motion
detection algorithm based on sigma-delta background estimation, 2007; the neighbourhood instead of the pixel, after
O. Barnich and M. Van Droogenbroeck, ViBe, 2011; the start from a median of a few pictures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.align import Place, Shift, overlap
from video.detect.foreground import Foreground
from video.detect.glance import STIRRED_SHARE, cut
from video.detect.look import Look
from video.model import Box, Zone
from video.picture import Picture, shrunk

# The scene is what most of so many looks show, taken at least so far apart.
WARM_LOOKS, WARM_EVERY_S = 5, 0.7
# A scene in which nothing stirs is looked at as a whole now and then.
SUBTRACT_EVERY_S = 7.0
# Lessons come this far apart, and half as far while the scene is young.
LEARN_EVERY_S, YOUNG_LESSONS = 14.0, 10
LEAST_CHANGE_LEVELS, SPREAD_FACTOR = np.uint8(14), 3.5
# By these shares the usual value and its limit follow what is seen, at every lesson.
SCENE_SHARE, LIMIT_SHARE = 0.25, 0.125
# A thing that stands still for so many lessons (four minutes) is part of the scene; in a young scene sooner.
SETTLING, LEAST_SETTLING = 18, 8
# A pixel stands still while it changes by no more than this from lesson to lesson.
STIRRED_LEVELS = 8
# What is always outside but never still, like a branch, is given one more level every so many lessons.
RESTLESS_EVERY = 2
# More than this share of the picture changed at once is light or a moved camera, not somebody walking.
UPHEAVAL_SHARE = 0.4
# So many seconds it may be a glitch that passes; then the scene starts anew.
GLITCH_S = 3.0
# With less than these shares there is nothing to clean, and nothing to align.
QUIET_SHARE, SHAKEN_SHARE = 0.0009, 0.008
# A shaken picture differs here and there all over: in so many of its parts.
PARTS, SHAKEN_PARTS = (8, 6), 0.5
# A shaken picture differs all over: more than twice what usually does, or very much.
MUCH_SHARE, SHARE_RATE = 0.05, 0.1
LEAST_LIFT_LEVELS = 1.5
# Steps downhill to where a shaken picture fits, and the share outside that is good enough.
MOST_STEPS, STEADY_SHARE = 8, 0.01
_NEIGHBOURS = np.ones((3, 3), np.uint8)


class Background:
    """The usual scene of one camera: two planes of the size of a look, uint8, and two of half that size while
    something stands in it."""

    def __init__(self, zones: Sequence[Zone] = ()) -> None:
        self._ignored = [np.array(zone.polygon, np.float32) for zone in zones if zone.kind == "ignore"]
        self._forget()

    def _forget(self) -> None:
        self._first: list[Picture] = []
        self._usual: Picture = np.zeros((0, 0), np.uint8)
        self._place: Place | None = None
        self._standing: Standing | None = None
        self._learned_at = self._upheaval_at = self._subtracted_at = -math.inf
        self._usual_share = 0.0

    def empty(self, look: Look, rects: Sequence[Box]) -> bool:
        """Whether the scene is known, was learned a moment ago, and is as usual in these parts (edges in fractions)."""
        if self._usual.shape != look.luma.shape or not 0 <= look.at - self._subtracted_at < SUBTRACT_EVERY_S:
            return False
        for part in (cut(look.luma, rect) for rect in rects):
            change = cv2.absdiff(look.luma[part], self._usual[part])
            if cv2.countNonZero(cv2.compare(change, self._limit[part], cv2.CMP_GT)) > STIRRED_SHARE * look.luma.size:
                return False
        return True

    def subtract(self, look: Look) -> Foreground:
        """The foreground of a look; learns from it."""
        self._subtracted_at = look.at
        if self._usual.shape != look.luma.shape:
            return self._warm(look)
        luma, lift, shift = look.luma, 0.0, (0, 0)
        mask = self._outside(luma, shift)
        share = cv2.countNonZero(mask) / mask.size
        if share > QUIET_SHARE:
            luma, lift = self._dimmed(luma)
            if lift:
                mask = self._outside(luma, shift)
            usually, self._usual_share = self._usual_share, self._usual_share + SHARE_RATE * (share - self._usual_share)
            if (share > max(SHAKEN_SHARE, 2 * usually) or share > MUCH_SHARE) and _everywhere(mask):
                shift, mask = self._steadied(luma, mask)
            mask = np.asarray(cv2.medianBlur(mask, 3), np.uint8)
            share = cv2.countNonZero(mask) / mask.size
        if share > UPHEAVAL_SHARE:
            return self._upheaval(look)
        self._upheaval_at = -math.inf
        pause_s = LEARN_EVERY_S if self._learns >= YOUNG_LESSONS else LEARN_EVERY_S / 2
        if look.at - self._learned_at >= pause_s:
            self._learn(luma, lift, mask, shift, look.at)
        return Foreground(mask, share, True, luma, self._usual)

    def _warm(self, look: Look) -> Foreground:
        if self._first and self._first[0].shape != look.luma.shape:
            self._forget()
        if look.at - self._learned_at >= WARM_EVERY_S:
            self._first.append(look.luma.copy())
            self._learned_at = look.at
        if len(self._first) >= WARM_LOOKS:
            self._begin(_median_of_five(self._first))
        return Foreground(np.zeros(look.luma.shape, np.uint8), 0.0, False, look.luma, look.luma)

    def _begin(self, scene: Picture) -> None:
        self._first, self._learns = [], 0
        self._usual, self._limit = scene, np.full_like(scene, LEAST_CHANGE_LEVELS)
        self._ignore = _filled(self._ignored, scene.shape)
        self._place, self._standing = None, None

    def _dimmed(self, luma: Picture) -> tuple[Picture, float]:
        """The picture without the levels by which most of it is brighter than usual, and how many those are.

        A lens that opens or a cloud that passes lifts everything: only what differs from that counts.
        """
        difference = (luma[3::6, 3::6].astype(np.int16) - self._usual[3::6, 3::6]).ravel()
        lift = float(np.partition(difference, difference.size // 2)[difference.size // 2])
        if abs(lift) < LEAST_LIFT_LEVELS:
            return luma, 0.0
        # OpenCV takes four numbers for a value that is added to every pixel.
        return np.asarray(cv2.add(luma, np.array([-lift, 0.0, 0.0, 0.0])), np.uint8), lift

    def _outside(self, luma: Picture, shift: Shift) -> Picture:
        """255 where the picture lies outside of the envelope."""
        here, there = overlap(luma.shape, shift)
        # Most of a picture lies near its own usual value: only around the rest are the neighbours asked.
        far = np.zeros(luma.shape, np.uint8)
        far[here] = cv2.compare(cv2.absdiff(luma[here], self._usual[there]), self._limit[there], cv2.CMP_GT)
        if self._ignore is not None:
            far[self._ignore] = 0
        left, top, across, down = cv2.boundingRect(far)
        if across:
            around = far[top : top + down, left : left + across]
            low, high = self._envelope(left - shift[0], top - shift[1], across, down)
            outside = cv2.bitwise_not(cv2.inRange(luma[top : top + down, left : left + across], low, high))
            around &= np.asarray(outside, np.uint8)
        return far

    def _envelope(self, left: int, top: int, across: int, down: int) -> tuple[Picture, Picture]:
        """The darkest and the brightest that belong to the scene, in a part of it."""
        y, x = max(0, top - 1), max(0, left - 1)
        usual = self._usual[y : top + down + 1, x : left + across + 1]
        within = (slice(top - y, top - y + down), slice(left - x, left - x + across))
        limit = self._limit[top : top + down, left : left + across]
        low = cv2.subtract(cv2.erode(usual, _NEIGHBOURS)[within], limit)
        return np.asarray(low, np.uint8), np.asarray(cv2.add(cv2.dilate(usual, _NEIGHBOURS)[within], limit), np.uint8)

    def _steadied(self, luma: Picture, mask: Picture) -> tuple[Shift, Picture]:
        """The shift at which least is outside, and what still is; (0, 0) and the same mask while the camera is still.

        Profiles of columns and rows give a first guess; a slanting edge fools them, so a few steps downhill follow.
        """
        if self._place is None:
            self._place = Place(self._usual)
        shift = self._place.shift_of(luma)
        if shift == (0, 0):
            return shift, mask
        mask = self._outside(luma, shift)
        least = cv2.countNonZero(mask)
        for _ in range(MOST_STEPS):
            if least < STEADY_SHARE * mask.size:
                break
            tried = [(shift[0] + across, shift[1] + down) for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1))]
            masks = [self._outside(luma, each) for each in tried]
            counts = [cv2.countNonZero(each) for each in masks]
            best = counts.index(min(counts))
            if counts[best] >= least:
                break
            least, shift, mask = counts[best], tried[best], masks[best]
        return shift, mask

    def _upheaval(self, look: Look) -> Foreground:
        if self._upheaval_at == -math.inf:
            self._upheaval_at = look.at
        elif look.at - self._upheaval_at >= GLITCH_S:
            self._forget()
            return self._warm(look)
        return Foreground(np.zeros(look.luma.shape, np.uint8), 0.0, False, look.luma, self._usual)

    def _learn(self, luma: Picture, lift: float, mask: Picture, shift: Shift, at: float) -> None:
        """Bring the scene a step nearer to this picture; what stands in it does not become scene before its time."""
        self._learned_at = at
        self._learns += 1
        here, there = overlap(luma.shape, shift)
        new, held = luma[here], mask[here]
        if lift:
            step = math.copysign(max(1.0, abs(lift) * SCENE_SHARE), lift)
            self._usual = np.asarray(cv2.add(self._usual, np.array([step, 0.0, 0.0, 0.0])), np.uint8)
        usual, limit = self._usual[there], self._limit[there]
        # Where something stands there is nothing to learn of the scene behind it; its rim lies within the envelope of
        # its neighbours, and would be learned from one side to the other.
        empty = not cv2.countNonZero(held)
        known = held if empty else cv2.dilate(held, _NEIGHBOURS)
        seen = new if empty else cv2.copyTo(usual, known, new.copy())
        wanted = cv2.convertScaleAbs(cv2.absdiff(seen, usual), alpha=SPREAD_FACTOR)
        wanted = cv2.copyTo(limit, known, cv2.max(wanted, np.full_like(limit, LEAST_CHANGE_LEVELS)))
        # Rounding leaves a level or two between them, which no limit notices.
        usual[:] = cv2.addWeighted(usual, 1 - SCENE_SHARE, seen, SCENE_SHARE, 0)
        limit[:] = cv2.addWeighted(limit, 1 - LIMIT_SHARE, wanted, LIMIT_SHARE, 0)
        self._place = None
        self._settle(luma, mask, shift)

    def _settle(self, luma: Picture, mask: Picture, shift: Shift) -> None:
        """What has stood unchanged for long enough becomes scene; what never rests is given more room, slowly."""
        if not cv2.countNonZero(mask):
            self._standing = None
            return
        if shift != (0, 0):
            here, there = overlap(luma.shape, shift)
            (new, luma), (masked, mask) = (self._usual.copy(), luma), (np.zeros_like(mask), mask)
            new[there], masked[there] = luma[here], mask[here]
            luma, mask = new, masked
        if self._standing is None:
            self._standing = Standing(luma)
            return
        # A young scene may have been learned from somebody who stood in it.
        settled, stirred = self._standing.take(luma, mask, max(LEAST_SETTLING, min(SETTLING, 2 * self._learns)))
        if settled is not None:
            self._usual[settled], self._limit[settled] = luma[settled], LEAST_CHANGE_LEVELS
        if self._learns % RESTLESS_EVERY == 0:
            self._limit = np.asarray(cv2.add(self._limit, stirred), np.uint8)


class Standing:
    """What stands in a scene and does not belong there: for how many lessons, and what it looked like at the last one.

    Two planes of half the size of a look, uint8.
    """

    def __init__(self, luma: Picture) -> None:
        height, width = luma.shape
        self._size_px = max(1, width // 2), max(1, height // 2)
        self._fresh = shrunk(luma, self._size_px)
        self._age = np.zeros_like(self._fresh)

    def take(self, luma: Picture, mask: Picture, enough: int) -> tuple[NDArray[np.bool_] | None, Picture]:
        """Where something has stood for `enough` lessons (None: nowhere), and 1 where something has moved.

        Args:
            luma: the picture, in the place of the scene.
            mask: 255 where it does not belong.
            enough: lessons.
        """
        new, held = shrunk(luma, self._size_px), shrunk(mask, self._size_px)
        moved = cv2.absdiff(new, self._fresh) > STIRRED_LEVELS
        self._fresh = new
        self._age = np.where(moved | (held < 128), 0, np.minimum(self._age, 254) + 1).astype(np.uint8)
        full_px = luma.shape[1], luma.shape[0]
        stirred = np.asarray(cv2.resize(moved.astype(np.uint8), full_px, interpolation=cv2.INTER_NEAREST), np.uint8)
        stirred &= mask >> 7
        old = self._age >= enough
        if not old.any():
            return None, stirred
        self._age[old] = 0
        large = cv2.resize(old.astype(np.uint8), full_px, interpolation=cv2.INTER_NEAREST)
        return (large > 0) & (mask > 0), stirred


def _everywhere(mask: Picture) -> bool:
    """Whether more than a pixel or two is set in most parts of the picture."""
    return cv2.countNonZero(shrunk(mask, PARTS)) >= SHAKEN_PARTS * PARTS[0] * PARTS[1]


def _median_of_five(pictures: Sequence[Picture]) -> Picture:
    """The middle one of five values, pixel by pixel."""
    a, b, c, d, e = pictures
    low, high = cv2.max(cv2.min(a, b), cv2.min(c, d)), cv2.min(cv2.max(a, b), cv2.max(c, d))
    # Of five values, the middle one is the middle of: the larger low, the smaller high, and the fifth.
    return np.asarray(cv2.max(cv2.min(low, high), cv2.min(cv2.max(low, high), e)), np.uint8)


def _filled(polygons: Sequence[NDArray[np.float32]], shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    if not polygons:
        return None
    height, width = shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [np.round(polygon * (width, height)).astype(np.int32)], 255)
    return mask > 0
