"""motion 画面活动: part of the picture is other than usual. An activity, not an alarm.

Sees: anything that moves or was changed. Does not say what it is, and takes waving branches for activity.
"""

from __future__ import annotations

import cv2

from video.detect.foreground import Foreground
from video.detect.look import Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, needs_of
from video.model import Box, FeedSpec
from video.picture import Picture

# Share of the pixels that are foreground.
PLAIN_SHARE, FAINT_SHARE = 0.0099, 0.0009


class Motion:
    """Has no memory of its own: the background has."""

    curious = False

    def __init__(self, spec: FeedSpec) -> None:
        pass

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive when more than about half a percent of the pixels are foreground."""
        if not foreground.settled:
            return LEARNING
        if foreground.share < FAINT_SHARE:
            return NOTHING
        needs = needs_of(foreground.share, plain=PLAIN_SHARE, faint=FAINT_SHARE)
        score = min(1.0, 0.3 + foreground.share / (20 * PLAIN_SHARE))
        return Verdict(needs, score, _around(foreground.mask), {"share": round(foreground.share, 4)})


def _around(mask: Picture) -> Box | None:
    x, y, w, h = cv2.boundingRect(mask)
    height, width = mask.shape
    return (x / width, y / height, w / width, h / height) if w and h else None
