"""How points and duties are told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from typing_extensions import TypedDict

from command_center.patrol.tables import DutyRow, PointRow
from command_center.timeline import Fact
from command_center.timeline.facts import iso

DutyState = Literal["open", "visited", "missed", "excused"]
Cause = Literal["not_visited", "device_silent", "called_away"]


class WindowView(TypedDict):
    """Local times of day, `HH:MM:SS`."""

    start: str
    end: str


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


class DutyView(TypedDict):
    """One window of one point on one day; `dwell_s` is the longest stay that is proved."""

    id: str
    point_id: str
    area: str
    window_start: str
    window_end: str
    state: DutyState
    person_id: str | None
    visited_by: str | None
    visited_at: str | None
    dwell_s: int
    cause: Cause | None
    case_id: str | None
    alert_id: str | None
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


def duty_view(row: DutyRow) -> DutyView:
    return {
        "id": row.id,
        "point_id": row.point_id,
        "area": row.area,
        "window_start": iso(row.window_start),
        "window_end": iso(row.window_end),
        "state": row.state,  # type: ignore[typeddict-item]
        "person_id": row.person_id,
        "visited_by": row.visited_by,
        "visited_at": iso(row.visited_at) if row.visited_at else None,
        "dwell_s": row.dwell_s,
        "cause": row.cause,  # type: ignore[typeddict-item]
        "case_id": row.case_id,
        "alert_id": row.alert_id,
        "version": row.version,
    }


def point_fact(kind: str, row: PointRow, *, actor: Mapping[str, str] | None) -> Fact:
    return Fact(kind, row.id, {"point": point_view(row)}, row.area, actor=actor)


def duty_fact(
    kind: str, row: DutyRow, *, happened_at: datetime | None = None, note: Mapping[str, Any] | None = None
) -> Fact:
    """The fact names the assigned person and whoever was credited, so that their phones hear of it."""
    data: dict[str, Any] = {"duty": duty_view(row)}
    if note:
        data["note"] = dict(note)
    parties = tuple(sorted({person for person in (row.person_id, row.visited_by) if person}))
    return Fact(kind, row.id, data, row.area, parties=parties, happened_at=happened_at)
