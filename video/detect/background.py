"""What a scene looks like when nothing happens: shared by motion and intrusion.

Source: running average with per-pixel deviation, after C. Wren et al., Pfinder, 1997; made for looks seconds apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.look import Look
from video.model import Zone
from video.picture import Picture

Plane = NDArray[np.float32]
WARM_LOOKS = 4
CALM_RATE, BUSY_RATE = 0.06, 0.008
LEAST_CHANGE_LEVELS = 14.0
# More than this share of the picture changed at once is light or a moved camera, not somebody walking.
UPHEAVAL_SHARE = 0.4


@dataclass(frozen=True)
class Foreground:
    """Pixels (height, width), 255 where something is that does not belong; `settled` after a few looks only."""

    mask: Picture
    contrast: Plane
    share: float
    settled: bool


class Background:
    """Mean and mean deviation per pixel, float32."""

    def __init__(self, zones: Sequence[Zone] = ()) -> None:
        self._least = LEAST_CHANGE_LEVELS
        self._ignored = [zone.polygon for zone in zones if zone.kind == "ignore"]
        self._mean = self._spread = self._limit = np.zeros((0, 0), np.float32)
        self._looks = 0

    def subtract(self, look: Look) -> Foreground:
        """The foreground of a look; learns from it."""
        luma: Plane = cv2.GaussianBlur(look.luma, (3, 3), 0).astype(np.float32)
        if self._mean.shape != luma.shape:
            return self._start(luma)
        difference = cv2.subtract(luma, self._mean)
        # A lens that opens or a cloud that passes lifts everything: only what differs from that counts.
        lift = float(np.median(difference[::6, ::6]))
        contrast: Plane = np.abs(difference - np.float32(lift))
        mask: Picture = np.asarray(cv2.compare(contrast, self._limit, cv2.CMP_GT), np.uint8)
        share = cv2.countNonZero(mask) / mask.size
        if share > UPHEAVAL_SHARE and self._looks >= WARM_LOOKS:
            return self._start(luma)
        if not look.hot:
            # Extra looks come fast: learning from them would make a loiterer part of the scene too soon.
            self._learn(luma, contrast, mask)
        return Foreground(mask, contrast, share, self._looks > WARM_LOOKS)

    def _start(self, luma: Plane) -> Foreground:
        self._mean, self._spread, self._looks = luma, np.full_like(luma, 3.0), 1
        self._limit = np.full_like(luma, max(self._least, 12.0))
        return Foreground(np.zeros(luma.shape, np.uint8), np.zeros_like(luma), 0.0, False)

    def _learn(self, luma: Plane, contrast: Plane, mask: Picture) -> None:
        self._looks += 1
        calm, busy = max(CALM_RATE, 1 / self._looks), max(BUSY_RATE, 0.5 / self._looks)
        rest = cv2.bitwise_not(mask)
        # Leaves that swing widen the spread; a body that stands must not, or it would hide itself.
        contrast = np.minimum(contrast, 2 * self._limit)
        for new, known, share in ((luma, self._mean, 1.0), (contrast, self._spread, 0.4)):
            cv2.accumulateWeighted(new, known, share * calm, rest)
            cv2.accumulateWeighted(new, known, share * busy, mask)
        self._limit = np.maximum(np.float32(self._least), np.float32(4.0) * self._spread)
