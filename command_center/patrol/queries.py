"""What a screen starts from, and where points and lines are, for whoever speaks of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.patrol.duties.facts import duty_view
from command_center.patrol.duties.tables import DutyRow
from command_center.patrol.lines.facts import line_view
from command_center.patrol.lines.tables import LineRow
from command_center.patrol.points.facts import point_view
from command_center.patrol.points.tables import PointRow
from command_center.patrol.proof.street import Street
from command_center.patrol.windows import day_bounds, local_day


@dataclass(frozen=True, slots=True)
class PointSpot:
    """Where a point or the middle of a line is, for whoever speaks of it."""

    name: str
    area: str
    lonlat: tuple[float, float]


def snapshot(session: Session, who: Who, *, now: datetime) -> dict[str, list[Any]]:
    """What a screen starts from: the active points and lines, and the duties of today and those still open."""
    start, _ = day_bounds(local_day(now))
    mine = DutyRow.area.startswith(who.area, autoescape=True)
    if who.own_only:
        mine = or_(DutyRow.person_id == who.person_id, DutyRow.visited_by == who.person_id)
    shown = select(DutyRow).where(mine, or_(DutyRow.window_start >= start, DutyRow.settled_at.is_(None)))
    rows = list(session.scalars(shown.order_by(DutyRow.window_start, DutyRow.id)))
    points = select(PointRow).where(PointRow.active, PointRow.area.startswith(who.area, autoescape=True))
    lines = select(LineRow).where(LineRow.active, LineRow.area.startswith(who.area, autoescape=True))
    if who.own_only:
        points = select(PointRow).where(PointRow.id.in_({row.point_id for row in rows if row.point_id}))
        lines = select(LineRow).where(LineRow.id.in_({row.line_id for row in rows if row.line_id}))
    return {
        "points": [point_view(row) for row in session.scalars(points.order_by(PointRow.id))],
        "lines": [line_view(row) for row in session.scalars(lines.order_by(LineRow.id))],
        "duties": [duty_view(row) for row in rows],
    }


def spot(session: Session, point_id: str) -> PointSpot | None:
    """Name, area and place of a point; None if there is none."""
    row = session.get(PointRow, point_id)
    return PointSpot(row.name, row.area, (row.lon, row.lat)) if row else None


def line_spot(session: Session, line_id: str) -> PointSpot | None:
    """Name, area and middle of a line; None if there is none."""
    row = session.get(LineRow, line_id)
    if row is None:
        return None
    return PointSpot(row.name, row.area, Street(tuple((lon, lat) for lon, lat in row.line)).middle_lonlat())
