"""covered 镜头遮挡: the edges this camera is used to are gone, and nothing as rich has come instead.

Sees: cloth, hand, paint, bag over the lens. Does not see: a cover on part of the picture; a camera turned away (its
edges are others, not fewer). A camera covered from the first look on, or without structure to lose, is not judged.

Source: edge-based tamper detection as in T. Ellwart et al., Camera tampering detection, 2012; here the baseline is a
running mean of gradient magnitude, compared by energy and by cosine.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.look import LEARNING, NOTHING, Lane, Look, Verdict, needs_of
from video.model import FeedSpec

LEARN_LOOKS = 3
LEARN_RATE = 0.08
# Mean gradient (levels per pixel) below which a scene has too little structure to be judged.
LEAST_STRUCTURE = 1.2
# Share of the usual edge energy that is left: at the first the plainest cover, at the second the faintest.
PLAIN_LEFT, FAINT_LEFT = 0.18, 0.52


class Covered:
    """Remembers the usual edges of one camera."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._usual: NDArray[np.float32] | None = None
        self._looks = 0

    def judge(self, look: Look) -> Verdict:
        """Positive when about a third of the usual edge energy is left at most and what is left lies elsewhere."""
        edges, usual = look.edges, self._usual
        if usual is None or usual.shape != edges.shape:
            self._usual, self._looks = edges.copy(), 1
            return LEARNING
        energy = float(edges.mean()) / max(1e-3, float(usual.mean()))
        likeness = float(np.vdot(edges, usual)) / max(1e-3, float(np.linalg.norm(edges) * np.linalg.norm(usual)))
        if float(usual.mean()) < LEAST_STRUCTURE:
            verdict = Verdict(NOTHING.needs, blind="no_texture")
        elif self._looks < LEARN_LOOKS:
            verdict = LEARNING
        elif energy < FAINT_LEFT and likeness < 0.6:
            needs = needs_of(energy, plain=PLAIN_LEFT, faint=FAINT_LEFT)
            score = min(1.0, 0.5 + 0.5 * (1 - energy / FAINT_LEFT))
            return Verdict(needs, score, None, {"edges_left": round(energy, 3), "likeness": round(likeness, 3)})
        else:
            verdict = NOTHING
        self._looks += 1
        cv2.accumulateWeighted(edges, usual, max(LEARN_RATE, 1 / self._looks))
        return verdict

    def interrupted(self) -> None:
        """Usual edges stay: the camera still hangs where it hung."""

    def memory(self) -> Any:
        """The scene is learned anew within seconds."""
        return None
