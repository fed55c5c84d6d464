"""Read alerts, always within the caller's area."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.evidence.queries import clips_of_alerts
from command_center.prewarning.facts import AlertView, alert_view, view_of
from command_center.prewarning.tables import OPEN_STATES, AlertRow

KEPT_ON_SCREEN = timedelta(hours=24)
MOST_ON_SCREEN = 200


def alert(session: Session, *, id: str, who: Who) -> AlertView:
    """One alert.

    Raises:
        NotFound: there is none in the caller's area.
    """
    row = session.get(AlertRow, id)
    if row is None or not who.sees(row.area):
        raise NotFound("alert_not_found", id=id)
    return view_of(session, row)


def alerts(
    session: Session, who: Who, *, states: Sequence[str] = (), camera_id: str | None = None, limit: int = 200
) -> list[AlertView]:
    """Alerts of the caller's area, newest first, at most `limit`."""
    query = select(AlertRow).where(AlertRow.area.startswith(who.area, autoescape=True))
    if states:
        query = query.where(AlertRow.state.in_(states))
    if camera_id is not None:
        query = query.where(AlertRow.camera_id == camera_id)
    rows = session.scalars(query.order_by(AlertRow.raised_at.desc(), AlertRow.id.desc()).limit(limit)).all()
    return _views(session, rows)


def snapshot(session: Session, who: Who, *, now: datetime) -> dict[str, list[Any]]:
    """What a screen starts from: every open alert, and the newest closed ones of the last 24 hours."""
    if who.own_only:
        return {"alerts": []}
    mine = AlertRow.area.startswith(who.area, autoescape=True)
    is_open = AlertRow.state.in_(OPEN_STATES)
    open_rows = session.scalars(select(AlertRow).where(mine, is_open).order_by(AlertRow.raised_at)).all()
    closed = select(AlertRow).where(mine, ~is_open, AlertRow.closed_at > now - KEPT_ON_SCREEN)
    closed_rows = session.scalars(closed.order_by(AlertRow.closed_at.desc()).limit(MOST_ON_SCREEN)).all()
    return {"alerts": _views(session, [*open_rows, *reversed(closed_rows)])}


def open_alert_ids(session: Session) -> frozenset[str]:
    """Alerts that nobody has judged yet."""
    return frozenset(session.scalars(select(AlertRow.id).where(AlertRow.state.in_(OPEN_STATES))))


def open_of_subject(session: Session, subject: str) -> AlertRow | None:
    """The open alert of a subject, held for change."""
    return session.scalar(select(AlertRow).where(AlertRow.open_subject == subject).with_for_update())


def uncleared_of_signal(session: Session, subject: str, signal_id: str | None) -> AlertRow | None:
    """The newest alert of a subject that has not been cleared, open or not."""
    query = select(AlertRow).where(AlertRow.subject == subject, AlertRow.cleared_at.is_(None))
    if signal_id is not None:
        query = query.where(or_(AlertRow.signal_id == signal_id, AlertRow.signal_id.is_(None)))
    return session.scalar(query.order_by(AlertRow.raised_at.desc()).limit(1).with_for_update())


def _views(session: Session, rows: Sequence[AlertRow]) -> list[AlertView]:
    clips = clips_of_alerts(session, [row.id for row in rows])
    return [alert_view(row, clips.get(row.id)) for row in rows]
