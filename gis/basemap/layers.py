"""What of OpenStreetMap is drawn: from tags to one of six layers, a class, and the zoom from which it is worth seeing.

After the layers of Shortbread and OpenMapTiles, with only what a town's map wall needs: `land`, `water`, `buildings`,
`roads`, `places`, `boundaries`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Tags = Mapping[str, str]
NAME_ROOM = 40
LAYERS = ("land", "water", "buildings", "roads", "places", "boundaries")
MIN_ZOOM, MAX_ZOOM = 6, 14


@dataclass(frozen=True, slots=True)
class Look:
    """Where something is drawn: its layer, from which zoom on, and what a style needs to know of it."""

    layer: str
    min_zoom: int
    properties: dict[str, Any] = field(default_factory=dict)


def _rows(text: str) -> dict[tuple[str, str], tuple[str, int]]:
    """Lines of `key class zoom value…` as {(key, value): (class, zoom)}."""
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for line in text.strip().splitlines():
        key, kind, zoom, *values = line.split()
        found |= {(key, value): (kind, int(zoom)) for value in values}
    return found


LAND = _rows("""
    landuse wood 8 forest
    natural wood 8 wood scrub heath
    landuse farm 9 farmland orchard vineyard plant_nursery greenhouse_horticulture farmyard allotments
    landuse grass 11 grass meadow village_green flowerbed recreation_ground
    natural grass 11 grassland
    natural wetland 9 wetland
    natural sand 11 beach sand shingle mud
    natural rock 10 bare_rock scree glacier
    landuse residential 9 residential
    landuse commercial 10 commercial retail
    landuse industrial 10 industrial quarry port railway depot
    landuse works 12 construction brownfield landfill
    landuse cemetery 12 cemetery
    amenity cemetery 12 grave_yard
    leisure park 10 park garden nature_reserve golf_course common
    leisure pitch 13 pitch stadium sports_centre track playground
    amenity school 12 school university college kindergarten
    amenity medical 12 hospital clinic
    amenity parking 14 parking
    place square 14 square
""")
WATER_AREAS = _rows("""
    natural lake 6 water
    waterway river 6 riverbank
    waterway pond 12 dock
    landuse lake 8 reservoir
    landuse pond 12 basin salt_pond
    leisure pond 14 swimming_pool
    landuse pond 11 aquaculture
