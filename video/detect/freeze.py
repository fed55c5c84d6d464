"""freeze 画面冻结: key frame after key frame is the same picture.

Sees: encoders and recorders that repeat their last picture. Does not see: a frozen picture under a running clock.
A real sensor is never this quiet: its noise survives encoding in some pixels.
"""

from __future__ import annotations

from typing import Any

import cv2

from video.detect.look import NOTHING, Lane, Look, Verdict
from video.model import FeedSpec
from video.picture import Picture

STILL_S = 5.5
STILL_LOOKS = 2
# A pixel changed when it differs by more than this many of 255 levels; a still picture has hardly any.
CHANGE_LEVELS = 2
CHANGED_SHARE = 0.0004


class Freeze:
    """Compares each picture with the one before."""

    # Between two key frames a picture is expected to be like the last one.
    lanes: frozenset[Lane] = frozenset({"patrol", "deep"})

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._before: Picture | None = None
        self._since = 0.0
        self._same = 0

    def judge(self, look: Look) -> Verdict:
        """Positive after `STILL_S` seconds and `STILL_LOOKS` repetitions without change."""
        before, self._before = self._before, look.luma
        if before is None or before.shape != look.luma.shape or _changed(before, look.luma):
            self._since, self._same = look.at, 0
            return NOTHING
        self._same += 1
        still_s = look.at - self._since
        if still_s < STILL_S or self._same < STILL_LOOKS:
            return NOTHING
        return Verdict(0.0, min(1.0, 0.6 + still_s / 60), None, {"still_s": round(still_s, 1)}, self._since)

    def interrupted(self) -> None:
        """The picture before the break says nothing of the one after."""
        self._before = None

    def memory(self) -> Any:
        """Nothing of it outlives a restart."""
        return None


def _changed(before: Picture, after: Picture) -> bool:
    _, changed = cv2.threshold(cv2.absdiff(before, after), CHANGE_LEVELS, 255, cv2.THRESH_BINARY)
    return cv2.countNonZero(changed) > CHANGED_SHARE * before.size
