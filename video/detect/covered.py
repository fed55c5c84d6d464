"""covered 镜头遮挡: the outline this camera is used to is gone, and nothing as rich has come instead.

Sees: cloth, hand, paint, bag, foil over the lens. Does not see: a cover on part of the picture; a cover with as much
contrast and as many edges as the scene (told as moved). A camera without structure to lose is not judged.

Source: loss of edges and of contrast against the usual view, after T. Ellwart et al., Camera tampering detection, 2012.
"""

from __future__ import annotations

from typing import Any

from video.detect.look import Lane, Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, blind, needs_of
from video.detect.view import Against
from video.model import FeedSpec

# Edge energy (levels per pixel) below which a scene has too little structure to be judged.
LEAST_STRUCTURE = 1.0
# Correlation with the usual outline below which it is another picture.
OTHER_PICTURE = 0.25
# Geometric mean of the shares of edges and of contrast that are left: the plainest cover, the faintest.
PLAIN_LEFT, FAINT_LEFT = 0.14, 0.6


class Covered:
    """Has no state of its own: the usual view has."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})
    curious = False

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        pass

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive when little is left of edges and contrast, and what is left lies elsewhere."""
        if against.learning:
            return LEARNING
        if against.usual_energy < LEAST_STRUCTURE:
            return blind("no_texture")
        left = (against.edges_left * against.contrast_left) ** 0.5
        if left > FAINT_LEFT or against.likeness > OTHER_PICTURE:
            return NOTHING
        if against.unsettled:
            return blind("unsettled")
        needs = needs_of(left, plain=PLAIN_LEFT, faint=FAINT_LEFT)
        detail = {"left": round(left, 3), "likeness": round(against.likeness, 3)}
        return Verdict(needs, min(1.0, 1.0 - left / 2), None, detail)

    def interrupted(self) -> None:
        """Nothing is kept."""

    def memory(self) -> Any:
        """The scene is learned anew within seconds."""
        return None
