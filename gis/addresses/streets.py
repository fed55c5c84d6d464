"""Roads as addresses use them: the road in a village, where two cross, and how far along it a kilometre post stands."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from gis.addresses.text import plain
from gis.metric import LocalFrame
from gis.town_model import Lonlat, Road

# Ends of lines that should meet lie this far apart in imported layers; two carriageways are one crossing.
MEETS_M = 12.0
ONE_CROSSING_M = 60.0
_POST = re.compile(r"(?<![a-z0-9])k?(\d{1,4})\+(\d{1,3})(?!\d)")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a road: its middle, and how far its ends are from there."""

    lonlat: Lonlat
    radius_m: float


@dataclass(frozen=True, slots=True)
class Posts:
    """Known kilometre posts of a road: metres along it, rising, and where each stands."""

    metres: tuple[float, ...]
    lonlat: tuple[Lonlat, ...]

    def at(self, metres: float) -> tuple[Lonlat, float]:
        """Where `metres` is, between the two posts around it, and how far off that may be.

        Beyond the last posts it is the last one: then the radius is the way that is missing.
        """
        lons, lats = np.array(self.lonlat).T
        point = (float(np.interp(metres, self.metres, lons)), float(np.interp(metres, self.metres, lats)))
        beyond = max(self.metres[0] - metres, metres - self.metres[-1], 0.0)
        gaps = [b - a for a, b in pairwise(self.metres) if a <= metres <= b]
        return point, max(beyond, 30.0 + (gaps[0] / 4 if gaps else 0.0))


class Streets:
    """All roads with a name. Built once; answers come from dictionaries."""

    def __init__(self, roads: Sequence[Road], frame: LocalFrame) -> None:
        self._frame = frame
        lines: dict[str, list[BaseGeometry]] = defaultdict(list)
        for road in roads:
            if road.name.strip() and len(road.line) > 1:
                lines[road.name.strip()].append(shapely.linestrings(frame.to_xy(road.line)))
        self.names: tuple[str, ...] = tuple(lines)
        self._shapes: NDArray[np.object_] = np.array(
            [shapely.line_merge(shapely.union_all(own)) for own in lines.values()], dtype=object
        )
        self.whole: tuple[Stretch, ...] = tuple(self._stretched(self._shapes))
        self.crossings: Mapping[tuple[int, int], tuple[Lonlat, ...]] = self._cross()

    def within(self, codes: Sequence[str], shapes: Iterable[BaseGeometry]) -> dict[tuple[int, str], Stretch]:
        """The stretch of each road in each of these areas, by number of the road and code of the area.

        Args:
            shapes: polygons in lon/lat, one per code.
        """
        if not len(self._shapes):
            return {}
        areas = np.array([shapely.transform(shape, self._frame.to_xy) for shape in shapes], dtype=object)
        road, area = STRtree(areas).query(self._shapes, predicate="intersects")
        parts = shapely.intersection(self._shapes[road], areas[area])
        long = shapely.length(parts) > 1.0
        keys = [(int(i), codes[int(k)]) for i, k in zip(road[long], area[long], strict=True)]
        return dict(zip(keys, self._stretched(parts[long]), strict=True))

    def _stretched(self, shapes: NDArray[np.object_]) -> list[Stretch]:
        """The middle of the longest piece of each, and the way from there to its farthest end."""
        middles = shapely.line_interpolate_point([_longest(shape) for shape in shapes], 0.5, normalized=True)
        far_m = shapely.hausdorff_distance(middles, shapes)
        return [Stretch(lonlat, round(float(far))) for lonlat, far in zip(self._lonlats(middles), far_m, strict=True)]

    def _cross(self) -> dict[tuple[int, int], tuple[Lonlat, ...]]:
        """Where every two roads meet; several places if they meet more than once."""
        if len(self._shapes) < 2:
            return {}
        left, right = STRtree(self._shapes).query(self._shapes, predicate="dwithin", distance=MEETS_M)
        pairs = [(i, j) for i, j in zip(left.tolist(), right.tolist(), strict=True) if i < j]
        spots = [self._meetings(self._shapes[i], self._shapes[j]) for i, j in pairs]
        lonlats = iter(self._lonlats([spot for own in spots for spot in own]))
        return {pair: tuple(next(lonlats) for _ in own) for pair, own in zip(pairs, spots, strict=True)}

    @staticmethod
    def _meetings(one: BaseGeometry, other: BaseGeometry) -> list[BaseGeometry]:
        near = shapely.intersection(one, other)
        if near.is_empty:
            near = shapely.intersection(one, shapely.buffer(other, MEETS_M, quad_segs=2))
        spots: list[BaseGeometry] = []
        for part in shapely.get_parts(near):
            spot = part.interpolate(0.5, normalized=True) if part.length else part.centroid
            if all(spot.distance(known) > ONE_CROSSING_M for known in spots):
                spots.append(spot)
        return spots

    def _lonlats(self, points: Sequence[BaseGeometry] | NDArray[np.object_]) -> list[Lonlat]:
        lonlat = np.round(self._frame.to_lonlat(shapely.get_coordinates(list(points))), 6)
        return [(float(lon), float(lat)) for lon, lat in lonlat]


def _longest(shape: BaseGeometry) -> BaseGeometry:
    pieces = shapely.get_parts(shape)
    lines = pieces[shapely.get_type_id(pieces) == 1]
    longest: BaseGeometry = lines[int(np.argmax(shapely.length(lines)))]
    return longest


def posts_of(roads: Mapping[str, int], spots: Iterable[tuple[str, Lonlat]]) -> dict[int, Posts]:
    """Kilometre posts that names of cameras and places tell: 县道荷柳线K3+200.

    Args:
        roads: number of a road by its name in plain spelling.
        spots: name and point.
    """
    known: dict[int, dict[float, Lonlat]] = defaultdict(dict)
    for name, lonlat in spots:
        text = plain(name)
        post = _POST.search(text)
        road = roads.get(text[: post.start()].strip()) if post else None
        if post is not None and road is not None:
            known[road].setdefault(int(post[1]) * 1000.0 + int(post[2]), lonlat)
    return {road: Posts(*zip(*sorted(own.items()), strict=True)) for road, own in known.items() if len(own) > 1}
