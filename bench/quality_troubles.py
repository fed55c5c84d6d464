"""Troubles of a picture, drawn onto real footage: what a bench of the quality detectors injects.

Each is a function of (picture, seconds since onset, random) and gives the picture a camera in that trouble would send;
pictures are (height, width, 3) uint8 BGR. Strengths are drawn once per injection, from mild to plain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from video.picture import Picture

Render = Callable[[Picture, float], Picture]


def _clipped(values: NDArray[Any]) -> Picture:
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def cloth(first: Picture, random: Generator) -> Render:
    """A dim woven cloth, out of focus, that sways a little."""
    height, width = first.shape[:2]
    grain = random.normal(0, 1, (height + 16, width + 16, 1))
    weave = np.asarray(cv2.GaussianBlur(grain, (0, 0), random.uniform(3, 7)))
    weave = weave * (random.uniform(4, 10) / max(1e-6, float(weave.std())))
    colour = random.uniform(15, 90, 3)

    def render(picture: Picture, since_s: float) -> Picture:
        shift = round(4 + 3 * np.sin(2 * since_s))
        part = weave[shift : shift + height, shift : shift + width, None]
        through = cv2.GaussianBlur(picture, (0, 0), 25).astype(np.float32) * 0.12
        return _clipped(through + colour + part + random.normal(0, 1.5, (height, width, 1)))

    return render


def hand(first: Picture, random: Generator) -> Render:
    """A hand or a bag close before the lens: one colour, shaded from one side to the other."""
    height, width = first.shape[:2]
    ramp = (
        np.linspace(random.uniform(0.5, 0.9), random.uniform(0.9, 1.3), width)[None, :, None]
        * np.linspace(0.9, 1.1, height)[:, None, None]
    )
    colour = np.array([(70, 90, 140), (30, 30, 35), (120, 150, 200)][int(random.integers(3))], np.float32)
    return lambda picture, since_s: _clipped(colour * ramp + random.normal(0, 1.5, (height, width, 1)))


def covered(first: Picture, random: Generator) -> Render:
    return cloth(first, random) if random.random() < 0.6 else hand(first, random)


def defocus(first: Picture, random: Generator) -> Render:
    """The focus is gone: blur of 1.1 to 2.6 % of the width."""
    sigma = random.uniform(0.011, 0.026) * first.shape[1]
    return lambda picture, since_s: np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def moved(first: Picture, random: Generator) -> Render:
    """The camera was turned: another part of a larger scene, shifted by 12 to 45 % with new content at the rim."""
    height, width = first.shape[:2]
    share, angle = random.uniform(0.12, 0.45), random.uniform(0, 2 * np.pi)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-8, 8), 1.0)
    turn[:, 2] += share * width * np.cos(angle), share * height * np.sin(angle)
    return lambda picture, since_s: np.asarray(
        cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8
    )


def dark(first: Picture, random: Generator) -> Render:
    """The iris closes or the light fails: a tenth of the light, in a second, and sensor noise."""
    gain = random.uniform(0.04, 0.14)

    def render(picture: Picture, since_s: float) -> Picture:
        return _clipped(picture * np.float32(gain) + random.normal(0, 1.2, (*picture.shape[:2], 1)))

    return render


def bright(first: Picture, random: Generator) -> Render:
    """Exposure runs away: most of the picture is white."""
    gain, lift = random.uniform(2.2, 4.0), random.uniform(50, 110)
    return lambda picture, since_s: _clipped(picture * np.float32(gain) + np.float32(lift))


def colour_cast(first: Picture, random: Generator) -> Render:
    """A colour channel is lost or the infrared filter is stuck."""
    gains = [(0.25, 1.0, 1.0), (1.0, 0.3, 1.0), (1.0, 1.0, 0.3), (1.25, 0.55, 1.35), (0.55, 1.2, 0.6)]
    gain = np.array(gains[int(random.integers(len(gains)))], np.float32)
    return lambda picture, since_s: _clipped(picture * gain)


def noise(first: Picture, random: Generator) -> Render:
    """Snow of a bad line, or the grain of a sensor at its limit."""
    height, width = first.shape[:2]
    snow, sigma = random.random() < 0.5, random.uniform(22, 45)
    share = random.uniform(0.04, 0.15)

    def render(picture: Picture, since_s: float) -> Picture:
        if not snow:
            return _clipped(picture + random.normal(0, sigma, (height, width, 1)))
        hit = random.random((height, width)) < share
        made = picture.copy()
        made[hit] = random.integers(0, 256, (int(hit.sum()), 1))
        return made

    return render


def stripe(first: Picture, random: Generator) -> Render:
    """Bars across the picture that roll: mains hum, a bad ground, a broken row driver."""
    height, width = first.shape[:2]
    period, depth = random.uniform(0.03, 0.14) * height, random.uniform(14, 40)
    lean = random.choice([0.0, 0.0, np.pi / 2, random.uniform(0.1, 0.5)])
    speed = random.uniform(0, 3)
    y, x = np.mgrid[:height, :width]
    phase = (y * np.cos(lean) + x * np.sin(lean)) * 2 * np.pi / period

    def render(picture: Picture, since_s: float) -> Picture:
        return _clipped(picture + (depth * np.sin(phase + speed * since_s))[..., None])

    return render


def shake(first: Picture, random: Generator) -> Render:
    """A loose mount: every picture elsewhere, by up to 1.5 to 4 % of the width."""
    height, width = first.shape[:2]
    reach = random.uniform(0.015, 0.04) * width

    def render(picture: Picture, since_s: float) -> Picture:
        shift = np.array([[1, 0, random.uniform(-reach, reach)], [0, 1, random.uniform(-reach, reach)]], np.float64)
        return np.asarray(cv2.warpAffine(picture, shift, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)

    return render


def freeze(first: Picture, random: Generator) -> Render:
    """The encoder is fed with its last picture again and again."""
    kept: list[Picture] = []

    def render(picture: Picture, since_s: float) -> Picture:
        kept.append(picture) if not kept else None
        return kept[0]

    return render


TROUBLES: dict[str, Callable[[Picture, Generator], Render]] = {
    "freeze": freeze,
    "covered": covered,
    "defocus": defocus,
    "moved": moved,
    "dark": dark,
    "bright": bright,
    "colour_cast": colour_cast,
    "noise": noise,
    "stripe": stripe,
    "shake": shake,
}
