"""A village in an OpenStreetMap file: one of everything that is drawn, each where a test finds it again."""

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from gis.basemap.layers import LAND, POINTS, ROADS, WATER_AREAS

WEST, NORTH, STEP = 119.30, 34.115, 0.002
LAKE = (119.28, 34.10, 119.29, 34.11)
ISLAND = (119.284, 34.104, 119.286, 34.106)
Box = tuple[float, float, float, float]


class Village:
    """Collects nodes, ways and relations."""

    def __init__(self) -> None:
        self.parts: dict[str, list[str]] = {"node": [], "way": [], "relation": []}
        self.last = 0

    def id(self) -> int:
        self.last += 1
        return self.last

    def node(self, lon: float, lat: float, tags: Mapping[str, str] | None = None) -> int:
        id = self.id()
        self.parts["node"].append(f'<node id="{id}" lon="{lon:.7f}" lat="{lat:.7f}" version="1">{_tags(tags)}</node>')
        return id

    def way(
        self, points: list[tuple[float, float]], tags: Mapping[str, str] | None = None, *, close: bool = False
    ) -> int:
        nodes = [self.node(*point) for point in points]
        nodes += nodes[:1] if close else []
        id = self.id()
        refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
        self.parts["way"].append(f'<way id="{id}" version="1">{refs}{_tags(tags)}</way>')
        return id

    def box(self, box: Box, tags: Mapping[str, str] | None = None) -> int:
        west, south, east, north = box
        return self.way([(west, south), (east, south), (east, north), (west, north)], tags, close=True)

    def relation(self, members: Mapping[int, str], tags: Mapping[str, str]) -> None:
        refs = "".join(f'<member type="way" ref="{way}" role="{role}"/>' for way, role in members.items())
        self.parts["relation"].append(f'<relation id="{self.id()}" version="1">{refs}{_tags(tags)}</relation>')

    def write(self, path: Path) -> Path:
        body = "".join("".join(part) for part in self.parts.values())
        path.write_text(f'<?xml version="1.0"?><osm version="0.6">{body}</osm>', "utf-8")
        return path


def _tags(tags: Mapping[str, str] | None) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in (tags or {}).items())


def write_village(path: Path) -> Path:
    """One of every kind that the tables know, a lake with an island, borders, and what is left out."""
    village = Village()
    for row, value in enumerate(ROADS):
        lat = NORTH - row * STEP
        village.way([(WEST, lat), (WEST + 0.02, lat)], {"highway": value, "name": f"{value}路"})
    for column, ((key, value), _) in enumerate([*LAND.items(), *WATER_AREAS.items()]):
        west = WEST + column * STEP
        village.box((west, 34.14, west + 0.0015, 34.1415), {key: value})
    for column, (key, value) in enumerate(POINTS):
        village.node(WEST + column * STEP, 34.13, {key: value, "name": f"{value}点"})
    village.box((119.40, 34.12, 119.4004, 34.1203), {"building": "yes"})
    village.node(119.31, 34.12, {"place": "village", "name": "Willow", "name:zh": "柳村", "name:zh-Hans": "柳汀村"})
    outer, inner = village.box(LAKE), village.box(ISLAND)
    lake = {"type": "multipolygon", "natural": "water", "name": "砚湖"}
    village.relation({outer: "outer", inner: "inner"}, lake)
    border = village.way([(119.30, 34.16), (119.34, 34.16)])
    state = village.way([(119.30, 34.17), (119.34, 34.17)])
    county = {"type": "boundary", "boundary": "administrative", "admin_level": "6"}
    village.relation({border: "outer", state: "outer"}, county)
    village.relation({state: "outer"}, {**county, "admin_level": "2"})
    village.way([(119.30, 34.15), (119.34, 34.15)], {"waterway": "stream", "name": "小溪"})
    village.way([(119.30, 34.155), (119.34, 34.155)], {"railway": "rail"})
    village.way([(110.0, 30.0), (110.1, 30.0)], {"highway": "primary", "name": "远路"})
    return village.write(path)
