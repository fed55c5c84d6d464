"""What does not belong to a scene at one look, and the bodies in it; worked out once for all scene detectors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from video.detect.bodies import LEAST_AREA, Body, bodies_of
from video.picture import Picture


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

    @cached_property
    def contrast(self) -> Picture:
        """By how many levels each pixel differs from usual, (height, width) uint8."""
        return np.asarray(cv2.absdiff(self.luma, self.usual), np.uint8)

    @cached_property
    def bodies(self) -> list[Body]:
        """Things as large as a person or larger, the largest first."""
        return bodies_of(self.mask, self.contrast) if self.share >= LEAST_AREA else []
