"""Read mandatory streets, always within the caller's area."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.patrol.lines.facts import LineView, line_view
from command_center.patrol.lines.tables import LineRow


def lines(session: Session, who: Who) -> list[LineView]:
    """Lines of the caller's area by name, the inactive ones too."""
    query = select(LineRow).where(LineRow.area.startswith(who.area, autoescape=True))
    return [line_view(row) for row in session.scalars(query.order_by(LineRow.name, LineRow.id))]
