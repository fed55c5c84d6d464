"""Read duties, the ledger and what proves them, always within the caller's area."""

from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.ingest.facts import PositionView, position_view
from command_center.ingest.queries import track
from command_center.patrol.duties.facts import DutyView, JudgementView, duty_view, judgement_view
from command_center.patrol.duties.tables import DutyRow, JudgementRow
from command_center.patrol.lines.facts import LineView, line_view
from command_center.patrol.lines.tables import LineRow
from command_center.patrol.points.facts import PointView, point_view
from command_center.patrol.points.tables import PointRow
from command_center.patrol.proof.fixes import LONGEST_GAP_S
from command_center.patrol.windows import day_bounds

MOST_PROOF = 2_000


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
