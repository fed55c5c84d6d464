"""What a fixed camera can see of the ground: a sector from where it stands, by heading, field of view and range."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.metric import LocalFrame, bearing_deg, distance_m, turn_deg

Floats = NDArray[np.float64]

ARC_STEP_DEG = 6.0
# So near that it does not matter where the camera looks: its own foot and the error of the survey.
AT_HAND_M = 8.0


class BadLens(ValueError):
    """A field of view outside (0, 360] or a range that is not above zero."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A place as a camera has it: metres away, degrees off its axis (clockwise is positive), and whether it is seen."""

    distance_m: float
    bearing_off_deg: float
    sees: bool


def sight(
    camera_lonlat: ArrayLike, heading_deg: float, fov_deg: float, range_m: float, place_lonlat: ArrayLike
) -> Sight:
    """Judge one place. Flat ground, nothing in the way: a promise of geometry, not of the picture.

    Raises:
        BadLens: the field of view or the range is impossible.
    """
    _check(fov_deg, range_m)
    away = distance_m(camera_lonlat, place_lonlat)
    off = turn_deg(heading_deg, bearing_deg(camera_lonlat, place_lonlat)) if away > 0.0 else 0.0
    return Sight(away, off, away <= AT_HAND_M or (away <= range_m and abs(off) <= fov_deg / 2.0))


def footprint(camera_lonlat: ArrayLike, heading_deg: float, fov_deg: float, range_m: float) -> Floats:
    """The sector as a closed ring (n, 2) of lon/lat, the camera itself first and last.

    Raises:
        BadLens: the field of view or the range is impossible.
    """
    _check(fov_deg, range_m)
    count = max(int(np.ceil(fov_deg / ARC_STEP_DEG)), 2)
    angle = np.radians(heading_deg + np.linspace(-fov_deg / 2.0, fov_deg / 2.0, count + 1))
    frame = LocalFrame.around(camera_lonlat)
    arc = frame.to_lonlat(np.stack([np.sin(angle), np.cos(angle)], axis=-1) * range_m)
    foot = np.asarray(camera_lonlat, dtype=np.float64)[None]
    return np.concatenate([foot, arc, foot])


def _check(fov_deg: float, range_m: float) -> None:
    if not (0.0 < fov_deg <= 360.0 and range_m > 0.0):
        raise BadLens(f"field of view {fov_deg}, range {range_m}")
