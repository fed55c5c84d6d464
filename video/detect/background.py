"""What a scene looks like when nothing happens: shared by motion and intrusion.

Source: running average with per-pixel deviation, after C. Wren et al., Pfinder, 1997; made for looks seconds apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.look import Look
from video.picture import Picture

WARM_LOOKS = 4
CALM_RATE, BUSY_RATE = 0.06, 0.008
LEAST_CHANGE_LEVELS = 14.0
# More than this share of the picture changed at once is light or a moved camera, not somebody walking.
UPHEAVAL_SHARE = 0.4


@dataclass(frozen=True)
class Foreground:
    """Pixels (height, width), 255 where something is that does not belong; `settled` after a few looks only."""

    mask: Picture
    contrast: NDArray[np.float32]
    share: float
    settled: bool


class Background:
    """Mean and mean deviation per pixel, float32."""

    def __init__(self, sensitivity: float = 0.5) -> None:
        self._least = LEAST_CHANGE_LEVELS * (1.4 - 0.8 * sensitivity)
        self._mean: NDArray[np.float32] | None = None
        self._spread: NDArray[np.float32] | None = None
        self._looks = 0

    def subtract(self, look: Look) -> Foreground:
        """The foreground of a look; learns from it."""
        luma = cv2.GaussianBlur(look.luma, (3, 3), 0).astype(np.float32)
        if self._mean is None or self._spread is None or self._mean.shape != luma.shape:
            return self._start(luma)
        difference = luma - self._mean
        # A lens that opens or a cloud that passes lifts everything: only what differs from that counts.
        difference -= float(np.median(difference[::4, ::4]))
        contrast = np.abs(difference)
        mask = (contrast > np.maximum(self._least, 4.0 * self._spread)).astype(np.uint8) * np.uint8(255)
        share = float(np.count_nonzero(mask)) / mask.size
        if share > UPHEAVAL_SHARE and self._looks >= WARM_LOOKS:
            return self._start(luma)
        self._learn(luma, contrast, mask, look.hot)
        return Foreground(mask, contrast, share, self._looks > WARM_LOOKS)

    def _start(self, luma: NDArray[np.float32]) -> Foreground:
        self._mean, self._spread, self._looks = luma, np.full_like(luma, 3.0), 1
        nothing = np.zeros(luma.shape, np.uint8)
        return Foreground(nothing, np.zeros_like(luma), 0.0, False)

    def _learn(self, luma: NDArray[np.float32], contrast: NDArray[np.float32], mask: Picture, hot: bool) -> None:
        if hot or self._mean is None or self._spread is None:
            # Extra looks come fast: learning from them would make a loiterer part of the scene too soon.
            return
        self._looks += 1
        calm = np.float32(max(CALM_RATE, 1 / self._looks))
        rate = np.where(mask > 0, np.float32(max(BUSY_RATE, 0.5 / self._looks)), calm)
        self._mean += rate * (luma - self._mean)
        self._spread += np.float32(0.4) * rate * (contrast - self._spread)
