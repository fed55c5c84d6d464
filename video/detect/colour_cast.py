"""colour_cast 偏色: one colour lies over the whole picture.

Sees: a lost colour channel, an infrared filter stuck open by day, a white balance that ran away. Does not see: a cast
that was there from the first look; small drifts of the white balance. Pictures without colour planes and a change to
the grey of infrared and back are not judged.

Source: grey-world reasoning (G. Buchsbaum, 1980) on the u and v planes as the camera codes them, place by place against
the same camera, so that a red lorry is not a cast; 视频质量诊断 calls it 偏色.
"""

from __future__ import annotations

from math import hypot
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.acceptance import Acceptance
from video.detect.baseline import Baseline
from video.detect.look import Lane, Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, blind, needs_of
from video.detect.view import Against
from video.model import FeedSpec
from video.picture import Picture

LEARN_RATE = 0.06
# Shift of the mean in the u, v plane that makes us look at the places.
TELLING_LEVELS = 6.0
# Shift that two thirds of the places share, in levels: the plainest, the faintest.
PLAIN_LEVELS, FAINT_LEVELS = 20.0, 7.0
SHARED_BY = 0.34
# A picture whose u and v stay this close to the middle is grey.
GREY_LEVELS = 2.5


class ColourCast:
    """Learns the usual colour of each place, and the usual mean of each hour."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})
    curious = False

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._sensitivity = spec.sensitivity
        known = memory if isinstance(memory, list) and len(memory) == 2 else [None, None]
        self._means = [Baseline(part, highest=255.0, least_spread=1.0) for part in known]
        self._usual: list[NDArray[np.float32]] = []
        self._usual_means: list[float] = []
        self._acceptance = Acceptance()

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive when most places moved the same way in the u, v plane."""
        chroma = look.chroma
        if chroma is None:
            return blind("no_colour")
        means = [float(cv2.mean(plane)[0]) for plane in chroma]
        if not self._usual:
            verdict = self._first(chroma, means, look.at)
        else:
            verdict = self._judge(chroma, means, look.at) or NOTHING
        positive = verdict.positive(self._sensitivity)
        if self._acceptance.after(positive, look.at):
            self._usual = []
        elif not look.hot and not positive:
            self._learn(chroma, means, look.at)
        return verdict

    def _first(self, chroma: tuple[Picture, Picture], means: list[float], at: float) -> Verdict:
        """Nothing of the places is known yet; the hours may be, from an earlier life."""
        hours = [mean.hourly(at) for mean in self._means]
        if hours[0] is None or hours[1] is None or _grey(means):
            return LEARNING
        away = [usual.beyond(mean) for usual, mean in zip(hours, means, strict=True) if usual is not None]
        return _verdict(hypot(*away), away)

    def _judge(self, chroma: tuple[Picture, Picture], means: list[float], at: float) -> Verdict | None:
        step = [mean - known for mean, known in zip(means, self._usual_means, strict=True)]
        length = hypot(*step)
        if length < TELLING_LEVELS or not any(m.beyond(mean, at) for m, mean in zip(self._means, means, strict=True)):
            return None
        if _grey(means):
            return blind("grey")
        along = sum(
            (plane.astype(np.float32) - known) * (part / length)
            for plane, known, part in zip(chroma, self._usual, step, strict=True)
        )
        shared = float(np.quantile(np.asarray(along), SHARED_BY))
        return _verdict(shared, step)

    def _learn(self, chroma: tuple[Picture, Picture], means: list[float], at: float) -> None:
        if not self._usual:
            self._usual, self._usual_means = [plane.astype(np.float32) for plane in chroma], list(means)
        for plane, known in zip(chroma, self._usual, strict=True):
            cv2.accumulateWeighted(plane, known, LEARN_RATE)
        self._usual_means = [
            known + LEARN_RATE * (mean - known) for known, mean in zip(self._usual_means or means, means, strict=True)
        ]
        for baseline, mean in zip(self._means, means, strict=True):
            baseline.learn(mean, at)

    def interrupted(self) -> None:
        """Usual values stay."""

    def memory(self) -> Any:
        """The hours of u and of v."""
        parts = [mean.memory() for mean in self._means]
        return parts if all(parts) else None


def _verdict(shift: float, step: list[float]) -> Verdict:
    needs = needs_of(shift, plain=PLAIN_LEVELS, faint=FAINT_LEVELS)
    detail = {"shift": round(shift, 1), "u": round(step[0], 1), "v": round(step[1], 1)}
    return Verdict(needs, min(1.0, 0.3 + shift / 60), None, detail)


def _grey(means: list[float]) -> bool:
    """The picture has turned grey, as infrared pictures are: that is no cast."""
    return all(abs(mean - 128) < GREY_LEVELS for mean in means)