""")
WATER_LINES = {"river": 8, "canal": 11, "stream": 12, "ditch": 13, "drain": 13, "tidal_channel": 12}
ROADS = {
    "motorway": ("motorway", 6),
    "trunk": ("trunk", 7),
    "primary": ("primary", 8),
    "secondary": ("secondary", 10),
    "tertiary": ("tertiary", 11),
    "unclassified": ("minor", 12),
    "residential": ("minor", 12),
    "road": ("minor", 12),
    "living_street": ("minor", 13),
    "pedestrian": ("path", 13),
    "service": ("service", 13),
    "track": ("service", 13),
    "busway": ("service", 13),
    "footway": ("path", 14),
    "path": ("path", 14),
    "cycleway": ("path", 14),
    "bridleway": ("path", 14),
    "steps": ("path", 14),
}
RAILS = {"rail": 9, "light_rail": 11, "subway": 12, "tram": 13, "monorail": 12}
# class, rank (1 is drawn first), zoom
PLACES = {
    "city": (1, 6),
    "town": (2, 8),
    "suburb": (3, 10),
    "borough": (3, 10),
    "quarter": (4, 11),
    "village": (4, 11),
    "neighbourhood": (5, 13),
    "hamlet": (5, 13),
    "isolated_dwelling": (5, 14),
}
POINTS = {
    ("amenity", "townhall"): ("government", 6),
    ("amenity", "police"): ("police", 6),
    ("amenity", "fire_station"): ("fire", 6),
    ("amenity", "hospital"): ("medical", 6),
    ("amenity", "university"): ("school", 6),
    ("amenity", "school"): ("school", 6),
    ("amenity", "college"): ("school", 6),
    ("amenity", "bus_station"): ("station", 6),
    ("railway", "station"): ("station", 6),
    ("public_transport", "station"): ("station", 6),
    ("amenity", "kindergarten"): ("school", 7),
    ("amenity", "clinic"): ("medical", 7),
    ("amenity", "marketplace"): ("market", 7),
    ("shop", "mall"): ("market", 7),
    ("shop", "supermarket"): ("market", 7),
    ("leisure", "park"): ("park", 6),
    ("leisure", "stadium"): ("park", 6),
    ("amenity", "library"): ("public", 7),
    ("amenity", "theatre"): ("public", 7),
    ("tourism", "museum"): ("public", 7),
    ("tourism", "attraction"): ("public", 7),
    ("amenity", "place_of_worship"): ("worship", 7),
    ("amenity", "fuel"): ("fuel", 7),
}
POINT_ZOOM = 14
# Provinces, prefectures, counties, towns. Borders of states are left to the official map.
BOUNDARIES = {4: 6, 5: 6, 6: 8, 7: 10, 8: 11}
STATE_LEVEL = 3


def name_of(tags: Tags) -> str:
    """The name as it is written here: simplified Chinese before Chinese before the local one."""
    for key in ("name:zh-Hans", "name:zh", "name"):
        if tags.get(key):
            return tags[key].strip()[:NAME_ROOM]
    return ""


def look_of_area(tags: Tags) -> Look | None:
    """A closed area, or None for one that is not drawn."""
    for key, value in tags.items():
        if (key, value) in WATER_AREAS:
            kind, zoom = WATER_AREAS[key, value]
            own = tags.get("water", "")
            kind = own if own in ("river", "canal", "pond", "reservoir") else kind
            return Look("water", 11 if kind == "pond" and zoom < 11 else zoom, {"class": kind})
    if tags.get("building", "no") != "no" and "building" in tags:
        return Look("buildings", 13, {})
    found = [LAND[item] for item in tags.items() if item in LAND]
    if not found:
        return None
    kind, zoom = found[0]
    return Look("land", zoom, {"class": kind})


def look_of_way(tags: Tags) -> Look | None:
    """A line: a road, a railway, flowing water or a coast."""
    if "highway" in tags:
        found = ROADS.get(tags["highway"].removesuffix("_link"))
        if found is None or tags.get("area") == "yes":
            return None
        kind, zoom = found
        if tags["highway"].endswith("_link"):
            zoom = max(zoom, 11)
        return Look("roads", zoom, _road(kind, tags))
    if tags.get("railway") in RAILS:
        # Sidings and yards make a station a grey spot.
        zoom = 13 if "service" in tags else RAILS[tags["railway"]]
        return Look("roads", zoom, {**_road("rail", tags), "name": ""})
    if tags.get("waterway") in WATER_LINES:
        kind = tags["waterway"]
        if tags.get("tunnel", "no") != "no":
            return None
        return Look("water", WATER_LINES[kind], _named({"class": kind}, tags))
    if tags.get("natural") == "coastline":
        return Look("water", MIN_ZOOM, {"class": "coast"})
    return None


def look_of_place(tags: Tags) -> Look | None:
    """Something with a name to write: a settlement, or what people find their way by."""
    name = name_of(tags)
    if not name:
        return None
    if tags.get("place") in PLACES:
        rank, zoom = PLACES[tags["place"]]
        return Look("places", zoom, {"class": tags["place"], "name": name, "rank": rank})
    for key, value in tags.items():
        if (key, value) in POINTS:
            kind, rank = POINTS[key, value]
            return Look("places", POINT_ZOOM, {"class": kind, "name": name, "rank": rank})
    return None


def look_of_water_name(tags: Tags) -> Look | None:
    """The name of a lake or a broad river, written on it."""
    look = look_of_area(tags)
    name = name_of(tags)
    if look is None or look.layer != "water" or not name or look.properties["class"] == "pond":
        return None
    return Look("places", 11, {"class": "water", "name": name, "rank": 5})


def look_of_boundary(level: int) -> Look | None:
    """A stretch of the border of an administrative area, by the highest of the areas it bounds."""
    zoom = BOUNDARIES.get(level)
    return None if zoom is None else Look("boundaries", zoom, {"level": level})


def _road(kind: str, tags: Tags) -> dict[str, Any]:
    found: dict[str, Any] = {"class": kind}
    if tags.get("bridge", "no") != "no":
        found["bridge"] = True
    if tags.get("tunnel", "no") != "no":
        found["tunnel"] = True
    return _named(found, tags)


def _named(properties: dict[str, Any], tags: Tags) -> dict[str, Any]:
    name = name_of(tags) or tags.get("ref", "")[:NAME_ROOM]
    return {**properties, "name": name} if name else properties
