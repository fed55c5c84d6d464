"""stripe 条纹干扰: regular bars over the whole picture that are not part of the scene.

Sees: mains hum, bad ground, interference, broken rows of a sensor: bars that lie, stand or lean, rolling or not, from
a fortieth to a sixth of the picture's height apart. Does not see: a single bar; fences that were always there.

Source: a peak in the two-dimensional spectrum, usual practice of 视频质量诊断 (条纹干扰); asked only when
even the quietest parts of the picture differ from the usual one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.acceptance import Acceptance
from video.detect.baseline import Baseline
from video.detect.look import Lane, Look
from video.detect.verdict import LEARNING, NOTHING, Verdict, needs_of
from video.detect.view import Against
from video.model import FeedSpec

# Levels by which even the quietest parts change beyond the usual that make us look at the spectrum.
TELLING_LEVELS = 1.5
# So do edges, as a share of the usual.
MANY_EDGES = 1.5
LEAST_KNOWN = 8
# Lower frequencies than so many in a picture are shading.
LEAST_BARS = 6
# Share of the spectrum of what was added to the scene in its highest peak, times how even it is, squared: the plainest,
# the faintest. Bars of trouble lie over everything alike; people who walk by add as much energy, but here and there.
PLAIN_PEAK, FAINT_PEAK = 0.16, 0.045
# Levels, and how deep bars are where they are faintest.
LEAST_DEPTH, LEAST_EVENNESS, SURE_EVENNESS = 4.0, 0.5, 0.85


class Stripe:
    """Learns how much this camera's pictures differ from the usual one."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})
    curious = False

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._sensitivity = spec.sensitivity
        self._change = Baseline(None, highest=60.0, least_spread=0.25)
        self._acceptance = Acceptance()

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive when one frequency stands out that usually does not."""
        change = against.change_floor
        if not self._change.judgeable(look.at):
            self._change.learn(change, look.at)
            return LEARNING
        verdict = self._judge(look, against, change)
        positive = verdict.positive(self._sensitivity)
        if self._acceptance.after(positive, look.at):
            self._change.forget_recent()
        if not look.hot and not positive:
            self._change.learn(change, look.at)
        return verdict

    def _judge(self, look: Look, against: Against, change: float) -> Verdict:
        telling = self._change.beyond(change, look.at) >= TELLING_LEVELS
        # Where much moves anyhow, bars still show: they are edges in plenty.
        if not telling and against.edges_left < MANY_EDGES:
            return NOTHING
        # Without the scene its own bars, a fence or a crossing, are gone too.
        added = against.difference
        if added is None:
            return NOTHING
        bars = find_bars(added)
        # So far nobody knows what comes and goes here, or it comes and goes all the time.
        doubtful = not telling or against.known_looks < LEAST_KNOWN
        if bars.depth < LEAST_DEPTH or bars.evenness < (SURE_EVENNESS if doubtful else LEAST_EVENNESS):
            return NOTHING
        detail = {"share": round(bars.share, 3), "depth": round(bars.depth, 1), "evenness": round(bars.evenness, 2)}
        needs = needs_of(bars.share * bars.evenness**2, plain=PLAIN_PEAK, faint=FAINT_PEAK)
        return Verdict(needs, min(1.0, 0.4 + bars.share), None, detail)

    def interrupted(self) -> None:
        """Usual values stay."""

    def memory(self) -> Any:
        """The scene is learned anew within seconds."""
        return None


@dataclass(frozen=True)
class Bars:
    """The strongest regular bars in a picture.

    `share` of its energy is in them; they are `depth` levels deep on the whole, and `evenness` of that in the quarter
    of the picture where they are faintest.
    """

    share: float
    depth: float
    evenness: float


def find_bars(added: NDArray[np.float32]) -> Bars:
    """The highest peak in the spectrum of a picture (height, width) of mean 0, and how evenly it covers the picture."""
    height, width = added.shape
    window, wanted = _windows(height, width)
    power = np.abs(np.fft.rfft2(added * window)) ** 2 * wanted
    y, x = (int(index) for index in np.unravel_index(int(power.argmax()), power.shape))
    # A Hann window spreads a wave over its neighbours.
    rows, columns = np.arange(y - 2, y + 3) % height, slice(max(0, x - 2), x + 3)
    peak, whole = float(power[rows, columns].sum()), float(power.sum())
    if whole <= 0:
        return Bars(0.0, 0.0, 0.0)
    depth = (2 * peak / float((window**2).sum()) / added.size * 2) ** 0.5
    return Bars(peak / whole, depth, _evenness(added, y, x))


def _evenness(added: NDArray[np.float32], y: int, x: int) -> float:
    """Strength of one wave where it is faint, as a share of its middle strength."""
    height, width = added.shape
    turn = 2 * np.pi * (y * np.arange(height)[:, None] / height + x * np.arange(width)[None, :] / width)
    reach = (width // 5 | 1, height // 5 | 1)
    real = cv2.blur((added * np.cos(turn)).astype(np.float32), reach)
    imaginary = cv2.blur((added * np.sin(turn)).astype(np.float32), reach)
    strength = np.hypot(real, imaginary)
    faint, middle = np.quantile(strength, (0.2, 0.6))
    return float(faint / max(1e-6, middle))


@lru_cache(maxsize=32)
def _windows(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A Hann window; and which frequencies count, how often they stand in the whole spectrum."""
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    down, across = np.fft.fftfreq(height)[:, None] * height, np.fft.rfftfreq(width)[None, :] * width
    often = np.where((across == 0) | (across == width / 2), 0.5, 1.0)
    return window, ((np.hypot(down, across) >= LEAST_BARS) * often).astype(np.float32)
