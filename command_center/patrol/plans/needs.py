"""What a day asks for, put together from points, their needs and the teams on duty."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.errors import BadInput
from command_center.patrol.lines.tables import LineRow
from command_center.patrol.plans.tables import NeedRow, TeamRow
from command_center.patrol.points.tables import PointRow
from command_center.patrol.proof.street import Street
from command_center.patrol.windows import LOCAL, Window, local_day, read_windows
from command_center.registry.tables import PersonRow
from command_center.registry.town_index import TRAVEL_MPS
from gis.planning.needs import CoverNeed, Needs, PointNeed, Span, StreetNeed, Team

# What begins before five in the morning is still the night of the day before: one night shift is one plan.
DAY_BEGINS_S = 5 * 3_600
DAY_S = 86_400
USUAL_WEIGHT = 2


def span_of(window: Window) -> Span:
    """Seconds since local midnight of the plan's day."""
    start = _seconds(window.start)
    end = start + round(window.length_s)
    return (start + DAY_S, end + DAY_S) if start < DAY_BEGINS_S else (start, end)


def _seconds(moment: time) -> int:
    return moment.hour * 3_600 + moment.minute * 60 + moment.second


def plan_day(now: datetime) -> date:
    """The day whose plan people go by at an instant."""
    return local_day(now - timedelta(seconds=DAY_BEGINS_S))


def instant(day: date, at_s: int) -> datetime:
    """A second of a plan's day as an instant."""
    return datetime.combine(day, time(), LOCAL) + timedelta(seconds=at_s)


def second_of(day: date, now: datetime) -> int:
    """An instant as a second of a plan's day."""
    return round((now - datetime.combine(day, time(), LOCAL)).total_seconds())


def team_of(row: TeamRow) -> Team:
    shift = Window(time.fromisoformat(row.shift_start), time.fromisoformat(row.shift_end))
    start_s, end_s = span_of(shift)
    return Team(row.id, row.name, row.force, TRAVEL_MPS.get(row.travel), (row.lon, row.lat), start_s, end_s, row.rest_s)


def gather(session: Session, *, area: str, wanted: float) -> tuple[Needs, list[TeamRow]]:
    """All that a day in an area asks for, and the rows of the teams that are there for it.

    Args:
        wanted: the score of predictability that is wanted at most.

    Raises:
        BadInput: there is no team, or nothing to visit.
    """
    rows = list(
        session.scalars(
            select(TeamRow)
            .where(TeamRow.active, TeamRow.area.startswith(area, autoescape=True))
            .order_by(TeamRow.name, TeamRow.id)
        )
    )
    asked = {row.point_id: row for row in session.scalars(select(NeedRow))}
    points = list(
        session.scalars(
            select(PointRow)
            .where(PointRow.active, PointRow.area.startswith(area, autoescape=True))
            .order_by(PointRow.name, PointRow.id)
        )
    )
    lines = list(
        session.scalars(
            select(LineRow)
            .where(LineRow.active, LineRow.area.startswith(area, autoescape=True))
            .order_by(LineRow.name, LineRow.id)
        )
    )
    if not rows:
        raise BadInput("plan_no_teams")
    if not points and not lines:
        raise BadInput("plan_nothing_due")
    needs = Needs(
        teams=tuple(team_of(row) for row in rows),
        points=tuple(_point(row, asked.get(row.id), rows) for row in points),
        streets=tuple(_street(row, _who_may(session, row), rows) for row in lines),
        covers=tuple(
            CoverNeed(row.id, row.name, (row.lon, row.lat), need.cover_minutes, need.cover_share)
            for row in points
            if (need := asked.get(row.id)) and need.cover_minutes is not None and need.cover_share is not None
        ),
        most_predictable=wanted,
    )
    return needs, rows


def _who_may(session: Session, row: LineRow) -> frozenset[str] | None:
    """Persons whose passing counts; None: everybody's."""
    if not row.assigned_only:
        return None
    members = session.scalars(select(PersonRow.id).where(PersonRow.unit_id == row.unit_id)) if row.unit_id else ()
    return frozenset(members) | ({row.person_id} if row.person_id else set())


def _street(row: LineRow, persons: frozenset[str] | None, teams: Sequence[TeamRow]) -> StreetNeed:
    """A mandatory line is gone along once, or there and back where both sides count."""
    only = None if persons is None else frozenset(team.id for team in teams if persons.intersection(team.persons))
    line = tuple((float(lon), float(lat)) for lon, lat in row.line)
    return StreetNeed(
        id=row.id,
        name=row.name,
        line=line,
        length_m=Street(line).length_m,
        windows=tuple(span_of(window) for window in read_windows(row.windows)),
        passes=2 if row.both_sides else 1,
        weight=USUAL_WEIGHT,
        teams=only,
    )


def _point(row: PointRow, need: NeedRow | None, teams: Sequence[TeamRow]) -> PointNeed:
    only = None
    if row.assigned_only:
        only = frozenset(team.id for team in teams if row.person_id in team.persons)
    return PointNeed(
        id=row.id,
        name=row.name,
        lonlat=(row.lon, row.lat),
        windows=tuple(span_of(window) for window in read_windows(row.windows)),
        dwell_s=row.dwell_s,
        visits=need.visits if need else 1,
        gap_s=need.gap_s if need else None,
        weight=need.weight if need else USUAL_WEIGHT,
        teams=only,
    )
