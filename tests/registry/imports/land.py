"""A town of four square kilometres, written as the files that people send, and imports of them in a sentence."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from command_center import importing
from command_center.registry import tables
from command_center.registry.imports.known import columns_of
from command_center.registry.imports.plan import Plan, Wish
from command_center.timeline import Timeline

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
TOWN = "320724199"
WEST, SOUTH, SIDE = 119.30, 34.08, 0.02
real = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of real data is not beside the project")


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle as GeoJSON, in shares of the town's side."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    ring = [[round(WEST + x * SIDE, 6), round(SOUTH + y * SIDE, 6)] for x, y in corners]
    return {"type": "Polygon", "coordinates": [ring]}


def at(x: float, y: float) -> tuple[float, float]:
    """A place in shares of the town's side."""
    return round(WEST + x * SIDE, 6), round(SOUTH + y * SIDE, 6)


def geojson(path: Path, features: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> Path:
    body = [{"type": "Feature", "properties": one, "geometry": shape} for one, shape in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": body}, ensure_ascii=False), "utf-8")
    return path


def table(path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join(",".join(map(str, row)) for row in rows).encode(encoding))
    return path


GRIDS = [
    ({"code": f"{TOWN}{village}{number:03d}"}, box(x, y, x + 0.5, y + 0.5))
    for village, x, number, y in (("001", 0, 1, 0.5), ("001", 0, 2, 0), ("201", 0.5, 1, 0.5), ("201", 0.5, 2, 0))
]


def settle(timeline: Timeline, folder: Path) -> None:
    """Import the outline, two villages and four grids."""
    bring(timeline, "center", geojson(folder / "c.geojson", [({"code": TOWN, "name": "小镇"}, box(0, 0, 1, 1))]))
    villages = [
        ({"code": f"{TOWN}001", "name": "东街社区"}, box(0, 0, 0.5, 1)),
        ({"code": f"{TOWN}201", "name": "西村"}, box(0.5, 0, 1, 1)),
    ]
    bring(timeline, "villages", geojson(folder / "v.geojson", villages))
    bring(timeline, "grids", geojson(folder / "g.geojson", GRIDS))


def bring(timeline: Timeline, kind: str, path: Path, **wish: Any) -> Plan:
    return importing.run(timeline, path, Wish(kind, **wish), apply=True)


def trial(timeline: Timeline, kind: str, path: Path, **wish: Any) -> Plan:
    return importing.run(timeline, path, Wish(kind, **wish), apply=False)


def stored(timeline: Timeline, table: Any) -> dict[str, dict[str, Any]]:
    """All rows of a table by their key."""
    key = table.__table__.primary_key.columns.keys()[0]
    with timeline.reading() as session:
        return {row[key]: row for row in map(columns_of, session.scalars(select(table)))}


def everything(timeline: Timeline) -> dict[str, Any]:
    """The whole registry as it is stored, without the digest that every import renews."""
    found = {
        row.__tablename__: stored(timeline, row)
        for row in (tables.CenterRow, tables.VillageRow, tables.GridRow, tables.RoadRow, tables.RoadNetworkRow,
                    tables.WaterRow, tables.PlaceRow, tables.UnitRow, tables.PersonRow, tables.CameraRow)
    }  # fmt: skip
    for center in found["registry_center"].values():
        center["digest"] = ""
    return found
