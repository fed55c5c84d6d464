"""Read mandatory points, always within the caller's area."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.patrol.points.facts import PointView, point_view
from command_center.patrol.points.tables import PointRow


def points(session: Session, who: Who) -> list[PointView]:
    """Points of the caller's area by name, the inactive ones too."""
    query = select(PointRow).where(PointRow.area.startswith(who.area, autoescape=True))
    return [point_view(row) for row in session.scalars(query.order_by(PointRow.name, PointRow.id))]
