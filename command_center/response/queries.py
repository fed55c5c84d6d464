"""Read cases, orders and responders, always within the caller's area, or within his own orders."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.prewarning.facts import AlertView
from command_center.prewarning.facts import view_of as alert_view_of
from command_center.prewarning.tables import AlertRow
from command_center.registry.clocks import LOCAL
from command_center.response.archive import facts_of_case, sealed_of
from command_center.response.facts import (
    CaseView,
    OrderView,
    ResponderView,
    case_view,
    case_views,
    order_views,
    responder_view,
)
from command_center.response.finding.queries import said
from command_center.response.past.queries import PastView, past_of
from command_center.response.profiles import GRAVE, live_ids, profile_of
from command_center.response.sight import seen_by, sees
from command_center.response.tables import CaseRow, OrderRow, ResponderRow
from command_center.response.working import actor_of
from command_center.timeline import StoredFact
from command_center.timeline.facts import iso


class FactView(TypedDict):
    """One line of a case's story, in the shape of the live stream."""

    seq: int
    kind: str
    id: str
    at: str
    by: dict[str, str] | None
    area: str
    data: dict[str, Any]


class CaseDetail(TypedDict):
    """A case with all that belongs to it. `actions`: what the caller may do now. `sealed`: see `sealed_of`."""

    case: CaseView
    alert: AlertView | None
    orders: list[OrderView]
    facts: list[FactView]
    past: PastView | None
    actions: list[str]
    sealed: bool | None


class OwnOrders(TypedDict):
    """What a responder's phone shows: open orders and those of today, with their cases."""

    orders: list[OrderView]
    cases: list[CaseView]
    responder: ResponderView | None


def cases(
    session: Session, who: Who, *, states: Sequence[str] = (), q: str | None = None, limit: int = 200
) -> list[CaseView]:
    """Cases that the caller sees, newest first; `q` as in `finding`."""
    query = select(CaseRow).where(seen_by(who))
    if states:
        query = query.where(CaseRow.state.in_(states))
    if q and q.strip():
        query = query.where(said(session, q))
    rows = session.scalars(query.order_by(CaseRow.opened_at.desc(), CaseRow.id.desc()).limit(limit)).all()
    return case_views(session, rows)


def case_row(session: Session, *, id: str, who: Who) -> CaseRow:
    """One case.

    Raises:
        NotFound: there is none in the caller's area.
    """
    row = session.get(CaseRow, id)
    if row is None or not sees(session, who, row):
        raise NotFound("case_not_found", id=id)
    return row


def case_detail(session: Session, *, id: str, who: Who) -> CaseDetail:
    """One case with its alert, its orders, its story and what may be done with it.

    Raises:
        NotFound: there is none in the caller's area.
    """
    row = case_row(session, id=id, who=who)
    alert = session.get(AlertRow, row.alert_id) if row.alert_id else None
    profile, seats = profile_of(session, row.profile, row.profile_version), actor_of(who).seats
    return {
        "case": case_view(session, row),
        "alert": alert_view_of(session, alert) if alert else None,
        "orders": order_views(session, _orders(session, OrderRow.case_id == id)),
        "facts": [fact_view(fact) for fact in facts_of_case(session, row)],
        "past": past_of(session, id),
        "actions": profile.allowed(row.state, lambda way: bool(way.by & seats)),
        "sealed": sealed_of(session, row),
    }


def fact_view(fact: StoredFact) -> FactView:
    return {
        "seq": fact.seq,
        "kind": fact.kind,
        "id": fact.id,
        "at": iso(fact.happened_at),
        "by": dict(fact.actor) if fact.actor else None,
        "area": fact.area,
        "data": fact.data,
    }


def own_order(session: Session, *, id: str, who: Who) -> OrderRow:
    """The caller's own order.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    row = session.get(OrderRow, id)
    if row is None or who.person_id is None or row.person_id != who.person_id:
        raise NotFound("order_not_found", id=id)
    return row


def own_orders(session: Session, who: Who, *, now: datetime) -> OwnOrders:
    """The caller's own open orders and those of today, oldest first."""
    own = OrderRow.person_id == (who.person_id or "")
    rows = _orders(session, and_(own, or_(OrderRow.active_for.is_not(None), OrderRow.sent_at >= _midnight(now))))
    case_rows = session.scalars(
        select(CaseRow).where(CaseRow.id.in_({row.case_id for row in rows})).order_by(CaseRow.opened_at, CaseRow.id)
    ).all()
    me = session.get(ResponderRow, who.person_id) if who.person_id else None
    return {
        "orders": order_views(session, rows),
        "cases": case_views(session, case_rows),
        "responder": responder_view(me) if me else None,
    }


def called_away(session: Session, person_id: str, start: datetime, end: datetime) -> str | None:
    """The case that kept a person busy at some time within [start, end): from accepting its order to the end of it."""
    query = (
        select(OrderRow.case_id)
        .join(CaseRow, CaseRow.id == OrderRow.case_id)
        .where(OrderRow.person_id == person_id, OrderRow.accepted_at < end, OrderRow.state != "declined")
        .where(func.coalesce(OrderRow.done_at, CaseRow.resolved_at, end) > start)
    )
    return session.scalar(query.order_by(OrderRow.accepted_at).limit(1))


def codes_of(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The codes of cases by id, of those that are known."""
    return {id: code for id, code in session.execute(select(CaseRow.id, CaseRow.code).where(CaseRow.id.in_(ids)))}


def snapshot(session: Session, who: Who, *, now: datetime) -> dict[str, list[Any]]:
    """What a screen starts from: cases not archived or archived today, their orders, and the responders."""
    if who.own_only:
        own = own_orders(session, who, now=now)
        return {
            "cases": list(own["cases"]),
            "orders": list(own["orders"]),
            "responders": [own["responder"]] if own["responder"] else [],
        }
    shown = and_(
        or_(CaseRow.profile.in_(live_ids(session)), CaseRow.level <= GRAVE),
        _mine(CaseRow.area, who),
        or_(CaseRow.ended_at.is_(None), CaseRow.archived_at >= _midnight(now)),
    )
    case_rows = session.scalars(select(CaseRow).where(shown).order_by(CaseRow.opened_at, CaseRow.id)).all()
    order_rows = _orders(session, OrderRow.case_id.in_(select(CaseRow.id).where(shown)))
    responders = select(ResponderRow).where(_mine(ResponderRow.area, who)).order_by(ResponderRow.id)
    return {
        "cases": list(case_views(session, case_rows)),
        "orders": list(order_views(session, order_rows)),
        "responders": [responder_view(row) for row in session.scalars(responders)],
    }


def _orders(session: Session, condition: ColumnElement[bool]) -> Sequence[OrderRow]:
    return session.scalars(select(OrderRow).where(condition).order_by(OrderRow.sent_at, OrderRow.id)).all()


def _mine(column: Any, who: Who) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.startswith(who.area, autoescape=True)
    return condition


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(LOCAL).date(), time(), LOCAL)
