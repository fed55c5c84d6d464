"""motion 画面活动: part of the picture is other than usual. An activity, not an alarm.

Sees: anything that moves or was changed. Does not say what it is, and takes waving branches for activity.
"""

from __future__ import annotations

import cv2

from video.detect.background import Foreground
from video.detect.look import NOTHING, Verdict
from video.model import Box
from video.picture import Picture


def judge(foreground: Foreground, sensitivity: float = 0.5) -> Verdict:
    """Positive when more than about half a percent of the pixels are foreground."""
    least = 0.009 * (1.1 - sensitivity)
    if not foreground.settled or foreground.share < least:
        return NOTHING
    score = min(1.0, 0.3 + foreground.share / (20 * least))
    return Verdict(True, score, _around(foreground.mask), {"share": round(foreground.share, 4)})


def _around(mask: Picture) -> Box | None:
    x, y, w, h = cv2.boundingRect(mask)
    height, width = mask.shape
    return (x / width, y / height, w / width, h / height) if w and h else None
