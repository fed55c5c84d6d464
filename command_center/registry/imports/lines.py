"""Roads and water: what is drawn under everything else."""

from typing import Any

from shapely.geometry.base import BaseGeometry

from command_center.registry.imports.cells import Cells
from command_center.registry.imports.known import Known, valid_parts
from command_center.registry.imports.layer import BadRow
from gis.road_file import KIND_OF_HIGHWAY, RoadLine
from gis.town_model import Line
from gis.town_plan import SPEED_MPS

KINDS = {"高速": "provincial", "国道": "provincial", "省道": "provincial", "县道": "county", "乡道": "main",
         "主干": "main", "次干": "street", "支路": "street", "街": "street", "村道": "rural", "巷": "lane"}  # fmt: skip
ONE_WAY = frozenset({"yes", "true", "1", "是", "单行", "f", "-1", "t"})
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
    return {"name": cells.text("name"), "kind": _kind(cells.texts.get("kind", "")), "line": line}


def complete(columns: dict[str, Any], line: int, known: Known) -> dict[str, Any]:
    return columns


def road_line(id: str, columns: dict[str, Any], cells: Cells) -> RoadLine:
    """The road as it is travelled."""
    one_way = cells.texts.get("oneway", "").lower()
    backward = one_way in ("-1", "t")
    limit = cells.number("speed", 0, 200)
    speed = limit / 3.6 if limit else SPEED_MPS[columns["kind"]]
    line: Line = tuple((x, y) for x, y in columns["line"])
    forward = not backward
    return RoadLine(id, columns["kind"], columns["name"], line, speed, forward, backward or one_way not in ONE_WAY)


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


def _kind(text: str) -> str:
    if text in SPEED_MPS:
        return text
    by_highway = KIND_OF_HIGHWAY.get(text.lower().removesuffix("_link"))
    return by_highway or next((kind for word, kind in KINDS.items() if word in text), "rural")


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
