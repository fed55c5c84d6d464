"""One look at a feed: what every detector is given, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from video.lazy import lazy
from video.picture import Picture, averaged, shrunk

# Detectors work on luma of this width; the height follows the picture's shape.
LOOK_WIDTH_PX = 192
# Coarse edges are enough for most questions about a lens, and noise leaves none of them.
EDGE_WIDTH_PX = 96
# patrol: a key frame. hot: an extra picture between key frames. deep: a key frame all detectors are asked about.
Lane = Literal["patrol", "hot", "deep"]
# Columns and rows of tiles for measures that want to know where.
TILES = (24, 18)
_AROUND = np.ones((3, 3), np.uint8)
_BEND = np.array([[1, -2, 1]], np.float32)


@dataclass(frozen=True)
class Planes:
    """One picture in full size as the camera coded it: views that live as long as the look.

    `y` is (height, width) uint8; `u` and `v` are (height / 2, width / 2) uint8 about 128, None for grey pictures.
    """

    y: Picture
    u: Picture | None
    v: Picture | None


@dataclass(frozen=True)
class Look:
    """Luma of one picture, small, and when it arrived (epoch seconds, or seconds of a file).

    `size_bytes` is the size of the coded picture, 0 when unknown. `quiet_s` says for how many
    seconds before this key picture the coded pictures in between carried next to nothing (see `clues.quiet_before`),
    0 when unknown. `repeated` says that a key picture is byte for byte the one before it, `hushed` that the pictures
    after the last key picture cost next to nothing, as they never do (see `video.clues`). Nothing may keep `planes`
    after the look.
    """

    luma: Picture
    at: float
    lane: Lane = "patrol"
    planes: Planes | None = None
    size_bytes: int = 0
    quiet_s: float = 0.0
    repeated: bool = False
    hushed: bool = False

    @property
    def hot(self) -> bool:
        return self.lane == "hot"

    @lazy
    def basics(self) -> Basics:
        """What every look is asked for; `together` works it out for many looks in one go."""
        return basics_of([self.luma])[0]

    @property
    def half(self) -> Picture:
        """Luma at `EDGE_WIDTH_PX`."""
        return self.basics.half

    @property
    def brightness(self) -> tuple[float, float]:
        """Mean and standard deviation of the luma, 0 to 255."""
        return self.basics.brightness

    @lazy
    def edges(self) -> Picture:
        """Strength of edges at `EDGE_WIDTH_PX`, (height, width) uint8: the range of levels within 3 by 3 pixels."""
        return np.asarray(cv2.morphologyEx(self.half, cv2.MORPH_GRADIENT, _AROUND), np.uint8)

    @lazy
    def edge_energy(self) -> float:
        """Mean of `edges`, in levels per pixel."""
        return float(cv2.mean(self.edges)[0]) / 2

    @lazy
    def outline(self) -> Outline:
        """Where edges are, however strong the light: edges held against those around them, without their mean."""
        height, width = self.edges.shape
        coarse = shrunk(self.edges, (width // 2, height // 2))
        # Four quarter levels keep a flat wall from being all edges.
        around = cv2.convertScaleAbs(cv2.blur(coarse, (5, 5)), beta=4)
        return Outline(np.asarray(cv2.divide(coarse, around, dtype=cv2.CV_32F), np.float32))

    @lazy
    def detail(self) -> Detail:
        """What is finer than edges."""
        return Detail(self.luma, self.basics.detail)

    @lazy
    def chroma(self) -> tuple[Picture, Picture] | None:
        """Samples of u and of v, one in each of `TILES`; None when the picture came without colour planes."""
        if self.planes is None or self.planes.u is None or self.planes.v is None:
            return None
        return _sampled(self.planes.u), _sampled(self.planes.v)


@dataclass(frozen=True, slots=True)
class Basics:
    """The cheapest measures of one picture.

    `half` is its luma at `EDGE_WIDTH_PX`, `brightness` mean and standard deviation of that; `light`, `detail` and
    `relief` are `TILES` of it, uint8: mean luma, mean strength of what is finer than edges in quarter levels, and mean
    difference of rows a little apart, in levels.
    """

    half: Picture
    brightness: tuple[float, float]
    light: Picture
    detail: Picture
    relief: Picture


def basics_of(lumas: Sequence[Picture]) -> list[Basics]:
    """The basics of pictures of one shape (height, width), laid one below the other: one call serves them all."""
    count, (height, width) = len(lumas), lumas[0].shape
    tall = np.concatenate(lumas) if count > 1 else lumas[0]
    half_height = max(8, height * EDGE_WIDTH_PX // width)
    half = shrunk(tall, (EDGE_WIDTH_PX, count * half_height))
    light = shrunk(half, (TILES[0], count * TILES[1]))
    detail = shrunk(_strength(_bent(tall.reshape(count, height, width))), (TILES[0], count * TILES[1]))
    halves = half.reshape(count, half_height, EDGE_WIDTH_PX)
    upper, lower = halves[:, :-2], halves[:, 2:]
    steps = np.maximum(upper, lower) - np.minimum(upper, lower)
    relief = shrunk(steps.reshape(-1, EDGE_WIDTH_PX), (TILES[0], count * TILES[1]))
    centred = halves.reshape(count, -1).astype(np.float32)
    means = centred.mean(axis=1)
    centred -= means[:, None]
    deviations = np.sqrt(np.einsum("ij,ij->i", centred, centred) / centred.shape[1])
    tiles = [each.reshape(count, TILES[1], TILES[0]) for each in (light, detail, relief)]
    brightness = zip(means.tolist(), deviations.tolist(), strict=True)
    return [Basics(*each) for each in zip(halves, brightness, *tiles, strict=True)]


def _bent(lumas: Picture) -> NDArray[np.int16]:
    """Second differences along every fourth row of pictures (count, height, width): (count * rows, width) int16."""
    rows = np.ascontiguousarray(lumas[:, ::4]).reshape(-1, lumas.shape[2])
    return np.asarray(cv2.filter2D(rows, cv2.CV_16S, _BEND), np.int16)


def _strength(bent: NDArray[np.int16]) -> Picture:
    """Without sign, in quarter levels."""
    return np.asarray(cv2.convertScaleAbs(bent, alpha=4), np.uint8)


def together(looks: Sequence[Look]) -> None:
    """Work out the basics of many looks in one go."""
    for alike in by_shape(looks):
        for look, basics in zip(alike, basics_of([look.luma for look in alike]), strict=True):
            look.__dict__["basics"] = basics


def by_shape(looks: Sequence[Look]) -> Iterable[list[Look]]:
    """Looks whose pictures have the same shape; very flat ones, which cannot lie together, one by one."""
    groups: dict[object, list[Look]] = {}
    for look in looks:
        height, width = look.luma.shape
        flat = height * EDGE_WIDTH_PX // width < TILES[1]
        groups.setdefault(id(look) if flat else look.luma.shape, []).append(look)
    return groups.values()


class Outline:
    """An outline (height, width) float32 with its mean and spread, ready to be compared."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        mean, deviation = cv2.meanStdDev(values)
        self.values, self._mean = values, float(mean[0, 0])
        self._norm = max(1e-3, float(deviation[0, 0]))

    def likeness(self, other: Outline) -> float:
        """Correlation with another outline: 1 the same, 0 nothing in common; 0 for other shapes."""
        if other.values.shape != self.values.shape:
            return 0.0
        product = float(np.vdot(self.values, other.values)) / self.values.size
        return (product - self._mean * other._mean) / (self._norm * other._norm)


