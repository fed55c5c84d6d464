"""defocus 虚焦: edges are where they were, but nothing fine is left in them.

Sees: a focus motor that ran away, a lens that was knocked, dew, grease and spray on the dome. Does not see: a lens that
was never in focus; a blur that creeps over weeks. Not judged: scenes without fine detail, such as a dark lane.

Source: ratio of fine to coarse gradients, a relative of the Laplacian and Tenengrad focus measures compared in
S. Pertuz et al., Analysis of focus measure operators, 2013; held against the same camera at the same hour.
"""

from __future__ import annotations

from typing import Any

from video.detect.acceptance import Acceptance
from video.detect.baseline import Baseline
from video.detect.look import Lane, Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, blind, needs_of
from video.detect.view import Against
from video.model import FeedSpec

# Usual detail in levels for each level of edge, and edge energy, below which there is no focus to lose.
LEAST_FINENESS, LEAST_ENERGY = 0.12, 1.0
# Share of the usual fineness that is left: the plainest blur, the faintest.
PLAIN_LEFT, FAINT_LEFT = 0.3, 0.74
# As a share of the usual likeness: from here on it is the same view.
SAME_VIEW, LEAST_KNOWN = 0.6, 8
# More edges than usual by so much are another scene, not a blurred one.
MOST_EDGES = 1.3


class Defocus:
    """Learns how fine this camera's pictures are, hour by hour."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})
    curious = False

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._sensitivity = spec.sensitivity
        self._fineness = Baseline(memory, highest=6.0, least_spread=0.02)
        self._acceptance = Acceptance()

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive when fine detail shrank much more than the edges did."""
        if not self._fineness.judgeable(look.at):
            self._fineness.learn(against.fineness, look.at)
            return LEARNING
        usual = self._fineness.usual(look.at)
        if usual.centre < LEAST_FINENESS or against.usual_energy < LEAST_ENERGY:
            verdict = blind("no_texture")
        else:
            verdict = self._judge(look, against, usual.centre)
        if self._acceptance.after(verdict.positive(self._sensitivity), look.at):
            self._fineness.forget_recent()
        if not look.hot and not verdict.positive(self._sensitivity):
            self._fineness.learn(against.fineness, look.at)
        return verdict

    def _judge(self, look: Look, against: Against, usual: float) -> Verdict:
        left = against.fineness / usual
        if against.known_looks >= LEAST_KNOWN and against.likeness > SAME_VIEW * against.usual_likeness:
            # A blur takes from the edges too, in the very same view.
            left *= min(1.0, against.edges_left)
        if left > FAINT_LEFT or against.edges_left > MOST_EDGES:
            return NOTHING
        if self._fineness.beyond(against.fineness, look.at) >= 0:
            return NOTHING
        if against.unsettled:
            return blind("unsettled")
        needs = needs_of(left, plain=PLAIN_LEFT, faint=FAINT_LEFT)
        return Verdict(needs, min(1.0, 1.0 - left / 2), None, {"fineness_left": round(left, 3)})

    def interrupted(self) -> None:
        """Usual values stay."""

    def memory(self) -> Any:
        return self._fineness.memory()
