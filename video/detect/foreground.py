"""What does not belong to a scene at one look, and the bodies in it; worked out once for all scene detectors."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from video.detect.bodies import LEAST_AREA, Body, bodies_of
from video.lazy import lazy
from video.picture import Picture

# Light leaves the scene's own texture where it falls: so much of it (correlation) and so strong (levels).
LEAST_LIKENESS, LEAST_TEXTURE_LEVELS = 0.5, 0.7
# Light ends softly: at its rim the difference rises by less than this share of what it is inside.
SOFTEST = 0.45
# Both signs, half as clear.
SOME_LIKENESS, SOFT = 0.3, 0.6
_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Foreground:
    """Pixels (height, width), 255 where something is that does not belong; `settled` after a few looks only.

    `luma` is the look with changes of light taken out, `usual` what the scene usually looks like.
    """

    mask: Picture
    share: float
    settled: bool
    luma: Picture
    usual: Picture

    @lazy
    def contrast(self) -> Picture:
        """By how many levels each pixel differs from usual, (height, width) uint8."""
        return np.asarray(cv2.absdiff(self.luma, self.usual), np.uint8)

    @lazy
    def bodies(self) -> list[Body]:
        """Things as large as a person or larger, the largest first."""
        return bodies_of(self.mask, self.contrast) if self.share >= LEAST_AREA else []

    def solid(self, body: Body) -> bool:
        """Whether it hides the scene behind it; sunshine, lamps and shadows only change how bright the scene is."""
        part = self._around(body)
        mask = self.mask[part]
        inside = mask > 0
        if np.count_nonzero(inside) < 5:
            return False
        ring = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, _SQUARE)
        rise = cv2.mean(cv2.morphologyEx(self.contrast[part], cv2.MORPH_GRADIENT, _SQUARE), ring)[0]
        softness = rise / max(1.0, body.contrast)
        here, usual = (_texture(plane[part])[inside] for plane in (self.luma, self.usual))
        strength = float(np.linalg.norm(here) * np.linalg.norm(usual))
        textured = float(np.abs(usual).mean()) >= LEAST_TEXTURE_LEVELS
        likeness = float(here @ usual) / max(1e-3, strength) if textured else 0.0
        lit = softness < SOFTEST or likeness > LEAST_LIKENESS or (softness < SOFT and likeness > SOME_LIKENESS)
        return not lit

    def _around(self, body: Body) -> tuple[slice, slice]:
        height, width = self.mask.shape
        x, y, w, h = body.box
        left, top = max(0, round(x * width) - 2), max(0, round(y * height) - 2)
        return slice(top, round((y + h) * height) + 2), slice(left, round((x + w) * width) + 2)


def _texture(luma: Picture) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """What differs from its surroundings, in levels."""
    fine = luma.astype(np.float32)
    return np.asarray(fine - cv2.blur(fine, (5, 5)), np.float32)