class Detail:
    """Second differences along sampled rows: focus gives them at edges, noise everywhere.

    `luma` is the whole picture, `tiles` the mean strength of the differences in `TILES`, four times the levels, uint8.
    """

    def __init__(self, luma: Picture, tiles: Picture) -> None:
        self._luma, self.tiles = luma, tiles

    @lazy
    def mean(self) -> float:
        """Mean strength in levels."""
        return float(cv2.mean(self.tiles)[0]) / 4

    @lazy
    def grain(self) -> float:
        """Strength in levels where the picture is flattest: a fifth of the tiles has less."""
        tiles = self.tiles.ravel()
        return float(np.partition(tiles, len(tiles) // 5)[len(tiles) // 5]) / 4

    def likeness(self, other: Detail) -> float:
        """Correlation with another detail: what stands still is alike, noise is not; 0 for other shapes."""
        if other._luma.shape != self._luma.shape:
            return 0.0
        here, there = (_bent(each._luma[None]).astype(np.float32) for each in (self, other))
        return float(np.vdot(here, there)) / max(1e-3, float(np.linalg.norm(here) * np.linalg.norm(there)))


def small_luma(luma: Picture) -> Picture:
    """Full-size luma (height, width) uint8 at the detectors' width."""
    height, width = luma.shape[:2]
    return averaged(luma, (LOOK_WIDTH_PX, max(16, round(height * LOOK_WIDTH_PX / width))))


def _sampled(plane: Picture) -> Picture:
    """One sample in the middle of each of `TILES`."""
    height, width = plane.shape
    across, down = width // TILES[0], height // TILES[1]
    if not across or not down:
        return np.asarray(cv2.resize(plane, TILES, interpolation=cv2.INTER_NEAREST), np.uint8)
    return np.ascontiguousarray(plane[down // 2 :: down, across // 2 :: across][: TILES[1], : TILES[0]])
