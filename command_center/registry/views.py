"""The town as pages get it: GeoJSON for what is drawn, lists for what has an id."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from command_center.registry.queries import category_view
from command_center.registry.town_index import TownIndex
from gis.town_model import Camera, Grid, Line, Person, Place, Road, Unit, Village, Water


def town_view(
    town: TownIndex,
    *,
    area: str = "",
    with_feed: Collection[str] = (),
    basemap: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole town; places, cameras and persons only within `area` (a code, or "" for all).

    Args:
        with_feed: ids of the cameras whose picture can be had.
        basemap: what is drawn under the town, None for its own roads and water.
    """
    lons, lats = [point[0] for point in town.outline], [point[1] for point in town.outline]
    center = town.center
    return {
        "center": {
            "code": center.code,
            "name": center.name,
            "model": center.model,
            "county": center.county,
            "lonlat": center.lonlat,
        },
        "digest": town.digest,
        "basemap": basemap,
        "bounds": [min(lons), min(lats), max(lons), max(lats)],
        "outline": {"type": "Polygon", "coordinates": [town.outline]},
        "villages": _collection(_village(one) for one in town.villages.values()),
        "grids": _collection(_grid(one) for one in town.grids.values()),
        "roads": _collection(_road(one) for one in town.roads),
        "water": _collection(_water(one) for one in town.waters),
        "places": [_place(one) for one in town.places.values() if one.area.startswith(area)],
        "units": [_unit(one) for one in town.units.values()],
        "cameras": [
            camera_view(one, one.id in with_feed) for one in town.cameras.values() if one.area.startswith(area)
        ],
        "persons": [person_view(one) for one in town.persons.values() if one.area.startswith(area)],
        "categories": [category_view(one) for one in town.categories.values()],
    }


def camera_view(camera: Camera, has_feed: bool) -> dict[str, Any]:
    """A camera as pages get it."""
    return {
        "id": camera.id,
        "number": camera.number,
        "name": camera.name,
        "lonlat": camera.lonlat,
        "heading_deg": camera.heading_deg,
        "fov_deg": camera.fov_deg,
        "range_m": camera.range_m,
        "area": camera.area,
        "place": camera.place,
        "kind": camera.kind,
        "point_class": camera.point_class,
        "recorder": camera.recorder,
        "switch": camera.switch,
        "has_feed": has_feed,
    }


def person_view(person: Person) -> dict[str, Any]:
    """One of the forces as pages get it."""
    return {
        "id": person.id,
        "name": person.name,
        "call_sign": person.call_sign,
        "force": person.force,
        "unit_id": person.unit_id,
        "area": person.area,
    }


def _place(place: Place) -> dict[str, Any]:
    return {"id": place.id, "name": place.name, "kind": place.kind, "lonlat": place.lonlat, "area": place.area}


def _unit(unit: Unit) -> dict[str, Any]:
    return {"id": unit.id, "name": unit.name, "kind": unit.kind, "lonlat": unit.lonlat}


def _village(village: Village) -> dict[str, Any]:
    properties = {"code": village.code, "name": village.name, "kind": village.kind, "center": village.center}
    return _feature(village.code, "Polygon", [village.outline], properties)


def _grid(grid: Grid) -> dict[str, Any]:
    properties = {"code": grid.code, "name": grid.name, "village": grid.village, "kind": grid.kind}
    return _feature(grid.code, "Polygon", [grid.outline], properties)


def _road(road: Road) -> dict[str, Any]:
    return _feature(road.id, "LineString", road.line, {"id": road.id, "class": road.kind, "name": road.name})


def _water(water: Water) -> dict[str, Any]:
    rings: list[Line] = [water.outline, *water.holes]
    return _feature(water.id, "Polygon", rings, {"id": water.id, "kind": water.kind, "name": water.name})


def _feature(id: str, kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": id,
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
