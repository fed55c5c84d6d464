"""smoke 烟雾: a grey veil that takes the contrast out of part of the scene, grows, and rises.

Sees: smoke before something with edges, in daylight or lamp light. Does not see: smoke before a plain wall or the sky,
smoke at night. Thick fog covers everything at once and is left out; steam looks like smoke.

Source: loss of edges and grey colour, after B. U. Töreyin et al., Wavelet based real-time smoke detection in video,
2005; here gradients instead of wavelets.
"""

from __future__ import annotations

import math
from collections import deque

import cv2
import numpy as np

from video.detect.foreground import Foreground
from video.detect.look import Look, Planes
from video.detect.verdict import LEARNING, NOTHING, Verdict, needs_of
from video.model import FeedSpec
from video.picture import Picture

# Cells the picture is cut into, in pixels of a look.
CELL_PX = 12
# A veiled cell has lost this share of its usual gradient, and had so much (levels per pixel) to lose.
LEAST_LOST, LEAST_USUAL_LEVELS = 0.45, 2.0
# It is grey: u and v this near to 128; and paler or darker than usual by so many levels.
GREY_LEVELS, LEAST_VEIL_LEVELS = 14, 6
PLAIN_CELLS, FAINT_CELLS, MOST_SHARE = 0.08, 0.025, 0.6
# So much of a veiled cell belongs to the foreground.
LEAST_COVERED = 0.4
PAUSE_S = 5.0
# It grows: at least so many seconds of veil, now larger than at first by this factor, still growing, and not sinking.
LEAST_S, MEMORY_S, GROWTH, STILL_GROWING = 6.0, 40.0, 1.25, 1.08


class Smoke:
    """Remembers how large the veil was during the last seconds."""

    curious = False

    def __init__(self, spec: FeedSpec) -> None:
        self._sizes: deque[tuple[float, float, float]] = deque(maxlen=80)
        self._last = NOTHING
        self._looked_at = -math.inf

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive with the box of the veiled cells once they have grown."""
        if not foreground.settled:
            return LEARNING
        if look.hot or 0 <= look.at - self._looked_at < PAUSE_S:
            # Smoke takes its time.
            return self._last
        self._looked_at = look.at
        self._last = self._verdict(look, foreground)
        return self._last

    def _verdict(self, look: Look, foreground: Foreground) -> Verdict:
        if not FAINT_CELLS * LEAST_COVERED <= foreground.share <= MOST_SHARE:
            self._sizes.clear()
            return NOTHING
        veiled = _veiled(look.planes, foreground)
        share = float(veiled.mean())
        if share < FAINT_CELLS or share > MOST_SHARE:
            self._sizes.clear()
            return NOTHING
        rows, columns = np.nonzero(veiled)
        self._sizes.append((look.at, share, float(rows.min()) / veiled.shape[0]))
        while look.at - self._sizes[0][0] > MEMORY_S:
            self._sizes.popleft()
        if not self._grew():
            return NOTHING
        down, across = veiled.shape
        left, top = columns.min() / across, rows.min() / down
        box = (
            float(left),
            float(top),
            float((columns.max() + 1) / across - left),
            float((rows.max() + 1) / down - top),
        )
        needs = needs_of(share, plain=PLAIN_CELLS, faint=FAINT_CELLS)
        return Verdict(needs, round(min(1.0, 0.5 + 2 * share), 3), box, {"veiled": round(share, 3)})

    def _grew(self) -> bool:
        first_at, first, first_top = self._sizes[0]
        last_at, last, last_top = self._sizes[-1]
        before = self._sizes[-2][1] if len(self._sizes) > 1 else last
        grows = last >= GROWTH * first and last >= STILL_GROWING * before
        return last_at - first_at >= LEAST_S and grows and last_top <= first_top


def _veiled(planes: Planes | None, foreground: Foreground) -> Picture:
    """Cells (rows, columns), 1 where the scene lies behind a veil."""
    height, width = foreground.luma.shape
    size_px = max(2, width // CELL_PX), max(2, height // CELL_PX)
    covered = _cells(foreground.mask, size_px) >= LEAST_COVERED * 255
    if np.count_nonzero(covered) < FAINT_CELLS * covered.size:
        return np.asarray(np.zeros_like(covered), np.uint8)
    usual, now = _cells(_slopes(foreground.usual), size_px), _cells(_slopes(foreground.luma), size_px)
    paler = _cells(foreground.contrast, size_px)
    # Less light takes as much of the slopes as of the brightness, and is no veil.
    light_usual, light = (_cells(each, size_px).astype(np.float32) for each in (foreground.usual, foreground.luma))
    lit = usual * np.minimum(1.0, light / np.maximum(1.0, light_usual))
    veiled = (usual >= LEAST_USUAL_LEVELS) & (now <= (1 - LEAST_LOST) * lit) & (paler >= LEAST_VEIL_LEVELS)
    veiled &= covered
    if veiled.any() and planes is not None and planes.u is not None and planes.v is not None:
        for plane in (planes.u, planes.v):
            few = cv2.resize(plane, (4 * size_px[0], 4 * size_px[1]), interpolation=cv2.INTER_NEAREST)
            colour = cv2.resize(few, size_px, interpolation=cv2.INTER_AREA)
            veiled &= np.abs(colour.astype(np.int16) - 128) <= GREY_LEVELS
    return veiled.astype(np.uint8)


def _slopes(luma: Picture) -> Picture:
    slopes = np.zeros_like(luma)
    across = cv2.absdiff(luma[1:, 1:], luma[1:, :-1])
    slopes[1:, 1:] = cv2.max(across, cv2.absdiff(luma[1:, 1:], luma[:-1, 1:]))
    return slopes


def _cells(plane: Picture, size_px: tuple[int, int]) -> Picture:
    return np.asarray(cv2.resize(plane, size_px, interpolation=cv2.INTER_AREA), np.uint8)
