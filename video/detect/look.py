"""One look at a feed: what every detector is given, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from video.model import Box
from video.picture import Picture, shrunk

# Detectors work on luma of this width; the height follows the picture's shape.
LOOK_WIDTH_PX = 192


@dataclass(frozen=True)
class Look:
    """Luma of one picture, small, and when it arrived (epoch seconds, or seconds of a file).

    `hot` marks an extra look between two key frames, asked for to confirm a suspicion.
    """

    luma: Picture
    at: float
    hot: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a detector thinks of one look; a positive one may say since when."""

    positive: bool
    score: float = 0.0
    box: Box | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    since: float | None = None


NOTHING = Verdict(False)


def small_luma(luma: Picture) -> Picture:
    """Full-size luma (height, width) uint8 at the detectors' width."""
    height, width = luma.shape[:2]
    return shrunk(luma, (LOOK_WIDTH_PX, max(16, round(height * LOOK_WIDTH_PX / width))))
