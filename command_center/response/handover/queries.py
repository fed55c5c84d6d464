"""Hand-overs with their receipt and feedback: of one case, of one number, of one station."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.response.handover.facts import HandoverView, handover_view
from command_center.response.handover.tables import HandoverRow
from command_center.response.sight import seen_by
from command_center.response.tables import CaseRow, ClockRow


def of_case(session: Session, case_id: str) -> HandoverView | None:
    """The hand-over that a case came from; None for one that came otherwise. Who sees the case is asked before."""
    return next(_views(session, HandoverRow.case_id == case_id), None)


def one(session: Session, who: Who, number: str) -> HandoverView:
    """A hand-over by the number of the police.

    Raises:
        NotFound: there is none, or it is neither the caller's nor of a case that the caller sees.
    """
    found = next(_views(session, HandoverRow.number == number, _his(who)), None)
    if found is None:
        raise NotFound("handover_not_found", number=number)
    return found


def given(session: Session, who: Who, *, limit: int = 100) -> list[HandoverView]:
    """What the caller's station handed over, or for the center what came in, the newest first."""
    return list(_views(session, _his(who), limit=limit))


def _his(who: Who) -> ColumnElement[bool]:
    own: ColumnElement[bool] = HandoverRow.unit_id == who.unit_id
    return own if who.unit_id and not who.may("case.see") else seen_by(who)


def _views(session: Session, *where: ColumnElement[bool], limit: int = 1) -> Iterator[HandoverView]:
    accepting = (ClockRow.case_id == HandoverRow.case_id) & (ClockRow.name == "T-ACCEPT")
    query = (
        select(HandoverRow, CaseRow, ClockRow.stopped_at)
        .join(CaseRow, CaseRow.id == HandoverRow.case_id)
        .outerjoin(ClockRow, accepting)
        .where(*where)
        .order_by(HandoverRow.given_at.desc(), HandoverRow.number)
        .limit(limit)
    )
    receipt: datetime | None
    for row, case, receipt in session.execute(query):
        yield handover_view(row, case, receipt)
