"""Read points, lines, duties and the ledger, always within the caller's area."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.ingest.facts import PositionView, position_view
from command_center.ingest.queries import track
from command_center.patrol.facts import (
    DutyView,
    JudgementView,
    LineView,
    PointView,
    duty_view,
    judgement_view,
    line_view,
    point_view,
)
from command_center.patrol.fixes import LONGEST_GAP_S
from command_center.patrol.street import Street
from command_center.patrol.tables import DutyRow, JudgementRow, LineRow, PointRow
from command_center.patrol.windows import day_bounds, local_day

MOST_PROOF = 2_000


@dataclass(frozen=True, slots=True)
class PointSpot:
    """Where a point or the middle of a line is, for whoever speaks of it."""

    name: str
    area: str
    lonlat: tuple[float, float]


def points(session: Session, who: Who) -> list[PointView]:
    """Points of the caller's area by name, the inactive ones too."""
    query = select(PointRow).where(PointRow.area.startswith(who.area, autoescape=True))
    return [point_view(row) for row in session.scalars(query.order_by(PointRow.name, PointRow.id))]


def lines(session: Session, who: Who) -> list[LineView]:
    """Lines of the caller's area by name, the inactive ones too."""
    query = select(LineRow).where(LineRow.area.startswith(who.area, autoescape=True))
    return [line_view(row) for row in session.scalars(query.order_by(LineRow.name, LineRow.id))]


def duties(session: Session, who: Who, day: date) -> list[DutyView]:
    """Duties whose window starts on a local day, by time; one who sees only his own gets only his."""
    start, end = day_bounds(day)
    query = select(DutyRow).where(DutyRow.window_start >= start, DutyRow.window_start < end)
    query = query.where(DutyRow.area.startswith(who.area, autoescape=True))
    if not who.may("patrol.see"):
        query = query.where(or_(DutyRow.person_id == who.person_id, DutyRow.visited_by == who.person_id))
    return [duty_view(row) for row in session.scalars(query.order_by(DutyRow.window_start, DutyRow.id))]


def duty_row(session: Session, *, id: str, who: Who) -> DutyRow:
    """One duty.

    Raises:
        NotFound: there is none in the caller's area, or it is not his own where he may see only his own.
    """
    row = session.get(DutyRow, id)
    if row is None or not who.sees(row.area):
        raise NotFound("duty_unknown")
    if not who.may("patrol.see") and who.person_id not in (row.person_id, row.visited_by):
        raise NotFound("duty_unknown")
    return row


def point_of(session: Session, duty: DutyRow) -> PointView | None:
    """The point of a duty; None if it is one of a line."""
    return point_view(session.get_one(PointRow, duty.point_id)) if duty.point_id else None


def line_of(session: Session, duty: DutyRow) -> LineView | None:
    """The line of a duty; None if it is one of a point."""
    return line_view(session.get_one(LineRow, duty.line_id)) if duty.line_id else None


def judgements(session: Session, duty_id: str) -> list[JudgementView]:
    """Every verdict on a duty, the first one first."""
    query = select(JudgementRow).where(JudgementRow.duty_id == duty_id).order_by(JudgementRow.version)
    return [judgement_view(row) for row in session.scalars(query)]


def proof(session: Session, duty: DutyRow) -> list[PositionView]:
    """Positions of whoever is credited, else of the assigned person: around the stay, else over the whole window.

    Of a line it is whoever walked most; the others are named in the duty's detail. Long tracks are thinned evenly to
    2,000 positions.
    """
    person_id = duty.visited_by or duty.person_id
    if person_id is None:
        return []
    margin = timedelta(seconds=LONGEST_GAP_S)
    since = (duty.stay_start if duty.visited_by else None) or duty.window_start
    until = (duty.stay_end if duty.visited_by else None) or duty.window_end
    positions = track(session, person_id, since=since - margin, until=until + margin)
    step = max(1, -(-len(positions) // MOST_PROOF))
    return [position_view(position) for position in positions[::step]]


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
