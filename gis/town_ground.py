"""What the model town's ground is made of besides roads and water: houses along the roads, fields, woods, grounds."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gis.metric import LocalFrame
from gis.town_model import Town

Floats = NDArray[np.float64]

# Along a road of this kind: half its width, share of plots built on, front and depth of a house from and to, gap (m).
FRONTS: dict[str, tuple[float, float, tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "main": (11.0, 0.93, (16.0, 38.0), (12.0, 20.0), (3.0, 9.0)),
    "street": (8.0, 0.9, (11.0, 26.0), (10.0, 16.0), (2.0, 7.0)),
    "lane": (5.0, 0.82, (10.0, 14.0), (8.0, 12.0), (3.0, 9.0)),
    "county": (14.0, 0.1, (14.0, 40.0), (10.0, 18.0), (12.0, 40.0)),
    "rural": (6.0, 0.06, (9.0, 14.0), (8.0, 11.0), (14.0, 40.0)),
}
SECOND_ROW_KINDS = ("main", "street")
# Grounds around places: class, half length and half depth in metres, and how many blocks stand on them.
GROUNDS: dict[str, tuple[str, float, float, int]] = {
    "school": ("school", 85.0, 65.0, 4),
    "kindergarten": ("school", 40.0, 32.0, 1),
    "hospital": ("medical", 70.0, 50.0, 3),
    "park": ("park", 230.0, 60.0, 0),
    "square": ("square", 48.0, 38.0, 0),
    "industrial": ("industrial", 190.0, 140.0, 6),
    "bus_station": ("works", 60.0, 45.0, 1),
    "market": ("commercial", 75.0, 55.0, 3),
    "nursing_home": ("medical", 45.0, 35.0, 2),
    "water_works": ("industrial", 60.0, 50.0, 2),
    "substation": ("industrial", 45.0, 40.0, 1),
    "waste_station": ("industrial", 40.0, 35.0, 1),
}


@dataclass(frozen=True, slots=True)
class TownGround:
    """Areas in WGS84: land by class, later ones over earlier ones, and houses."""

    land: tuple[tuple[str, Polygon], ...]
    houses: tuple[Polygon, ...]


def make_ground(town: Town) -> TownGround:
    """The ground of a town; the same town gives the same ground."""
    rng = np.random.default_rng(town.seed + 1)
    frame = LocalFrame.around(town.center.lonlat)
    outline = Polygon(frame.to_xy(town.outline))
    water = shapely.union_all(
        [Polygon(frame.to_xy(one.outline), [frame.to_xy(hole) for hole in one.holes]) for one in town.waters]
    )
    grounds = _grounds(rng, town, frame)
    houses = _houses(rng, town, frame, outline, water, grounds)
    built = shapely.union_all(shapely.buffer(houses, 24.0, quad_segs=2)).buffer(-12.0, quad_segs=2)
    banks = water.buffer(34.0, quad_segs=4).difference(built).intersection(outline)
    dry = outline.difference(water)
    land = [
        *_parts("farm", dry),
        *_parts("wood", banks.difference(water)),
        *_parts("residential", built.intersection(dry)),
        *((kind, shape) for kind, shape, _ in grounds),
    ]
    shapes = np.array([shape.simplify(1.0) for _, shape in land], dtype=object)
    return TownGround(
        tuple(zip((kind for kind, _ in land), _lonlat(frame, shapes), strict=True)),
        tuple(_lonlat(frame, houses)),
    )


def _parts(kind: str, shape: BaseGeometry) -> list[tuple[str, Polygon]]:
    return [(kind, part) for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 400.0]


def _lonlat(frame: LocalFrame, shapes: NDArray[np.object_]) -> list[Polygon]:
    return list(shapely.transform(shapes, lambda xy: np.round(frame.to_lonlat(xy), 7)))


def _box(middle: Floats, along: Floats, half: float, deep: float) -> Polygon:
    across = np.array([-along[1], along[0]])
    corners = [(-half, -deep), (half, -deep), (half, deep), (-half, deep)]
    return Polygon([middle + a * along + b * across for a, b in corners])


def _grounds(rng: np.random.Generator, town: Town, frame: LocalFrame) -> list[tuple[str, Polygon, list[Polygon]]]:
    """Class, shape and blocks of what lies around places, turned as the nearest road runs, beside it."""
    lines = [LineString(frame.to_xy(road.line)) for road in town.roads]
    tree = STRtree(lines)
    made = []
    for place in town.places:
        if place.kind not in GROUNDS:
            continue
        kind, half, deep, blocks = GROUNDS[place.kind]
        xy = frame.to_xy(place.lonlat)
        line = lines[int(tree.nearest(Point(xy)))]
        at = line.project(Point(xy))
        a, b = (np.array(line.interpolate(s).coords[0]) for s in (max(0.0, at - 5.0), at + 5.0))
        along = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
        away = xy - np.array(line.interpolate(at).coords[0])
        across = np.array([-along[1], along[0]])
        across = across if across @ away >= 0 else -across
        middle = np.array(line.interpolate(at).coords[0]) + across * (deep + 14.0)
        shape = _box(middle, along, half, deep)
        cells = rng.permutation(9)[:blocks]
        spots = [(middle + along * (c % 3 - 1) * half * 0.62 + across * (c // 3 - 1) * deep * 0.62) for c in cells]
        made.append((kind, shape, [_box(spot, along, half * 0.24, deep * 0.2) for spot in spots]))
    return made


def _houses(
    rng: np.random.Generator,
    town: Town,
    frame: LocalFrame,
    outline: Polygon,
    water: BaseGeometry,
    grounds: list[tuple[str, Polygon, list[Polygon]]],
) -> NDArray[np.object_]:
    """Blocks of grounds and houses along roads, none of which stands on a road, in water or in another."""
    roads = [(road.kind, LineString(frame.to_xy(road.line))) for road in town.roads]
    blocks = [block for _, _, own in grounds for block in own]
    wished = [house for kind, line in roads if kind in FRONTS for house in _fronts(rng, kind, line)]
    houses = np.array([*blocks, *wished], dtype=object)
    lanes = np.array([line.buffer(FRONTS.get(kind, FRONTS["county"])[0] - 1.5, quad_segs=2) for kind, line in roads])
    wet = water.buffer(8.0, quad_segs=2)
    shapely.prepare([outline, wet])
    keep = shapely.contains_properly(outline, houses) & ~shapely.intersects(wet, houses)
    keep[STRtree(houses).query(lanes, predicate="intersects")[1]] = False
    taken = np.array([shape for kind, shape, _ in grounds if kind != "commercial"], dtype=object)
    crowded = STRtree(houses).query(taken, predicate="intersects")[1]
    keep[crowded[crowded >= len(blocks)]] = False
    houses = houses[keep]
    first, second = STRtree(houses).query(houses, predicate="intersects")
    drop = np.zeros(len(houses), dtype=bool)
    for a, b in zip(first, second, strict=True):
        if a < b and not drop[a]:
            drop[b] = True
    kept: NDArray[np.object_] = houses[~drop]
    return kept


def _fronts(rng: np.random.Generator, kind: str, line: LineString) -> list[Polygon]:
    """Houses on both sides of a road; in the middle a second row stands behind the first."""
    margin, share, fronts, depths, gaps = FRONTS[kind]
    rows = 2 if kind in SECOND_ROW_KINDS else 1
    plots = []
    for side in (-1.0, 1.0):
        at = float(rng.uniform(*gaps)) + margin
        while at < line.length - margin:
            front, depth = float(rng.uniform(*fronts)), float(rng.uniform(*depths))
            for row in range(rows):
                if rng.random() < share - 0.25 * row:
                    plots.append((at, front, depth, side * (margin + 1.0 + depth / 2 + row * (depth + 9.0))))
            at += front + float(rng.uniform(*gaps))
    if not plots:
        return []
    at_m, front_m, depth_m, back_m = np.array(plots).T
    start = shapely.get_coordinates(shapely.line_interpolate_point(line, at_m))
    end = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(at_m + front_m, line.length)))
    along = (end - start) / np.maximum(np.hypot(*(end - start).T), 1e-9)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    middle = (start + end) / 2 + across * back_m[:, None]
    u, v = along * front_m[:, None] / 2, across * depth_m[:, None] / 2
    return list(shapely.polygons(np.stack([middle - u - v, middle + u - v, middle + u + v, middle - u + v], axis=1)))
