"""dark 画面过暗: hardly any light is left, though this camera has light at this hour.

Sees: a failed lamp, a closed iris, an exposure that ran away, a filter stuck shut. Does not see: nights and
dusks, which come slowly and are usual at their hour. A camera that is dark already is not judged.

Source: mean luma against the same camera at the same hour; usual practice of 视频质量诊断 (亮度异常), where fixed
limits are replaced by learned ones.
"""

from __future__ import annotations

from typing import Any

from video.detect.acceptance import Acceptance
from video.detect.baseline import Baseline
from video.detect.look import Lane, Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, blind, needs_of
from video.detect.view import Against
from video.model import FeedSpec

# Black is 16 in most streams; the codec smears it a little below.
BLACK_LEVEL = 15.0
# Usual light above black, in levels, that can be lost; and what is not dark however much was lost.
LEAST_LIGHT, DARK_LEVEL = 25.0, 62.0
# Share of the usual light that is left: the plainest darkness, the faintest.
PLAIN_LEFT, FAINT_LEFT = 0.08, 0.46


class Dark:
    """Learns how bright this camera's pictures are, hour by hour."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})
    curious = False

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._sensitivity = spec.sensitivity
        self._light = Baseline(memory, highest=255.0, least_spread=3.0)
        self._acceptance = Acceptance()

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive when the picture is dark and most of the light it has at this hour is gone."""
        mean = look.brightness[0]
        if not self._light.judgeable(look.at):
            self._light.learn(mean, look.at)
            return LEARNING
        verdict = self._judge(look, against, mean)
        positive = verdict.positive(self._sensitivity)
        if self._acceptance.after(positive, look.at):
            self._light.forget_recent()
        if not look.hot and not positive:
            self._light.learn(mean, look.at)
        return verdict

    def _judge(self, look: Look, against: Against, mean: float) -> Verdict:
        usual = self._light.usual(look.at).centre - BLACK_LEVEL
        if usual < LEAST_LIGHT:
            return blind("night")
        left = max(0.0, mean - BLACK_LEVEL) / usual
        if mean > DARK_LEVEL or left > FAINT_LEFT or self._light.beyond(mean, look.at) >= 0:
            return NOTHING
        if against.unsettled:
            return blind("unsettled")
        needs = needs_of(left, plain=PLAIN_LEFT, faint=FAINT_LEFT)
        return Verdict(needs, min(1.0, 1.0 - left / 2), None, {"luma": round(mean, 1), "light_left": round(left, 3)})

    def interrupted(self) -> None:
        """Usual values stay."""

    def memory(self) -> Any:
        return self._light.memory()
