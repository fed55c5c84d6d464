"""Smooth random displacement, so that nothing in a model town is straight or square without a reason."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Noise:
    """A smooth random vector field over the plane: a few plane waves of random direction and phase.

    Args:
        rng: where the waves come from; the same generator state gives the same field.
        wavelength_m: length of the longest wave; each octave halves it and its height.
        height_m: typical displacement by the longest waves.
    """

    def __init__(self, rng: np.random.Generator, *, wavelength_m: float, height_m: float, octaves: int = 3) -> None:
        count = 5 * octaves
        octave = np.repeat(np.arange(octaves), 5)
        angle = rng.uniform(0.0, 2 * np.pi, (2, count))
        rate = 2 * np.pi * 2.0**octave / wavelength_m * rng.uniform(0.7, 1.3, (2, count))
        self._wave = np.stack([rate * np.cos(angle), rate * np.sin(angle)], axis=-1)
        self._phase = rng.uniform(0.0, 2 * np.pi, (2, count))
        self._height = height_m * 0.5**octave / np.sqrt(2.5)

    def at(self, xy: ArrayLike) -> Floats:
        """Displacement (..., 2) at points (..., 2), in metres."""
        points = np.asarray(xy, dtype=np.float64)
        return np.stack(
            [(np.sin(points @ self._wave[side].T + self._phase[side]) * self._height).sum(axis=-1) for side in (0, 1)],
            axis=-1,
        )

    def moved(self, xy: ArrayLike) -> Floats:
        """The points, displaced."""
        points = np.asarray(xy, dtype=np.float64)
        return points + self.at(points)


def smooth_line(points_xy: ArrayLike, *, every_m: float = 60.0) -> Floats:
    """A Catmull-Rom curve through the points, (n, 2), with vertices about `every_m` apart."""
    points = np.asarray(points_xy, dtype=np.float64)
    padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        count = max(int(np.ceil(np.hypot(*(c - b)) / every_m)), 1)
        t = (np.arange(count) / count)[:, None]
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*pieces, points[-1:]])
