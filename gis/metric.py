"""Metres on the ground: a flat local frame, distances, bearings and destinations on the WGS84 ellipsoid.

Good for a county: within 50 km the errors stay under one part in 10,000. Not for continents.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SEMI_MAJOR_M = 6378137.0
ECCENTRICITY_2 = 0.0066943799901413165
INVERSE_ROUNDS = 6


class OutsideFrame(ValueError):
    """So far from the frame's centre that the flat frame is no longer right."""


def _radii_m(lat_rad: Floats) -> tuple[Floats, Floats]:
    """Radii of curvature along the meridian and across it."""
    w2 = 1.0 - ECCENTRICITY_2 * np.sin(lat_rad) ** 2
    across = SEMI_MAJOR_M / np.sqrt(w2)
    along = across * (1.0 - ECCENTRICITY_2) / w2
    return along, across


def _offset_m(from_lonlat: ArrayLike, to_lonlat: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """East and north metres and the mean latitude (mid-latitude formula)."""
    a, b = np.asarray(from_lonlat, dtype=np.float64), np.asarray(to_lonlat, dtype=np.float64)
    delta = np.radians(b - a)
    mean = np.radians((a[..., 1] + b[..., 1]) / 2.0)
    along, across = _radii_m(mean)
    return across * np.cos(mean) * delta[..., 0], along * delta[..., 1], mean


def distances_m(from_lonlat: ArrayLike, to_lonlat: ArrayLike) -> Floats:
    """Distances in metres between broadcast arrays of lon/lat (..., 2)."""
    east, north, _ = _offset_m(from_lonlat, to_lonlat)
    return np.hypot(east, north)


def distance_m(from_lonlat: ArrayLike, to_lonlat: ArrayLike) -> float:
    """Distance in metres between two lon/lat points."""
    return float(distances_m(from_lonlat, to_lonlat))


def bearing_deg(from_lonlat: ArrayLike, to_lonlat: ArrayLike) -> float:
    """Direction at the first point towards the second, degrees clockwise from north in [0, 360)."""
    east, north, mean = _offset_m(from_lonlat, to_lonlat)
    a, b = np.asarray(from_lonlat, dtype=np.float64), np.asarray(to_lonlat, dtype=np.float64)
    convergence = (b[0] - a[0]) * np.sin(mean) / 2.0
    return float((np.degrees(np.arctan2(east, north)) - convergence) % 360.0) % 360.0


def turn_deg(from_deg: float, to_deg: float) -> float:
    """How far to turn from one direction to another, in [-180, 180); positive is clockwise."""
    return (to_deg - from_deg + 180.0) % 360.0 - 180.0


def destination(lonlat: ArrayLike, bearing_deg: float, distance_m: float) -> tuple[float, float]:
    """The point `distance_m` away in a direction, as (lon, lat)."""
    frame = LocalFrame.around(lonlat)
    angle = np.radians(bearing_deg)
    lon, lat = frame.to_lonlat([distance_m * np.sin(angle), distance_m * np.cos(angle)])
    return float(lon), float(lat)


def segment_distance_m(point_lonlat: ArrayLike, start_lonlat: ArrayLike, end_lonlat: ArrayLike) -> tuple[float, float]:
    """Distance in metres from a point to a straight segment, and where on it (0 = start, 1 = end) the foot lies."""
    frame = LocalFrame.around(point_lonlat)
    start, end = frame.to_xy(start_lonlat), frame.to_xy(end_lonlat)
    step = end - start
    length_2 = float(step @ step)
    fraction = 0.0 if length_2 == 0.0 else float(np.clip(-(start @ step) / length_2, 0.0, 1.0))
    return float(np.hypot(*(start + fraction * step))), fraction


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """Flat metres around a point: x east, y north (transverse Mercator to third order).

    Source: J. P. Snyder, Map Projections: A Working Manual (USGS, 1987), ch. 8.
    """

    lon: float
    lat: float

    @classmethod
    def around(cls, lonlat: ArrayLike) -> "LocalFrame":
        """The frame whose origin is this point."""
        lon, lat = np.asarray(lonlat, dtype=np.float64)
        return cls(float(lon), float(lat))

    def to_xy(self, lonlat: ArrayLike) -> Floats:
        """Metres (..., 2) of lon/lat (..., 2).

        Raises:
            OutsideFrame: a point is more than about 2 degrees away.
        """
        points = np.asarray(lonlat, dtype=np.float64)
        if np.any(np.abs(points - (self.lon, self.lat)) > 2.0):
            raise OutsideFrame("a point is more than 2 degrees from the centre of the frame")
        east_rad, lat = np.radians(points[..., 0] - self.lon), np.radians(points[..., 1])
        across = _radii_m(lat)[1]
        return np.stack([across * np.cos(lat) * east_rad, self._arc_m(lat) + _bow_m(lat, east_rad)], axis=-1)

    def to_lonlat(self, xy: ArrayLike) -> Floats:
        """Lon/lat (..., 2) of metres (..., 2): the inverse of `to_xy`, by iteration, to under a millimetre."""
        points = np.asarray(xy, dtype=np.float64)
        centre_lat = np.radians(self.lat)
        lat: Floats = np.full(points.shape[:-1], centre_lat)
        east_rad: Floats = np.zeros(points.shape[:-1])
        for _ in range(INVERSE_ROUNDS):
            east_rad = points[..., 0] / (_radii_m(lat)[1] * np.cos(lat))
            along = _radii_m((lat + centre_lat) / 2.0)[0]
            lat = centre_lat + (points[..., 1] - _bow_m(lat, east_rad)) / along
        return np.stack([self.lon + np.degrees(east_rad), np.degrees(lat)], axis=-1)

    def _arc_m(self, lat_rad: Floats) -> Floats:
        centre: Floats = np.radians(np.float64(self.lat)) + np.zeros_like(lat_rad)
        return _radii_m((lat_rad + centre) / 2.0)[0] * (lat_rad - centre)


def _bow_m(lat_rad: Floats, east_rad: Floats) -> Floats:
    """How far a parallel bends north away from the central meridian."""
    return _radii_m(lat_rad)[1] * np.sin(lat_rad) * np.cos(lat_rad) * east_rad**2 / 2.0
