"""A street that is worth looking at, drawn: for machines without footage, and for more kinds of places beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from video.picture import Picture, shrunk
from video.simulator.walker import Walker, drawn_walker
from video.simulator.ways import Walk

WIDTH_PX, HEIGHT_PX = 384, 288
_OVER = 2
_W, _H = WIDTH_PX * _OVER, HEIGHT_PX * _OVER
Colour = tuple[int, int, int]
_CARS: tuple[Colour, ...] = (
    (196, 196, 200),
    (48, 44, 150),
    (120, 84, 40),
    (44, 46, 52),
    (70, 130, 170),
    (225, 228, 230),
)
_WALLS: tuple[Colour, ...] = ((170, 196, 214), (150, 172, 196), (196, 204, 208), (140, 160, 200), (178, 186, 170))
_ROOFS: tuple[Colour, ...] = ((62, 66, 120), (78, 74, 72), (70, 84, 96), (58, 60, 88))


@dataclass(frozen=True)
class _Mover:
    """Something that passes `passes` times per loop, so that the loop has no seam."""

    lane: float
    passes: int
    shift: float
    towards: bool
    colour: Colour


def _developer(light: str) -> Picture:
    """Lookup table (1, 256, 3) of the light of the hour."""
    known = {"dusk": ((0.66, 0.58, 0.62), 0.0), "overcast": ((0.78, 0.78, 0.78), 30.0)}
    gains, lift = known.get(light, ((1.0, 1.0, 1.0), 0.0))
    levels = np.arange(256, dtype=np.float32)[:, None] * np.array(gains, np.float32) + np.float32(lift)
    table: Picture = np.clip(levels, 0, 255).astype(np.uint8)[None]
    return table


class DrawnStreet:
    """One street: everything follows from the seed. Pictures are BGR, 384x288; a loop of `loop_s` seconds closes."""

    def __init__(self, seed: int, *, light: str = "day", loop_s: float = 40.0, walker: Walker | None = None) -> None:
        self._random = np.random.default_rng(seed)
        self._light = light
        self._loop_s = loop_s
        self._horizon = _H * self._random.uniform(0.30, 0.38)
        self._vanish = _W * self._random.uniform(0.55, 0.75)
        self._mirror = bool(seed % 2)
        self._walkers = [walker or drawn_walker(), drawn_walker((52, 60, 150)), drawn_walker((130, 96, 60))]
        self._cars = [self._mover(0.30 if k % 2 else -0.30, k % 2 == 0) for k in range(4)]
        # All on the pavement across the road: the lawn with the zone stays empty until a trespasser is asked for.
        self._people = [self._mover(1.35, k % 2 == 0) for k in range(4)]
        grain = [self._random.normal(0, 2.2, (HEIGHT_PX, WIDTH_PX, 1)) for _ in range(8)]
        self._noise = [np.repeat(np.round(one), 3, axis=2).astype(np.int16) for one in grain]

    def _mover(self, lane: float, towards: bool) -> _Mover:
        colour = _CARS[int(self._random.integers(len(_CARS)))]
        passes = int(self._random.integers(2, 4)) if abs(lane) < 1 else 1
        return _Mover(lane, passes, float(self._random.uniform()), towards, colour)

    @cached_property
    def zone(self) -> tuple[tuple[float, float], ...]:
        """The lawn in front, where nobody walks by default; fractions of the picture."""
        corners = ((0.02, 0.50), (0.28, 0.50), (0.10, 0.82), (0.02, 0.86))
        return tuple((1 - x, y) for x, y in corners) if self._mirror else corners

    @cached_property
    def walk(self) -> Walk:
        """The way of the scripted walker: in from the side, over the lawn, and back."""

        def height(y: float) -> float:
            return 0.02 + 0.46 * (y - self._horizon / _H)

        (x0, y0), (x1, y1) = (-0.03, 0.78), (0.21, 0.58)
        if self._mirror:
            x0, x1 = 1 - x0, 1 - x1
        return Walk((x0, y0), (x1, y1), height(y0), height(y1))

    def picture(self, at_s: float) -> Picture:
        """The street at a moment of the loop."""
        canvas = self._scene.copy()
        for car in sorted(self._cars, key=lambda mover: self._nearness(mover, at_s)):
            self._draw_car(canvas, car, self._nearness(car, at_s))
        for index, person in enumerate(self._people):
            near = self._nearness(person, at_s)
            walker = self._walkers[index % len(self._walkers)]
            x, y = self._ground(person.lane, near)
            left = (person.lane < 0) == person.towards
            walker.put(canvas, foot_px=(x, y), height_px=8 + 0.36 * (y - self._horizon), step=int(at_s * 11), left=left)
        if self._mirror:
            canvas = np.ascontiguousarray(canvas[:, ::-1])
        return self._developed(canvas, at_s)

    def _nearness(self, mover: _Mover, at_s: float) -> float:
        part = (at_s / self._loop_s * mover.passes + mover.shift) % 1.0
        return part if mover.towards else 1.0 - part

    def _ground(self, lane: float, near: float) -> tuple[float, float]:
        """Screen place of a lane (road edges at -1 and 1) at a nearness from 0 (vanishing point) to 1 (in front)."""
        depth = near**2.2
        y = self._horizon + 6 + (_H * 1.12 - self._horizon) * depth
        half = (y - self._horizon) * 0.62
        centre = self._vanish + (_W * 0.60 - self._vanish) * (y - self._horizon) / (_H - self._horizon)
        return centre + lane * half, y

    @cached_property
    def _scene(self) -> Picture:
        """Everything that stands still."""
        canvas = np.zeros((_H, _W, 3), np.uint8)
        self._draw_sky_and_ground(canvas)
        self._draw_houses(canvas)
        self._draw_road(canvas)
        self._draw_trees_and_lamp(canvas)
        return canvas

    def _draw_sky_and_ground(self, canvas: Picture) -> None:
        skies = {"day": ((214, 176, 132), (236, 222, 206)), "dusk": ((120, 82, 70), (110, 150, 214))}
        top, low = (
            np.array(colour, np.float32) for colour in skies.get(self._light, ((186, 182, 178), (206, 204, 202)))
        )
        horizon = int(self._horizon)
        ramp = np.linspace(0, 1, horizon, dtype=np.float32)[:, None, None]
        canvas[:horizon] = (top * (1 - ramp) + low * ramp).astype(np.uint8)
        hills = [
            (x, horizon - 18 - 16 * math.sin(x / 90 + self._vanish) - 8 * math.sin(x / 31)) for x in range(0, _W + 9, 8)
        ]
        cv2.fillPoly(canvas, [np.array([*hills, (_W, horizon), (0, horizon)], np.int32)], (138, 134, 118), cv2.LINE_AA)
        texture = cv2.GaussianBlur(self._random.normal(0, 26, (_H - horizon, _W)).astype(np.float32), (0, 0), 1.3)
        grass = np.array((62, 118, 88), np.float32) + texture[:, :, None] * np.array((0.9, 1.2, 1.0), np.float32)
        canvas[horizon:] = np.clip(grass, 0, 255).astype(np.uint8)

    def _draw_houses(self, canvas: Picture) -> None:
        x = -20.0
        while x < _W:
            width, height = self._random.uniform(70, 130), self._random.uniform(58, 120)
            if abs(x + width / 2 - self._vanish) > 90:
                self._draw_house(canvas, x, width, height)
            x += width + self._random.uniform(4, 26)

    def _draw_house(self, canvas: Picture, x: float, width: float, height: float) -> None:
        base = self._horizon + 16
        wall, roof = _WALLS[int(self._random.integers(len(_WALLS)))], _ROOFS[int(self._random.integers(len(_ROOFS)))]
        left, right, top = int(x), int(x + width), int(base - height)
        cv2.rectangle(canvas, (left, top), (right, int(base)), wall, -1)
        cv2.rectangle(
            canvas, (right - int(width * 0.16), top), (right, int(base)), tuple(int(c * 0.8) for c in wall), -1
        )
        peak = np.array([(left - 6, top), (right + 6, top), (right - 12, top - 22), (left + 12, top - 22)], np.int32)
        cv2.fillPoly(canvas, [peak], roof, cv2.LINE_AA)
        glass = (120, 196, 236) if self._light == "dusk" else (104, 92, 74)
        for floor in range(top + 10, int(base) - 18, 26):
            for window in range(left + 8, right - 16, 20):
                dark = self._random.uniform() < 0.4
                cv2.rectangle(canvas, (window, floor), (window + 10, floor + 14), (84, 76, 66) if dark else glass, -1)
                cv2.rectangle(canvas, (window, floor), (window + 10, floor + 14), (226, 228, 230), 1)

    def _draw_road(self, canvas: Picture) -> None:
        def strip(inner: float, outer: float, colour: Colour) -> None:
            near = [self._ground(lane, n) for lane, n in ((inner, 0.0), (inner, 1.0), (outer, 1.0), (outer, 0.0))]
            cv2.fillPoly(canvas, [np.array(near, np.int32)], colour, cv2.LINE_AA)

        strip(-1.75, 1.75, (164, 168, 170))
        strip(-1.06, 1.06, (206, 208, 208))
        strip(-1.0, 1.0, (98, 96, 94))
        for step in range(14):
            low, high = 0.25 + step * 0.055, 0.25 + step * 0.055 + 0.025
            dash = [self._ground(lane, n) for lane, n in ((-0.02, low), (-0.025, high), (0.025, high), (0.02, low))]
            cv2.fillPoly(canvas, [np.array(dash, np.int32)], (226, 230, 232), cv2.LINE_AA)
        grain = self._random.normal(0, 5, (_H, _W, 1)).astype(np.float32)
        canvas[:] = np.clip(canvas + grain, 0, 255).astype(np.uint8)

    def _draw_trees_and_lamp(self, canvas: Picture) -> None:
        for lane, near in ((-2.1, 0.42), (2.0, 0.46), (-2.2, 0.58), (2.2, 0.66)):
            x, y = self._ground(lane, near)
            size = (y - self._horizon) * 0.75 + 20
            cv2.line(
                canvas, (int(x), int(y)), (int(x), int(y - size)), (52, 66, 82), max(2, int(size / 14)), cv2.LINE_AA
            )
            for _ in range(26):
                dx, dy = self._random.normal(0, size * 0.24), self._random.normal(0, size * 0.2)
                green = int(self._random.uniform(70, 124))
                leaf = (int(green * 0.5), green, int(green * 0.62))
                cv2.circle(canvas, (int(x + dx), int(y - size * 1.15 + dy)), int(size * 0.16), leaf, -1, cv2.LINE_AA)
        x, y = (int(v) for v in self._ground(-1.22, 0.80))
        top = int(y - _H * 0.55)
        cv2.line(canvas, (x, y), (x, top), (120, 124, 126), 6, cv2.LINE_AA)
        cv2.line(canvas, (x, top), (x + 54, top - 12), (120, 124, 126), 4, cv2.LINE_AA)
        glow = (190, 240, 255) if self._light == "dusk" else (214, 218, 220)
        cv2.ellipse(canvas, (x + 58, top - 10), (20, 7), -8, 0, 360, glow, -1, cv2.LINE_AA)

    def _draw_car(self, canvas: Picture, car: _Mover, near: float) -> None:
        x, y = self._ground(car.lane * 1.4, near)
        width = (y - self._horizon) * 0.46
        if width < 5 or y - width > _H:
            return
        height, dark = width * 0.62, tuple(int(c * 0.62) for c in car.colour)

        def box(left: float, top: float, right: float, low: float, colour: tuple[int, ...]) -> None:
            corners = (int(x + left * width), int(y + top * height)), (int(x + right * width), int(y + low * height))
            cv2.rectangle(canvas, corners[0], corners[1], colour, -1, cv2.LINE_AA)

        cv2.ellipse(
            canvas, (int(x), int(y)), (int(width * 0.56), int(height * 0.16)), 0, 0, 360, (62, 60, 60), -1, cv2.LINE_AA
        )
        box(-0.46, -0.16, -0.28, 0.06, (26, 26, 28))
        box(0.28, -0.16, 0.46, 0.06, (26, 26, 28))
        box(-0.5, -0.62, 0.5, -0.12, car.colour)
        roof = [(-0.38, -0.60), (-0.30, -1.0), (0.30, -1.0), (0.38, -0.60)]
        cv2.fillPoly(
            canvas, [np.array([(x + a * width, y + b * height) for a, b in roof], np.int32)], dark, cv2.LINE_AA
        )
        box(-0.27, -0.94, 0.27, -0.64, (120, 106, 92))
        lamp = (190, 238, 255) if car.towards else (40, 40, 210)
        box(-0.46, -0.50, -0.30, -0.36, lamp)
        box(0.30, -0.50, 0.46, -0.36, lamp)

    def _developed(self, canvas: Picture, at_s: float) -> Picture:
        """Light of the hour, the clock, the sensor's noise; down to camera size."""
        picture = cv2.LUT(shrunk(canvas, (WIDTH_PX, HEIGHT_PX)), _developer(self._light))
        noise = self._noise[int(at_s * 15) % len(self._noise)]
        shifted = np.roll(noise, int(at_s * 977) % WIDTH_PX, axis=1)
        out: Picture = np.asarray(cv2.add(picture, shifted, dtype=cv2.CV_8U), np.uint8)
        text = f"SIM {int(at_s) // 3600:02d}:{int(at_s) // 60 % 60:02d}:{int(at_s) % 60:02d}"
        cv2.putText(out, text, (9, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (20, 20, 20), 2, cv2.LINE_AA)
        cv2.putText(out, text, (9, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (240, 240, 240), 1, cv2.LINE_AA)
        return out
