"""Change between WGS84, GCJ-02 (高德, 腾讯) and BD-09 (百度); the hall keeps WGS84 only and converts at the edge.

Source: the published constants of the GCJ-02 obfuscation, on which all open implementations agree.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Lonlat = NDArray[np.float64]

SEMI_MAJOR_M = 6378245.0
ECCENTRICITY_2 = 0.00669342162296594323
BAIDU_PI = np.pi * 3000.0 / 180.0
INVERSE_ROUNDS = 8


class BadLonlat(ValueError):
    """Not an array of finite lon/lat pairs."""


def wgs84_to_gcj02(lonlat: ArrayLike) -> Lonlat:
    """Shift WGS84 to GCJ-02.

    Args:
        lonlat: (..., 2) degrees, longitude first. Outside China the point comes back unchanged.

    Raises:
        BadLonlat: the last axis is not 2, or a number is not finite.
    """
    return _forward(_checked(lonlat))


def gcj02_to_wgs84(lonlat: ArrayLike) -> Lonlat:
    """Undo the GCJ-02 shift by fixed-point iteration; returns to within 1e-12 degrees."""
    return _inverse(_checked(lonlat), _forward)


def gcj02_to_bd09(lonlat: ArrayLike) -> Lonlat:
    """Shift GCJ-02 to BD-09. (..., 2) degrees in, the same shape out."""
    return _to_baidu(_checked(lonlat))


def bd09_to_gcj02(lonlat: ArrayLike) -> Lonlat:
    """Undo the BD-09 shift by fixed-point iteration."""
    return _inverse(_checked(lonlat), _to_baidu)


def wgs84_to_bd09(lonlat: ArrayLike) -> Lonlat:
    """Shift WGS84 to BD-09."""
    return _to_baidu(_forward(_checked(lonlat)))


def bd09_to_wgs84(lonlat: ArrayLike) -> Lonlat:
    """Undo both shifts."""
    return _inverse(_inverse(_checked(lonlat), _to_baidu), _forward)


def _same(lonlat: ArrayLike) -> Lonlat:
    return _checked(lonlat)


TO_WGS84: dict[str, Callable[[ArrayLike], Lonlat]] = {
    "wgs84": _same,
    "cgcs2000": _same,  # differs from WGS84 by centimetres
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}


def to_wgs84(lonlat: ArrayLike, datum: str) -> Lonlat:
    """Convert from `datum` (wgs84, cgcs2000, gcj02, bd09) to WGS84.

    Raises:
        BadLonlat: the datum is unknown or the numbers are not lon/lat pairs.
    """
    if datum not in TO_WGS84:
        raise BadLonlat(f"unknown datum {datum!r}; known: {', '.join(TO_WGS84)}")
    return TO_WGS84[datum](lonlat)


def in_china(lonlat: ArrayLike) -> NDArray[np.bool_]:
    """Whether the obfuscation applies there: its own rectangle, not the border of the country."""
    points = _checked(lonlat)
    lon, lat = points[..., 0], points[..., 1]
    inside: NDArray[np.bool_] = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    return inside


def _checked(lonlat: ArrayLike) -> Lonlat:
    points = np.asarray(lonlat, dtype=np.float64)
    if points.ndim == 0 or points.shape[-1] != 2:
        raise BadLonlat(f"expected lon/lat pairs, got shape {points.shape}")
    if not np.isfinite(points).all():
        raise BadLonlat("a longitude or latitude is not a finite number")
    return points


def _waves(values: Lonlat, *waves: tuple[float, float]) -> Lonlat:
    """Sum of amplitude x sin(pi x values / period), times two thirds."""
    total: Lonlat = np.zeros_like(values)
    for amplitude, period in waves:
        total = total + amplitude * np.sin(np.pi * values / period)
    return total * 2.0 / 3.0


def _forward(points: Lonlat) -> Lonlat:
    x, y = points[..., 0] - 105.0, points[..., 1] - 35.0
    root = np.sqrt(np.abs(x))
    common = _waves(x, (20.0, 1 / 6), (20.0, 1 / 2))
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    d_lat = d_lat + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    d_lon = d_lon + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))
    return np.where(in_china(points)[..., None], points + _metres_to_degrees(points, d_lon, d_lat), points)


def _metres_to_degrees(points: Lonlat, d_lon: Lonlat, d_lat: Lonlat) -> Lonlat:
    phi = np.radians(points[..., 1])
    magic = 1.0 - ECCENTRICITY_2 * np.sin(phi) ** 2
    lat_radius_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / (magic * np.sqrt(magic))
    lon_radius_m = SEMI_MAJOR_M / np.sqrt(magic) * np.cos(phi)
    return np.stack([np.degrees(d_lon / lon_radius_m), np.degrees(d_lat / lat_radius_m)], axis=-1)


def _to_baidu(points: Lonlat) -> Lonlat:
    x, y = points[..., 0], points[..., 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BAIDU_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BAIDU_PI)
    shifted = np.stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006], axis=-1)
    return np.where(in_china(points)[..., None], shifted, points)


def _inverse(points: Lonlat, forward: Callable[[Lonlat], Lonlat]) -> Lonlat:
    guess = points
    for _ in range(INVERSE_ROUNDS):
        guess = guess + (points - forward(guess))
    return guess
