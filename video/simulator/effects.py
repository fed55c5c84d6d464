"""What trouble looks like: quiet pictures in, troubled pictures out, BGR 384x288.

Every effect is a function of the quiet picture, the place in the trouble (pictures since its onset) and a random
generator, so that the same seed makes the same pictures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from video.picture import Picture
from video.simulator.coding import FPS
from video.simulator.drawn import HEIGHT_PX, WIDTH_PX
from video.simulator.kinds import TroubleKind
from video.simulator.segments import Walk
from video.simulator.walker import Walker

Random = np.random.Generator
Effect = Callable[[Picture, int, Random], Picture]
# There and back, in pictures.
CROSSING_FRAMES = 16 * FPS
DUSK_FRAMES = 60 * FPS
NIGHT_ENDS_FRAMES = 90 * FPS
DUSK_GAIN = 0.26
_ROWS = np.arange(HEIGHT_PX, dtype=np.float32)[:, None, None]


def clipped(picture: NDArray[Any]) -> Picture:
    made: Picture = np.clip(picture, 0, 255).astype(np.uint8)
    return made


def _grain(random: Random, deviation: float) -> NDArray[np.float32]:
    """Sensor noise, (height, width, 1), the same in all colours."""
    return random.standard_normal((HEIGHT_PX, WIDTH_PX, 1), dtype=np.float32) * np.float32(deviation)


def _covered(first: Picture) -> Effect:
    """A cloth over the lens: what is left is dim, without edges, and noisy."""
    dim = cv2.GaussianBlur(first, (0, 0), 34).astype(np.float32) * 0.16 + np.array((16, 20, 24), np.float32)
    return lambda picture, at, random: clipped(dim + _grain(random, 1.6))


def _defocus(picture: Picture, at: int, random: Random) -> Picture:
    """The lens slips out of focus within a third of a second."""
    sigma = 4.5 * min(1.0, (at + 1) / 5)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def _shifted(picture: Picture, right_px: float, down_px: float, turn_deg: float = 0.0) -> Picture:
    """Another part of the world in front of the lens; what the clip does not know is mirrored in."""
    matrix = cv2.getRotationMatrix2D((WIDTH_PX / 2, HEIGHT_PX / 2), turn_deg, 1.0)
    matrix[:, 2] += np.array((right_px, down_px))
    moved = cv2.warpAffine(picture, matrix, (WIDTH_PX, HEIGHT_PX), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8)


def _moved(picture: Picture, at: int, random: Random) -> Picture:
    """Somebody turns the camera, which takes a third of a second; it stays turned."""
    part = min(1.0, (at + 1) / 5)
    return _shifted(picture, -0.24 * WIDTH_PX * part, 0.10 * HEIGHT_PX * part, 5.0 * part)


def _shake(picture: Picture, at: int, random: Random) -> Picture:
    """A loose pole in the wind: about two swings a second, never the same, up to nine pixels."""
    time_s = at / FPS
    swing = 6.0 * math.sin(2 * math.pi * 1.9 * time_s) + float(random.uniform(-3, 3))
    nod = 3.0 * math.sin(2 * math.pi * 2.7 * time_s + 1) + float(random.uniform(-2, 2))
    return _shifted(picture, swing, nod)


def _dark(picture: Picture, at: int, random: Random) -> Picture:
    """The iris sticks closed: next to nothing is left."""
    return clipped(picture * np.float32(0.07) + 4 + _grain(random, 1.2))


def _bright(picture: Picture, at: int, random: Random) -> Picture:
    """The iris sticks open: most of the picture is white."""
    return clipped(picture * np.float32(1.5) + 150)


def _colour_cast(picture: Picture, at: int, random: Random) -> Picture:
    """A colour channel fails, the picture turns green."""
    return clipped(picture * np.array((0.5, 1.15, 0.5), np.float32))


def _noise(picture: Picture, at: int, random: Random) -> Picture:
    """A sensor or cable that makes snow."""
    grain = _grain(random, 24)
    snow = random.random((HEIGHT_PX, WIDTH_PX, 1), dtype=np.float32)
    return clipped(picture + grain + np.where(snow > 0.985, 160, 0) - np.where(snow < 0.015, 160, 0))


def _stripe(picture: Picture, at: int, random: Random) -> Picture:
    """Interference: bars roll through the picture."""
    bars = 38 * np.sin(2 * np.pi * (_ROWS / 14 + at * 0.13))
    return clipped(picture + bars.astype(np.float32))


def dusk_gain(at: int) -> float:
    """How much light is left `at` pictures after dusk began: falls smoothly over a minute, comes back after 90 s."""
    part = min(1.0, at / DUSK_FRAMES) - min(1.0, max(0.0, (at - NIGHT_ENDS_FRAMES) / DUSK_FRAMES))
    return 1 - (1 - DUSK_GAIN) * (3 - 2 * part) * part * part


def _dusk(picture: Picture, at: int, random: Random) -> Picture:
    """Evening: everything dims, blue last."""
    gain = dusk_gain(at)
    return clipped(picture * np.array((gain**0.85, gain, gain**1.05), np.float32))


_BY_PICTURE: dict[TroubleKind, Effect] = {
    "defocus": _defocus,
    "moved": _moved,
    "shake": _shake,
    "dark": _dark,
    "bright": _bright,
    "colour_cast": _colour_cast,
    "noise": _noise,
    "stripe": _stripe,
    "dusk": _dusk,
}


def troubled(
    kind: TroubleKind, pictures: Iterable[Picture], onset: int, *, seed: int, walk: Walk | None, walker: Walker
) -> Iterator[Picture]:
    """The same pictures with trouble from picture `onset` on.

    Raises:
        ValueError: a person without a way to walk.
    """
    random = np.random.default_rng(seed)
    effect: Effect | None = None
    before: Picture | None = None
    for index, picture in enumerate(pictures):
        if index < onset:
            yield picture
        else:
            if effect is None:
                effect = _effect(kind, picture if before is None else before, walk, walker)
            yield effect(picture, index - onset, random)
        before = picture


def _effect(kind: TroubleKind, before: Picture, walk: Walk | None, walker: Walker) -> Effect:
    if kind == "covered":
        return _covered(before)
    if kind == "frozen":
        return lambda picture, at, random: before
    if kind == "person":
        if walk is None:
            raise ValueError("this scene has no way for a person")
        return lambda picture, at, random: _with_person(picture, at, walk, walker)
    return _BY_PICTURE[kind]


def _with_person(picture: Picture, at: int, walk: Walk, walker: Walker) -> Picture:
    (x, y), height, left = walk.at(at % CROSSING_FRAMES / CROSSING_FRAMES)
    made = picture.copy()
    foot = (x * WIDTH_PX, y * HEIGHT_PX)
    walker.put(made, foot_px=foot, height_px=height * HEIGHT_PX, step=at * 2 // 3, left=left)
    return made


def first_in_zone(walk: Walk, zone: tuple[tuple[float, float], ...]) -> int:
    """The picture after the onset on which the person's foot is within the zone for the first time."""
    polygon = np.array(zone, np.float32)
    for at in range(CROSSING_FRAMES):
        foot, _, _ = walk.at(at / CROSSING_FRAMES)
        if cv2.pointPolygonTest(polygon, foot, False) >= 0:
            return at
    return 0
