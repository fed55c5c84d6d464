"""noise 雪花噪声: grain or snow over the whole picture, also where it is usually flat.

Sees: snow of a bad line, sensor noise far above the usual, broken amplifiers. Does not see: noise that a stingy encoder
has smoothed away, or that grows over weeks. Rain and leaves are not flat places; gain that rises because the light went
is not told as noise.

Source: noise from second differences in the flattest parts of a picture, after J. Immerkaer, Fast noise variance
estimation, 1996; that it is noise and no texture is told from two pictures a moment apart.
"""

from __future__ import annotations

from typing import Any

from video.detect.acceptance import Acceptance
from video.detect.baseline import Baseline
from video.detect.look import Lane, Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, blind, needs_of
from video.detect.view import Against
from video.model import FeedSpec

# (grain + 1) as a multiple of the usual one, in levels: the plainest, the faintest.
PLAIN_MORE, FAINT_MORE = 2.4, 1.5
LEAST_GRAIN = 2.5
# In another view, detail that is the same a moment later is texture.
SAME_VIEW, SAME_DETAIL = 0.45, 0.4
# After a noisy key frame the pictures in between are this much finer than usual, for so long.
STILL_FINER, NOISY_S = 1.2, 2.5
# Light that changed by so many levels changes the gain, and grain with it.
OTHER_LIGHT_LEVELS = 25.0


class Noise:
    """Learns how much grain this camera's pictures have, hour by hour."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})
    curious = False

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._sensitivity = spec.sensitivity
        self._grain = Baseline(memory, highest=40.0, least_spread=0.1)
        self._light = Baseline(None, highest=255.0, least_spread=2.0)
        self._fineness = Baseline(None, highest=6.0, least_spread=0.02)
        self._acceptance = Acceptance()
        self._noisy_at, self._told = -NOISY_S, NOTHING

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive when even the flattest fifth of the picture is much grainier than usual."""
        grain = look.detail.grain
        if not self._grain.judgeable(look.at):
            self._learn(look, against)
            return LEARNING
        verdict = self._judge(look, against, grain)
        if look.hot and not verdict.blind and verdict.needs > self._told.needs:
            verdict = self._between(look, against)
        elif not look.hot and verdict.needs <= 1:
            self._noisy_at, self._told = look.at, verdict
        positive = verdict.positive(self._sensitivity)
        if self._acceptance.after(positive, look.at):
            self._grain.forget_recent()
        if not look.hot and not positive:
            self._learn(look, against)
        return verdict

    def _learn(self, look: Look, against: Against) -> None:
        self._grain.learn(look.detail.grain, look.at)
        self._light.learn(look.brightness[0], look.at)
        self._fineness.learn(against.fineness, look.at)

    def _between(self, look: Look, against: Against) -> Verdict:
        """Between key frames most of the noise is smoothed away: what is left of it confirms a noisy key frame."""
        if look.at - self._noisy_at > NOISY_S:
            return NOTHING
        if against.fineness < STILL_FINER * self._fineness.usual(look.at).centre:
            return NOTHING
        return self._told

    def _judge(self, look: Look, against: Against, grain: float) -> Verdict:
        usual = self._grain.usual(look.at).centre
        more = (grain + 1) / (usual + 1)
        if more < FAINT_MORE or grain < LEAST_GRAIN or self._grain.beyond(grain, look.at) <= 0:
            return NOTHING
        if against.unsettled:
            return blind("unsettled")
        if self._light.ready and abs(self._light.beyond(look.brightness[0], look.at, 2.0)) > OTHER_LIGHT_LEVELS:
            return NOTHING
        if against.likeness < SAME_VIEW and (against.detail_before or 0.0) > SAME_DETAIL:
            return NOTHING
        needs = needs_of(more, plain=PLAIN_MORE, faint=FAINT_MORE)
        return Verdict(needs, min(1.0, 0.2 * more), None, {"grain": round(grain, 2), "usual": round(usual, 2)})

    def interrupted(self) -> None:
        """Usual values stay."""

    def memory(self) -> Any:
        return self._grain.memory()
