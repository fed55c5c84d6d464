"""A person walking: cut out of the real footage, or drawn when there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from video.picture import Picture, shrunk

# A man who walks to the right alone, in vtest.avi: first and last frame (from 0), and his box there (x, y, w, h in px).
CUT_FIRST, CUT_LAST = 380, 403
_BOX_FIRST, _BOX_LAST = (553, 252, 66, 128), (697, 290, 66, 138)
CUT_HEIGHT_PX = 140


@dataclass(frozen=True)
class Walker:
    """Gait pictures, BGRA, feet at the lower edge, facing right."""

    steps: tuple[Picture, ...]

    def put(self, picture: Picture, *, foot_px: tuple[float, float], height_px: float, step: int, left: bool) -> None:
        """Draw into `picture` (BGR, changed in place), clipped at its edges."""
        sprite = self.steps[step % len(self.steps)]
        if left:
            sprite = np.ascontiguousarray(sprite[:, ::-1])
        scale = height_px / sprite.shape[0]
        size = (max(2, round(sprite.shape[1] * scale)), max(4, round(height_px)))
        _blend(picture, shrunk(sprite, size), foot_px)


def _blend(picture: Picture, sprite: Picture, foot_px: tuple[float, float]) -> None:
    height, width = sprite.shape[:2]
    x, y = round(foot_px[0] - width / 2), round(foot_px[1] - height)
    left, top = max(0, x), max(0, y)
    right, bottom = min(picture.shape[1], x + width), min(picture.shape[0], y + height)
    if left >= right or top >= bottom:
        return
    part = sprite[top - y : bottom - y, left - x : right - x].astype(np.float32)
    alpha = part[:, :, 3:] / 255.0
    under = picture[top:bottom, left:right].astype(np.float32)
    picture[top:bottom, left:right] = (part[:, :, :3] * alpha + under * (1 - alpha)).astype(np.uint8)


def cut_out(frames: Sequence[Picture], background: Picture) -> Walker:
    """The walker of vtest.avi by difference from the empty scene.

    Args:
        frames: source frames CUT_FIRST to CUT_LAST in full size.
        background: the empty scene in the same size.
    """
    steps = []
    for index, frame in enumerate(frames):
        part = index / max(1, len(frames) - 1)
        x, y, w, h = (round(a + (b - a) * part) for a, b in zip(_BOX_FIRST, _BOX_LAST, strict=True))
        steps.append(_cut(frame[y : y + h, x : x + w], background[y : y + h, x : x + w]))
    return Walker(tuple(steps))


def _cut(frame: Picture, background: Picture) -> Picture:
    difference = cv2.GaussianBlur(cv2.absdiff(frame, background).max(axis=2), (3, 3), 0)
    mask = (difference > 64).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if len(stats) > 1 else 0
    mask = (labels == largest).astype(np.uint8)
    rows, columns = np.where(mask.any(axis=1))[0], np.where(mask.any(axis=0))[0]
    alpha = cv2.GaussianBlur(mask * 255, (3, 3), 0)
    sprite = np.dstack([frame, alpha])[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = max(8, round(sprite.shape[1] * CUT_HEIGHT_PX / sprite.shape[0]))
    return shrunk(sprite, (width, CUT_HEIGHT_PX))


def drawn_walker(coat: tuple[int, int, int] = (40, 36, 44), count: int = 16) -> Walker:
    """A small figure with a swinging gait; colours are BGR."""
    return Walker(tuple(_figure(2 * math.pi * index / count, coat) for index in range(count)))


def _figure(phase: float, coat: tuple[int, int, int]) -> Picture:
    height, width, over = CUT_HEIGHT_PX, 64, 2
    canvas = np.zeros((height * over, width * over, 4), np.uint8)

    def at(x: float, y: float) -> tuple[int, int]:
        return round((width / 2 + x) * over), round(y * over)

    def limb(start: tuple[float, float], end: tuple[float, float], thick: int, colour: tuple[int, int, int]) -> None:
        cv2.line(canvas, at(*start), at(*end), (*colour, 255), thick * over, cv2.LINE_AA)

    swing, trousers, skin = math.sin(phase), (88, 62, 48), (150, 178, 214)
    for side, shade in ((-1, 0.8), (1, 1.0)):
        stride = side * swing * 17
        lift = max(0.0, math.cos(phase) * side) * 7
        cloth = (int(trousers[0] * shade), int(trousers[1] * shade), int(trousers[2] * shade))
        limb((0, 82), (stride * 0.55 + 3, 108 - lift / 2), 11, cloth)
        limb((stride * 0.55 + 3, 108 - lift / 2), (stride, 132 - lift), 9, cloth)
        limb((stride, 134 - lift), (stride + 8, 135 - lift), 6, (30, 30, 34))
        limb((0, 38), (-stride * 0.7, 62), 8, (int(coat[0] * shade), int(coat[1] * shade), int(coat[2] * shade)))
        limb((-stride * 0.7, 62), (-stride * 0.9 + 4, 80), 6, skin if side > 0 else coat)
    limb((0, 36), (0, 80), 21, coat)
    cv2.circle(canvas, at(2, 15), 11 * over, (*skin, 255), -1, cv2.LINE_AA)
    cv2.ellipse(canvas, at(0, 12), (12 * over, 10 * over), 0, 150, 390, (24, 22, 26, 255), -1, cv2.LINE_AA)
    return shrunk(canvas, (width, height))
