"""One look at a feed: what every detector is given, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from video.model import Box
from video.picture import Picture, shrunk

# Detectors work on luma of this width; the height follows the picture's shape.
LOOK_WIDTH_PX = 192
# Coarse edges are enough for most questions about a lens, and noise leaves none of them.
EDGE_WIDTH_PX = 96
# patrol: a key frame. hot: an extra picture between key frames. deep: a key frame all detectors are asked about.
Lane = Literal["patrol", "hot", "deep"]
NEVER = 2.0


@dataclass(frozen=True)
class Planes:
    """One picture in full size as the camera coded it: views that live as long as the look.

    `y` is (height, width) uint8; `u` and `v` are (height / 2, width / 2) uint8 about 128, None for grey pictures.
    """

    y: Picture
    u: Picture | None
    v: Picture | None


@dataclass(frozen=True)
class Look:
    """Luma of one picture, small, and when it arrived (epoch seconds, or seconds of a file).

    `size_bytes` is the size of the coded picture, 0 when unknown. Nothing may keep `planes` after the look.
    """

    luma: Picture
    at: float
    lane: Lane = "patrol"
    planes: Planes | None = None
    size_bytes: int = 0

    @property
    def hot(self) -> bool:
        return self.lane == "hot"

    @cached_property
    def edges(self) -> NDArray[np.float32]:
        """Gradient magnitude at `EDGE_WIDTH_PX`, levels per pixel, (height, width) float32."""
        height, width = self.luma.shape
        return gradient(shrunk(self.luma, (EDGE_WIDTH_PX, max(8, height * EDGE_WIDTH_PX // width))))

    @cached_property
    def brightness(self) -> tuple[float, float]:
        """Mean and standard deviation of the luma, 0 to 255."""
        mean, deviation = cv2.meanStdDev(self.luma)
        return float(mean[0, 0]), float(deviation[0, 0])


@dataclass(frozen=True)
class Verdict:
    """What a detector thinks of one look.

    `needs` is the least sensitivity at which this counts: 0 for the plainest event, 1 for the faintest, `NEVER` for
    nothing at all. `score` runs from 0 to 1. A positive verdict may say since when. `blind` says why this look cannot
    be judged (`learning`, `night`, `no_texture`, `covered`): that is neither an alarm nor a pass.
    """

    needs: float
    score: float = 0.0
    box: Box | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    since: float | None = None
    blind: str = ""

    def positive(self, sensitivity: float) -> bool:
        return self.needs <= sensitivity


NOTHING = Verdict(NEVER)
LEARNING = Verdict(NEVER, blind="learning")


def needs_of(value: float, *, plain: float, faint: float) -> float:
    """How sensitive one must be for a measure: 0 at `plain` and beyond, 1 at `faint`, `NEVER` on the quiet side of it.

    `plain` may be above or below `faint`: the direction from faint to plain is the alarming one.
    """
    share = (value - plain) / (faint - plain)
    return NEVER if share > 1 else max(0.0, share)


def small_luma(luma: Picture) -> Picture:
    """Full-size luma (height, width) uint8 at the detectors' width."""
    height, width = luma.shape[:2]
    return shrunk(luma, (LOOK_WIDTH_PX, max(16, round(height * LOOK_WIDTH_PX / width))))


def gradient(luma: Picture) -> NDArray[np.float32]:
    """Gradient magnitude of lightly smoothed luma, (height, width) float32."""
    smooth = cv2.GaussianBlur(luma, (3, 3), 0)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.25)
    return np.asarray(cv2.magnitude(across, down), np.float32)
