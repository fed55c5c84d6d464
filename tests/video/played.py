"""Scenes played with cut-out bodies on a real street: what scene detectors are tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import cv2
import numpy as np

from tests.video.footage import units, variants
from video.decode import Decoder, luma
from video.detect.background import Background
from video.detect.catalogue import SceneDetector
from video.detect.foreground import Foreground
from video.detect.look import Lane, Look, Planes, small_luma
from video.detect.verdict import Verdict
from video.picture import Picture
from video.sources.unit import decodable

WIDTH, HEIGHT = 192, 144
Place = tuple[float, float]


@cache
def street() -> Picture:
    """Small luma of an empty street, (144, 192)."""
    assert variants()
    frame = Decoder().last([decodable(units("quiet", groups=1)[0])])
    assert frame is not None
    return small_luma(luma(frame)).copy()


def noisy(picture: Picture, seed: int) -> Picture:
    """The picture as a sensor would see it once more."""
    noise = np.random.default_rng(seed).normal(0, 1.5, picture.shape)
    return np.clip(picture.astype(np.float32) + noise, 0, 255).astype(np.uint8)


@cache
def body(width: int = 8, height: int = 24, seed: int = 3) -> Picture:
    """Somebody in a patterned coat, unlike any street."""
    coarse = np.random.default_rng(seed).integers(0, 2, (height // 4, width // 4), np.uint8) * np.uint8(230)
    coarse[0, 0], coarse[-1, -1] = 255, 0
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def with_bodies(picture: Picture, feet: Iterable[Place], what: Picture | None = None) -> Picture:
    """The picture with bodies that stand at these points (fractions of width and height)."""
    made = picture.copy()
    cut = body() if what is None else what
    for x, y in feet:
        top, left = round(y * HEIGHT) - cut.shape[0], round(x * WIDTH) - cut.shape[1] // 2
        part = made[max(0, top) : top + cut.shape[0], max(0, left) : left + cut.shape[1]]
        part[:] = cut[-part.shape[0] :, -part.shape[1] :] if part.size else part
    return made


class Stage:
    """One camera over a street: detectors see what is played before it, on its own clock."""

    def __init__(self, *detectors: SceneDetector, scene: Picture | None = None, background: Background | None = None):
        self.scene = street() if scene is None else scene
        self.detectors, self.background = detectors, background or Background()
        self.at = 0.0
        self._seed = 0
        self.calm(12.0)

    def show(
        self, picture: Picture, *, lane: Lane = "patrol", after_s: float = 2.0, planes: Planes | None = None
    ) -> list[Verdict]:
        """One look at a picture; the verdicts of all detectors."""
        self.at += after_s
        self._seed += 1
        look = Look(noisy(picture, self._seed), self.at, lane, planes)
        foreground: Foreground = self.background.subtract(look)
        return [detector.judge(look, foreground) for detector in self.detectors]

    def calm(self, seconds: float) -> None:
        """Nothing happens."""
        for _ in range(round(seconds / 2)):
            self.show(self.scene)

    def walk(self, path: Callable[[float], Place], seconds: float, *, every_s: float = 0.2) -> list[Verdict]:
        """Somebody goes along a path (share of the time to place); the plainest verdict of each detector."""
        count = max(1, round(seconds / every_s))
        plainest: list[Verdict] = []
        for step in range(count + 1):
            picture = with_bodies(self.scene, [path(step / count)])
            verdicts = self.show(picture, lane="hot" if step % 10 else "patrol", after_s=every_s)
            plainest = [min(pair, key=lambda v: v.needs) for pair in zip(plainest or verdicts, verdicts, strict=True)]
        return plainest


def line(start: Place, end: Place) -> Callable[[float], Place]:
    """A straight way."""
    return lambda share: (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
