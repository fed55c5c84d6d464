"""shake 画面抖动: the picture jumps to and fro, from one moment to the next.

Sees: a loose mount, an engine beside the pole, a broken stabiliser: jumps of a hundredth of the picture's width and
more. Does not see: a smaller sway; a turn in one direction (moved). A camera that has always swayed is not judged by
that.

Source: displacement by normalised correlation of outlines over several pictures of one second; the usual 灰度投影
method of 视频质量诊断 measures the same along two axes only.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from video.detect.look import Lane, Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, blind, needs_of
from video.detect.view import Against
from video.model import FeedSpec

WINDOW_S = 2.6
LEAST_LOOKS, LEAST_ELSEWHERE = 4, 3
LEAST_STRUCTURE = 1.0
# Mean jump from look to look, in shares of the width: the plainest, the faintest.
PLAIN_JUMP, FAINT_JUMP = 0.02, 0.005
# A shift counts when the picture is this much like the usual one there, as a share of what is usual.
ALIKE = 0.6
# A likeness so many spreads below the usual makes us measure.
TELLING_SPREADS = 0.5
# A camera whose looks are usually less alike than this has always swayed; it takes some looks to know.
STEADY_LIKENESS, LEAST_KNOWN = 0.72, 6
# Off its place, in shares of the width.
ELSEWHERE = 0.003
# Of the way travelled, this share at most may be progress: the rest is to and fro.
MOST_PROGRESS = 0.6


class Shake:
    """Remembers where the picture stood in the looks of the last seconds."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._places: deque[tuple[float, float, float]] = deque(maxlen=16)
        self.curious = False

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive when the picture jumped to and fro in the looks of the last seconds."""
        self.curious = False
        if against.usual_energy < LEAST_STRUCTURE:
            return blind("no_texture")
        if against.known_looks < LEAST_KNOWN:
            return LEARNING
        if against.usual_likeness < STEADY_LIKENESS:
            return blind("unsteady")
        unlike = against.unlike(TELLING_SPREADS) > 0
        if not unlike and not look.hot:
            return NOTHING
        across, down, alike = against.shift
        if alike < ALIKE * against.usual_likeness:
            return NOTHING
        while self._places and look.at - self._places[0][0] > WINDOW_S:
            self._places.popleft()
        self._places.append((look.at, across, down))
        jump, progress = self._measure()
        self.curious = unlike and not look.hot and max(abs(across), abs(down)) > ELSEWHERE
        elsewhere = [place[0] for place in self._places if max(abs(place[1]), abs(place[2])) > ELSEWHERE]
        if len(self._places) < LEAST_LOOKS or len(elsewhere) < LEAST_ELSEWHERE or progress > MOST_PROGRESS:
            return NOTHING
        needs = needs_of(jump, plain=PLAIN_JUMP, faint=FAINT_JUMP)
        return Verdict(needs, min(1.0, 0.4 + jump / 0.05), None, {"jump": round(jump, 4)}, elsewhere[0])

    def _measure(self) -> tuple[float, float]:
        """Mean jump from look to look, and the share of the way that was progress."""
        places = np.array([place[1:] for place in self._places])
        if len(places) < 2:
            return 0.0, 1.0
        jumps = np.hypot(*np.diff(places, axis=0).T)
        way = float(jumps.sum())
        return float(jumps.mean()), float(np.hypot(*(places[-1] - places[0]))) / max(1e-6, way)

    def interrupted(self) -> None:
        """Looks before the break say nothing of those after."""
        self._places.clear()

    def memory(self) -> Any:
        """How much a camera sways is part of its usual view, learned anew within seconds."""
        return None
