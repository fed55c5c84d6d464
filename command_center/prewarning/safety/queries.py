"""Questions that are open, and who can be asked."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.access.tables import UserRow
from command_center.prewarning.safety.facts import SafetyView, safety_view
from command_center.prewarning.safety.tables import OPEN, SafetyRow


def open_questions(session: Session) -> Sequence[SafetyRow]:
    """Those that wait for an answer, the answer that is overdue among them."""
    return session.scalars(select(SafetyRow).where(SafetyRow.state.in_(OPEN)).order_by(SafetyRow.asked_at)).all()


def own_questions(session: Session, who: Who) -> list[SafetyView]:
    """Those to the caller himself."""
    own = select(SafetyRow).where(SafetyRow.person_id == who.person_id, SafetyRow.state.in_(OPEN))
    return [safety_view(row) for row in session.scalars(own.order_by(SafetyRow.asked_at))]


def with_page(session: Session, persons: Collection[str]) -> frozenset[str]:
    """Who of some persons has a sign-in, and so a page on which he can answer."""
    query = select(UserRow.person_id).where(UserRow.person_id.in_(persons), UserRow.active)
    return frozenset(id for id in session.scalars(query) if id is not None)
