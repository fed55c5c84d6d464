"""Boxes of degrees around places and streets: what of a track is worth a closer look. Pure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from command_center.patrol.proof.fixes import LAT, LON, Floats

METRES_PER_DEGREE = 111_320.0
# A degree is reckoned round, and straight in metres is not quite straight in degrees: by some metres over 10 km.
SPARE_M = 20.0
SPARE_SHARE = 0.02
LONG_DEG = 0.1

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """Degrees."""

    west: float
    south: float
    east: float
    north: float

    @staticmethod
    def around(lon: float, lat: float, reach_m: float) -> "Box":
        north = reach_m / METRES_PER_DEGREE
        east = north / math.cos(math.radians(lat))
        return Box(lon - east, lat - north, lon + east, lat + north)

    @staticmethod
    def around_all(lonlat: Floats, reach_m: float) -> "Box":
        """Around each of some places (n, 2)."""
        west, south = (float(degrees) for degrees in lonlat.min(axis=0))
        east, north = (float(degrees) for degrees in lonlat.max(axis=0))
        up = reach_m / METRES_PER_DEGREE
        across = up / math.cos(math.radians(max(abs(south), abs(north))))
        return Box(west - across, south - up, east + across, north + up)

    def cells(self, size_deg: float) -> Iterator[Cell]:
        for column in range(math.floor(self.west / size_deg), math.floor(self.east / size_deg) + 1):
            for row in range(math.floor(self.south / size_deg), math.floor(self.north / size_deg) + 1):
                yield column, row

    def widened(self) -> "Box":
        """So large that nothing outside it can be within the reach it was made for."""
        lon = SPARE_SHARE * (self.east - self.west) + SPARE_M / METRES_PER_DEGREE / math.cos(math.radians(self.south))
        lat = SPARE_SHARE * (self.north - self.south) + SPARE_M / METRES_PER_DEGREE
        return Box(self.west - lon, self.south - lat, self.east + lon, self.north + lat)

    def holds(self, rows: Floats) -> NDArray[np.bool_]:
        """(n,) which fixes (n, 5) lie within."""
        lon, lat = rows[:, LON], rows[:, LAT]
        return (lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north)

    def met(self, rows: Floats) -> NDArray[np.bool_]:
        """(n - 1,) which straight ways between two fixes may pass through; very long ones always may."""
        low, high = np.minimum(rows[:-1], rows[1:]), np.maximum(rows[:-1], rows[1:])
        lon = (low[:, LON] <= self.east) & (high[:, LON] >= self.west)
        lat = (low[:, LAT] <= self.north) & (high[:, LAT] >= self.south)
        long = (high[:, LON] - low[:, LON] > LONG_DEG) | (high[:, LAT] - low[:, LAT] > LONG_DEG)
        return (lon & lat) | long
