"""Emit what changed: raise the versions, take the views, and say which persons are concerned.

A case of a profile that screens follow live, and a grave one, travels as `case`; a county has thousands of others open
at a time, which travel as `matter`, so that no screen holds them all."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from command_center.access.guard import Who
from command_center.access.sessions import party_of_unit
from command_center.response.facts import CaseView, OrderView, case_view, order_view, responder_view
from command_center.response.finding.index import note
from command_center.response.profiles import ENDED, GRAVE, live_ids
from command_center.response.tables import CaseRow, CaseUnitRow, OrderRow, ResponderRow
from command_center.timeline import Fact, Transaction


def tell_case(
    tx: Transaction, kind: str, case: CaseRow, *, who: Who | None, more: Mapping[str, Any] | None = None
) -> CaseView:
    """Emit a fact about a case; everybody who was ever sent to it is a party, and each unit at work on it."""
    case.version += 1
    case.ended_at = None if case.state not in ENDED else case.ended_at or tx.now
    tx.session.flush()
    note(tx.session, case)
    view = case_view(tx.session, case)
    sent = select(OrderRow.person_id).where(OrderRow.case_id == case.id).distinct().order_by(OrderRow.person_id)
    at_work = select(CaseUnitRow.unit_id).where(CaseUnitRow.case_id == case.id).order_by(CaseUnitRow.unit_id)
    parties = (*tx.session.scalars(sent), *map(party_of_unit, tx.session.scalars(at_work)))
    live = case.level <= GRAVE or case.profile in live_ids(tx.session)
    data = {"case" if live else "matter": view, **(more or {})}
    tx.emit(Fact(kind, case.id, data, case.area, parties, who.json() if who else None))
    return view


def tell_order(
    tx: Transaction, kind: str, order: OrderRow, case: CaseRow, responder: ResponderRow, *, who: Who | None
) -> OrderView:
    """Emit a fact about an order, with the case and the responder as they are now."""
    for row in (order, case, responder):
        row.version += 1
    tx.session.flush()
    note(tx.session, case)
    view = order_view(tx.session, order)
    data = {"order": view, "case": case_view(tx.session, case), "responder": responder_view(responder)}
    tx.emit(Fact(kind, order.id, data, case.area, (order.person_id,), who.json() if who else None))
    return view


def tell_responder(tx: Transaction, kind: str, responder: ResponderRow) -> None:
    """Emit a fact about a responder alone."""
    responder.version += 1
    tx.session.flush()
    data = {"responder": responder_view(responder)}
    tx.emit(Fact(kind, responder.id, data, responder.area, (responder.id,)))
