"""Layers out again, as GeoPackage or GeoJSON, so that what went in comes out and goes in again unchanged."""

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from shapely.geometry import LineString, Point, Polygon
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.errors import BadInput
from command_center.registry import tables
from command_center.registry.imports.kinds import Kind
from command_center.registry.imports.known import columns_of
from gis.roads import Network, from_columns, is_network
from gis.roads.profiles import CAR

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON"}
# Of a row, what does not go out: it is the hall's own, or is the shape.
INNER = frozenset({"outline", "line", "rings", "origin", "digest", "model", "seq"})
MASK = "****"


def write_layer(session: Session, kind: Kind, path: Path, *, area: str = "", whole: bool = False) -> int:
    """Write all rows of a kind within an area; return how many.

    Args:
        path: a new file, .gpkg or .geojson.
        area: rows whose area (or code) does not begin with it stay out.
        whole: write phone numbers whole, not masked.

    Raises:
        BadInput: another format.
    """
    driver = DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise BadInput("import_format_out")
    rows = [row for row in _rows(session, kind) if _within(row, area)]
    rows = [row if whole else _masked(row) for row in rows]
    names = [column.key for column in kind.table.__table__.columns if column.key not in INNER]
    if kind.name == "roads":
        rows, names = _with_travel(session, rows), [*names, "oneway", "speed"]
    shapes = np.array([*(_shape(kind, row) for row in rows), None], dtype=object)[:-1]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=[_column([row[name] for row in rows]) for name in names],
        fields=np.array(names, dtype=object),
        driver=driver,
        crs="EPSG:4326",
        geometry_type={"polygon": "Polygon", "line": "LineString", "point": "Point"}[kind.shape],
        layer=kind.name,
        **({"COORDINATE_PRECISION": "6", "RFC7946": "NO"} if driver == "GeoJSON" else {}),
    )
    return len(rows)


def _rows(session: Session, kind: Kind) -> Iterable[dict[str, Any]]:
    order = tables.CameraRow.seq if kind.name == "cameras" else getattr(kind.table, kind.key)
    return (columns_of(row) for row in session.scalars(select(kind.table).order_by(order)))


def _within(row: dict[str, Any], area: str) -> bool:
    """A row belongs to an area by its own; what has none (roads, water) is everybody's ground."""
    own = row.get("area") or row.get("code")
    return own is None or str(own).startswith(area)


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    phone = row.get("phone")
    return {**row, "phone": phone[:3] + MASK + phone[-4:] if len(phone) > 7 else MASK} if phone else row


def _shape(kind: Kind, row: dict[str, Any]) -> Any:
    if kind.shape == "point":
        return Point(row["lon"], row["lat"])
    if "rings" in row:
        return Polygon(row["rings"][0], row["rings"][1:])
    return LineString(row["line"]) if kind.shape == "line" else Polygon(row["outline"])


def _column(values: list[Any]) -> Any:
    if values and all(isinstance(value, bool | int) for value in values):
        return np.array(values, dtype=np.int64)
    if values and all(isinstance(value, float) for value in values):
        return np.array(values, dtype=np.float64)
    return np.array(["" if value is None else str(value) for value in values], dtype=object)


def _with_travel(session: Session, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Roads with how they are travelled, as far as the network runs along their vertices."""
    stored = session.get(tables.RoadNetworkRow, 1)
    if stored is not None and is_network(stored.columns):
        return _with_ways(rows, from_columns(stored.columns))
    speed = _speeds(stored.columns) if stored is not None else {}
    found = []
    for row in rows:
        line = [tuple(point) for point in row["line"]]
        pairs = list(itertools.pairwise(line))
        there = next((speed[pair] for pair in pairs if pair in speed), None)
        back = next((speed[pair[::-1]] for pair in pairs if pair[::-1] in speed), None)
        one_way = "" if (there is None) == (back is None) else "yes" if back is None else "-1"
        mps = there or back
        found.append({**row, "oneway": one_way, "speed": str(round(mps * 3.6, 2)) if mps else ""})
    return found


def _with_ways(rows: list[dict[str, Any]], network: Network) -> list[dict[str, Any]]:
    """The same by the stretches that begin or end where a road begins."""
    there, back = network.there_mps[CAR].tolist(), network.back_mps[CAR].tolist()
    speed: dict[Any, tuple[float, float]] = {}
    for stretch in range(len(network)):
        line = network.stretches.line(stretch)[:2].round(6).tolist()
        speed[tuple(map(tuple, line))] = there[stretch], back[stretch]
    found = []
    for row in rows:
        ahead, against = speed.get(tuple(map(tuple, row["line"][:2])), (0.0, 0.0))
        one_way = "" if (ahead > 0) == (against > 0) else "yes" if ahead > 0 else "-1"
        mps = ahead or against
        found.append({**row, "oneway": one_way, "speed": str(round(mps * 3.6, 2)) if mps else ""})
    return found


def _speeds(columns: Mapping[str, Any]) -> dict[tuple[Any, Any], float]:
    """Metres per second of each arc, by its two ends."""
    nodes = [tuple(point) for point in columns["node_lonlat"]]
    arcs = zip(columns["arc_from"], columns["arc_to"], columns["speed_mps"], strict=True)
    return {(nodes[start], nodes[end]): mps for start, end, mps in arcs}
