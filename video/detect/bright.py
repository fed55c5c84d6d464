"""bright 画面过亮: much more of the picture is burnt out to white than usual at this hour.

Sees: an exposure that ran away, a lamp or the sun straight into the lens, an infrared lamp on a spider's web. Does not
see: a picture that is brighter but keeps its drawing; a bright sky that is always there.

Source: share of clipped pixels against the same camera at the same hour; usual practice of 视频质量诊断 (亮度异常).
"""

from __future__ import annotations

from typing import Any

import cv2

from video.detect.acceptance import Acceptance
from video.detect.baseline import Baseline
from video.detect.look import Lane, Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, blind, needs_of
from video.detect.view import Against
from video.model import FeedSpec

# White is 235 in most streams and 255 in some; from here on nothing is drawn any more.
WHITE_LEVEL = 222
# Share of the pixels that are usually drawn and turned white: the plainest, the faintest.
PLAIN_SHARE, FAINT_SHARE = 0.6, 0.2


class Bright:
    """Learns how much of this camera's pictures is white, hour by hour."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})
    curious = False

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._sensitivity = spec.sensitivity
        self._white = Baseline(memory, highest=1.0, least_spread=0.01)
        self._acceptance = Acceptance()

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive when a large part of the picture turned white."""
        white = _white(look)
        if not self._white.judgeable(look.at):
            self._white.learn(white, look.at)
            return LEARNING
        verdict = self._judge(look, against, white)
        positive = verdict.positive(self._sensitivity)
        if self._acceptance.after(positive, look.at):
            self._white.forget_recent()
        if not look.hot and not positive:
            self._white.learn(white, look.at)
        return verdict

    def _judge(self, look: Look, against: Against, white: float) -> Verdict:
        more = self._white.beyond(white, look.at) / max(0.2, 1.0 - self._white.usual(look.at).centre)
        if more < FAINT_SHARE:
            return NOTHING
        if against.unsettled:
            return blind("unsettled")
        needs = needs_of(more, plain=PLAIN_SHARE, faint=FAINT_SHARE)
        return Verdict(needs, min(1.0, 0.4 + 0.6 * white), None, {"white_share": round(white, 3)})

    def interrupted(self) -> None:
        """Usual values stay."""

    def memory(self) -> Any:
        return self._white.memory()


def _white(look: Look) -> float:
    return cv2.countNonZero(cv2.threshold(look.half, WHITE_LEVEL - 1, 255, cv2.THRESH_BINARY)[1]) / look.half.size
