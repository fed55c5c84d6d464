"""Read closed roads. They belong to the map of the town, which everybody sees whole, whatever his area."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.registry.closures.facts import ClosureView, closure_view
from command_center.registry.closures.tables import ClosureRow


def in_force(session: Session, at: datetime) -> list[ClosureRow]:
    """What is closed at a moment, also where nobody has yet told the end of one that is over."""
    query = select(ClosureRow).where(
        ClosureRow.state == "in_force", or_(ClosureRow.ends_at.is_(None), ClosureRow.ends_at > at)
    )
    return list(session.scalars(query.order_by(ClosureRow.id)))


def closures(session: Session, *, states: Sequence[str] = (), limit: int = 200) -> list[ClosureView]:
    """Closures of some states (none named: of all), the newest first."""
    query = select(ClosureRow).order_by(ClosureRow.begins_at.desc(), ClosureRow.id.desc()).limit(limit)
    if states:
        query = query.where(ClosureRow.state.in_(states))
    return [closure_view(row) for row in session.scalars(query)]


def snapshot(session: Session, who: Who) -> dict[str, list[Any]]:
    """What a screen starts from: what is closed."""
    return {"closures": closures(session, states=("in_force",)) if who.may("town.see") else []}
