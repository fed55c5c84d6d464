"""What an import is compared with: the town as it is stored, and the town's own lines that a layer is laid over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point, Polygon
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.registry import tables
from command_center.registry.imports.tables import KeyRow
from gis.grid import AreaIndex
from gis.metric import LocalFrame, distances_m

Lonlat = tuple[float, float]
# Positions are kept to six digits.
HALF_A_DIGIT = 5e-7


@dataclass
class Known:
    """The town that is stored.

    Attributes:
        code: of the center, "" before there is one.
        digest: of the stored town: a plan made against another one is void.
        outline: of the town, None before there is one.
        villages, grids: outlines by code.
        village_codes: by name.
        units: row by id.
        stored: rows of the kind being imported, as columns, by key.
        keys: what was issued to rows that brought no id of ours, by their own key.
        roads, outlines: lines to lay a layer over.
        claimed: ids that rows of the file bring themselves: none of them is issued to another.
        last_issued: number of the id issued last.
    """

    code: str = ""
    digest: str = ""
    outline: Polygon | None = None
    villages: dict[str, Polygon] = field(default_factory=dict)
    village_codes: dict[str, str] = field(default_factory=dict)
    grids: dict[str, Polygon] = field(default_factory=dict)
    units: dict[str, tables.UnitRow] = field(default_factory=dict)
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    roads: list[Any] = field(default_factory=list)
    outlines: list[Any] = field(default_factory=list)
    claimed: set[str] = field(default_factory=set)
    last_issued: int = 0
    _grid_index: AreaIndex | None = None
    _village_index: AreaIndex | None = None

    def index(self) -> None:
        """Make ready to be asked for areas."""
        self._grid_index = AreaIndex(list(self.grids), list(self.grids.values())) if self.grids else None
        self._village_index = AreaIndex(list(self.villages), list(self.villages.values())) if self.villages else None
        if self.outline is not None:
            shapely.prepare(self.outline)

    def village_at(self, lonlat: Lonlat) -> str | None:
        return self._village_index.find(lonlat) if self._village_index else None

    def area_at(self, lonlat: Lonlat) -> str:
        """Grid, else village, else the town: the smallest area that is known there."""
        grid = self._grid_index.find(lonlat) if self._grid_index else None
        return grid or self.village_at(lonlat) or self.code

    def beyond_m(self, lonlat: Lonlat) -> float:
        """How far a point lies outside of the town, 0 within it."""
        if self.outline is None or self.outline.covers(Point(lonlat)):
            return 0.0
        near = shapely.get_coordinates(shapely.shortest_line(self.outline, Point(lonlat)))
        return float(distances_m(near[0], near[1]))

    def issue(self, spell: Callable[[int], str]) -> str:
        """The next id in a spelling that neither the registry nor the file has."""
        self.last_issued += 1
        while (id := spell(self.last_issued)) in self.stored or id in self.claimed:
            self.last_issued += 1
        return id

    def has_area(self, code: str) -> bool:
        return code == self.code or code in self.villages or code in self.grids


def read_known(session: Session, table: Any, key: str, kind: str) -> Known:
    """Read what an import into `table` is compared with."""
    known = Known()
    center = session.scalar(select(tables.CenterRow))
    if center is not None:
        known.code, known.digest = center.code, center.digest
        known.outline = Polygon(center.outline)
    for village in session.scalars(select(tables.VillageRow)):
        known.villages[village.code] = Polygon(village.outline)
        known.village_codes[village.name] = village.code
    known.grids = {grid.code: Polygon(grid.outline) for grid in session.scalars(select(tables.GridRow))}
    known.units = {unit.id: unit for unit in session.scalars(select(tables.UnitRow))}
    known.stored = {str(getattr(row, key)): columns_of(row) for row in session.scalars(select(table))}
    known.keys = {row.key: row.id for row in session.scalars(select(KeyRow).where(KeyRow.kind == kind))}
    known.roads = [np.array(line) for line in session.scalars(select(tables.RoadRow.line)) if len(line) > 1]
    rings = [*([known.outline] if known.outline else []), *known.villages.values()]
    known.outlines = [shapely.get_coordinates(ring.exterior) for ring in rings]
    known.index()
    return known


def columns_of(row: Any) -> dict[str, Any]:
    """A row as plain columns."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def valid_parts(shape: Any) -> Sequence[Polygon]:
    """The polygons of a shape, made valid, largest first."""
    sound = shape if shape.is_valid else shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(shapely.get_parts(sound)) if part.geom_type == "Polygon"]
    return sorted(parts, key=lambda part: -part.area)


def spread_m(shape: Polygon) -> float:
    """Square metres of a lon/lat polygon."""
    frame = LocalFrame(shape.centroid.x, shape.centroid.y)
    return float(shapely.transform(shape, frame.to_xy).area)


def same(before: Any, after: Any) -> bool:
    """Whether two values of a column mean the same; a ring may begin anywhere and run either way."""
    if isinstance(before, list | tuple):
        one, other = [list(point) for point in before], [list(point) for point in after]
        return one == other or (_is_ring(one) and _is_ring(other) and _same_ring(one, other))
    if isinstance(before, float) or isinstance(after, float):
        return abs(float(before) - float(after)) < HALF_A_DIGIT
    return bool(before == after)


def _is_ring(points: list[Any]) -> bool:
    return len(points) >= 4 and points[0] == points[-1] and not isinstance(points[0][0], list)


def _same_ring(one: list[Any], other: list[Any]) -> bool:
    normal = [shapely.normalize(Polygon(points)) for points in (one, other)]
    return bool(shapely.equals_exact(normal[0], normal[1], HALF_A_DIGIT))
