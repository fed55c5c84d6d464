"""Roads and water: what is drawn under everything else."""

from typing import Any

from shapely.geometry.base import BaseGeometry

from command_center.registry.imports.cells import Cells
from command_center.registry.imports.known import Known, valid_parts
from command_center.registry.imports.layer import BadRow
from gis.roads import Drawn, Network, whole_lines
from gis.roads.profiles import CLASS_KMH, CLASSES

KINDS = {"高速": "provincial", "国道": "provincial", "省道": "provincial", "县道": "county", "乡道": "main",
         "主干": "main", "次干": "street", "支路": "street", "街": "street", "村道": "rural", "巷": "lane"}  # fmt: skip
# Our kinds by OpenStreetMap's class; links go with their road, what carries no car is a path.
KIND_OF_CLASS = {
    "motorway": "provincial", "trunk": "provincial", "primary": "provincial", "secondary": "county",
    "tertiary": "main", "unclassified": "rural", "road": "rural", "residential": "street", "living_street": "lane",
    "service": "lane", "track": "lane", "pedestrian": "lane",
}  # fmt: skip
CLASS_OF_KIND = {"provincial": "primary", "county": "secondary", "main": "tertiary", "street": "residential",
                 "rural": "unclassified", "lane": "service", "path": "path"}  # fmt: skip
# What a column of classes also says, of lines that nobody travels on (yet, or any more).
NO_ROAD = frozenset({"construction", "proposed", "planned", "abandoned", "disused", "razed", "platform", "elevator",
                     "raceway", "bus_guideway", "escape", "rest_area", "services"})  # fmt: skip
ONE_WAY = {"yes": "yes", "true": "yes", "1": "yes", "是": "yes", "单行": "yes", "f": "yes", "-1": "-1", "t": "-1"}
NAME_ROOM = 64
WATER_KINDS = {"河": "river", "渠": "canal", "沟": "canal", "塘": "pond", "湖": "reservoir", "库": "reservoir"}


def identify(cells: Cells, known: Known, _issue: bool) -> tuple[str | None, str | None]:
    """A road's own id, else one by its line in the file: roads are replaced whole, so that is enough."""
    text = cells.text("id")
    return (text, None) if text else (f"r{cells.line}", None)


def issue(known: Known) -> str:
    return known.issue(lambda number: f"r{number}")


def road(cells: Cells, known: Known) -> dict[str, Any]:
    """A road as drawn.

    Raises:
        BadRow: its shape is no line.
    """
    if cells.shape is None:
        raise BadRow("no_coordinates")
    line = [list(point) for point in _line(cells.shape)]
    return {"name": cells.text("name"), "kind": kind_of_class(_class(cells.texts.get("kind", ""))), "line": line}


def complete(columns: dict[str, Any], line: int, known: Known) -> dict[str, Any]:
    return columns


def drawn(id: str, columns: dict[str, Any], cells: Cells) -> Drawn:
    """The road in the words in which roads are read."""
    tags = {
        "highway": _class(cells.texts.get("kind", "")),
        "name": columns["name"],
        "oneway": ONE_WAY.get(cells.texts.get("oneway", "").lower(), "no"),
    }
    limit = cells.number("speed", 0, 200)
    if limit:
        tags["maxspeed"] = f"{limit:g}"
    return Drawn(id, [(x, y) for x, y in columns["line"]], tags)


def roads_of(network: Network) -> dict[str, dict[str, Any]]:
    """The roads of an OpenStreetMap network as rows, by id; a way with a gap in it is several roads."""
    class_of = dict(zip(network.way_id.tolist(), network.road_class.tolist(), strict=True))
    name_of = dict(zip(network.way_id.tolist(), network.name.tolist(), strict=True))
    rows: dict[str, dict[str, Any]] = {}
    for way, pieces in whole_lines(network).items():
        for number, line in enumerate(pieces):
            id = f"w{way}" + (f".{number}" if number else "")
            kind, name = kind_of_class(CLASSES[class_of[way]]), network.names[name_of[way]][:NAME_ROOM]
            rows[id] = {"id": id, "kind": kind, "name": name, "line": line.round(6).tolist()}
    return rows


def kind_of_class(name: str) -> str:
    """How a class is drawn."""
    return KIND_OF_CLASS.get(name.removesuffix("_link"), "path" if name in CLASS_KMH else "rural")


def _line(shape: BaseGeometry) -> list[tuple[float, float]]:
    parts = list(shape.geoms) if shape.geom_type == "MultiLineString" else [shape]
    if any(part.geom_type != "LineString" for part in parts):
        raise BadRow("no_line")
    if len(parts) > 1:
        raise BadRow("line_parts", parts=len(parts))
    points = [(round(x, 6), round(y, 6)) for x, y in parts[0].coords]
    if len(set(points)) < 2:
        raise BadRow("no_line")
    return points


def _class(text: str) -> str:
    """The class of a road: as OpenStreetMap names it, or by our kinds, or by the words of the field."""
    low = text.lower()
    if low in CLASS_KMH or low in NO_ROAD:
        return low
    kind = text if text in CLASS_OF_KIND else next((kind for word, kind in KINDS.items() if word in text), "rural")
    return CLASS_OF_KIND[kind]


def water(cells: Cells, known: Known) -> dict[str, Any]:
    """A body of water with the land in it."""
    parts = valid_parts(cells.shape) if cells.shape is not None else []
    if not parts:
        raise BadRow("no_area")
    if len(parts) > 1 and parts[1].area > 0.05 * parts[0].area:
        raise BadRow("parts", parts=len(parts), holes=0)
    rings = [parts[0].exterior, *parts[0].interiors]
    name, kind = cells.text("name"), cells.text("kind")
    found = {
        "name": name,
        "kind": kind,
        "rings": [[[round(x, 6), round(y, 6)] for x, y in ring.coords] for ring in rings],
    }
    return {field: value for field, value in found.items() if value}


def complete_water(columns: dict[str, Any], line: int, known: Known) -> dict[str, Any]:
    name = columns.get("name", "")
    return {"name": "", "kind": next((kind for word, kind in WATER_KINDS.items() if word in name), "pond"), **columns}
