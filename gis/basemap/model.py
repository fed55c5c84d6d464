"""The ground of the model town, ready for tiles: through the same maker as a real town's file."""

from collections.abc import Iterator
from typing import Any

import orjson
import shapely
from shapely.geometry import LineString, Point, Polygon

from gis.basemap.features import Bounds, Feature
from gis.basemap.layers import Look
from gis.town_ground import make_ground
from gis.town_model import Town

ROADS = {
    "provincial": ("primary", 8),
    "county": ("secondary", 9),
    "main": ("tertiary", 11),
    "street": ("minor", 12),
    "rural": ("minor", 11),
    "lane": ("service", 12),
}
LAND_ZOOMS = {"farm": 8, "wood": 10, "residential": 10, "industrial": 10, "park": 10}
# class, rank; what is not named here is written last
POINTS = {
    "government": ("government", 6), "governance_center": ("government", 6), "police_station": ("police", 6),
    "school": ("school", 6), "hospital": ("medical", 6), "bus_station": ("station", 6), "market": ("market", 6),
    "park": ("park", 6), "fire_station": ("fire", 6),
}  # fmt: skip


def bounds_of(town: Town) -> Bounds:
    """The box around the town."""
    west, south, east, north = Polygon(town.outline).bounds
    return Bounds(west, south, east, north)


def town_features(town: Town) -> Iterator[Feature]:
    """Everything of the model town that is drawn."""
    ground = make_ground(town)
    for kind, shape in ground.land:
        yield _feature("land", LAND_ZOOMS.get(kind, 12), shape, {"class": kind})
    for water in town.waters:
        zoom = 11 if water.kind == "pond" else 6
        shape = Polygon(water.outline, water.holes)
        yield _feature("water", zoom, shape, {"class": water.kind})
        if water.name:
            spot = shapely.point_on_surface(shape)
            yield _feature("places", 11, spot, {"class": "water", "name": water.name, "rank": 5})
    for house in ground.houses:
        yield _feature("buildings", 13, house, {})
    for road in town.roads:
        kind, zoom = ROADS[road.kind]
        yield _feature("roads", zoom, LineString(road.line), {"class": kind, "name": road.name})
    for place in town.places:
        kind, rank = POINTS.get(place.kind, ("public", 7))
        yield _feature("places", 14, Point(place.lonlat), {"class": kind, "name": place.name, "rank": rank})


def _feature(layer: str, zoom: int, shape: Any, properties: dict[str, Any]) -> Feature:
    return Feature(Look(layer, zoom, properties), orjson.dumps(shapely.geometry.mapping(shape)))
