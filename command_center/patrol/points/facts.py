"""How mandatory points are told."""

from collections.abc import Mapping

from typing_extensions import TypedDict

from command_center.patrol.points.tables import PointRow
from command_center.patrol.windows import WindowView
from command_center.timeline import Fact


class PointView(TypedDict):
    id: str
    name: str
    kind: str
    area: str
    lonlat: tuple[float, float]
    radius_m: float
    dwell_s: int
    windows: list[WindowView]
    person_id: str | None
    assigned_only: bool
    active: bool
    version: int


def point_view(row: PointRow) -> PointView:
    return PointView(
        id=row.id,
        name=row.name,
        kind=row.kind,
        area=row.area,
        lonlat=(row.lon, row.lat),
        radius_m=row.radius_m,
        dwell_s=row.dwell_s,
        windows=row.windows,
        person_id=row.person_id,
        assigned_only=row.assigned_only,
        active=row.active,
        version=row.version,
    )


def point_fact(kind: str, row: PointRow, *, actor: Mapping[str, str] | None) -> Fact:
    return Fact(kind, row.id, {"point": point_view(row)}, row.area, actor=actor)
