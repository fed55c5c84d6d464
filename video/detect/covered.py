"""covered 镜头遮挡: the edges this camera is used to are gone, and nothing as rich has come instead.

Sees: cloth, hand, paint, bag over the lens. Does not see: a cover on part of the picture; a camera turned away (its
edges are others, not fewer). A camera covered from the first look on, or without structure to lose, is not judged.

Source: edge-based tamper detection as in T. Ellwart et al., Camera tampering detection, 2012; here the baseline is a
running mean of gradient magnitude, compared by energy and by cosine.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.look import LOOK_WIDTH_PX, NOTHING, Look, Verdict
from video.picture import Picture, shrunk

# Coarse edges are enough, and noise leaves none of them.
EDGE_WIDTH_PX = 96
LEARN_LOOKS = 3
LEARN_RATE = 0.08
# Mean gradient (levels per pixel) below which a scene has too little structure to be judged.
LEAST_STRUCTURE = 1.2


class Covered:
    """Remembers the usual edges of one camera."""

    def __init__(self, sensitivity: float = 0.5) -> None:
        self._least_energy = 0.18 + 0.34 * sensitivity
        self._usual: NDArray[np.float32] | None = None
        self._looks = 0

    def judge(self, look: Look) -> Verdict:
        """Positive when less than about a third of the usual edge energy is left and what is left lies elsewhere."""
        edges = gradient(
            shrunk(look.luma, (EDGE_WIDTH_PX, max(8, look.luma.shape[0] * EDGE_WIDTH_PX // LOOK_WIDTH_PX)))
        )
        usual = self._usual
        if usual is None or usual.shape != edges.shape:
            self._usual, self._looks = edges, 1
            return NOTHING
        energy = float(edges.mean()) / max(1e-3, float(usual.mean()))
        likeness = float(np.vdot(edges, usual)) / max(1e-3, float(np.linalg.norm(edges) * np.linalg.norm(usual)))
        judged = self._looks >= LEARN_LOOKS and float(usual.mean()) >= LEAST_STRUCTURE
        if judged and energy < self._least_energy and likeness < 0.6:
            score = min(1.0, 0.5 + 0.5 * (1 - energy / self._least_energy))
            return Verdict(True, score, None, {"edges_left": round(energy, 3), "likeness": round(likeness, 3)})
        self._looks += 1
        rate = max(LEARN_RATE, 1 / self._looks)
        cv2.accumulateWeighted(edges, usual, rate)
        return NOTHING


def gradient(luma: Picture) -> NDArray[np.float32]:
    """Gradient magnitude of lightly smoothed luma, (height, width) float32."""
    smooth = cv2.GaussianBlur(luma, (3, 3), 0)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.25)
    return np.asarray(cv2.magnitude(across, down), np.float32)
