"""The first rung of the ladder for the picture itself: is it just as it was at the look before?

Trouble with a lens, a sensor or a mount begins at once and shows all over the picture: in how bright its parts are, in
their finest detail, or in their colour. As long as most parts stand as they stood, no detector of such trouble needs
to be asked. What comes slowly is found by the full check that is made every few looks all the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from video.detect.look import TILES, Look
from video.model import Box, Zone
from video.picture import Picture, shrunk

FULL_EVERY = 6
# By how much a part may differ: levels, quarter levels of detail, levels of colour; and how many parts may.
LUMA_LEVELS, DETAIL_QUARTERS, COLOUR_LEVELS = 3, 4, 3
# Of the parts that usually stand still between two looks, this share may differ; how many do is learned.
OTHER_SHARE, LEARN_RATE = 0.15, 0.05
# Something moved in a zone when this share of the picture changed by so many levels there, or this near to it.
STIRRED_LEVELS, STIRRED_SHARE, NEAR = 12, 0.0003, 0.04
SCENE_EVERY = 4


class Steady:
    """Remembers the parts of the look before, some two kilobytes."""

    def __init__(self) -> None:
        self._before: list[tuple[Picture, int]] = []
        self._usual: list[float] = []
        self._passed = 0

    def holds(self, look: Look) -> bool:
        """Whether no more than usual of the picture is otherwise, and the last full check is not long ago."""
        before, self._before = self._before, _parts(look)
        self._passed += 1
        if not _comparable(self._before, before):
            self._usual, self._passed = [], 0
            return False
        pairs = zip(self._before, before, strict=True)
        shares = [_differing(now, then, limit) / now.size for (now, limit), (then, _) in pairs]
        if not self._usual:
            self._usual = shares
        holds = all(
            share <= usual + OTHER_SHARE * (1 - usual) for share, usual in zip(shares, self._usual, strict=True)
        )
        rate = LEARN_RATE if holds else LEARN_RATE / 3
        self._usual = [usual + rate * (share - usual) for share, usual in zip(shares, self._usual, strict=True)]
        if not holds or self._passed >= FULL_EVERY:
            self._passed = 0
            return False
        return True


class StillZones:
    """Whether nothing moved since the look before where somebody would be told of it: in the zones of a feed."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._rects = [_around(zone) for zone in zones if zone.kind != "ignore"]
        self._before: Picture | None = None
        self._passed = 0

    def holds(self, look: Look) -> bool:
        """True a few times in a row at most: the scene as a whole has to be learned now and then."""
        before, self._before = self._before, look.luma
        self._passed += 1
        still = before is not None and before.shape == look.luma.shape and self._passed < SCENE_EVERY
        if still and before is not None:
            still = not any(_stirred(look.luma, before, rect) for rect in self._rects)
        self._passed = self._passed if still else 0
        return still


def _around(zone: Zone) -> Box:
    """The rectangle around a zone with room for what comes near it: left, top, right and low edge."""
    xs, ys = zip(*zone.polygon, strict=True)
    return max(0.0, min(xs) - NEAR), max(0.0, min(ys) - NEAR), max(xs) + NEAR, max(ys) + NEAR


def _stirred(now: Picture, before: Picture, rect: Box) -> bool:
    height, width = now.shape
    rows = slice(int(rect[1] * height), int(rect[3] * height) + 1)
    columns = slice(int(rect[0] * width), int(rect[2] * width) + 1)
    _, changed = cv2.threshold(cv2.absdiff(now[rows, columns], before[rows, columns]), STIRRED_LEVELS, 1, 0)
    return cv2.countNonZero(changed) > STIRRED_SHARE * now.size


def _comparable(now: list[tuple[Picture, int]], before: list[tuple[Picture, int]]) -> bool:
    if len(now) != len(before):
        return False
    return all(one.shape == other.shape for (one, _), (other, _) in zip(now, before, strict=True))


def _parts(look: Look) -> list[tuple[Picture, int]]:
    parts = [(shrunk(look.half, TILES), LUMA_LEVELS), (look.detail.tiles, DETAIL_QUARTERS)]
    return parts + [(plane, COLOUR_LEVELS) for plane in look.chroma or ()]


def _differing(now: Picture, then: Picture, limit: int) -> int:
    return int(np.count_nonzero(cv2.absdiff(now, then) > limit))
